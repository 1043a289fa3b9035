// SPDX-License-Identifier: Apache-2.0
// Cuts a core's share of a reduction into tiles, in the order of models/MICROARCHITECTURE.md §4:
// phases, blocks of columns, results of `rows` rows each, slices of long results.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "models/reduction/block_lists.h"
#include "models/reduction/reduction.h"
#include "models/reduction/row_gatherer.h"
#include "models/reduction/tile.h"

namespace skipsim::reduction {

/// What the sequencer must know of the array.
struct TilingParams {
    std::uint32_t rows = 8;
    std::uint32_t columns = 8;
    std::uint32_t lanes = 8;  ///< columns rounded up to whole vectors
    std::uint32_t chunk_operands = 64;
    std::uint32_t tile_chunks = 64;
    std::uint32_t operand_width_bits = 8;
    bool psum_spill = false;      ///< long results: slice by slice over all results of a block
    bool private_groups = false;  ///< blocks are not cut at group borders
    bool packed_output = false;   ///< each column has a list of m of its own
    bool coarse_runs = false;     ///< columns jump chunks that lie in pruned blocks
};

/// Roles whose patterns are used to skip.
struct Selection {
    bool input = false;
    bool weight = false;
    bool output = false;
};

/// Part `m_part` of `m_parts` of the m axis; columns and k (in whole chunks) likewise.
struct Share {
    std::int64_t m_part = 0;
    std::int64_t m_parts = 1;
    std::int64_t column_part = 0;
    std::int64_t column_parts = 1;
    std::int64_t k_part = 0;
    std::int64_t k_parts = 1;
};

class TileSequencer {
public:
    /// `count_effectual`: tiles carry what is needed to count effectual multiplies. The reduction
    /// must outlive the sequencer.
    TileSequencer(const Reduction& reduction, const TilingParams& params,
                  const Selection& selection, const Share& share, bool count_effectual);

    /// Fills the next tile; false when there is none left.
    bool next(Tile& tile);

    /// [bits] of the output pattern looked at so far.
    [[nodiscard]] std::uint64_t output_bits() const noexcept { return output_bits_; }
    /// [bits] of the coarse pattern looked at so far: one a chunk and column.
    [[nodiscard]] std::uint64_t coarse_bits() const noexcept { return coarse_bits_; }
    /// [multiplies] of slices that are no tile because every column jumps them: in bounds, and of
    /// those the ones whose A counts for issuing.
    [[nodiscard]] std::uint64_t left_out_pairs() const noexcept { return left_out_pairs_; }
    [[nodiscard]] std::uint64_t left_out_values() const noexcept { return left_out_values_; }

private:
    void enter_phase();
    bool next_block();
    void next_results(Tile& tile);
    bool next_slice(Tile& tile);
    [[nodiscard]] std::int64_t end_of(std::int64_t chunk) const noexcept;
    void collect_rows();
    void collect_packed_rows(std::int64_t begin, std::int64_t end);
    void find_jumps();
    [[nodiscard]] std::int64_t group_of(std::uint32_t column) const noexcept;
    [[nodiscard]] std::int64_t chunk_of(std::int64_t k) const noexcept;
    [[nodiscard]] bool jumps(std::int64_t chunk, std::uint32_t column) const noexcept;
    [[nodiscard]] bool has_receiver(std::int64_t first_k, std::int64_t end_k) const;
    void leave_out(std::size_t row_count, std::int64_t first_k, std::int64_t end_k);
    void fill_columns(Tile& tile, std::int64_t first_k, std::int64_t end_k);
    [[nodiscard]] std::uint64_t column_load(const ColumnRequest& request) const;
    void fill_rows(Tile& tile, std::size_t row_count, std::int64_t first_k, std::int64_t end_k);
    void fill_broadcast_rows(Tile& tile, std::int64_t first_k, std::int64_t end_k);
    void fill_private_rows(Tile& tile, std::int64_t first_k, std::int64_t end_k);
    [[nodiscard]] std::pair<const std::uint32_t*, const std::uint32_t*> part_of_list(
        const Tile& tile, std::uint32_t column) const noexcept;
    void collect_group_rows(const Tile& tile);
    void place_rows(Tile& tile);
    void mark_sent(const Tile& tile, GatherRequest& request) const;
    void fill_needed(Tile& tile) const;
    [[nodiscard]] std::uint64_t least_cycles(const Tile& tile, std::int64_t first_k) const;

    const Reduction& reduction_;
    TilingParams params_;
    Selection selection_;
    Share share_;
    bool count_effectual_;

    std::size_t phase_ = 0;
    std::int64_t first_chunk_ = 0;  // of the core's part of the phase's k axis
    std::int64_t end_chunk_ = 0;
    std::int64_t next_column_ = 0;
    std::int64_t end_column_ = 0;
    std::int64_t first_column_ = 0;     // of the current block
    std::uint32_t block_columns_ = 0;   // 0 = no block yet
    bool private_ = false;              // the current block is served by the feed
    BlockLists lists_;                  // surviving m of the block
    std::vector<std::uint64_t> jumps_;  // [chunk][lane] of the block; empty = none
    std::size_t next_row_ = 0;
    std::int64_t next_slice_ = 0;

    std::int64_t resident_k_ = -1;  // first k of the block's slice whose columns are loaded
    std::shared_ptr<const ColumnOperands> columns_;
    std::uint64_t column_bytes_ = 0;
    RowGatherer gatherer_;
    // Of a private tile: its distinct rows, group after group.
    std::vector<std::vector<std::uint32_t>> group_rows_;
    std::vector<std::uint64_t> reads_;
    // Rows of the current block's tiles, kept for the next block of the same group.
    std::vector<std::shared_ptr<const RowOperands>> kept_rows_;
    std::size_t kept_bytes_ = 0;
    std::size_t tile_of_block_ = 0;
    bool kept_are_complete_ = false;  // they belong to a block that dropped no row
    std::uint64_t output_bits_ = 0;
    std::uint64_t coarse_bits_ = 0;
    std::uint64_t left_out_pairs_ = 0;
    std::uint64_t left_out_values_ = 0;
};

}  // namespace skipsim::reduction
