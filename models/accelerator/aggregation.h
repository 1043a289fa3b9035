// SPDX-License-Identifier: Apache-2.0
// The aggregation core: adds the partial sums of cores that hold parts of one k axis
// (models/MICROARCHITECTURE.md §8.1). One a chip; it starts when the last core has ended, because
// partial sums are added in core order, so that the sum does not depend on who is fastest.
#pragma once

#include <cstdint>
#include <vector>

namespace skipsim::accelerator {

struct AggregationParams {
    std::uint64_t adds_per_cycle = 0;   ///< [additions/cycle] 0 = unlimited
    std::uint64_t bytes_per_cycle = 0;  ///< [bytes/cycle] 0 = unlimited
    std::uint64_t buffer_bytes = 0;     ///< [bytes] 0 = unlimited
};

/// What the cores hand over in a row.
struct PartialSums {
    std::uint64_t partial_sums = 0;    ///< of parts that other cores share the k axis with
    std::uint64_t shared_results = 0;  ///< [results] these add up to
    std::uint64_t results = 0;         ///< [results] of the row, shared or not
};

/// Cycles and actions of a row.
struct AggregationWork {
    std::uint64_t adds = 0;
    std::uint64_t words = 0;        ///< [64-bit words] written into its buffer, and read from it
    std::uint64_t spill_bytes = 0;  ///< [bytes] to memory and back
    std::uint64_t cycles = 0;
};

/// `drained[core][phase]`: results that left each core. `k_parts[phase]`: parts of the k axis that
/// hold a chunk.
PartialSums partial_sums(const std::vector<std::vector<std::uint64_t>>& drained,
                         const std::vector<std::uint64_t>& k_parts);

AggregationWork aggregate(const AggregationParams& params, const PartialSums& sums,
                          std::uint64_t accumulator_width_bits);

}  // namespace skipsim::accelerator
