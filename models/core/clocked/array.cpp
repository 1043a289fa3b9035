// SPDX-License-Identifier: Apache-2.0
#include "models/core/clocked/array.h"

#include <algorithm>
#include <utility>

#include "models/core/clocked/array_state.h"
#include "sim/base/check.h"

namespace skipsim::clocked {

using base::Action;

Array::State::State(const core::CoreParams& core_params)
    : params(core_params),
      pe_count(params.rows * params.columns),
      row_fifos(pe_count, Fifo(params.fifo_depth_chunks)),
      column_fifos(pe_count, Fifo(params.fifo_depth_chunks)),
      feed(row_wires, row_fifos, params.input_ports) {
    base::require(params.problems().empty(), "clocked array: parameters that cannot be built");
    build();
}

void Array::State::build() {
    // Reserved: the PEs keep pointers to how far the buses have come.
    row_buses.reserve(params.rows);
    for (std::uint32_t row = 0; row < params.rows; ++row) {
        row_buses.emplace_back(row_wires, row_fifos);
    }
    column_buses.reserve(params.columns);
    for (std::uint32_t column = 0; column < params.columns; ++column) {
        column_buses.emplace_back(column_wires, column_fifos);
    }
    row_results.resize(params.rows);
    column_results.resize(params.columns);
    chunk_numbers.resize(pe_count);
    pes.reserve(pe_count);
    for (std::uint32_t pe = 0; pe < pe_count; ++pe) {
        const std::uint32_t row = pe / params.columns;
        const std::uint32_t column = pe % params.columns;
        pes.emplace_back(pe, pe_rules, pe_counts,
                         ProcessingElement::Sources{
                             &row_fifos[pe], &column_fifos[pe], &row_buses[row].progress(),
                             &column_buses[column].progress(), &feed.progress()});
    }
    for (std::uint32_t column = 0; column < params.columns; ++column) {
        drains.emplace_back(column, pes, drain_counts);
    }
    signals.build(params.rows, params.columns);
}

namespace {

Wires wires_of(const core::CoreParams& params, bool has_bitmap) {
    Wires wires;
    wires.rules.width_bits = params.operand_width_bits;
    wires.rules.bitmap_bits = has_bitmap ? params.chunk_operands : 0;
    wires.rules.bus_values = params.bus_values;
    wires.rules.bus_bits = params.bus_bits;
    return wires;
}

template <typename Parts>
void reset_all(Parts& parts) {
    for (auto& part : parts) {
        part.reset();
    }
}

}  // namespace

void Array::State::reset(bool input_role, bool weight_role, SumStore* sums) {
    row_wires = wires_of(params, input_role);
    column_wires = wires_of(params, weight_role);
    pe_rules = {params.issue_width_pairs,       params.scan_bits,
                params.chunk_operands,          params.columns,
                params.operand_width_bits,      row_wires.rules.bitmap_bits,
                column_wires.rules.bitmap_bits, sums};
    pe_counts = {};
    drain_counts = {};
    reset_all(row_fifos);
    reset_all(column_fifos);
    reset_all(row_buses);
    reset_all(column_buses);
    feed.reset();
    reset_all(pes);
    reset_all(drains);
    tiles.clear();
    first_tile = through = drained = 0;
    results_left.clear();
    has_all_tiles = false;
    cycle = 0;
    is_quiet = false;
    quiet_cycles = 0;
    row_results.assign(params.rows, nullptr);
    column_results.assign(params.columns, nullptr);
    feed_result = nullptr;
    last_end = 0;
}

/// The buses come before the PEs, which see in the same cycle whether their sources have begun
/// (§7). Everything else that is written here is seen from the next step on, in any order.
bool Array::State::step() {
    if (is_quiet) {
        ++quiet_cycles;
        ++cycle;
        return false;
    }
    bool is_busy = feed.step(cycle);
    for (Bus& bus : row_buses) {
        is_busy |= bus.step(cycle);
    }
    for (Bus& bus : column_buses) {
        is_busy |= bus.step(cycle);
    }
    for (ProcessingElement& pe : pes) {
        is_busy |= pe.step(cycle);
    }
    for (Drain& drain : drains) {
        is_busy |= drain.step(cycle, pe_rules.sums);
    }
    look_for_finished_tiles();
    ++cycle;
    is_quiet = !is_busy;  // then the next step would do the same: every stamp has been seen
    return is_busy;
}

void Array::State::look_for_finished_tiles() {
    while (through < tiles_added() && tile(through).chunks_left == 0) {
        ++through;
    }
    while (drained < tiles_added() && tile(drained).drains_left == 0) {
        ++drained;
    }
}

void Array::State::wake() {
    for (ProcessingElement& pe : pes) {
        pe.wait(quiet_cycles);
    }
    quiet_cycles = 0;
    is_quiet = false;
}

Array::Array(const core::CoreParams& params) : state_(std::make_unique<State>(params)) {
    start_row(false, false, nullptr);
}

Array::~Array() = default;

void Array::start_row(bool input_role, bool weight_role, SumStore* sums) {
    state_->reset(input_role, weight_role, sums);
}

void Array::add_tile(TileWork tile) {
    State& state = *state_;
    state.wake();
    base::require(tile.number == state.tiles_added(), "clocked array: tiles come in order");
    while (state.first_tile < std::min(state.through, state.drained)) {
        state.tiles.pop_front();
        ++state.first_tile;
    }
    state.results_left.push_back(state.results_left.empty() ? 0 : state.results_left.back());
    state.tiles.push_back(std::make_unique<Tile>());
    state.tiles.back()->work = std::move(tile);
    state.plan(*state.tiles.back());
    state.look_for_finished_tiles();  // nothing drains of a tile in which no result ends
}

void Array::end_of_list() {
    state_->has_all_tiles = true;
}

void Array::input_is_there(std::uint64_t tile) {
    state_->wake();
    state_->tile(tile).has_input = true;
}

void Array::weight_is_there(std::uint64_t tile) {
    state_->wake();
    state_->tile(tile).has_weight = true;
}

bool Array::step() {
    const bool is_busy = state_->step();
    if (state_->signals.are_watched()) {
        state_->sample_signals();
    }
    return is_busy;
}

bool Array::is_through(std::uint64_t tile) const {
    return tile < state_->through;
}

bool Array::has_drained(std::uint64_t tile) const {
    return tile < state_->drained;
}

std::uint64_t Array::results_left(std::uint64_t tile) const {
    base::require(tile < state_->tiles_added(), "clocked array: a tile it has not been given");
    return state_->results_left[tile];
}

bool Array::is_empty() const {
    const std::size_t tiles = state_->tiles_added();
    return state_->has_all_tiles && state_->through == tiles && state_->drained == tiles;
}

ArrayCounts Array::counts() const {
    const State& state = *state_;
    const PeCounts& pes = state.pe_counts;
    const PeRules& rules = state.pe_rules;
    state_->wake();
    ArrayCounts counts;
    for (const ProcessingElement& pe : state.pes) {
        pe.add_to(counts.pe_cycles);
    }
    base::require(counts.pe_cycles.total() == state.cycle * state.pe_count,
                  "clocked array: a PE cycle without a category, or with two");
    counts.issued = pes.issued;
    counts.effectual = pes.effectual;
    counts.skipped_input = pes.skipped_input;
    counts.skipped_weight_fine = pes.skipped_weight;
    const bool has_row = rules.row_bitmap_bits != 0;
    const bool has_column = rules.column_bitmap_bits != 0;
    base::ActionCounts& actions = counts.actions;
    state.row_wires.counts.add_to(actions, Action::input_buffer_read);
    state.column_wires.counts.add_to(actions, Action::weight_buffer_read);
    actions[Action::fifo_bit_read] = pes.pairs * (rules.row_bitmap_bits + rules.column_bitmap_bits);
    actions[Action::operand_buffer_bit_read] = 2 * pes.issued * rules.operand_bits;
    actions[Action::and_bit] = has_row && has_column ? pes.pairs * rules.chunk_bits : 0;
    actions[Action::detector_bit] = has_row || has_column ? pes.pairs * rules.chunk_bits : 0;
    actions[Action::pe_mac] = pes.issued;
    actions[Action::pe_accumulator_write] = state.drain_counts.sums;
    actions[Action::output_buffer_write] = state.drain_counts.sums;
    actions[Action::output_buffer_read] = pes.partials_taken;
    return counts;
}

std::uint64_t Array::results_of_phase(std::uint32_t phase) const {
    const std::vector<std::uint64_t>& results = state_->drain_counts.phase_results;
    return phase < results.size() ? results[phase] : 0;
}

}  // namespace skipsim::clocked
