// SPDX-License-Identifier: Apache-2.0
// Counts the distinct elements a tile reads, so that an element which several rows share
// (neighbouring windows of a convolution) is loaded once.
#pragma once

#include <algorithm>
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
        reads_ = 0;
    }
    /// Forgets the marks of the last tile.
    void next_tile() noexcept {
        for (const std::size_t word : touched_) {
            marks_[word] = 0;
        }
        touched_.clear();
        reads_ = 0;
    }
    /// Elements given by the ones of `mask` in `word`, `count` of them.
    void mark(std::size_t word, std::uint64_t mask, std::uint32_t count) {
        std::uint64_t& seen = marks_[word];
        if (seen == 0) {
            touched_.push_back(word);
        }
        seen |= mask;
        reads_ += count;
    }

    /// Distinct elements marked, and of those the ones whose bit in `nonzero` (same words; empty =
    /// every element) is set.
    struct Size {
        std::uint64_t elements = 0;
        std::uint64_t nonzeros = 0;
    };
    [[nodiscard]] Size size(const std::vector<std::uint64_t>& nonzero) const noexcept {
        Size size;
        for (const std::size_t word : touched_) {
            size.elements += base::count_ones(marks_[word]);
            size.nonzeros +=
                base::count_ones(nonzero.empty() ? marks_[word] : marks_[word] & nonzero[word]);
        }
        return size;
    }
    /// A place in the marks: bit of a word.
    struct Place {
        std::size_t word = 0;
        std::uint32_t bit = 0;
    };
    /// The lowest place marked; place 0 if nothing is.
    [[nodiscard]] Place lowest() const noexcept {
        if (touched_.empty()) {
            return {};
        }
        const std::size_t word = *std::min_element(touched_.begin(), touched_.end());
        return {word, base::lowest_one_index(marks_[word])};
    }
    /// In-bounds positions of all rows, repeats counted.
    [[nodiscard]] std::uint64_t reads() const noexcept { return reads_; }

private:
    std::vector<std::uint64_t> marks_;
    std::vector<std::size_t> touched_;
    std::uint64_t reads_ = 0;
};

}  // namespace skipsim::reduction
