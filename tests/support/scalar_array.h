// SPDX-License-Identifier: Apache-2.0
// models/MICROARCHITECTURE.md §6 and §7 word for word: one processing element after the other, no
// vectors, no shared counters. Slow; what PeArray is compared with.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "models/core/pe_array.h"
#include "sim/base/bits.h"

namespace skipsim::test {

class ScalarArray {
public:
    ScalarArray(const core::CoreParams& params, const core::BitmapUse& bitmaps)
        : params_(params), bitmaps_(bitmaps), drained_(params.columns, -1) {}

    std::uint64_t run_tile(const reduction::Tile& tile, std::uint64_t input_ready,
                           std::uint64_t weight_ready) {
        tile_ = &tile;
        memory_ = static_cast<Cycle>(input_ready);
        weight_ = static_cast<Cycle>(weight_ready);
        for (std::size_t first = 0; first < tile.row_count; first += params_.rows) {
            first_row_ = first;
            for (std::uint32_t chunk = 0; chunk < tile.chunks; ++chunk) {
                run_chunk(chunk);
            }
            if (tile.ends_result) {
                drain();
                ++result_;
            }
        }
        Cycle release = 0;
        for (const auto& [at, pe] : pes_) {
            release = std::max(release, pe.free);
        }
        return static_cast<std::uint64_t>(release);
    }

    [[nodiscard]] const core::CoreCounts& counts() const { return counts_; }
    [[nodiscard]] std::uint64_t end_cycle() const {
        return static_cast<std::uint64_t>(*std::max_element(drained_.begin(), drained_.end()) + 1);
    }

private:
    using Cycle = std::int64_t;
    using At = std::pair<std::size_t, std::size_t>;  // row, column

    struct Pe {
        Cycle free = 0;             // f_p
        std::vector<Cycle> starts;  // s_p of every chunk delivered
        std::vector<Cycle> drains;  // d of every result
        std::vector<int> places;    // numbers of the results it had a place in
        std::size_t chunks_of_result = 0;
    };
    struct Bus {
        Cycle busy = -1;  // b
        int result = -1;  // whose chunk it sent last
    };
    struct Sending {
        Cycle idle = 0;  // h, if the bus serves a result without a place for somebody
        int served = -1;
        Cycle send = 0;    // u
        Cycle arrive = 0;  // b + 1
    };

    [[nodiscard]] std::uint32_t row_of(const At& at) const {
        const std::size_t row = first_row_ + at.first;
        if (row >= tile_->row_count || at.first >= params_.rows) {
            return reduction::kNoPlace;
        }
        return tile_->is_private ? tile_->place[row * params_.lanes() + at.second]
                                 : static_cast<std::uint32_t>(row);
    }
    [[nodiscard]] bool jumps(std::uint32_t chunk, std::size_t column) const {
        const auto& jumped = tile_->column_operands->jumped;
        return !jumped.empty() && jumped[chunk * params_.lanes() + column] != 0;
    }
    [[nodiscard]] std::vector<At> places() const {
        std::vector<At> found;
        for (std::size_t row = 0; row < params_.rows; ++row) {
            for (std::size_t column = 0; column < tile_->column_operands->columns_active;
                 ++column) {
                if (row_of({row, column}) != reduction::kNoPlace) {
                    found.push_back({row, column});
                }
            }
        }
        return found;
    }
    [[nodiscard]] std::uint64_t row_word(const std::vector<std::uint64_t>& words, const At& at,
                                         std::uint32_t chunk, std::size_t word) const {
        return words[(std::size_t{row_of(at)} * tile_->chunks + chunk) * params_.words_per_chunk() +
                     word];
    }
    [[nodiscard]] std::uint64_t column_word(const std::vector<std::uint64_t>& words,
                                            std::size_t column, std::uint32_t chunk,
                                            std::size_t word) const {
        return words[(chunk * params_.words_per_chunk() + word) * params_.lanes() + column];
    }
    [[nodiscard]] std::uint64_t row_values(const At& at, std::uint32_t chunk) const {
        std::uint64_t values = 0;
        for (std::size_t word = 0; word < params_.words_per_chunk(); ++word) {
            values += base::count_ones(row_word(tile_->row_operands->issue, at, chunk, word));
        }
        return values;
    }
    [[nodiscard]] std::uint64_t column_values(std::size_t column, std::uint32_t chunk) const {
        std::uint64_t values = 0;
        for (std::size_t word = 0; word < params_.words_per_chunk(); ++word) {
            values +=
                base::count_ones(column_word(tile_->column_operands->issue, column, chunk, word));
        }
        return values;
    }
    [[nodiscard]] Cycle payload(std::uint64_t values, bool has_bitmap) const {
        const auto cycles = [](std::uint64_t count, std::uint64_t rate) {
            return rate == 0 ? 0 : static_cast<Cycle>((count + rate - 1) / rate);
        };
        return std::max({Cycle{1}, cycles(values, params_.bus_values),
                         cycles(has_bitmap ? params_.chunk_operands : 0, params_.bus_bits)});
    }
    [[nodiscard]] std::uint64_t words_read(std::uint64_t values, bool has_bitmap) const {
        return (values * params_.operand_width_bits + (has_bitmap ? params_.chunk_operands : 0) +
                63) /
               64;
    }

    /// h and u of a bus; its b follows from the payload.
    Sending start_sending(const Bus& bus, const std::vector<At>& receivers) {
        Sending sending;
        sending.idle = bus.busy + 1;
        sending.served = bus.result;
        sending.send = std::max({bus.busy + 1, memory_, weight_});
        for (const At& at : receivers) {
            const std::vector<Cycle>& starts = pes_[at].starts;
            if (starts.size() >= params_.fifo_depth_chunks) {
                sending.send =
                    std::max(sending.send, starts[starts.size() - params_.fifo_depth_chunks] + 1);
            }
        }
        return sending;
    }

    void run_chunk(std::uint32_t chunk) {
        std::vector<At> receivers;
        for (const At& at : places()) {
            if (!jumps(chunk, at.second)) {
                receivers.push_back(at);
            } else {
                counts_.jumped_values += row_values(at, chunk);
            }
        }
        if (receivers.empty()) {
            return;
        }
        std::map<std::size_t, Sending> columns;
        std::map<std::size_t, std::vector<At>> of_column;
        std::map<std::size_t, std::vector<At>> of_row;
        for (const At& at : receivers) {
            of_column[at.second].push_back(at);
            of_row[at.first].push_back(at);
        }
        for (const auto& [column, list] : of_column) {
            const std::uint64_t values = column_values(column, chunk);
            Sending sending = start_sending(column_buses_[column], list);
            sending.arrive = sending.send + payload(values, bitmaps_.column);
            columns[column] = sending;
            column_buses_[column] = {sending.arrive - 1, result_};
            counts_.column_values += values;
            counts_.column_chunks += 1;
            counts_.column_words += words_read(values, bitmaps_.column);
        }
        const std::map<At, Sending> sources =
            tile_->is_private ? feed(chunk, receivers) : send_rows(chunk, of_row);
        for (const At& at : receivers) {
            take(at, chunk, sources.at(at), columns.at(at.second));
        }
    }

    std::map<At, Sending> send_rows(std::uint32_t chunk,
                                    const std::map<std::size_t, std::vector<At>>& of_row) {
        std::map<At, Sending> sources;
        for (const auto& [row, list] : of_row) {
            const std::uint64_t values = row_values(list.front(), chunk);
            Sending sending = start_sending(row_buses_[row], list);
            sending.arrive = sending.send + payload(values, bitmaps_.row);
            row_buses_[row] = {sending.arrive - 1, result_};
            count_row(values);
            for (const At& at : list) {
                sources[at] = sending;
            }
        }
        return sources;
    }

    std::map<At, Sending> feed(std::uint32_t chunk, const std::vector<At>& receivers) {
        std::map<At, Sending> sources;
        Cycle widest = 0;
        for (const At& at : receivers) {
            widest = std::max(widest, payload(row_values(at, chunk), bitmaps_.row));
            count_row(row_values(at, chunk));
        }
        Sending sending = start_sending(feed_, receivers);
        for (std::size_t number = 0; number < receivers.size(); ++number) {
            const auto slot = static_cast<Cycle>(number / params_.input_ports);
            sending.arrive = sending.send + (slot + 1) * widest;
            sources[receivers[number]] = sending;
        }
        feed_ = {sending.arrive - 1, result_};
        return sources;
    }

    void count_row(std::uint64_t values) {
        counts_.row_values += values;
        counts_.row_chunks += 1;
        counts_.row_words += words_read(values, bitmaps_.row);
    }

    [[nodiscard]] Cycle idle_until(const Pe& pe, const Sending& sending) const {
        const bool had_place =
            sending.served == result_ ||
            std::find(pe.places.begin(), pe.places.end(), sending.served) != pe.places.end();
        return sending.served < 0 || had_place ? 0 : sending.idle;
    }

    void take(const At& at, std::uint32_t chunk, const Sending& source, const Sending& column) {
        Pe& pe = pes_[at];
        std::uint64_t issued = 0;
        std::uint64_t effectual = 0;
        const auto& row = *tile_->row_operands;
        const auto& col = *tile_->column_operands;
        for (std::size_t word = 0; word < params_.words_per_chunk(); ++word) {
            issued += base::count_ones(row_word(row.issue, at, chunk, word) &
                                       column_word(col.issue, at.second, chunk, word));
            const auto& a = row.nonzero.empty() ? row.issue : row.nonzero;
            const auto& b = col.nonzero.empty() ? col.issue : col.nonzero;
            effectual += base::count_ones(row_word(a, at, chunk, word) &
                                          column_word(b, at.second, chunk, word));
        }
        if (!tile_->needed.empty() &&
            tile_->needed[(first_row_ + at.first) * params_.lanes() + at.second] == 0) {
            effectual = 0;
        }
        const Cycle p0 = pe.free;
        const Cycle p1 = std::max(p0, memory_);
        const Cycle p2 = std::max(p1, weight_);
        const Cycle p3 = std::max({p2, idle_until(pe, source), idle_until(pe, column)});
        const Cycle p4 = std::max({p3, source.send, column.send});
        const Cycle p5 = std::max({pe.free, source.arrive, column.arrive});
        Cycle p6 = p5;
        if (pe.chunks_of_result == 0 && pe.drains.size() >= 2) {
            p6 = std::max(p5, pe.drains[pe.drains.size() - 2] + 1);
        }
        const auto up = [](std::uint64_t count, std::uint64_t rate) {
            return rate == 0 ? 0 : (count + rate - 1) / rate;
        };
        const std::uint64_t issue_cycles = up(issued, params_.issue_width_pairs);
        const std::uint64_t mac_cycles = up(effectual, params_.issue_width_pairs);
        const std::uint64_t cost = std::max(
            {std::uint64_t{1}, issue_cycles, up(params_.chunk_operands, params_.scan_bits)});
        pe.free = p6 + static_cast<Cycle>(cost);
        pe.starts.push_back(p6);
        ++pe.chunks_of_result;
        using base::PeCategory;
        const auto add = [this](PeCategory category, Cycle cycles) {
            counts_.pe_cycles[category] += static_cast<std::uint64_t>(cycles);
        };
        add(PeCategory::wait_memory, p1 - p0);
        add(PeCategory::wait_weight, p2 - p1);
        add(PeCategory::idle, p3 - p2);
        add(PeCategory::wait_sibling, p4 - p3);
        add(PeCategory::wait_operand, p5 - p4);
        add(PeCategory::wait_drain, p6 - p5);
        counts_.pe_cycles[PeCategory::mac] += mac_cycles;
        counts_.pe_cycles[PeCategory::ineffectual] += issue_cycles - mac_cycles;
        counts_.pe_cycles[PeCategory::empty_chunk] += cost - issue_cycles;
        counts_.issued += issued;
        counts_.effectual += effectual;
        counts_.pair_chunks += 1;
        counts_.pair_row_values += row_values(at, chunk);
        counts_.received_values += row_values(at, chunk) + column_values(at.second, chunk);
    }

    void drain() {
        for (const At& at : places()) {
            Pe& pe = pes_[at];
            pe.places.push_back(result_);
            if (pe.chunks_of_result == 0) {
                continue;
            }
            Cycle& last = drained_[at.second];
            last = std::max(last + 1, pe.free);
            pe.drains.push_back(last);
            pe.chunks_of_result = 0;
            counts_.results += 1;
        }
    }

    core::CoreParams params_;
    core::BitmapUse bitmaps_;
    const reduction::Tile* tile_ = nullptr;
    std::size_t first_row_ = 0;
    Cycle memory_ = 0;
    Cycle weight_ = 0;
    int result_ = 0;
    std::map<At, Pe> pes_;
    std::map<std::size_t, Bus> row_buses_;
    std::map<std::size_t, Bus> column_buses_;
    Bus feed_;
    std::vector<Cycle> drained_;
    core::CoreCounts counts_;
};

}  // namespace skipsim::test
