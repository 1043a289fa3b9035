// SPDX-License-Identifier: Apache-2.0
// What a core of the clocked engine is given to do: tiles of chunks, with their values. A static
// list: it says what is sent to whom in which order (models/MICROARCHITECTURE.md §4), never when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace skipsim::clocked {

/// A chunk of one operand: bitmap and packed values, as it travels over a bus. Bits are those of
/// the chunk's positions, position p in word p / 64, bit p % 64.
struct OperandChunk {
    std::vector<std::uint64_t> in_bounds;  ///< positions inside the tensor (B: k < K)
    std::vector<std::uint64_t> nonzero;    ///< of these, the ones that are not zero
    std::vector<std::uint64_t> sent;       ///< what is sent: `nonzero` with its role selected, else
                                           ///< `in_bounds`
    std::uint32_t sent_count = 0;          ///< ones of `sent`
    std::vector<float> values;             ///< of `sent`, lowest position first; empty: no values
};

/// A result of the array: what its PEs accumulate before they drain. With psum_spill one for each
/// slice. PE (row, column) is number row * core.columns + column.
struct ResultWork {
    static constexpr std::int64_t kNoPlace = -1;

    std::uint64_t number = 0;  ///< 0, 1, … within the core's row
    std::uint32_t phase = 0;
    bool is_private = false;              ///< of a private block: A comes over the feed
    bool completes = true;                ///< false: a later slice goes on with these sums
    std::uint32_t block_columns = 0;      ///< columns of its block
    std::vector<std::int64_t> m;          ///< of each PE, index in the phase's m axis; kNoPlace
    std::vector<std::int64_t> column;     ///< of each column of the array: the column of B (0 …
                                          ///< X − 1, as before any balancing); kNoPlace
    std::vector<std::uint8_t> is_needed;  ///< of each PE: its result is needed
    /// Of each PE: it goes on with the sums of an earlier slice in which it took part.
    std::vector<std::uint8_t> continues;

    [[nodiscard]] bool has_place(std::size_t pe) const { return m[pe] != kNoPlace; }
};

/// What a PE does with a chunk.
struct PeChunk {
    bool receives = false;
    bool starts = false;  ///< first chunk of the result that is delivered to this PE
    bool ends = false;    ///< last one: then it drains
};

/// Chunk t of a result.
struct ChunkWork {
    std::shared_ptr<const ResultWork> result;
    /// A: of each row in a broadcast block, of each PE in a private block; null where nobody
    /// receives it.
    std::vector<std::shared_ptr<const OperandChunk>> input;
    /// B: of each column; null where nobody receives it.
    std::vector<std::shared_ptr<const OperandChunk>> weight;
    std::vector<PeChunk> pes;  ///< of each PE
};

/// What is loaded at once. A chunk without a receiver stands in no tile.
struct TileWork {
    std::uint64_t number = 0;  ///< 0, 1, … within the core's row
    std::uint32_t phase = 0;
    std::vector<ChunkWork> chunks;
    std::uint64_t input_bytes = 0;       ///< of the input load (§5)
    std::uint64_t input_first_byte = 0;  ///< within the tensor (§15.1)
    bool loads_weight = false;           ///< false: that of the tile before stays
    std::uint64_t weight_bytes = 0;
    std::uint64_t weight_first_byte = 0;
};

/// Counted while the list is made: multiplies that no PE ever sees, and patterns looked at.
struct ListCounts {
    std::uint64_t skipped_output = 0;         ///< of results that are left out
    std::uint64_t skipped_jumped_input = 0;   ///< in jumped chunks: A is zero, role input selected
    std::uint64_t skipped_weight_coarse = 0;  ///< in jumped chunks: the others
    std::uint64_t output_bits = 0;            ///< sequencer.output_bit
    std::uint64_t coarse_bits = 0;            ///< sequencer.coarse_bit
};

}  // namespace skipsim::clocked
