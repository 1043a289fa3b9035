// SPDX-License-Identifier: Apache-2.0
#include "models/core/clocked/feed.h"

#include <algorithm>

namespace skipsim::clocked {

void Feed::reset() {
    list_.clear();
    planned_ = 0;
    cycles_left_ = 0;
    served_ = 0;
    checked_ = 0;
    progress_ = Progress{};
}

bool Feed::begin(std::uint64_t cycle) {
    if (list_.empty()) {
        return false;
    }
    const FeedStep& next = list_.front();
    if (!next.tile->has_input || !next.tile->has_weight) {
        return false;
    }
    for (; checked_ < next.receiver_count; ++checked_) {
        const Receiver& receiver = next.receivers[checked_];
        if (!fifos_[receiver.pe].has_room(receiver.number, cycle)) {
            return false;
        }
    }
    checked_ = 0;
    served_ = 0;
    cycles_left_ = next.slot_cycles;
    ++progress_.begun;
    return true;
}

/// The chunks of a slot arrive together, whatever each of them carries.
void Feed::end_slot(std::uint64_t cycle) {
    const FeedStep& step = list_.front();
    const std::uint32_t last = std::min(step.receiver_count, served_ + ports_);
    for (; served_ < last; ++served_) {
        const Receiver& receiver = step.receivers[served_];
        const OperandChunk* chunk = step.chunk->input[receiver.pe].get();
        fifos_[receiver.pe].write(receiver.number, chunk, cycle);
        wires_.counts.send(*chunk, wires_.rules);
        wires_.counts.deliver(*chunk, wires_.rules, 1);
    }
    if (served_ == step.receiver_count) {
        progress_.finish(cycle);
        list_.take();
    } else {
        cycles_left_ = step.slot_cycles;
    }
}

}  // namespace skipsim::clocked
