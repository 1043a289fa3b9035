// SPDX-License-Identifier: Apache-2.0
#include "models/core/pe_array.h"

#include <algorithm>

#include "models/core/pe_array_state.h"
#include "models/core/uneven_state.h"
#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::core {
namespace {

using base::PeCategory;

CoreParams checked(const CoreParams& params) {
    std::string text;
    for (const std::string& problem : params.problems()) {
        text += (text.empty() ? "core." : "; core.") + problem;
    }
    if (!text.empty()) {
        throw std::invalid_argument(text);
    }
    return params;
}

/// Moves the FIFO history of PEs that took no part by `shift` slots, so that the common slot
/// counter again points at their oldest entry.
void rotate_bystanders(ArrayState& state, std::uint32_t shift) {
    const std::uint32_t depth = state.params.fifo_depth_chunks;
    const std::size_t pes = std::size_t{state.params.rows} * state.lanes;
    std::vector<std::uint64_t> history(depth);
    for (std::size_t pe = 0; pe < pes; ++pe) {
        if (pe / state.lanes < state.rows_active && pe % state.lanes < state.columns_active) {
            continue;
        }
        for (std::uint32_t slot = 0; slot < depth; ++slot) {
            history[(slot + shift) % depth] = state.slot_free[slot * pes + pe];
        }
        for (std::uint32_t slot = 0; slot < depth; ++slot) {
            state.slot_free[slot * pes + pe] = history[slot];
        }
    }
}

void recompute_slot_maxima(ArrayState& state) {
    const std::size_t pes = std::size_t{state.params.rows} * state.lanes;
    std::fill(state.row_slot_free.begin(), state.row_slot_free.end(), 0);
    std::fill(state.lane_slot_free.begin(), state.lane_slot_free.end(), 0);
    for (std::size_t slot = 0; slot < state.params.fifo_depth_chunks; ++slot) {
        for (std::size_t row = 0; row < state.rows_active; ++row) {
            std::uint64_t& row_latest = state.row_slot_free[slot * state.params.rows + row];
            for (std::size_t lane = 0; lane < state.columns_active; ++lane) {
                const std::uint64_t free = state.slot_free[slot * pes + row * state.lanes + lane];
                std::uint64_t& lane_latest = state.lane_slot_free[slot * state.lanes + lane];
                lane_latest = std::max(lane_latest, free);
                row_latest = std::max(row_latest, free);
            }
        }
    }
}

/// The occupied part of the array becomes rows × columns, counted from row 0 and column 0.
void occupy(ArrayState& state, std::uint32_t rows, std::uint32_t columns) {
    if (rows == state.rows_active && columns == state.columns_active) {
        return;
    }
    align_bystanders(state);
    state.rows_active = rows;
    state.columns_active = columns;
    for (std::uint32_t lane = 0; lane < state.lanes; ++lane) {
        state.lane_mask[lane] = lane < columns ? ~std::uint64_t{0} : 0;
    }
    recompute_slot_maxima(state);
}

/// Drains the finished result, column by column, rows in order.
void drain(ArrayState& state) {
    for (std::size_t row = 0; row < state.rows_active; ++row) {
        for (std::size_t lane = 0; lane < state.columns_active; ++lane) {
            const std::size_t pe = row * state.lanes + lane;
            const std::uint64_t free_after =
                std::max(state.drain_free[lane], state.pe_free[pe]) + 1;
            state.drain_free[lane] = free_after;
            state.drained_before[pe] = state.drained[pe];
            state.drained[pe] = free_after;
        }
    }
}

}  // namespace

void align_bystanders(ArrayState& state) {
    const auto shift =
        static_cast<std::uint32_t>(state.segment_chunks % state.params.fifo_depth_chunks);
    if (shift != 0) {
        rotate_bystanders(state, shift);
    }
    state.segment_chunks = 0;
}

std::uint64_t payload_cycles(std::uint64_t values, std::uint64_t bits, const CoreParams& params) {
    std::uint64_t cycles = 1;
    if (params.bus_values != 0) {
        cycles = std::max(cycles, base::ceil_divide(values, params.bus_values));
    }
    if (params.bus_bits != 0) {
        cycles = std::max(cycles, base::ceil_divide(bits, params.bus_bits));
    }
    return cycles;
}

ArrayState::~ArrayState() = default;
ArrayState::ArrayState(ArrayState&&) noexcept = default;
ArrayState& ArrayState::operator=(ArrayState&&) noexcept = default;
ArrayState::ArrayState(const CoreParams& core_params)
    : params(core_params), lanes(core_params.lanes()) {
    const std::size_t pes = std::size_t{params.rows} * lanes;
    const std::size_t depth = params.fifo_depth_chunks;
    pe_free.assign(pes, 0);
    slot_free.assign(depth * pes, 0);
    row_slot_free.assign(depth * params.rows, 0);
    lane_slot_free.assign(depth * lanes, 0);
    row_bus_free.assign(params.rows, 0);
    lane_bus_free.assign(lanes, 0);
    drained.assign(pes, 0);
    drained_before.assign(pes, 0);
    drain_free.assign(lanes, 0);
    lane_mask.assign(lanes, 0);
    all_needed.assign(lanes, ~std::uint64_t{0});
    lane_send.assign(lanes, 0);
    lane_arrive.assign(lanes, 0);
}

CoreCounts& CoreCounts::operator+=(const CoreCounts& other) noexcept {
    issued += other.issued;
    effectual += other.effectual;
    pe_cycles += other.pe_cycles;
    row_values += other.row_values;
    row_chunks += other.row_chunks;
    row_words += other.row_words;
    column_values += other.column_values;
    column_chunks += other.column_chunks;
    column_words += other.column_words;
    received_values += other.received_values;
    pair_row_values += other.pair_row_values;
    pair_chunks += other.pair_chunks;
    jumped_values += other.jumped_values;
    results += other.results;
    return *this;
}

PeArray::PeArray(const CoreParams& params)
    : params_(checked(params)), state_(std::make_unique<ArrayState>(params)) {}
PeArray::~PeArray() = default;
PeArray::PeArray(PeArray&&) noexcept = default;
PeArray& PeArray::operator=(PeArray&&) noexcept = default;

void PeArray::start_row(const BitmapUse& bitmaps) {
    *state_ = ArrayState(params_);
    bitmaps_ = bitmaps;
    counts_ = CoreCounts{};
}

void PeArray::account_columns(const reduction::ColumnOperands& operands) {
    const std::uint32_t words = params_.words_per_chunk();
    const std::uint32_t lanes = state_->lanes;
    const std::uint64_t bits = bitmaps_.column ? params_.chunk_operands : 0;
    state_->lane_payload.assign(std::size_t{operands.chunks} * lanes, 1);
    column_values_of_tile_ = 0;
    column_words_of_tile_ = 0;
    for (std::size_t chunk = 0; chunk < operands.chunks; ++chunk) {
        for (std::size_t lane = 0; lane < operands.columns_active; ++lane) {
            std::uint64_t values = 0;
            for (std::size_t word = 0; word < words; ++word) {
                values += base::count_ones(operands.issue[(chunk * words + word) * lanes + lane]);
            }
            state_->lane_payload[chunk * lanes + lane] = payload_cycles(values, bits, params_);
            column_values_of_tile_ += values;
            column_words_of_tile_ +=
                base::ceil_divide(values * params_.operand_width_bits + bits, 64);
        }
    }
}

void PeArray::account_rows(const reduction::Tile& tile, std::size_t first_row, std::uint32_t rows) {
    const std::uint32_t words = params_.words_per_chunk();
    const std::uint64_t bits = bitmaps_.row ? params_.chunk_operands : 0;
    std::vector<std::uint64_t>& payload = state_->row_payload;
    payload.resize(std::size_t{rows} * tile.chunks);
    count_groups(tile.row_operands->issue.data() + first_row * tile.chunks * words, payload.size(),
                 words, payload.data());
    std::uint64_t values_of_result = 0;
    for (std::uint64_t& entry : payload) {
        const std::uint64_t values = entry;
        values_of_result += values;
        counts_.row_words += base::ceil_divide(values * params_.operand_width_bits + bits, 64);
        entry = payload_cycles(values, bits, params_);
    }
    const std::uint32_t columns = state_->columns_active;
    counts_.row_values += values_of_result;
    counts_.row_chunks += payload.size();
    counts_.column_values += column_values_of_tile_;
    counts_.column_words += column_words_of_tile_;
    counts_.column_chunks += std::uint64_t{columns} * tile.chunks;
    counts_.received_values += values_of_result * columns + column_values_of_tile_ * rows;
    counts_.pair_row_values += values_of_result * columns;
    counts_.pair_chunks += std::uint64_t{rows} * columns * tile.chunks;
}

std::uint64_t PeArray::run_tile(const reduction::Tile& tile, std::uint64_t input_ready_cycle,
                                std::uint64_t weight_ready_cycle) {
    const reduction::ColumnOperands& columns = *tile.column_operands;
    base::require(tile.chunks > 0 && tile.chunks == columns.chunks, "pe_array: chunks of A and B");
    base::require(columns.columns_active > 0 && columns.columns_active <= params_.columns,
                  "pe_array: columns of a tile");
    if (tile.is_uneven()) {
        run_uneven_tile(tile, input_ready_cycle, weight_ready_cycle);
    } else {
        run_even_tile(tile, input_ready_cycle, weight_ready_cycle);
    }
    return *std::max_element(state_->pe_free.begin(), state_->pe_free.end());
}

void PeArray::run_even_tile(const reduction::Tile& tile, std::uint64_t input_ready,
                            std::uint64_t weight_ready) {
    ArrayState& state = *state_;
    const reduction::ColumnOperands& columns = *tile.column_operands;
    leave_uneven(state);
    account_columns(columns);
    const std::size_t row_words = std::size_t{tile.chunks} * params_.words_per_chunk();
    for (std::size_t first = 0; first < tile.row_count; first += params_.rows) {
        const auto rows =
            static_cast<std::uint32_t>(std::min<std::size_t>(params_.rows, tile.row_count - first));
        occupy(state, rows, columns.columns_active);
        account_rows(tile, first, rows);
        const bool apart = !tile.row_operands->nonzero.empty();
        run_result(state, {tile.row_operands->issue.data() + first * row_words,
                           apart ? tile.row_operands->nonzero.data() + first * row_words : nullptr,
                           columns.issue.data(), apart ? columns.nonzero.data() : nullptr,
                           tile.needed.empty() ? nullptr : tile.needed.data() + first * state.lanes,
                           tile.chunks, tile.starts_result, input_ready, weight_ready});
        state.segment_chunks += tile.chunks;
        input_ready = 0;  // the rest of the tile is there as well
        weight_ready = 0;
        if (tile.ends_result) {
            drain(state);
            counts_.results += std::uint64_t{rows} * columns.columns_active;
        }
        if (state.uneven) {
            forget_places(*state.uneven, state.lanes, rows);
        }
    }
}

std::uint64_t PeArray::first_pe_free_cycle() const noexcept {
    return state_->pe_free.front();
}

std::uint64_t PeArray::end_cycle() const noexcept {
    return *std::max_element(state_->drain_free.begin(), state_->drain_free.end());
}

CoreCounts PeArray::counts() const noexcept {
    const ChunkSums& sums = state_->sums;
    CoreCounts counts = counts_;
    counts.issued = sums.issued;
    counts.effectual = sums.effectual;
    counts.row_values += sums.feed_values;
    counts.row_words += sums.feed_words;
    counts.row_chunks += sums.feed_chunks;
    counts.received_values += sums.feed_values;
    counts.pair_row_values += sums.feed_values;
    counts.pair_chunks += sums.feed_chunks;
    base::PeCycles& cycles = counts.pe_cycles;
    cycles[PeCategory::mac] = sums.mac_cycles;
    cycles[PeCategory::ineffectual] = sums.issue_cycles - sums.mac_cycles;
    cycles[PeCategory::empty_chunk] = sums.cost_cycles - sums.issue_cycles;
    cycles[PeCategory::wait_memory] = sums.wait_memory;
    cycles[PeCategory::wait_weight] = sums.wait_weight;
    cycles[PeCategory::wait_sibling] = sums.wait_sibling;
    cycles[PeCategory::wait_operand] = sums.wait_operand;
    cycles[PeCategory::wait_drain] = sums.wait_drain;
    cycles[PeCategory::idle] = sums.idle;
    return counts;
}

}  // namespace skipsim::core
