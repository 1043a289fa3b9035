// SPDX-License-Identifier: Apache-2.0
// The drain of a column: takes one finished sum a cycle, results in order and in a result rows in
// order; a sum that is not finished holds back those behind it (models/MICROARCHITECTURE.md §6).
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/clocked/processing_element.h"

namespace skipsim::clocked {

struct DrainCounts {
    std::uint64_t sums = 0;                    ///< drained, partial ones too
    std::vector<std::uint64_t> phase_results;  ///< [results] drained for good, of each phase
};

class Drain {
public:
    Drain(std::uint32_t column, std::vector<ProcessingElement>& pes, DrainCounts& counts)
        : pes_(pes), counts_(counts), column_(column) {}

    void reset() {
        list_.clear();
        drained_cycle_ = kNoCycle;
    }
    void add(std::uint32_t pe) { list_.add(pe); }

    /// One cycle; whether a sum drained.
    bool step(std::uint64_t cycle, SumStore* sums) {
        if (list_.empty() || !pes_[list_.front()].has_sum(cycle)) {
            return false;
        }
        take(cycle, sums);
        return true;
    }
    [[nodiscard]] std::uint64_t drained_cycle() const noexcept { return drained_cycle_; }
    /// It has something to wait for: that PE. Requires is_waiting().
    [[nodiscard]] bool is_waiting() const noexcept { return !list_.empty(); }
    [[nodiscard]] std::uint32_t waits_for() const noexcept { return list_.front(); }

private:
    void take(std::uint64_t cycle, SumStore* sums);

    std::vector<ProcessingElement>& pes_;
    DrainCounts& counts_;
    std::uint32_t column_;
    std::uint64_t drained_cycle_ = kNoCycle;
    List<std::uint32_t> list_;
};

}  // namespace skipsim::clocked
