// SPDX-License-Identifier: Apache-2.0
// The leading-one detector of a processing element: ANDs the two bitmaps of a chunk pair and hands
// out the positions at which both operands were sent, lowest first. Every cycle it scans further
// and finds the next pairs; a pair may be found before the scan has come to its place
// (models/MICROARCHITECTURE.md §3: the greater of the two counts decides).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "models/reduction/clocked/tile_work.h"
#include "sim/base/bits.h"

namespace skipsim::clocked {

class Detector {
public:
    static constexpr std::uint32_t kMostWords = 8;  ///< chunks of 512

    /// Answers how many pairs there are to issue.
    std::uint32_t load(const OperandChunk& row, const OperandChunk& column,
                       std::uint32_t chunk_bits) noexcept {
        const auto words = static_cast<std::uint32_t>(base::words_for_bits(chunk_bits));
        pairs_left_ = 0;
        for (std::uint32_t word = 0; word < words; ++word) {
            mask_[word] = row.sent[word] & column.sent[word];
            pairs_left_ += base::count_ones(mask_[word]);
        }
        word_ = 0;
        bits_left_ = chunk_bits;
        return pairs_left_;
    }
    void scan(std::uint32_t bits) noexcept { bits_left_ -= std::min(bits, bits_left_); }
    void scan_all() noexcept { bits_left_ = 0; }
    [[nodiscard]] bool has_pair() const noexcept { return pairs_left_ != 0; }
    /// The lowest position left. Requires has_pair().
    std::uint32_t next() noexcept {
        while (mask_[word_] == 0) {
            ++word_;
        }
        const std::uint32_t bit = base::lowest_one_index(mask_[word_]);
        mask_[word_] &= mask_[word_] - 1;
        --pairs_left_;
        return word_ * static_cast<std::uint32_t>(base::kWordBits) + bit;
    }
    [[nodiscard]] bool is_done() const noexcept { return pairs_left_ == 0 && bits_left_ == 0; }

private:
    std::array<std::uint64_t, kMostWords> mask_{};
    std::uint32_t word_ = 0;
    std::uint32_t pairs_left_ = 0;
    std::uint32_t bits_left_ = 0;
};

}  // namespace skipsim::clocked
