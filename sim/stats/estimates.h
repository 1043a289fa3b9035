// SPDX-License-Identifier: Apache-2.0
// From the sampled iterations to an epoch and to the whole run.
//
//     epoch = mean over sampled training iterations * steps_per_epoch,  run = epoch * planned
//     epochs
//
// The interval is Student's t, 95 %, over the spread of the sampled iterations. It knows nothing
// about iterations that were not sampled: epochs without a sample are taken to be like those with
// one, so their drift is not in the interval.
#pragma once

#include "sim/stats/run_result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace skipsim::stats {

struct Estimate {
    double value = 0.0;
    double low = 0.0;
    double high = 0.0;
};

struct Estimates {
    Estimate iteration_cycles;     ///< mean of one iteration
    Estimate iteration_energy_pj;  ///< mean of one iteration
    Estimate iteration_energy_on_chip_pj;
    std::uint64_t sampled_iterations = 0;
    std::uint64_t steps_per_epoch = 0;
    std::uint64_t planned_epochs = 0;  ///< 0 = the trace does not say: no estimate of the run
    std::string method;
};

/// Nothing, with the reason, if fewer than two training iterations were run or the traces differ in
/// their steps per epoch. Requires rows with their energy; `is_whole`: every layer and stage ran.
struct EstimatesOrReason {
    std::optional<Estimates> estimates;
    std::string reason;
};
EstimatesOrReason estimate(const RunResult& result, bool is_whole);

/// Two-sided 95 % point of Student's t. Requires degrees_of_freedom >= 1.
double student_t_95(std::uint64_t degrees_of_freedom);

}  // namespace skipsim::stats
