// SPDX-License-Identifier: Apache-2.0
#include "sim/base/interrupt.h"

#include <atomic>
#include <csignal>

#include "sim/base/errors.h"

namespace skipsim::base {
namespace {

std::atomic<int> pending_signal{0};
static_assert(std::atomic<int>::is_always_lock_free,
              "a signal handler may only touch such atomics");

extern "C" void note_signal(int signal_number) {
    pending_signal.store(signal_number, std::memory_order_relaxed);
}

}  // namespace

void install_interrupt_handlers() {
    pending_signal.store(0);
    for (const int signal_number : {SIGINT, SIGTERM}) {
        struct sigaction action {};
        action.sa_handler = note_signal;
        sigemptyset(&action.sa_mask);
        // The default action comes back after the first signal: a second one always works.
        action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
        sigaction(signal_number, &action, nullptr);
    }
}

bool is_interrupted() noexcept {
    return pending_signal.load(std::memory_order_relaxed) != 0;
}

void throw_if_interrupted() {
    const int signal_number = pending_signal.load(std::memory_order_relaxed);
    if (signal_number != 0) {
        throw Interrupted(signal_number);
    }
}

}  // namespace skipsim::base
