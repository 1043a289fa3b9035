// SPDX-License-Identifier: Apache-2.0
// Appends operand bits to a row that is cut into chunks, each starting on a 64-bit word: the layout
// of Tile. Two patterns are written side by side: what counts for issuing, and what is not
// zero (left out when both are the same).
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/base/bits.h"

namespace skipsim::reduction {

class ChunkWriter {
public:
    /// `issue` and, unless null, `nonzero` point at zeroed words of the row's first chunk.
    ChunkWriter(std::uint64_t* issue, std::uint64_t* nonzero, std::uint32_t chunk_operands) noexcept
        : issue_(issue),
          nonzero_(nonzero),
          chunk_operands_(chunk_operands),
          words_per_chunk_((chunk_operands + 63) / 64) {}

    /// Requires count <= 64 and no bits at or above count.
    void append(std::uint64_t issue_bits, std::uint64_t nonzero_bits,
                std::uint32_t count) noexcept {
        while (count > 0) {
            const std::uint32_t take = std::min(count, chunk_operands_ - offset_);
            const std::uint64_t kept = base::low_bits(take);
            put(issue_, issue_bits & kept, take);
            if (nonzero_ != nullptr) {
                put(nonzero_, nonzero_bits & kept, take);
            }
            issue_bits = take < 64 ? issue_bits >> take : 0;
            nonzero_bits = take < 64 ? nonzero_bits >> take : 0;
            count -= take;
            move(take);
        }
    }

    /// Leaves `count` positions 0.
    void skip(std::uint64_t count) noexcept {
        if (offset_ + count < chunk_operands_) {
            offset_ += static_cast<std::uint32_t>(count);
            return;
        }
        const std::uint64_t position = offset_ + count;
        const std::uint64_t chunks = position / chunk_operands_;
        advance_words(chunks);
        offset_ = static_cast<std::uint32_t>(position % chunk_operands_);
    }

private:
    void put(std::uint64_t* chunk, std::uint64_t bits, std::uint32_t count) const noexcept {
        const std::uint32_t word = offset_ / 64;
        const std::uint32_t bit = offset_ % 64;
        chunk[word] |= bits << bit;
        if (bit + count > 64) {
            chunk[word + 1] |= bits >> (64 - bit);
        }
    }
    void move(std::uint32_t count) noexcept {
        offset_ += count;
        if (offset_ == chunk_operands_) {
            offset_ = 0;
            advance_words(1);
        }
    }
    void advance_words(std::uint64_t chunks) noexcept {
        issue_ += chunks * words_per_chunk_;
        if (nonzero_ != nullptr) {
            nonzero_ += chunks * words_per_chunk_;
        }
    }

    std::uint64_t* issue_;
    std::uint64_t* nonzero_;
    std::uint32_t chunk_operands_;
    std::uint32_t words_per_chunk_;
    std::uint32_t offset_ = 0;
};

}  // namespace skipsim::reduction
