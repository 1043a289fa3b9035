// SPDX-License-Identifier: Apache-2.0
// What a test does in the due steps of a clock, and when something happened to it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "sim/kernel/phased_clock.h"

namespace skipsim::test {

/// Never the one for which nothing moves: a test that is about deadlocks takes another.
class ClockedScript final : public sc_core::sc_module {
public:
    using Events = std::vector<std::pair<std::string, std::uint64_t>>;  // what, cycle

    ClockedScript(const sc_core::sc_module_name& name, kernel::PhasedClock& clock)
        : sc_core::sc_module(name), clock_(clock) {
        SC_HAS_PROCESS(ClockedScript);
        SC_METHOD(due);
        sensitive << clock.event(kernel::Step::due);
        dont_initialize();
    }
    void at(std::uint64_t cycle, std::function<void()> act) {
        acts_.emplace(cycle, std::move(act));
    }
    /// A `done` that writes down its cycle.
    [[nodiscard]] std::function<void()> note(const std::string& what) {
        return [this, what] { events.emplace_back(what, clock_.cycle()); };
    }
    /// Runs the cycles before `end`. Stops when nothing moves.
    void run_until(std::uint64_t end) {
        sc_core::sc_start(sc_core::sc_time::from_value(end * clock_.period_ps()) -
                          sc_core::sc_time_stamp());
    }

    Events events;
    bool keeps_alive = true;

private:
    void due() {
        if (keeps_alive) {
            clock_.keep_alive();
        }
        // An act may add acts, even to this cycle.
        for (auto act = acts_.lower_bound(clock_.cycle());
             act != acts_.end() && act->first == clock_.cycle(); ++act) {
            act->second();
        }
    }

    kernel::PhasedClock& clock_;
    std::multimap<std::uint64_t, std::function<void()>> acts_;
};

}  // namespace skipsim::test
