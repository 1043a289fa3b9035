// SPDX-License-Identifier: Apache-2.0
// A core's static list of work in a row, tile after tile, found by looking at every element
// (models/MICROARCHITECTURE.md §2 to §5). Slow and plain on purpose: it shares no code with the
// tile sequencer of the fast engine.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/tile_work.h"
#include "models/reduction/tile_sequencer.h"

namespace skipsim::clocked {

/// What the list must know of the core (keys under `core`).
struct ListParams {
    std::uint32_t rows = 8;                ///< [PEs]
    std::uint32_t columns = 8;             ///< [PEs]
    std::uint32_t chunk_operands = 64;     ///< [operands]
    std::uint32_t tile_chunks = 64;        ///< [chunks] most chunks of one tile
    std::uint32_t operand_width_bits = 8;  ///< [bits]
    bool psum_spill = false;               ///< long results: slice by slice
    bool private_groups = false;           ///< a block may hold columns of several groups
    bool coarse_runs = false;              ///< columns jump chunks of pruned blocks
};

/// Columns of each phase in the order of their positions, and what finding it took (§4.1).
struct ColumnOrder {
    std::vector<std::vector<std::int64_t>> columns;  ///< [phase][position]
    std::uint64_t bits = 0;
    std::uint64_t compares = 0;
};

/// The order of a row's columns: as they are, unless the balancer acts. Phases without work have
/// none: phase numbers count those with work alone.
ColumnOrder column_order(const RowTask& task, const ListParams& params, std::int64_t column_parts);

class WorkList {
public:
    /// Keeps references to `task` and `order`.
    WorkList(const RowTask& task, const ListParams& params, const ColumnOrder& order,
             const reduction::Share& share);
    ~WorkList();
    WorkList(const WorkList&) = delete;
    WorkList& operator=(const WorkList&) = delete;

    /// The next tile; false when there is none left.
    bool next(TileWork& tile);
    /// Complete when next() has answered false.
    [[nodiscard]] const ListCounts& counts() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skipsim::clocked
