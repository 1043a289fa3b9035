// SPDX-License-Identifier: Apache-2.0
// Where modules report what they did when, for the timeline of a run. Times are picoseconds of
// simulated time. A module without a timeline reports nothing.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace skipsim::kernel {

class Timeline {
public:
    /// A number or a word that belongs to a slice: {"tile", 3}.
    struct Detail {
        const char* name = "";
        std::variant<std::uint64_t, std::string> value;
    };

    Timeline() = default;
    Timeline(const Timeline&) = delete;
    Timeline& operator=(const Timeline&) = delete;
    virtual ~Timeline() = default;

    /// A new line of the picture; `group` gathers tracks ("cluster0").
    virtual std::uint32_t add_track(const std::string& group, const std::string& name) = 0;
    /// Something that took from start to end. Slices of a track may come in any order and may
    /// overlap. Does not throw what keeps it from being written: it is called within the kernel.
    virtual void slice(std::uint32_t track, const std::string& name, std::uint64_t start_ps,
                       std::uint64_t end_ps, const std::vector<Detail>& details) = 0;
    void slice(std::uint32_t track, const std::string& name, std::uint64_t start_ps,
               std::uint64_t end_ps) {
        slice(track, name, start_ps, end_ps, {});
    }
    /// Throws what kept slices from being written. Called outside the kernel.
    virtual void throw_if_failed() const {}
};

}  // namespace skipsim::kernel
