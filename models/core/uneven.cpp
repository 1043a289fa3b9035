// SPDX-License-Identifier: Apache-2.0
// The books of uneven tiles: who has a place, who receives, what is counted a tile or a result.
#include <algorithm>

#include "models/core/pe_array.h"
#include "models/core/pe_array_state.h"
#include "models/core/uneven_state.h"
#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::core {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

/// The places of result `first_row` / rows of the tile.
void take_places(const ArrayState& state, UnevenState& uneven, const reduction::Tile& tile,
                 std::size_t first_row, std::uint32_t rows) {
    const std::size_t words = state.params.words_per_chunk();
    const std::uint32_t columns = tile.column_operands->columns_active;
    for (std::size_t row = 0; row < state.params.rows; ++row) {
        for (std::size_t lane = 0; lane < state.lanes; ++lane) {
            const std::size_t pe = row * state.lanes + lane;
            std::uint32_t from = reduction::kNoPlace;
            if (row < rows && lane < columns) {
                from = tile.is_private ? tile.place[(first_row + row) * state.lanes + lane]
                                       : static_cast<std::uint32_t>(row);
            }
            const std::uint64_t mask = from == reduction::kNoPlace ? 0 : kAll;
            uneven.receivers_known &= uneven.place[pe] == mask;
            uneven.place[pe] = mask;
            uneven.row_base[pe] = mask == 0 ? 0 : std::uint64_t{from} * tile.chunks;
            uneven.word_base[pe] = uneven.row_base[pe] * words;
        }
    }
}

/// Drains the finished result, column by column, rows in order: the PEs that took a chunk of it.
std::uint64_t drain_uneven(ArrayState& state, const UnevenState& uneven) {
    std::uint64_t drained = 0;
    for (std::size_t pe = 0; pe < uneven.open.size(); ++pe) {
        if (uneven.open[pe] == 0) {
            continue;
        }
        std::uint64_t& free = state.drain_free[pe % state.lanes];
        free = std::max(free, state.pe_free[pe]) + 1;
        state.drained_before[pe] = state.drained[pe];
        state.drained[pe] = free;
        ++drained;
    }
    return drained;
}

/// Closes the result: remembers who had a place in what each bus served last.
void close_result(UnevenState& uneven, std::uint32_t lanes) {
    for (std::size_t pe = 0; pe < uneven.place.size(); ++pe) {
        if (uneven.row_sent[pe / lanes] != 0) {
            uneven.row_place[pe] = uneven.place[pe];
        }
    }
    if (uneven.feed_sent) {
        uneven.feed_place = uneven.place;
    }
    std::fill(uneven.open.begin(), uneven.open.end(), 0);
    std::fill(uneven.lane_sent.begin(), uneven.lane_sent.end(), 0);
    std::fill(uneven.row_sent.begin(), uneven.row_sent.end(), 0);
    uneven.feed_sent = false;
}

}  // namespace

UnevenState::UnevenState(const CoreParams& params, std::uint32_t lanes) {
    const std::size_t pes = std::size_t{params.rows} * lanes;
    for (auto* of_pe : {&ring_at, &oldest, &place, &row_base, &word_base, &open, &feed_place,
                        &row_place, &receives, &feed_slot}) {
        of_pe->assign(pes, 0);
    }
    for (auto* of_lane : {&lane_sent, &jumps, &lane_receives, &lane_latest, &lane_idle,
                          &lane_values, &lane_words, &lane_chunks}) {
        of_lane->assign(lanes, 0);
    }
    for (auto* of_row : {&row_sent, &row_receives, &row_latest}) {
        of_row->assign(params.rows, 0);
    }
}

void enter_uneven(ArrayState& state) {
    if (!state.uneven) {
        state.uneven = std::make_unique<UnevenState>(state.params, state.lanes);
    }
    UnevenState& uneven = *state.uneven;
    if (uneven.owns_history) {
        return;
    }
    align_bystanders(state);
    uneven.owns_history = true;
    const std::size_t pes = uneven.ring_at.size();
    for (std::size_t pe = 0; pe < pes; ++pe) {
        uneven.ring_at[pe] = state.slot * pes + pe;
        uneven.oldest[pe] = state.slot_free[uneven.ring_at[pe]];
    }
}

void leave_uneven(ArrayState& state) {
    if (!state.uneven || !state.uneven->owns_history) {
        return;
    }
    UnevenState& uneven = *state.uneven;
    uneven.owns_history = false;
    const std::size_t pes = uneven.ring_at.size();
    const std::size_t depth = state.params.fifo_depth_chunks;
    std::vector<std::uint64_t> history(depth);
    for (std::size_t pe = 0; pe < pes; ++pe) {
        const std::size_t first = uneven.ring_at[pe] / pes;
        for (std::size_t age = 0; age < depth; ++age) {
            history[(state.slot + age) % depth] = state.slot_free[(first + age) % depth * pes + pe];
        }
        for (std::size_t slot = 0; slot < depth; ++slot) {
            state.slot_free[slot * pes + pe] = history[slot];
        }
    }
    state.rows_active = 0;  // the next result occupies its part anew
    state.columns_active = 0;
}

void forget_places(UnevenState& uneven, std::uint32_t lanes, std::size_t rows) {
    std::fill_n(uneven.row_place.begin(), rows * lanes, 0);
}

void find_receivers(const ArrayState& state, UnevenState& uneven, const std::uint64_t* jumps,
                    std::uint32_t rows, std::uint32_t columns) {
    const bool same = jumps == nullptr
                          ? std::all_of(uneven.jumps.begin(), uneven.jumps.end(),
                                        [](std::uint64_t mask) { return mask == 0; })
                          : std::equal(uneven.jumps.begin(), uneven.jumps.end(), jumps);
    if (uneven.receivers_known && same) {
        return;
    }
    uneven.receivers_known = true;
    for (std::size_t lane = 0; lane < state.lanes; ++lane) {
        uneven.jumps[lane] = jumps == nullptr ? 0 : jumps[lane];
    }
    std::fill(uneven.receives.begin(), uneven.receives.end(), 0);
    std::fill(uneven.lane_receives.begin(), uneven.lane_receives.end(), 0);
    std::fill(uneven.row_receives.begin(), uneven.row_receives.end(), 0);
    const std::uint64_t ports = state.params.input_ports;
    std::uint64_t slot = 0;
    std::uint64_t in_slot = ports;  // a full slot: the first receiver opens slot 1
    for (std::size_t row = 0; row < rows; ++row) {
        for (std::size_t lane = 0; lane < columns; ++lane) {
            const std::size_t pe = row * state.lanes + lane;
            if ((uneven.place[pe] & ~uneven.jumps[lane]) == 0) {
                continue;
            }
            slot += in_slot == ports ? 1 : 0;
            in_slot = in_slot == ports ? 1 : in_slot + 1;
            uneven.receives[pe] = kAll;
            uneven.feed_slot[pe] = slot;
            uneven.lane_receives[lane] = kAll;
            uneven.row_receives[row] = 1;
        }
    }
    uneven.feed_slots = slot;
}

void PeArray::account_uneven_tile(const reduction::Tile& tile) {
    UnevenState& uneven = *state_->uneven;
    const reduction::ColumnOperands& columns = *tile.column_operands;
    const std::uint32_t words = params_.words_per_chunk();
    const std::uint32_t lanes = state_->lanes;
    const std::uint64_t width = params_.operand_width_bits;
    const std::uint64_t column_bits = bitmaps_.column ? params_.chunk_operands : 0;
    state_->lane_payload.assign(std::size_t{tile.chunks} * lanes, 1);
    for (std::size_t lane = 0; lane < columns.columns_active; ++lane) {
        uneven.lane_values[lane] = uneven.lane_words[lane] = uneven.lane_chunks[lane] = 0;
        for (std::size_t chunk = 0; chunk < tile.chunks; ++chunk) {
            if (!columns.jumped.empty() && columns.jumped[chunk * lanes + lane] != 0) {
                continue;
            }
            std::uint64_t values = 0;
            for (std::size_t word = 0; word < words; ++word) {
                values += base::count_ones(columns.issue[(chunk * words + word) * lanes + lane]);
            }
            state_->lane_payload[chunk * lanes + lane] =
                payload_cycles(values, column_bits, params_);
            uneven.lane_values[lane] += values;
            uneven.lane_words[lane] += base::ceil_divide(values * width + column_bits, 64);
            uneven.lane_chunks[lane] += 1;
        }
    }
    account_row_entries(*tile.row_operands);
}

/// What every chunk of every row of the tile costs when it is sent.
void PeArray::account_row_entries(const reduction::RowOperands& operands) {
    UnevenState& uneven = *state_->uneven;
    const std::uint32_t words = params_.words_per_chunk();
    const std::uint64_t width = params_.operand_width_bits;
    const std::uint64_t row_bits = bitmaps_.row ? params_.chunk_operands : 0;
    uneven.row_values.resize(operands.issue.size() / words);
    uneven.row_entries.resize(uneven.row_values.size());
    count_groups(operands.issue.data(), uneven.row_values.size(), words, uneven.row_values.data());
    for (std::size_t at = 0; at < uneven.row_values.size(); ++at) {
        const std::uint64_t values = uneven.row_values[at];
        uneven.row_entries[at] = RowEntry::pack(payload_cycles(values, row_bits, params_), values,
                                                base::ceil_divide(values * width + row_bits, 64));
    }
}

/// Column buses of a result.
void PeArray::account_uneven_columns() {
    const UnevenState& uneven = *state_->uneven;
    for (std::size_t lane = 0; lane < state_->lanes; ++lane) {
        std::uint64_t places = 0;
        for (std::size_t row = 0; row < params_.rows; ++row) {
            places += uneven.place[row * state_->lanes + lane] & 1U;
        }
        if (places != 0) {
            counts_.column_values += uneven.lane_values[lane];
            counts_.column_words += uneven.lane_words[lane];
            counts_.column_chunks += uneven.lane_chunks[lane];
            counts_.received_values += uneven.lane_values[lane] * places;
        }
    }
}

/// Row buses of a result, and what is jumped; the private feed is counted by the inner loop.
void PeArray::account_uneven_rows(const reduction::Tile& tile, const std::uint64_t* row_entries,
                                  std::uint32_t rows) {
    const UnevenState& uneven = *state_->uneven;
    const std::vector<std::uint64_t>& jumped = tile.column_operands->jumped;
    const std::uint32_t lanes = state_->lanes;
    if (jumped.empty()) {
        return;  // private, and nothing is jumped
    }
    for (std::size_t chunk = 0; chunk < tile.chunks; ++chunk) {
        for (std::size_t row = 0; row < rows; ++row) {
            std::uint64_t receivers = 0;
            for (std::size_t lane = 0; lane < tile.column_operands->columns_active; ++lane) {
                const std::size_t pe = row * lanes + lane;
                if (uneven.place[pe] == 0) {
                    continue;
                }
                if (jumped[chunk * lanes + lane] == 0) {
                    ++receivers;
                } else {
                    counts_.jumped_values +=
                        RowEntry::values(row_entries[uneven.row_base[pe] + chunk]);
                }
            }
            if (!tile.is_private && receivers != 0) {
                const std::uint64_t entry = row_entries[row * tile.chunks + chunk];
                counts_.row_values += RowEntry::values(entry);
                counts_.row_words += RowEntry::words(entry);
                counts_.row_chunks += 1;
                counts_.received_values += RowEntry::values(entry) * receivers;
                counts_.pair_row_values += RowEntry::values(entry) * receivers;
                counts_.pair_chunks += receivers;
            }
        }
    }
}

void PeArray::run_uneven_tile(const reduction::Tile& tile, std::uint64_t input_ready,
                              std::uint64_t weight_ready) {
    ArrayState& state = *state_;
    enter_uneven(state);
    UnevenState& uneven = *state.uneven;
    account_uneven_tile(tile);
    const reduction::ColumnOperands& columns = *tile.column_operands;
    const reduction::RowOperands& operands = *tile.row_operands;
    const bool apart = !operands.nonzero.empty();
    for (std::size_t first = 0; first < tile.row_count; first += params_.rows) {
        const auto rows =
            static_cast<std::uint32_t>(std::min<std::size_t>(params_.rows, tile.row_count - first));
        take_places(state, uneven, tile, first, rows);
        const std::size_t row_chunks = tile.is_private ? 0 : first * tile.chunks;
        const std::size_t row_words = row_chunks * params_.words_per_chunk();
        const std::uint64_t* entries = uneven.row_entries.data() + row_chunks;
        account_uneven_columns();
        account_uneven_rows(tile, entries, rows);
        run_uneven_result(
            state, {operands.issue.data() + row_words,
                    apart ? operands.nonzero.data() + row_words : nullptr, entries,
                    columns.issue.data(), apart ? columns.nonzero.data() : nullptr,
                    tile.needed.empty() ? nullptr : tile.needed.data() + first * state.lanes,
                    columns.jumped.empty() ? nullptr : columns.jumped.data(), tile.chunks, rows,
                    columns.columns_active, tile.is_private, std::max(input_ready, weight_ready),
                    input_ready, weight_ready});
        if (tile.ends_result) {
            counts_.results += drain_uneven(state, uneven);
            close_result(uneven, state.lanes);
        }
    }
}

}  // namespace skipsim::core
