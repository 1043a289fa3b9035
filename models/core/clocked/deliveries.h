// SPDX-License-Identifier: Apache-2.0
// The static side of the clocked array: who is sent what, as flat lists for every bus, processing
// element and drain, made when a tile is handed over. Nothing here says when.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/core/clocked/fifo.h"
#include "models/core/params.h"
#include "models/reduction/clocked/tile_work.h"
#include "sim/base/actions.h"
#include "sim/base/bits.h"

namespace skipsim::clocked {

/// First in, first out; memory of what was taken is used again.
template <typename Entry>
class List {
public:
    [[nodiscard]] bool empty() const noexcept { return head_ == entries_.size(); }
    [[nodiscard]] const Entry& front() const noexcept { return entries_[head_]; }
    void add(const Entry& entry) {
        if (head_ > entries_.size() / 2) {
            entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
            head_ = 0;
        }
        entries_.push_back(entry);
    }
    void take() noexcept { ++head_; }
    void clear() noexcept {
        entries_.clear();
        head_ = 0;
    }

private:
    std::vector<Entry> entries_;
    std::size_t head_ = 0;
};

/// A chunk on its way to a processing element: its number among those delivered to that PE.
struct Receiver {
    std::uint32_t pe = 0;
    std::uint64_t number = 0;
};

struct Tile {
    TileWork work;
    bool has_input = false;
    bool has_weight = false;
    std::uint64_t chunks_left = 0;    ///< pairs that a PE has still to work through
    std::uint64_t drains_left = 0;    ///< results with their last chunk here, not drained
    std::vector<Receiver> receivers;  ///< of all its sendings
};

/// A chunk that a bus sends.
struct Sending {
    const Tile* tile = nullptr;
    const OperandChunk* chunk = nullptr;
    const Receiver* receivers = nullptr;
    std::uint32_t receiver_count = 0;
    std::uint64_t cycles = 1;  ///< it takes
};

/// How far a bus, or the feed, has come in its own list of sendings.
struct Progress {
    std::uint64_t begun = 0;
    std::uint64_t finished = 0;
    std::uint64_t finished_cycle = kNoCycle;

    /// Sending number `entry` (0, 1, …) has begun, in this cycle at the latest.
    [[nodiscard]] bool has_begun(std::uint64_t entry) const noexcept { return begun > entry; }
    /// The first `entries` sendings are seen to be finished.
    [[nodiscard]] bool has_finished(std::uint64_t entries, std::uint64_t cycle) const noexcept {
        return finished - (finished_cycle == cycle ? 1 : 0) >= entries;
    }
    void finish(std::uint64_t cycle) noexcept {
        ++finished;
        finished_cycle = cycle;
    }
};

/// A chunk pair that a processing element takes.
struct PeWork {
    Tile* tile = nullptr;
    const ResultWork* result = nullptr;
    std::uint64_t row_sending = 0;     ///< number in the list of its row bus, or of the feed
    std::uint64_t column_sending = 0;  ///< number in the list of its column bus
    bool is_fed = false;               ///< A comes over the feed
    bool starts = false;
    bool ends = false;
    bool takes_partial = false;    ///< starts from the sum of an earlier slice
    bool row_was_idle = false;     ///< what row bus or feed sends before belongs to a result in
                                   ///< which the PE has no place
    bool column_was_idle = false;  ///< the same of its column bus
};

/// How chunks travel over one kind of wire.
struct WireRules {
    std::uint64_t width_bits = 0;   ///< [bits] of an operand
    std::uint64_t bitmap_bits = 0;  ///< [bits] of the bitmap that travels along; 0: none does
    std::uint64_t bus_values = 0;   ///< [operands/cycle] 0 = unlimited
    std::uint64_t bus_bits = 0;     ///< [bitmap bits/cycle] 0 = unlimited

    [[nodiscard]] std::uint64_t cycles(const OperandChunk& chunk) const noexcept {
        std::uint64_t cycles = 1;
        if (bus_values != 0) {
            cycles = std::max(cycles, base::ceil_divide(chunk.sent_count, bus_values));
        }
        if (bus_bits != 0) {
            cycles = std::max(cycles, base::ceil_divide(bitmap_bits, bus_bits));
        }
        return cycles;
    }
};

/// What wires of one kind did: a chunk sent, a chunk written into a FIFO.
class WireCounts {
public:
    void send(const OperandChunk& chunk, const WireRules& rules) noexcept {
        const std::uint64_t bits = chunk.sent_count * rules.width_bits + rules.bitmap_bits;
        bits_ += bits;
        words_ += base::words_for_bits(bits);
    }
    void deliver(const OperandChunk& chunk, const WireRules& rules, std::uint64_t pes) noexcept {
        fifo_bits_ += pes * rules.bitmap_bits;
        operand_bits_ += pes * chunk.sent_count * rules.width_bits;
    }
    /// `buffer_read`: of the buffer that these wires come from.
    void add_to(base::ActionCounts& actions, base::Action buffer_read) const noexcept {
        actions[base::Action::bus_bit] += bits_;
        actions[buffer_read] += words_;
        actions[base::Action::fifo_bit_write] += fifo_bits_;
        actions[base::Action::operand_buffer_bit_write] += operand_bits_;
    }

private:
    std::uint64_t bits_ = 0;
    std::uint64_t words_ = 0;
    std::uint64_t fifo_bits_ = 0;
    std::uint64_t operand_bits_ = 0;
};

/// The wires of one kind in a core.
struct Wires {
    WireRules rules;
    WireCounts counts;
};

}  // namespace skipsim::clocked
