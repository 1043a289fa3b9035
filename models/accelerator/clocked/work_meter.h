// SPDX-License-Identifier: Apache-2.0
// A block that works off an amount at a rate, cycle by cycle: the balancer, the transposer and the
// aggregation core of the clocked engine (models/MICROARCHITECTURE.md §4.1, §8, §8.1).
#pragma once

#include <cstdint>

namespace skipsim::clocked {

class WorkMeter {
public:
    /// `per_cycle` 0 = unlimited: no cycles.
    explicit WorkMeter(std::uint64_t per_cycle) noexcept : per_cycle_(per_cycle) {}

    void start(std::uint64_t amount) noexcept { left_ = per_cycle_ == 0 ? 0 : amount; }
    [[nodiscard]] bool is_done() const noexcept { return left_ == 0; }
    /// One cycle.
    void step() noexcept { left_ -= left_ < per_cycle_ ? left_ : per_cycle_; }

private:
    std::uint64_t per_cycle_;
    std::uint64_t left_ = 0;
};

}  // namespace skipsim::clocked
