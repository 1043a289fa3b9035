// SPDX-License-Identifier: Apache-2.0
// Where modules report what they did when, for the timeline of a run. Times are picoseconds of
// simulated time. A module without a timeline reports nothing.
#pragma once

#include <cstdint>
#include <string>

namespace skipsim::kernel {

class Timeline {
public:
    Timeline() = default;
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;
    virtual ~Timeline() = default;

    /// A new line of the picture; `group` gathers tracks ("cluster0").
    virtual std::uint32_t add_track(const std::string& group, const std::string& name) = 0;
    /// Something that took from start to end. Slices of a track may come in any order.
    virtual void slice(std::uint32_t track, const std::string& name, std::uint64_t start_ps,
                       std::uint64_t end_ps) = 0;
};

}  // namespace skipsim::kernel
