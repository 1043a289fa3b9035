// SPDX-License-Identifier: Apache-2.0
// models/MICROARCHITECTURE.md §6, §6.1 and §7 word for word, over a list of the clocked engine's
// tiles: cycles as numbers, chunk after chunk. What the clocked array is compared with; it shares
// nothing with it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "models/core/params.h"
#include "models/reduction/clocked/tile_work.h"
#include "sim/base/pe_cycles.h"
#include "tests/support/clocked_tiles.h"

namespace skipsim::test {

class ClockedRecurrence {
public:
    ClockedRecurrence(const core::CoreParams& params, bool input_role, bool weight_role)
        : params_(params),
          row_bits_(input_role ? params.chunk_operands : 0),
          column_bits_(weight_role ? params.chunk_operands : 0),
          pes_(params.rows * params.columns),
          rows_(params.rows),
          columns_(params.columns),
          drained_(params.columns, -1) {}

    ArrayRun run(const std::vector<clocked::TileWork>& tiles,
                 const std::vector<Operands>& operands) {
        ArrayRun run;
        for (std::size_t tile = 0; tile < tiles.size(); ++tile) {
            const std::uint64_t asked = tile < 2 ? 0 : run.release[tile - 2];
            memory_ = static_cast<Cycle>(
                std::max(operands[tile].input_ready, asked + operands[tile].input_latency));
            weight_ = static_cast<Cycle>(
                std::max(operands[tile].weight_ready, asked + operands[tile].weight_latency));
            run_tile(tiles[tile]);
            Cycle release = 0;
            for (const Pe& pe : pes_) {
                release = std::max(release, pe.free);
            }
            run.release.push_back(static_cast<std::uint64_t>(release));
            last_drain_ =
                std::max(last_drain_, *std::max_element(drained_.begin(), drained_.end()));
            run.drained.push_back(std::max(asked, static_cast<std::uint64_t>(last_drain_ + 1)));
        }
        run.end = static_cast<std::uint64_t>(last_drain_ + 1);
        run.counts = counts_;
        const std::uint64_t all = run.end * pes_.size();
        run.counts.pe_cycles[Category::idle] += all - run.counts.pe_cycles.total();
        return run;
    }

private:
    using Cycle = std::int64_t;
    using Category = base::PeCategory;

    struct Pe {
        Cycle free = 0;
        std::vector<Cycle> starts;
        std::vector<Cycle> drains;  // d of every result that has ended
    };
    struct Source {
        Cycle busy = -1;                                      // b of the last chunk
        std::shared_ptr<const clocked::ResultWork> previous;  // whose chunk that was
    };
    /// What a PE sees of a source for one chunk.
    struct Sent {
        Cycle hold = 0;  // h
        Cycle send = 0;  // u
        Cycle arrive = 0;
        std::shared_ptr<const clocked::ResultWork> previous;
    };

    static Cycle ceil(Cycle a, Cycle b) { return b == 0 ? 0 : (a + b - 1) / b; }

    [[nodiscard]] Cycle payload(const clocked::OperandChunk& chunk, Cycle bits) const {
        return std::max(
            {Cycle{1}, ceil(chunk.sent_count, params_.bus_values), ceil(bits, params_.bus_bits)});
    }
    /// s of the fifo_depth-th last chunk delivered to the PE, + 1; 0 if there is none.
    [[nodiscard]] Cycle room(std::size_t pe) const {
        const std::vector<Cycle>& starts = pes_[pe].starts;
        return starts.size() < params_.fifo_depth_chunks
                   ? 0
                   : starts[starts.size() - params_.fifo_depth_chunks] + 1;
    }

    void run_tile(const clocked::TileWork& tile) {
        for (std::size_t at = 0; at < tile.chunks.size(); ++at) {
            run_chunk(tile.chunks[at]);
            const bool is_last =
                at + 1 == tile.chunks.size() ||
                tile.chunks[at + 1].result->number != tile.chunks[at].result->number;
            if (is_last) {
                drain();
            }
        }
    }

    void run_chunk(const clocked::ChunkWork& chunk) {
        std::vector<Sent> row(pes_.size());
        std::vector<Sent> column(pes_.size());
        if (chunk.result->is_private) {
            send_feed(chunk, row);
        } else {
            for (std::size_t i = 0; i < params_.rows; ++i) {
                std::vector<std::size_t> receivers;
                for (std::size_t j = 0; j < params_.columns; ++j) {
                    add_receiver(chunk, i * params_.columns + j, receivers);
                }
                send(chunk, rows_[i], receivers, chunk.input[i].get(), row_bits_, row);
            }
        }
        for (std::size_t j = 0; j < params_.columns; ++j) {
            std::vector<std::size_t> receivers;
            for (std::size_t i = 0; i < params_.rows; ++i) {
                add_receiver(chunk, i * params_.columns + j, receivers);
            }
            send(chunk, columns_[j], receivers, chunk.weight[j].get(), column_bits_, column);
        }
        for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
            if (chunk.pes[pe].receives) {
                const auto& a = *chunk.input[chunk.result->is_private ? pe : pe / params_.columns];
                work(chunk, pe, row[pe], column[pe], a, *chunk.weight[pe % params_.columns]);
            }
        }
    }

    static void add_receiver(const clocked::ChunkWork& chunk, std::size_t pe,
                             std::vector<std::size_t>& receivers) {
        if (chunk.pes[pe].receives) {
            receivers.push_back(pe);
        }
    }

    void send(const clocked::ChunkWork& chunk, Source& source,
              const std::vector<std::size_t>& receivers, const clocked::OperandChunk* operand,
              Cycle bits, std::vector<Sent>& sent) {
        if (receivers.empty()) {
            return;
        }
        const Cycle hold = source.busy + 1;
        Cycle send = std::max({hold, memory_, weight_});
        for (const std::size_t pe : receivers) {
            send = std::max(send, room(pe));
        }
        const Cycle end = send + payload(*operand, bits) - 1;
        for (const std::size_t pe : receivers) {
            sent[pe] = {hold, send, end + 1, source.previous};
        }
        source = {end, chunk.result};
    }

    void send_feed(const clocked::ChunkWork& chunk, std::vector<Sent>& sent) {
        std::vector<std::size_t> receivers;
        const Cycle hold = feed_.busy + 1;
        Cycle send = std::max({hold, memory_, weight_});
        Cycle width = 1;
        for (std::size_t i = 0; i < params_.rows; ++i) {
            for (std::size_t j = 0; j < chunk.result->block_columns; ++j) {
                const std::size_t pe = i * params_.columns + j;
                if (chunk.pes[pe].receives) {
                    receivers.push_back(pe);
                    send = std::max(send, room(pe));
                    width = std::max(width, payload(*chunk.input[pe], row_bits_));
                }
            }
        }
        const auto ports = static_cast<Cycle>(params_.input_ports);
        for (std::size_t number = 0; number < receivers.size(); ++number) {
            const Cycle slot = static_cast<Cycle>(number) / ports;
            sent[receivers[number]] = {hold, send, send + (slot + 1) * width, feed_.previous};
        }
        feed_ = {send + ceil(static_cast<Cycle>(receivers.size()), ports) * width - 1,
                 chunk.result};
    }

    void work(const clocked::ChunkWork& chunk, std::size_t pe, const Sent& row, const Sent& column,
              const clocked::OperandChunk& a, const clocked::OperandChunk& b) {
        Pe& state = pes_[pe];
        const Cycle available = std::max({state.free, row.arrive, column.arrive});
        Cycle start = available;
        if (chunk.pes[pe].starts && state.drains.size() >= 2) {
            start = std::max(start, state.drains[state.drains.size() - 2] + 1);
        }
        Cycle idle = 0;
        for (const Sent* source : {&row, &column}) {
            if (source->previous != nullptr && !source->previous->has_place(pe)) {
                idle = std::max(idle, source->hold);
            }
        }
        const Cycle p1 = std::max(state.free, memory_);
        const Cycle p2 = std::max(p1, weight_);
        const Cycle p3 = std::max(p2, idle);
        const Cycle p4 = std::max({p3, row.send, column.send});
        add(Category::wait_memory, p1 - state.free);
        add(Category::wait_weight, p2 - p1);
        add(Category::idle, p3 - p2);
        add(Category::wait_sibling, p4 - p3);
        add(Category::wait_operand, available - p4);
        add(Category::wait_drain, start - available);
        state.starts.push_back(start);
        state.free = start + cost(*chunk.result, pe, a, b);
        if (chunk.pes[pe].ends) {
            ended_[pe] = chunk.result;
        }
    }

    Cycle cost(const clocked::ResultWork& result, std::size_t pe, const clocked::OperandChunk& a,
               const clocked::OperandChunk& b) {
        Cycle issued = 0;
        Cycle effectual = 0;
        for (std::uint32_t at = 0; at < params_.chunk_operands; ++at) {
            const auto is_set = [at](const std::vector<std::uint64_t>& words) {
                return base::test_bit(words.data(), at);
            };
            const bool is_inside = is_set(a.in_bounds) && is_set(b.in_bounds);
            if (is_inside && is_set(a.sent) && is_set(b.sent)) {
                ++issued;
            } else if (is_inside && !is_set(a.sent)) {
                ++counts_.skipped_input;
            } else if (is_inside) {
                ++counts_.skipped_weight_fine;
            }
            effectual += is_set(a.nonzero) && is_set(b.nonzero) && result.is_needed[pe] != 0;
        }
        const Cycle width = params_.issue_width_pairs;
        const Cycle cycles = std::max(
            {Cycle{1}, ceil(issued, width), ceil(params_.chunk_operands, params_.scan_bits)});
        counts_.issued += static_cast<std::uint64_t>(issued);
        counts_.effectual += static_cast<std::uint64_t>(effectual);
        add(Category::mac, ceil(effectual, width));
        add(Category::ineffectual, ceil(issued, width) - ceil(effectual, width));
        add(Category::empty_chunk, cycles - ceil(issued, width));
        return cycles;
    }

    /// Of the result that has just ended: rows in order, every column by itself.
    void drain() {
        for (const auto& [pe, result] : ended_) {  // by number: rows in order
            Cycle& column = drained_[pe % params_.columns];
            column = std::max(column + 1, pes_[pe].free);
            pes_[pe].drains.push_back(column);
        }
        ended_.clear();
    }

    void add(Category category, Cycle cycles) {
        counts_.pe_cycles[category] += static_cast<std::uint64_t>(cycles);
    }

    core::CoreParams params_;
    Cycle row_bits_;
    Cycle column_bits_;
    std::vector<Pe> pes_;
    std::vector<Source> rows_;
    std::vector<Source> columns_;
    Source feed_;
    std::vector<Cycle> drained_;
    Cycle last_drain_ = -1;
    Cycle memory_ = 0;
    Cycle weight_ = 0;
    std::map<std::size_t, std::shared_ptr<const clocked::ResultWork>> ended_;
    clocked::ArrayCounts counts_;
};

}  // namespace skipsim::test
