// SPDX-License-Identifier: Apache-2.0
// What an array shows of itself: signals of a waveform, and a line that says what everything waits
// for.
#include <array>
#include <cstddef>
#include <string>

#include "models/core/clocked/array_state.h"

namespace skipsim::clocked {
namespace {

constexpr std::array<const char*, kWaitingStages + 1> kStageNames{
    "have no chunk",
    "wait for the input of their tile",
    "wait for the weight of their tile",
    "wait for an idle bus",
    "wait for a sibling",
    "wait for an operand",
    "wait for a drain",
    "work"};

std::string pe_name(std::uint32_t pe, std::uint32_t columns) {
    return "pe_" + std::to_string(pe / columns) + "_" + std::to_string(pe % columns);
}

/// What a bus or the feed waits for.
template <typename Wire>
std::string wire_state(const std::string& name, const Wire& wire, std::uint32_t columns) {
    if (wire.is_sending()) {
        return "; " + name + " sends";
    }
    const auto* next = wire.waiting();
    if (next == nullptr) {
        return "";
    }
    const std::string tile = std::to_string(next->tile->work.number);
    if (!next->tile->has_input || !next->tile->has_weight) {
        return "; " + name + " waits for the " + (next->tile->has_input ? "weight" : "input") +
               " of tile " + tile;
    }
    return "; " + name + " waits for room at " + pe_name(wire.full_pe(), columns) + ", tile " +
           tile;
}

template <typename Wire>
void sample(Signals::Wire& signal, const Wire& wire, std::uint64_t finished_cycle) {
    const Progress& progress = wire.progress();
    const bool has_ended_now = progress.finished_cycle == finished_cycle;
    signal.is_sending = wire.is_sending() || has_ended_now ? 1 : 0;
    signal.chunks_begun = static_cast<std::uint32_t>(progress.begun);
}

}  // namespace

void Array::State::sample_signals() {
    const std::uint64_t now = cycle - 1;
    for (std::size_t pe = 0; pe < pes.size(); ++pe) {
        Signals::Pe& signal = signals.pes[pe];
        signal.state = static_cast<std::uint32_t>(pes[pe].stage());
        signal.row_level = row_fifos[pe].level();
        signal.column_level = column_fifos[pe].level();
        signal.chunks_started = static_cast<std::uint32_t>(pes[pe].chunks_started());
        signal.accumulators = pes[pe].accumulators_taken();
    }
    for (std::size_t row = 0; row < row_buses.size(); ++row) {
        sample(signals.row_buses[row], row_buses[row], now);
    }
    for (std::size_t column = 0; column < column_buses.size(); ++column) {
        sample(signals.column_buses[column], column_buses[column], now);
        signals.drains[column] = drains[column].drained_cycle() == now ? 1 : 0;
    }
    sample(signals.feed, feed, now);
}

void Array::watch(const Watch& signal) const {
    state_->signals.name(signal);
}

std::string Array::state() const {
    const State& state = *state_;
    const std::uint32_t columns = state.params.columns;
    std::string text = "cycle " + std::to_string(state.cycle) + " of the array, " +
                       std::to_string(state.through) + " of " +
                       std::to_string(state.tiles_added()) + " tiles worked through, " +
                       std::to_string(state.drained) + " drained";
    std::array<std::size_t, kStageNames.size()> pes{};
    std::array<std::uint32_t, kStageNames.size()> first{};
    for (std::uint32_t pe = state.pe_count; pe-- > 0;) {
        const auto stage = static_cast<std::size_t>(state.pes[pe].stage());
        ++pes[stage];
        first[stage] = pe;
    }
    for (std::size_t stage = 0; stage < kStageNames.size(); ++stage) {
        if (pes[stage] != 0) {
            text += "; " + std::to_string(pes[stage]) + " PEs " + kStageNames[stage] + " (" +
                    pe_name(first[stage], columns) + " …)";
        }
    }
    text += wire_state("feed", state.feed, columns);
    for (std::size_t row = 0; row < state.row_buses.size(); ++row) {
        text += wire_state("row bus " + std::to_string(row), state.row_buses[row], columns);
    }
    for (std::size_t column = 0; column < state.column_buses.size(); ++column) {
        const std::string number = std::to_string(column);
        text += wire_state("column bus " + number, state.column_buses[column], columns);
        if (state.drains[column].is_waiting()) {
            text += "; drain " + number + " waits for " +
                    pe_name(state.drains[column].waits_for(), columns);
        }
    }
    return text;
}

}  // namespace skipsim::clocked
