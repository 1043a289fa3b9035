// SPDX-License-Identifier: Apache-2.0
// The private feed of a core: in private blocks it takes the place of the row buses and sends each
// PE a chunk of its own, `input_ports` of them in every slot (models/MICROARCHITECTURE.md §6.1).
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/clocked/deliveries.h"

namespace skipsim::clocked {

/// A step: chunk t of a result, to all its receivers, in the order of their numbers.
struct FeedStep {
    const Tile* tile = nullptr;
    const ChunkWork* chunk = nullptr;
    const Receiver* receivers = nullptr;
    std::uint32_t receiver_count = 0;
    std::uint64_t slot_cycles = 1;  ///< every slot takes
};

class Feed {
public:
    Feed(Wires& wires, std::vector<Fifo>& fifos, std::uint32_t ports)
        : wires_(wires), fifos_(fifos), ports_(ports) {}

    void reset();
    void add(const FeedStep& step) {
        list_.add(step);
        ++planned_;
    }
    [[nodiscard]] std::uint64_t planned() const noexcept { return planned_; }

    /// One cycle; whether it sends.
    bool step(std::uint64_t cycle) {
        if (cycles_left_ == 0 && !begin(cycle)) {
            return false;
        }
        if (--cycles_left_ == 0) {
            end_slot(cycle);
        }
        return true;
    }
    [[nodiscard]] const Progress& progress() const noexcept { return progress_; }
    [[nodiscard]] bool is_sending() const noexcept { return cycles_left_ != 0; }
    [[nodiscard]] const FeedStep* waiting() const noexcept {
        return list_.empty() || is_sending() ? nullptr : &list_.front();
    }
    [[nodiscard]] std::uint32_t full_pe() const noexcept {
        return list_.front().receivers[checked_].pe;
    }

private:
    bool begin(std::uint64_t cycle);
    void end_slot(std::uint64_t cycle);

    Wires& wires_;
    std::vector<Fifo>& fifos_;
    std::uint32_t ports_;
    List<FeedStep> list_;
    std::uint64_t planned_ = 0;
    std::uint64_t cycles_left_ = 0;  ///< of the slot under way; 0: none
    std::uint32_t served_ = 0;       ///< receivers of the step under way
    std::uint32_t checked_ = 0;      ///< receivers seen to have room for the next step
    Progress progress_;
};

}  // namespace skipsim::clocked
