// SPDX-License-Identifier: Apache-2.0
// A timeline kept as text, for tests of who reports what.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/kernel/timeline.h"

namespace skipsim::test {

class RecordedTimeline final : public kernel::Timeline {
public:
    std::uint32_t add_track(const std::string& group, const std::string& name) override {
        tracks.push_back(group + '/' + name);
        return static_cast<std::uint32_t>(tracks.size() - 1);
    }
    using Timeline::slice;
    /// "memory/DMA: read 64 B 0..170 reads=1"
    void slice(std::uint32_t track, const std::string& name, std::uint64_t start_ps,
               std::uint64_t end_ps, const std::vector<Detail>& details) override {
        std::string text = tracks.at(track) + ": " + name + ' ' + std::to_string(start_ps) + ".." +
                           std::to_string(end_ps);
        for (const Detail& detail : details) {
            const auto* number = std::get_if<std::uint64_t>(&detail.value);
            text +=
                std::string(" ") + detail.name + '=' +
                (number != nullptr ? std::to_string(*number) : std::get<std::string>(detail.value));
        }
        slices.push_back(text);
    }

    std::vector<std::string> tracks;
    std::vector<std::string> slices;
};

}  // namespace skipsim::test
