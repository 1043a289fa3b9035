// SPDX-License-Identifier: Apache-2.0
// A row or column bus: sends its chunks in order, each to all its receivers at once, when its tile
// is there and every receiver's FIFO is seen to have room (models/MICROARCHITECTURE.md §6).
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/clocked/deliveries.h"

namespace skipsim::clocked {

class Bus {
public:
    /// `fifos`: of every PE, the side this bus writes to.
    Bus(Wires& wires, std::vector<Fifo>& fifos) : wires_(wires), fifos_(fifos) {}

    void reset();
    /// Answers its number in the list of this bus.
    std::uint64_t add(const Sending& sending) {
        list_.add(sending);
        return planned_++;
    }
    /// Sendings planned so far: the number of the next one.
    [[nodiscard]] std::uint64_t planned() const noexcept { return planned_; }

    /// One cycle; whether it sends.
    bool step(std::uint64_t cycle) {
        if (cycles_left_ == 0 && !begin(cycle)) {
            return false;
        }
        if (--cycles_left_ == 0) {
            deliver(cycle);
        }
        return true;
    }
    [[nodiscard]] const Progress& progress() const noexcept { return progress_; }
    [[nodiscard]] bool is_sending() const noexcept { return cycles_left_ != 0; }
    /// What it waits for, if it does not send.
    [[nodiscard]] const Sending* waiting() const noexcept {
        return list_.empty() || is_sending() ? nullptr : &list_.front();
    }
    /// Of waiting(), whose tile is there: the receiver without room.
    [[nodiscard]] std::uint32_t full_pe() const noexcept {
        return list_.front().receivers[checked_].pe;
    }

private:
    bool begin(std::uint64_t cycle);
    void deliver(std::uint64_t cycle);

    Wires& wires_;
    std::vector<Fifo>& fifos_;
    List<Sending> list_;
    std::uint64_t planned_ = 0;
    std::uint64_t cycles_left_ = 0;  ///< of the chunk under way; 0: none
    std::uint32_t checked_ = 0;      ///< receivers seen to have room for the next chunk
    Progress progress_;
};

}  // namespace skipsim::clocked
