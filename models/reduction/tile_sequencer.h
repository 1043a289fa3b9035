// SPDX-License-Identifier: Apache-2.0
// Cuts a core's share of a reduction into tiles, in the order of models/MICROARCHITECTURE.md §4:
// phases, blocks of columns, results of `rows` rows each, slices of long results.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/reduction/footprint.h"
#include "models/reduction/reduction.h"
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
    bool psum_spill = false;  ///< long results: slice by slice over all results of a block
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

private:
    void enter_phase();
    bool next_block();
    bool next_slice(Tile& tile);
    void collect_rows();
    void fill_columns(Tile& tile, std::int64_t first_k, std::int64_t end_k);
    void fill_rows(Tile& tile, std::size_t row_count, std::int64_t first_k, std::int64_t end_k);
    [[nodiscard]] std::shared_ptr<const RowOperands> gather_rows(std::size_t row_count,
                                                                 std::int64_t first_k,
                                                                 std::int64_t end_k);
    void fill_needed(Tile& tile) const;
    [[nodiscard]] std::uint64_t load_bytes(bool compressed, std::uint64_t elements,
                                           std::uint64_t nonzeros) const noexcept;

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
    std::int64_t first_column_ = 0;    // of the current block
    std::uint32_t block_columns_ = 0;  // 0 = no block yet
    std::vector<std::uint32_t> rows_;  // surviving m of the block
    std::size_t next_row_ = 0;
    std::int64_t next_slice_ = 0;

    bool weight_resident_ = false;  // the current block's (or slice's) columns are loaded
    std::shared_ptr<const ColumnOperands> columns_;
    std::uint64_t column_bytes_ = 0;
    Footprint footprint_;
    // Rows of the current block's tiles, kept for the next block of the same group.
    std::vector<std::shared_ptr<const RowOperands>> kept_rows_;
    std::size_t kept_bytes_ = 0;
    std::size_t tile_of_block_ = 0;
    bool kept_are_complete_ = false;  // they belong to a block that dropped no row
    std::uint64_t output_bits_ = 0;
};

}  // namespace skipsim::reduction
