// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/phased_clock.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/base/interrupt.h"

namespace skipsim::kernel {
namespace {

constexpr std::uint64_t kCyclesBetweenLooks = 4096;  // for an interrupt

std::size_t index_of(Step step) {
    return static_cast<std::size_t>(step);
}

}  // namespace

PhasedClock::PhasedClock(const sc_core::sc_module_name& name, std::uint64_t period_ps)
    : sc_core::sc_module(name),
      period_ps_(period_ps),
      clock_("clk", sc_core::sc_time::from_value(period_ps)) {
    SC_HAS_PROCESS(PhasedClock);
    SC_METHOD(begin_cycle);
    sensitive << clock_.posedge_event();
    dont_initialize();
    SC_METHOD(settle);
    sensitive << settle_event_;
    dont_initialize();
}

void PhasedClock::ask(Step step) {
    base::require(!in_array_step_, "phased_clock: asked for a step after the arrays' step");
    asked_[index_of(step)] = true;
    settle_event_.notify(sc_core::SC_ZERO_TIME);
}

void PhasedClock::resume() {
    is_held_ = false;
    settle_event_.notify(sc_core::SC_ZERO_TIME);
}

/// A cycle that nothing happened in is only found when it is over.
void PhasedClock::begin_cycle() {
    const bool was_idle = in_array_step_ && !is_alive_ && outside_ == 0;
    if (was_idle) {
        is_dead_ = true;
    }
    if (in_array_step_ && on_cycle_end_) {
        on_cycle_end_(cycle_);
    }
    cycle_ = sc_core::sc_time_stamp().value() / period_ps_;
    in_array_step_ = false;
    is_alive_ = false;
    if (is_dead_ || (cycle_ % kCyclesBetweenLooks == 0 && base::is_interrupted())) {
        sc_core::sc_pause();
    }
    events_[index_of(Step::due)].notify(sc_core::SC_ZERO_TIME);
    settle_event_.notify(sc_core::SC_ZERO_TIME);
}

void PhasedClock::settle() {
    if (is_held_ || in_array_step_) {
        return;
    }
    if (sc_core::sc_pending_activity_at_current_time()) {
        settle_event_.notify(sc_core::SC_ZERO_TIME);  // something comes first
        return;
    }
    const auto next = std::find(asked_.begin(), asked_.end(), true);
    if (next == asked_.end()) {
        in_array_step_ = true;
        events_[index_of(Step::array)].notify(sc_core::SC_ZERO_TIME);
        return;
    }
    *next = false;
    events_[static_cast<std::size_t>(next - asked_.begin())].notify(sc_core::SC_ZERO_TIME);
    settle_event_.notify(sc_core::SC_ZERO_TIME);
}

std::string PhasedClock::report() const {
    std::string text = "nothing moves in cycle " + std::to_string(cycle_);
    for (const Module& module : modules_) {
        text += "\n  " + module.name + ": " + module.module->state();
    }
    return text;
}

}  // namespace skipsim::kernel
