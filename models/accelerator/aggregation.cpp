// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/aggregation.h"

#include <algorithm>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::accelerator {

PartialSums partial_sums(const std::vector<std::vector<std::uint64_t>>& drained,
                         const std::vector<std::uint64_t>& k_parts) {
    PartialSums sums;
    for (std::size_t phase = 0; phase < k_parts.size(); ++phase) {
        std::uint64_t drained_in_phase = 0;
        for (const std::vector<std::uint64_t>& core : drained) {
            drained_in_phase += phase < core.size() ? core[phase] : 0;
        }
        const std::uint64_t parts = k_parts[phase];
        base::require(parts > 0 && drained_in_phase % parts == 0,
                      "aggregation: a result without one of its partial sums");
        sums.results += drained_in_phase / parts;
        if (parts > 1) {
            sums.partial_sums += drained_in_phase;
            sums.shared_results += drained_in_phase / parts;
        }
    }
    return sums;
}

AggregationWork aggregate(const AggregationParams& params, const PartialSums& sums,
                          std::uint64_t accumulator_width_bits) {
    AggregationWork work;
    work.adds = sums.partial_sums - sums.shared_results;
    work.words = sums.partial_sums * base::ceil_divide(accumulator_width_bits, 64);
    const std::uint64_t bytes = base::ceil_divide(sums.partial_sums * accumulator_width_bits, 8);
    if (params.buffer_bytes != 0 && bytes > params.buffer_bytes) {
        work.spill_bytes = bytes - params.buffer_bytes;
    }
    if (params.adds_per_cycle != 0) {
        work.cycles = base::ceil_divide(work.adds, params.adds_per_cycle);
    }
    if (params.bytes_per_cycle != 0) {
        work.cycles = std::max(work.cycles, base::ceil_divide(bytes, params.bytes_per_cycle));
    }
    return work;
}

}  // namespace skipsim::accelerator
