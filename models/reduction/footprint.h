// SPDX-License-Identifier: Apache-2.0
// Counts the distinct elements a tile reads, so that an element which several rows share
// (neighbouring windows of a convolution) is loaded once.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/base/bits.h"

namespace skipsim::reduction {

class Footprint {
public:
    /// Makes room for marks in words 0 .. words - 1, all unmarked.
    void reset(std::size_t words) {
        marks_.assign(words, 0);
        touched_.clear();
        elements_ = 0;
        nonzeros_ = 0;
        reads_ = 0;
    }
    /// Forgets the marks of the last tile.
    void next_tile() noexcept {
        for (const std::size_t word : touched_) {
            marks_[word] = 0;
        }
        touched_.clear();
        elements_ = 0;
        nonzeros_ = 0;
        reads_ = 0;
    }
    /// Elements given by `mask` in `word`, of which those of `nonzero` are not zero.
    /// `count` = ones of `mask`.
    void mark(std::size_t word, std::uint64_t mask, std::uint64_t nonzero, std::uint32_t count) {
        reads_ += count;
        std::uint64_t& seen = marks_[word];
        const std::uint64_t fresh = mask & ~seen;
        if (fresh == 0) {
            return;
        }
        if (seen == 0) {
            touched_.push_back(word);
        }
        seen |= fresh;
        elements_ += base::count_ones(fresh);
        nonzeros_ += base::count_ones(fresh & nonzero);
    }
    [[nodiscard]] std::uint64_t elements() const noexcept { return elements_; }
    [[nodiscard]] std::uint64_t nonzeros() const noexcept { return nonzeros_; }

    /// In-bounds positions of all rows, repeats counted.
    [[nodiscard]] std::uint64_t reads() const noexcept { return reads_; }

private:
    std::vector<std::uint64_t> marks_;
    std::vector<std::size_t> touched_;
    std::uint64_t elements_ = 0;
    std::uint64_t nonzeros_ = 0;
    std::uint64_t reads_ = 0;
};

}  // namespace skipsim::reduction
