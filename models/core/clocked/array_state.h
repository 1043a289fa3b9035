// SPDX-License-Identifier: Apache-2.0
// The parts of a clocked array and what they share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "models/core/clocked/array.h"
#include "models/core/clocked/bus.h"
#include "models/core/clocked/deliveries.h"
#include "models/core/clocked/drain.h"
#include "models/core/clocked/feed.h"
#include "models/core/clocked/fifo.h"
#include "models/core/clocked/processing_element.h"
#include "models/core/clocked/signals.h"

namespace skipsim::clocked {

using ResultPointer = std::shared_ptr<const ResultWork>;

struct Array::State {
    explicit State(const core::CoreParams& core_params);

    void reset(bool input_role, bool weight_role, SumStore* sums);
    /// Writes the tile's chunks into the lists of buses, feed, PEs and drains.
    void plan(Tile& tile);
    bool step();
    /// Cycles that were like the one before are told to the PEs.
    void wake();
    void look_for_finished_tiles();
    void sample_signals();

    [[nodiscard]] std::size_t tiles_added() const { return results_left.size(); }
    [[nodiscard]] Tile& tile(std::uint64_t number) const { return *tiles[number - first_tile]; }

    core::CoreParams params;
    std::uint32_t pe_count;
    PeRules pe_rules;
    PeCounts pe_counts;
    DrainCounts drain_counts;
    Wires row_wires;
    Wires column_wires;
    std::vector<Fifo> row_fifos;     ///< of each PE
    std::vector<Fifo> column_fifos;  ///< of each PE
    std::vector<Bus> row_buses;
    std::vector<Bus> column_buses;
    Feed feed;
    std::vector<ProcessingElement> pes;
    std::vector<Drain> drains;

    std::deque<std::unique_ptr<Tile>> tiles;  ///< from first_tile on
    std::uint64_t first_tile = 0;
    std::uint64_t through = 0;  ///< tiles worked through, with all before them
    std::uint64_t drained = 0;  ///< tiles whose results have drained, with all before them
    std::vector<std::uint64_t> results_left;  ///< of each tile and those before it
    bool has_all_tiles = false;

    std::uint64_t cycle = 0;
    bool is_quiet = false;           ///< nothing changed in the last step, nor since
    std::uint64_t quiet_cycles = 0;  ///< not yet told to the PEs
    Signals signals;

    // Planning a tile.
    struct End {
        std::uint64_t result = 0;
        std::uint32_t pe = 0;
    };

    void build();
    void plan_chunk(Tile& tile, const ChunkWork& chunk);
    void plan_pe(Tile& tile, const ChunkWork& chunk, std::uint32_t pe);
    void plan_feed(Tile& tile, const ChunkWork& chunk);
    void plan_row(Tile& tile, const ChunkWork& chunk, std::uint32_t row);
    void plan_column(Tile& tile, const ChunkWork& chunk, std::uint32_t column);
    void plan_drains();

    std::vector<ResultPointer> row_results;     ///< of the last chunk planned on each row bus
    std::vector<ResultPointer> column_results;  ///< of the last chunk planned on each column bus
    ResultPointer feed_result;                  ///< of the last chunk planned on the feed
    std::vector<std::uint64_t> chunk_numbers;   ///< of each PE, of the chunk being planned
    std::vector<End> ends;                      ///< of the tile being planned
    std::uint64_t last_end = 0;                 ///< greatest result that ended in tiles before
};

}  // namespace skipsim::clocked
