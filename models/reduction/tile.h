// SPDX-License-Identifier: Apache-2.0
// The operands of one tile, laid out the way the PE array reads them: chunk after chunk, each chunk
// in whole 64-bit words (words_per_chunk), unused bits 0.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace skipsim::reduction {

/// Operand B of one block of columns for a range of chunks.
/// Index of a word: (chunk * words_per_chunk + word) * lanes + column.
struct ColumnOperands {
    std::uint32_t columns_active = 0;
    std::uint32_t chunks = 0;
    std::vector<std::uint64_t> issue;    ///< positions that count for issuing
    std::vector<std::uint64_t> nonzero;  ///< non-zero positions; empty = the same as issue
    /// All ones where the column jumps the chunk (models/MICROARCHITECTURE.md §4.3); index chunk *
    /// lanes + column; empty = no column of the block jumps any chunk, here or in another slice.
    std::vector<std::uint64_t> jumped;
};

/// `Tile::place` of a processing element without a place.
constexpr std::uint32_t kNoPlace = ~std::uint32_t{0};

/// Operand A of the rows of a tile; in a private block of every distinct (group, m). Index of a
/// word: (row * chunks + chunk) * words_per_chunk + word.
struct RowOperands {
    std::vector<std::uint64_t> issue;
    std::vector<std::uint64_t> nonzero;  ///< empty = the same as issue
    std::uint64_t in_bounds_reads = 0;   ///< in-bounds positions of all rows
    std::uint64_t load_bytes = 0;        ///< of the input load
    std::uint64_t first_byte = 0;        ///< of the lowest element it loads, within the operand
};

/// Consecutive results (or one slice of one result) of a column block: what is loaded at once.
/// Result r of the tile has rows r * core.rows and on.
struct Tile {
    std::uint32_t chunks = 0;     ///< chunks of every row in this tile
    std::uint32_t row_count = 0;  ///< rows of all its results, core.rows a result
    bool starts_result = true;    ///< false: a later slice of a result
    bool ends_result = true;      ///< false: more slices follow
    /// False: what ends is drained as a partial sum that comes back for a later slice (psum_spill).
    bool completes_result = true;
    std::uint32_t phase = 0;  ///< index of the reduction's phase
    std::shared_ptr<const RowOperands> row_operands;
    std::shared_ptr<const ColumnOperands> column_operands;
    /// All ones where the result is needed; index row * lanes + column; empty = all are needed.
    std::vector<std::uint64_t> needed;

    bool is_private = false;  ///< rows come over the feed, not over row buses
    /// Private: which row of row_operands a processing element works on, or kNoPlace; index row *
    /// lanes + column. Empty in broadcast blocks.
    std::vector<std::uint32_t> place;

    std::uint64_t in_bounds_pairs = 0;  ///< [multiplies] of all its places, jumped chunks included
    std::uint64_t least_cycles = 0;     ///< [cycles] its busiest processing element needs at least
    std::uint64_t weight_load_bytes = 0;
    std::uint64_t weight_first_byte = 0;  ///< of its first column's first k, within the operand
    bool loads_weight = true;             ///< false: the weight tile of the tile before stays

    /// Not every place of the array takes every chunk of a row bus that serves its whole row.
    [[nodiscard]] bool is_uneven() const noexcept {
        return is_private || !column_operands->jumped.empty();
    }
};

}  // namespace skipsim::reduction
