// SPDX-License-Identifier: Apache-2.0
// A convolution core of the clocked engine: an array, and what moves its tiles in and its results
// out (models/MICROARCHITECTURE.md §5, §15.1). Double buffered: tiles 0 and 1 are requested when
// the row begins, tile t + 2 when every PE is through with tile t.
//
//   due    requests of the tiles whose time has come, results that leave, the end of the core
//   array  one cycle of the array
// Operands become ready, and results have left, in any step of a cycle before the arrays'.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "models/core/clocked/array.h"
#include "models/memory/clocked/transfers.h"
#include "models/reduction/clocked/work_list.h"
#include "sim/kernel/phased_clock.h"

namespace skipsim::clocked {

/// A core's part of a row.
struct CoreRow {
    std::unique_ptr<WorkList> list;
    bool input_role = false;   ///< bitmaps of A travel
    bool weight_role = false;  ///< bitmaps of B travel
    SumStore* sums = nullptr;
    std::uint64_t delay_cycles = 0;       ///< before the row's cycle 0
    std::uint64_t result_width_bits = 0;  ///< of a result that leaves the core
    bool keeps_results = false;  ///< partial sums: they leave for the aggregation core, at once
    Done done;                   ///< called in the due step of the cycle in which the core ends, or
                                 ///< from within start_row() if it has no work and no delay
};

/// What a core did in a row.
struct ClockedCoreReport {
    ArrayCounts array;
    ListCounts list;
    std::uint64_t input_load_bytes = 0;
    std::uint64_t input_load_words = 0;  ///< [64-bit words], rounded up for every load
    std::uint64_t weight_load_bytes = 0;
    std::uint64_t weight_load_words = 0;       ///< [64-bit words], rounded up for every load
    std::vector<std::uint64_t> phase_results;  ///< [results] that left the core for good
    std::uint64_t end_cycle = 0;               ///< [cycles] of the row, after its delay
    // Of the cycles until then (§9, "Units").
    std::uint64_t busy = 0;     ///< [cycles] works on a tile, or drains
    std::uint64_t starved = 0;  ///< [cycles] the next tile's operands are not there
    std::uint64_t blocked = 0;  ///< [cycles] earlier results have not left
};

class CoreModule final : public sc_core::sc_module, public kernel::Reporting {
public:
    /// `waits_for_stores`: a tile is held back until the results of the last but one have left.
    CoreModule(const sc_core::sc_module_name& name, const core::CoreParams& params,
               kernel::PhasedClock& clock, bool waits_for_stores);

    void connect(LoadWay* input, LoadWay* weight, StoreWay* output,
                 std::uint32_t number_in_cluster);
    /// In the due step, whether this core's has been or is still to come. Cold start.
    void start_row(CoreRow row);
    [[nodiscard]] ClockedCoreReport report() const;
    [[nodiscard]] std::string state() const override;
    void watch(const Array::Watch& signal) const;

private:
    /// A tile that has been requested.
    struct TileState {
        bool has_input = false;          ///< its input load is ready
        bool has_weight = false;         ///< its weight load is ready, or it has none
        bool waits_for_weight = false;   ///< for that of the tile before: it loads none
        bool waits_for_results = false;  ///< those of the last but one tile have not left
        bool sends_results = false;      ///< bytes leave with this tile's results
        bool has_sent = false;
    };

    void due();
    void step_array();
    void begin();
    void request_next();
    void request_loads(const TileWork& tile);
    void input_ready(std::uint64_t row, std::uint64_t tile);
    void weight_ready(std::uint64_t row, std::uint64_t tile);
    void offer_input(std::uint64_t tile);
    void release_tiles();
    void store_results();
    void results_left(std::uint64_t row, std::uint64_t tile);
    void end_if_empty();
    void occupy();
    [[nodiscard]] std::uint64_t bytes_after(std::uint64_t tile) const;
    [[nodiscard]] TileState& tile(std::uint64_t number) { return tiles_[number - first_tile_]; }
    [[nodiscard]] bool is_known(std::uint64_t number) const {
        return number >= first_tile_ && number < requested_;
    }

    kernel::PhasedClock& clock_;
    bool waits_for_stores_;
    Array array_;
    LoadWay* input_way_ = nullptr;
    LoadWay* weight_way_ = nullptr;
    StoreWay* output_way_ = nullptr;
    std::uint32_t number_in_cluster_ = 0;

    CoreRow row_;
    std::uint64_t row_number_ = 0;   ///< rows started: what an older row asked for is told apart
    std::uint64_t delay_left_ = 0;   ///< [cycles]
    std::uint64_t start_cycle_ = 0;  ///< of the clock: start_row()
    bool is_delayed_ = false;
    bool is_at_work_ = false;
    bool has_all_tiles_ = false;
    std::deque<TileState> tiles_;  ///< from first_tile_ on
    std::uint64_t first_tile_ = 0;
    std::uint64_t requested_ = 0;  ///< tiles
    std::uint64_t released_ = 0;   ///< tiles
    std::uint64_t stored_ = 0;     ///< tiles whose results have been sent off
    std::uint32_t phases_ = 0;
    ClockedCoreReport report_;
};

}  // namespace skipsim::clocked
