// SPDX-License-Identifier: Apache-2.0
// The FIFO in front of one side (row or column) of a processing element: registered, what is
// written or taken in a cycle is seen in the next (models/MICROARCHITECTURE.md §6). Chunks are
// taken in the order of their numbers; of two writers (row bus, private feed) one may be ahead of
// the other, so a chunk is written with its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "models/reduction/clocked/tile_work.h"

namespace skipsim::clocked {

/// No cycle: nothing was stamped yet. A stamp never lies in the future, so what is stamped is seen
/// exactly when its stamp is not the cycle at hand.
inline constexpr std::uint64_t kNoCycle = std::numeric_limits<std::uint64_t>::max();

class Fifo {
public:
    explicit Fifo(std::uint32_t depth_chunks) : slots_(depth_chunks) {}

    void reset() {
        slots_.assign(slots_.size(), Slot{});
        next_slot_ = 0;
        taken_ = 0;
        taken_cycle_ = kNoCycle;
        level_ = 0;
    }

    /// A slot for chunk `number` is seen to be free: one is freed when its chunk is taken.
    [[nodiscard]] bool has_room(std::uint64_t number, std::uint64_t cycle) const noexcept {
        const std::uint64_t seen = taken_ - (taken_cycle_ == cycle ? 1 : 0);
        return number < seen + slots_.size();
    }
    /// Requires has_room().
    void write(std::uint64_t number, const OperandChunk* chunk, std::uint64_t cycle) noexcept {
        std::size_t slot = next_slot_ + static_cast<std::size_t>(number - taken_);
        if (slot >= slots_.size()) {
            slot -= slots_.size();
        }
        slots_[slot] = {chunk, cycle};
        ++level_;
    }
    /// The next chunk in order; null while it is not seen.
    [[nodiscard]] const OperandChunk* front(std::uint64_t cycle) const noexcept {
        const Slot& slot = slots_[next_slot_];
        return slot.cycle == cycle ? nullptr : slot.chunk;
    }
    void take(std::uint64_t cycle) noexcept {
        slots_[next_slot_].chunk = nullptr;
        next_slot_ = next_slot_ + 1 == slots_.size() ? 0 : next_slot_ + 1;
        ++taken_;
        taken_cycle_ = cycle;
        --level_;
    }
    /// [chunks] in it, seen or not.
    [[nodiscard]] std::uint32_t level() const noexcept { return level_; }
    /// [chunks] taken so far.
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }

private:
    struct Slot {
        const OperandChunk* chunk = nullptr;
        std::uint64_t cycle = kNoCycle;
    };
    std::vector<Slot> slots_;
    std::size_t next_slot_ = 0;
    std::uint64_t taken_ = 0;
    std::uint64_t taken_cycle_ = kNoCycle;
    std::uint32_t level_ = 0;
};

}  // namespace skipsim::clocked
