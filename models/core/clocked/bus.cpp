// SPDX-License-Identifier: Apache-2.0
#include "models/core/clocked/bus.h"

namespace skipsim::clocked {

void Bus::reset() {
    list_.clear();
    planned_ = 0;
    cycles_left_ = 0;
    checked_ = 0;
    progress_ = Progress{};
}

bool Bus::begin(std::uint64_t cycle) {
    if (list_.empty()) {
        return false;
    }
    const Sending& next = list_.front();
    if (!next.tile->has_input || !next.tile->has_weight) {
        return false;
    }
    // Room once seen stays: nobody else writes this chunk's slot.
    for (; checked_ < next.receiver_count; ++checked_) {
        const Receiver& receiver = next.receivers[checked_];
        if (!fifos_[receiver.pe].has_room(receiver.number, cycle)) {
            return false;
        }
    }
    checked_ = 0;
    cycles_left_ = next.cycles;
    ++progress_.begun;
    wires_.counts.send(*next.chunk, wires_.rules);
    return true;
}

void Bus::deliver(std::uint64_t cycle) {
    const Sending& sending = list_.front();
    for (std::uint32_t index = 0; index < sending.receiver_count; ++index) {
        const Receiver& receiver = sending.receivers[index];
        fifos_[receiver.pe].write(receiver.number, sending.chunk, cycle);
    }
    wires_.counts.deliver(*sending.chunk, wires_.rules, sending.receiver_count);
    progress_.finish(cycle);
    list_.take();
}

}  // namespace skipsim::clocked
