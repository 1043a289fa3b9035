// SPDX-License-Identifier: Apache-2.0
#include "models/memory/clocked/port.h"

#include <algorithm>

namespace skipsim::clocked {

std::size_t Port::begin(std::uint64_t cycle) {
    std::size_t usable = 0;
    while (cycle_ < cycle) {
        ++cycle_;
        pipeline_.tick();
        transfer();
        usable += pass();
    }
    return usable;
}

std::size_t Port::arrive(std::uint64_t bytes) {
    loads_.push_back(bytes);
    return pass();
}

/// The cycle before this edge moved bytes of the load in front.
void Port::transfer() {
    if (!loads_.empty()) {
        loads_.front() -= std::min(loads_.front(), params_.bytes_per_cycle);
    }
}

/// Loads with nothing left to transfer go on, and those that have their latency behind them.
std::size_t Port::pass() {
    while (!loads_.empty() && (loads_.front() == 0 || params_.bytes_per_cycle == 0)) {
        loads_.pop_front();
        pipeline_.push({}, params_.latency_cycles);
    }
    std::size_t usable = 0;
    for (; pipeline_.has_ready(); ++usable) {
        pipeline_.take();
    }
    return usable;
}

}  // namespace skipsim::clocked
