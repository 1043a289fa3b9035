// SPDX-License-Identifier: Apache-2.0
#include "models/core/clocked/drain.h"

namespace skipsim::clocked {

void Drain::take(std::uint64_t cycle, SumStore* sums) {
    const std::uint32_t pe = list_.front();
    const FinishedSum sum = pes_[pe].take_sum(cycle);
    list_.take();
    drained_cycle_ = cycle;
    ++counts_.sums;
    --sum.tile->drains_left;
    const ResultWork& result = *sum.result;
    if (result.completes) {
        ++counts_.phase_results[result.phase];
    }
    if (sums != nullptr) {
        sums->drain(result.phase, result.m[pe], result.column[column_], sum.value);
    }
}

}  // namespace skipsim::clocked
