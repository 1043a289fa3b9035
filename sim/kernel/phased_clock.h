// SPDX-License-Identifier: Apache-2.0
// The clock of the clocked engine: an edge every period, and within the cycle that begins with it
// the steps of models/MICROARCHITECTURE.md §13, each a number of delta cycles of its own.
//
//   due       every cycle: what comes to its end at this edge; rows that begin and end
//   complete, buffers, engine, vector_unit
//             in a cycle in which somebody asks for them; after each of them the lowest step that
//             was asked for is next
//   array     every cycle, last: the PE arrays take this cycle's step
//
// What a module writes in its array step is seen in the next cycle (registered); what it does in
// the other steps is seen by the steps still to come (wires).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

namespace skipsim::kernel {

enum class Step : std::size_t { due, complete, buffers, engine, vector_unit, array, count };

/// A module that can say what it is doing, when nothing moves any more.
class Reporting {
public:
    virtual ~Reporting() = default;
    /// One line.
    [[nodiscard]] virtual std::string state() const = 0;
};

class PhasedClock final : public sc_core::sc_module {
public:
    PhasedClock(const sc_core::sc_module_name& name, std::uint64_t period_ps);

    /// Notified when the step comes. SC_METHODs are sensitive to it.
    [[nodiscard]] const sc_core::sc_event& event(Step step) const {
        return events_[static_cast<std::size_t>(step)];
    }
    /// [cycle] that has begun; 0 before the first edge.
    [[nodiscard]] std::uint64_t cycle() const noexcept { return cycle_; }
    [[nodiscard]] std::uint64_t period_ps() const noexcept { return period_ps_; }
    /// The step is to come in this cycle. Not from within the array step.
    void ask(Step step);

    /// Something changed in this cycle, or counts down: every module says so in every cycle in
    /// which it is true of it. A cycle in which nobody does, with nothing under way outside, can
    /// only be followed by others like it: a deadlock.
    void keep_alive() noexcept { is_alive_ = true; }
    /// Something is under way that no edge moves (a burst in the DRAM); calls are counted.
    void begin_outside() noexcept { ++outside_; }
    void end_outside() noexcept { --outside_; }
    /// Asked for their states when nothing moves. The name stands before the state.
    void add(const std::string& name, const Reporting* module) {
        modules_.push_back({name, module});
    }

    /// No further step comes in this cycle until resume(): a row has ended.
    void hold() noexcept { is_held_ = true; }
    void resume();
    /// Nothing moved in a whole cycle: simulation was paused. report() says in which states.
    [[nodiscard]] bool is_dead() const noexcept { return is_dead_; }
    [[nodiscard]] std::string report() const;

    /// Told about every cycle that is over, before anything of the next one happens.
    void on_cycle_end(std::function<void(std::uint64_t cycle)> told) {
        on_cycle_end_ = std::move(told);
    }

    [[nodiscard]] sc_core::sc_clock& clock() noexcept { return clock_; }

private:
    struct Module {
        std::string name;
        const Reporting* module;
    };
    void begin_cycle();
    void settle();

    static constexpr std::size_t kSteps = static_cast<std::size_t>(Step::count);

    std::uint64_t period_ps_;
    sc_core::sc_clock clock_;
    std::array<sc_core::sc_event, kSteps> events_;
    std::array<bool, kSteps> asked_{};
    sc_core::sc_event settle_event_;
    std::uint64_t cycle_ = 0;
    bool in_array_step_ = false;
    bool is_held_ = false;
    bool is_alive_ = false;
    bool is_dead_ = false;
    std::uint64_t outside_ = 0;
    std::vector<Module> modules_;
    std::function<void(std::uint64_t)> on_cycle_end_;
};

}  // namespace skipsim::kernel
