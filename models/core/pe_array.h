// SPDX-License-Identifier: Apache-2.0
// The PE array of a convolution core: buses, FIFOs, skip schedulers, accumulators, drains.
//
// Models models/MICROARCHITECTURE.md §6 and §7 as recurrences over chunks, vectorised over the
// columns. It knows cycles as numbers, not as time: run_tile() is given when the tile's operands
// are there and answers when the tile is done. Values are left out: only patterns matter here.
// Cost per chunk pair of a PE: max(1, ceil(issued / issue width), ceil(chunk / scan width)).
#pragma once

#include <cstdint>
#include <memory>

#include "models/core/params.h"
#include "models/reduction/tile.h"
#include "sim/base/pe_cycles.h"

namespace skipsim::core {

/// What a core did in one row, without PE cycles after its last chunk (idle).
struct CoreCounts {
    std::uint64_t issued = 0;     ///< [multiplies]
    std::uint64_t effectual = 0;  ///< [multiplies]
    base::PeCycles pe_cycles;     ///< of the cycles before each PE's last chunk was finished
    // Row buses and private feeds, a feed once for every receiving PE.
    std::uint64_t row_values = 0;       ///< [operands] sent
    std::uint64_t row_chunks = 0;       ///< [chunks] sent
    std::uint64_t row_words = 0;        ///< [64-bit words] read
    std::uint64_t column_values = 0;    ///< [operands] sent over column buses
    std::uint64_t column_chunks = 0;    ///< [chunks] sent over column buses
    std::uint64_t column_words = 0;     ///< [64-bit words] read for column buses
    std::uint64_t received_values = 0;  ///< [operands] written into local buffers of PEs
    std::uint64_t pair_row_values = 0;  ///< [operands] row values, once for every receiving PE
    std::uint64_t pair_chunks = 0;      ///< [chunk pairs] worked through by PEs
    std::uint64_t results = 0;          ///< [results] drained, of psum_spill one for each slice
    std::uint64_t jumped_values = 0;    ///< [operands] of rows, once for every PE that jumps them

    CoreCounts& operator+=(const CoreCounts& other) noexcept;
};

/// Which roles' bitmaps travel with the chunks of a row.
struct BitmapUse {
    bool row = false;     ///< role input is selected
    bool column = false;  ///< role weight is selected
};

struct ArrayState;

class PeArray {
public:
    /// Throws std::invalid_argument listing params.problems() if there are any.
    explicit PeArray(const CoreParams& params);
    ~PeArray();
    PeArray(PeArray&&) noexcept;
    PeArray& operator=(PeArray&&) noexcept;

    /// Cold start: cycle 0, everything empty.
    void start_row(const BitmapUse& bitmaps);

    /// Runs the next tile; its first chunk is sent no earlier than both cycles given.
    /// Returns its release: the first cycle in which every PE is through with all it was given.
    std::uint64_t run_tile(const reduction::Tile& tile, std::uint64_t input_ready_cycle,
                           std::uint64_t weight_ready_cycle);

    /// [cycle] f of PE (0, 0), which has a place in every result of an even tile.
    [[nodiscard]] std::uint64_t first_pe_free_cycle() const noexcept;
    /// One after the cycle of the last drain; 0 without work.
    [[nodiscard]] std::uint64_t end_cycle() const noexcept;
    [[nodiscard]] CoreCounts counts() const noexcept;
    /// [results] drained so far.
    [[nodiscard]] std::uint64_t drained() const noexcept { return counts_.results; }
    [[nodiscard]] const CoreParams& params() const noexcept { return params_; }

private:
    void account_columns(const reduction::ColumnOperands& operands);
    void account_rows(const reduction::Tile& tile, std::size_t first_row, std::uint32_t rows);
    void run_even_tile(const reduction::Tile& tile, std::uint64_t input_ready,
                       std::uint64_t weight_ready);
    void run_uneven_tile(const reduction::Tile& tile, std::uint64_t input_ready,
                         std::uint64_t weight_ready);
    void account_uneven_tile(const reduction::Tile& tile);
    void account_row_entries(const reduction::RowOperands& operands);
    void account_uneven_columns();
    void account_uneven_rows(const reduction::Tile& tile, const std::uint64_t* row_entries,
                             std::uint32_t rows);

    CoreParams params_;
    BitmapUse bitmaps_;
    CoreCounts counts_;
    std::uint64_t column_values_of_tile_ = 0;
    std::uint64_t column_words_of_tile_ = 0;
    std::unique_ptr<ArrayState> state_;
};

}  // namespace skipsim::core
