// SPDX-License-Identifier: Apache-2.0
// A tile becomes lists: what every bus and the feed send, what every PE takes, what every drain
// takes. The chunks of a tile come after those of the tiles before it.
#include <algorithm>
#include <utility>

#include "models/core/clocked/array_state.h"
#include "sim/base/check.h"

namespace skipsim::clocked {
namespace {

/// What was sent before belongs to a result in which the PE has no place (§7).
bool was_idle(const ResultPointer& before, std::uint32_t pe) {
    return before != nullptr && !before->has_place(pe);
}

}  // namespace

void Array::State::plan(Tile& tile) {
    std::size_t deliveries = 0;
    for (const ChunkWork& chunk : tile.work.chunks) {
        base::require(chunk.pes.size() == pe_count, "clocked array: a chunk of another array");
        deliveries += static_cast<std::size_t>(std::count_if(
            chunk.pes.begin(), chunk.pes.end(), [](const PeChunk& pe) { return pe.receives; }));
    }
    base::require(deliveries != 0, "clocked array: a tile without a receiver");
    tile.chunks_left = deliveries;
    tile.receivers.reserve(2 * deliveries);  // a row and a column each; never grows, so that
                                             // pointers into it stay
    ends.clear();
    for (const ChunkWork& chunk : tile.work.chunks) {
        plan_chunk(tile, chunk);
    }
    tile.drains_left = ends.size();
    plan_drains();
}

void Array::State::plan_chunk(Tile& tile, const ChunkWork& chunk) {
    const std::uint32_t phase = chunk.result->phase;
    if (drain_counts.phase_results.size() <= phase) {
        drain_counts.phase_results.resize(phase + 1, 0);
    }
    for (std::uint32_t pe = 0; pe < pe_count; ++pe) {
        if (chunk.pes[pe].receives) {
            chunk_numbers[pe] = pes[pe].planned();
            plan_pe(tile, chunk, pe);
        }
    }
    if (chunk.result->is_private) {
        plan_feed(tile, chunk);
    } else {
        for (std::uint32_t row = 0; row < params.rows; ++row) {
            plan_row(tile, chunk, row);
        }
    }
    for (std::uint32_t column = 0; column < params.columns; ++column) {
        plan_column(tile, chunk, column);
    }
}

void Array::State::plan_pe(Tile& tile, const ChunkWork& chunk, std::uint32_t pe) {
    const std::uint32_t row = pe / params.columns;
    const std::uint32_t column = pe % params.columns;
    const ResultWork& result = *chunk.result;
    const PeChunk& role = chunk.pes[pe];
    base::require(result.has_place(pe), "clocked array: a chunk for a PE without a place");
    PeWork work;
    work.tile = &tile;
    work.result = &result;
    work.is_fed = result.is_private;
    work.row_sending = work.is_fed ? feed.planned() : row_buses[row].planned();
    work.column_sending = column_buses[column].planned();
    work.starts = role.starts;
    work.ends = role.ends;
    work.takes_partial = role.starts && result.continues[pe] != 0;
    work.row_was_idle = was_idle(work.is_fed ? feed_result : row_results[row], pe);
    work.column_was_idle = was_idle(column_results[column], pe);
    pes[pe].add(work);
    if (role.ends) {
        ends.push_back({result.number, pe});
        results_left.back() += result.completes ? 1 : 0;
    }
}

void Array::State::plan_feed(Tile& tile, const ChunkWork& chunk) {
    FeedStep step;
    step.tile = &tile;
    step.chunk = &chunk;
    step.receivers = tile.receivers.data() + tile.receivers.size();
    for (std::uint32_t pe = 0; pe < pe_count; ++pe) {
        if (chunk.pes[pe].receives) {
            tile.receivers.push_back({pe, chunk_numbers[pe]});
            ++step.receiver_count;
            step.slot_cycles = std::max(step.slot_cycles, row_wires.rules.cycles(*chunk.input[pe]));
        }
    }
    if (step.receiver_count != 0) {
        feed.add(step);
        feed_result = chunk.result;
    }
}

void Array::State::plan_row(Tile& tile, const ChunkWork& chunk, std::uint32_t row) {
    Sending sending;
    sending.receivers = tile.receivers.data() + tile.receivers.size();
    for (std::uint32_t pe = row * params.columns; pe < (row + 1) * params.columns; ++pe) {
        if (chunk.pes[pe].receives) {
            tile.receivers.push_back({pe, chunk_numbers[pe]});
            ++sending.receiver_count;
        }
    }
    if (sending.receiver_count != 0) {
        sending.tile = &tile;
        sending.chunk = chunk.input[row].get();
        sending.cycles = row_wires.rules.cycles(*sending.chunk);
        row_buses[row].add(sending);
        row_results[row] = chunk.result;
    }
}

void Array::State::plan_column(Tile& tile, const ChunkWork& chunk, std::uint32_t column) {
    Sending sending;
    sending.receivers = tile.receivers.data() + tile.receivers.size();
    for (std::uint32_t pe = column; pe < pe_count; pe += params.columns) {
        if (chunk.pes[pe].receives) {
            tile.receivers.push_back({pe, chunk_numbers[pe]});
            ++sending.receiver_count;
        }
    }
    if (sending.receiver_count != 0) {
        sending.tile = &tile;
        sending.chunk = chunk.weight[column].get();
        sending.cycles = column_wires.rules.cycles(*sending.chunk);
        column_buses[column].add(sending);
        column_results[column] = chunk.result;
    }
}

/// Results in order, in a result rows in order, whatever the order in which they end.
void Array::State::plan_drains() {
    std::stable_sort(ends.begin(), ends.end(), [](const End& a, const End& b) {
        return std::pair(a.result, a.pe) < std::pair(b.result, b.pe);
    });
    if (ends.empty()) {
        return;
    }
    base::require(ends.front().result >= last_end, "clocked array: results end out of order");
    last_end = ends.back().result;
    for (const End& end : ends) {
        drains[end.pe % params.columns].add(end.pe);
    }
}

}  // namespace skipsim::clocked
