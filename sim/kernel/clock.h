// SPDX-License-Identifier: Apache-2.0
// A clock in simulated time. The smallest step of simulated time stands for one picosecond, so
// periods are whole picoseconds (models/MICROARCHITECTURE.md §13).
#pragma once

#include <cstdint>
#include <systemc>

namespace skipsim::kernel {

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

private:
    std::uint64_t period_ps_;
};

}  // namespace skipsim::kernel
