// SPDX-License-Identifier: Apache-2.0
// A clock in simulated time. The smallest step of simulated time stands for one picosecond, so
// periods are whole picoseconds (models/MICROARCHITECTURE.md §13).
//
// What is due at a clock edge happens there; what has to see all of it is put in order a few steps
// later, in the phases of the same cycle (cycle_of() rounds down). What a phase causes in a phase
// that has passed comes without another step of time, so a cycle never runs over its end.
#pragma once

#include <cstdint>
#include <systemc>

namespace skipsim::kernel {

/// Steps after the edge. Shorter than any period.
enum class Phase : std::uint64_t {
    completion = 1,  ///< transfers that are complete are reported
    buffers = 2,     ///< cluster buffers take requests and start bursts
    compute = 3,     ///< the vector unit takes a block
    transfer = 4     ///< the DMA engine takes jobs and hands over bursts
};

class Clock {
public:
    explicit Clock(std::uint64_t period_ps) noexcept : period_ps_(period_ps) {}

    [[nodiscard]] std::uint64_t period_ps() const noexcept { return period_ps_; }
    /// [cycle] that the moment `time` belongs to, counted from time 0.
    [[nodiscard]] std::uint64_t cycle_of(const sc_core::sc_time& time) const {
        return time.value() / period_ps_;
    }
    [[nodiscard]] std::uint64_t now() const { return cycle_of(sc_core::sc_time_stamp()); }
    [[nodiscard]] sc_core::sc_time edge(std::uint64_t cycle) const {
        return sc_core::sc_time::from_value(cycle * period_ps_);
    }
    /// Time from now to the edge of `cycle`; none if that has come.
    [[nodiscard]] sc_core::sc_time until(std::uint64_t cycle) const {
        const std::uint64_t at = cycle * period_ps_;
        const std::uint64_t time = sc_core::sc_time_stamp().value();
        return sc_core::sc_time::from_value(at > time ? at - time : 0);
    }
    /// Time from now to a phase of `cycle`; none if that has come.
    [[nodiscard]] sc_core::sc_time until(std::uint64_t cycle, Phase phase) const {
        const std::uint64_t at = cycle * period_ps_ + static_cast<std::uint64_t>(phase);
        const std::uint64_t time = sc_core::sc_time_stamp().value();
        return sc_core::sc_time::from_value(at > time ? at - time : 0);
    }

private:
    std::uint64_t period_ps_;
};

}  // namespace skipsim::kernel
