// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/phases.h"

#include <utility>

namespace skipsim::kernel {

Phases::Phases(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
    SC_HAS_PROCESS(Phases);
    SC_METHOD(settle);
    sensitive << settle_event_;
    dont_initialize();
}

std::size_t Phases::add(Phase phase, std::function<void()> act) {
    clients_.push_back({phase, std::move(act), false});
    return clients_.size() - 1;
}

void Phases::ask(std::size_t number) {
    clients_[number].has_asked = true;
    settle_event_.notify(sc_core::SC_ZERO_TIME);
}

void Phases::settle() {
    if (is_held_ || sc_core::sc_pending_activity_at_current_time()) {
        settle_event_.notify(sc_core::SC_ZERO_TIME);  // something comes first
        return;
    }
    Client* next = nullptr;
    bool others = false;
    for (Client& client : clients_) {
        if (!client.has_asked) {
            continue;
        }
        others |= next != nullptr;
        if (next == nullptr || client.phase < next->phase) {
            next = &client;
        }
    }
    if (next == nullptr) {
        return;
    }
    next->has_asked = false;
    if (others) {
        settle_event_.notify(sc_core::SC_ZERO_TIME);
    }
    next->act();
}

}  // namespace skipsim::kernel
