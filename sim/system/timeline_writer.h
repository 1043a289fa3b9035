// SPDX-License-Identifier: Apache-2.0
// The timeline of a run as a file in the Trace Event Format, which https://ui.perfetto.dev and
// chrome://tracing show: a process is a group of tracks, a thread is a lane of a track.
//
// A slice is a pair of events, "B" and "E". (A complete event, "X", has a duration: viewers that
// round to nanoseconds would make neighbours overlap, and drop one of them.) Slices of a track that
// overlap are put into lanes, each into the first lane that is free by its start: the same picture
// for any order of calls that keeps the ends in order. Times are exact: 1 ps is 0.000001.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/atomic_file.h"
#include "sim/kernel/timeline.h"

namespace skipsim::system {

class TimelineWriter final : public kernel::Timeline {
public:
    /// Throws MachineError if no file can be made there.
    explicit TimelineWriter(const std::string& path);

    std::uint32_t add_track(const std::string& group, const std::string& name) override;
    using Timeline::slice;
    void slice(std::uint32_t track, const std::string& name, std::uint64_t start_ps,
               std::uint64_t end_ps, const std::vector<Detail>& details) override;
    void throw_if_failed() const override { file_.throw_if_failed(); }

    /// Writes the end; then only commit() is left. Throws MachineError.
    void finish();
    /// The file gets its name.
    void commit() { file_.commit(); }

private:
    struct Lane {
        std::uint64_t thread = 0;
        std::uint64_t end_ps = 0;  ///< of the last slice
    };
    struct Track {
        std::size_t process = 0;
        std::string name;
        std::vector<Lane> lanes;
    };

    Lane& lane_for(std::uint32_t track, std::uint64_t start_ps);
    void add_lane(Track& track);
    void event(const std::string& text);

    base::StreamedFile file_;
    bool is_first_ = true;
    std::vector<std::string> processes_;
    std::vector<Track> tracks_;
    std::uint64_t threads_ = 0;
};

}  // namespace skipsim::system
