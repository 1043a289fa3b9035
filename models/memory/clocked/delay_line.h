// SPDX-License-Identifier: Apache-2.0
// A shift register: what goes in comes out so many clock edges later, in the order in which it went
// in. Kept as distances between neighbours, so that an edge counts down one number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "sim/base/check.h"

namespace skipsim::clocked {

template <typename Thing>
class DelayLine {
public:
    /// `edges` from now on; 0: it is out at once. Nothing overtakes what is in already.
    void push(Thing thing, std::uint64_t edges) {
        base::require(edges >= length_, "delay_line: one thing overtakes another");
        entries_.push_back({std::move(thing), edges - length_});
        length_ = edges;
    }
    /// A clock edge. Requires that everything that is out has been taken.
    void tick() {
        base::require(!has_ready(), "delay_line: something was not taken");
        if (length_ > 0) {
            --length_;
            --entries_.front().edges;
        }
    }
    [[nodiscard]] bool has_ready() const noexcept {
        return !entries_.empty() && entries_.front().edges == 0;
    }
    /// Requires has_ready().
    Thing take() {
        Thing thing = std::move(entries_.front().thing);
        entries_.pop_front();
        return thing;
    }
    [[nodiscard]] bool is_empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct Entry {
        Thing thing;
        std::uint64_t edges;  ///< after the entry before it
    };
    std::deque<Entry> entries_;
    std::uint64_t length_ = 0;  ///< [edges] until the last entry is out
};

}  // namespace skipsim::clocked
