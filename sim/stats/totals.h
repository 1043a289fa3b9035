// SPDX-License-Identifier: Apache-2.0
// Sums of layer rows, and the laws that hold between the numbers of a result.
#pragma once

#include "sim/stats/run_result.h"

#include <cstdint>
#include <optional>

namespace skipsim::stats {

struct Totals {
    std::uint64_t rows = 0;
    std::uint64_t cycles = 0;
    std::optional<std::uint64_t> dense_cycles = 0;  ///< nothing if any row does not have it
    Macs macs;
    base::PeCycles pe_cycles;
    std::uint64_t dram_bytes = 0;
    base::ActionCounts actions;
};

/// Over all rows, or over those of one stage.
Totals totals_of(const RunResult& result, std::optional<Stage> stage = std::nullopt);

/// Throws InternalError that names the row and the law unless, in every row,
///   sum of pe_cycles = processing elements * cycles,
///   effectual <= issued <= dense <= dense_all_samples,
///   dense_all_samples - issued = sum of skipped,
///   mac = effectual if issue_width_pairs is 1,
///   the energy is finite and not negative;
/// and busy + starved + blocked of every unit = total cycles.
void check_identities(const RunResult& result, std::uint64_t issue_width_pairs);

}  // namespace skipsim::stats
