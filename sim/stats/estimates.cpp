// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/estimates.h"

#include "sim/base/check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace skipsim::stats {
namespace {

/// What one sampled iteration of one trace costs.
struct IterationCost {
    std::string trace;
    std::uint64_t iteration = 0;
    bool trains = false;
    double cycles = 0.0;
    double energy_pj = 0.0;
    double energy_on_chip_pj = 0.0;
};

std::vector<IterationCost> cost_of_training_iterations(const RunResult& result) {
    std::vector<IterationCost> costs;
    for (const LayerRow& row : result.layers) {
        if (costs.empty() || costs.back().trace != row.trace ||
            costs.back().iteration != row.iteration) {
            costs.push_back({row.trace, row.iteration, false, 0.0, 0.0, 0.0});
        }
        costs.back().trains = costs.back().trains || row.stage == Stage::wg;
        costs.back().cycles += static_cast<double>(row.cycles);
        costs.back().energy_pj += row.energy_pj;
        costs.back().energy_on_chip_pj += row.energy_on_chip_pj;
    }
    costs.erase(std::remove_if(costs.begin(), costs.end(),
                               [](const IterationCost& cost) { return !cost.trains; }),
                costs.end());
    return costs;
}

Estimate mean_with_interval(const std::vector<IterationCost>& costs,
                            double IterationCost::*member) {
    const auto count = static_cast<double>(costs.size());
    double sum = 0.0;
    for (const IterationCost& cost : costs) {
        sum += cost.*member;
    }
    const double mean = sum / count;
    double squares = 0.0;
    for (const IterationCost& cost : costs) {
        squares += (cost.*member - mean) * (cost.*member - mean);
    }
    const double half = student_t_95(costs.size() - 1) * std::sqrt(squares / (count - 1) / count);
    return {mean, std::max(0.0, mean - half), mean + half};
}

}  // namespace

double student_t_95(std::uint64_t degrees_of_freedom) {
    base::require(degrees_of_freedom >= 1, "Student's t needs a degree of freedom");
    static constexpr std::array<double, 10> kSmall{12.706205, 4.302653, 3.182446, 2.776445,
                                                   2.570582,  2.446912, 2.364624, 2.306004,
                                                   2.262157,  2.228139};
    if (degrees_of_freedom <= kSmall.size()) {
        return kSmall[degrees_of_freedom - 1];
    }
    // Cornish-Fisher expansion about the normal 97.5 % point (Abramowitz & Stegun 26.7.5).
    const double v = static_cast<double>(degrees_of_freedom);
    constexpr double kZ = 1.959963985;
    constexpr double kZ3 = kZ * kZ * kZ;
    constexpr double kZ5 = kZ3 * kZ * kZ;
    constexpr double kZ7 = kZ5 * kZ * kZ;
    return kZ + (kZ3 + kZ) / (4 * v) + (5 * kZ5 + 16 * kZ3 + 3 * kZ) / (96 * v * v) +
           (3 * kZ7 + 19 * kZ5 + 17 * kZ3 - 15 * kZ) / (384 * v * v * v);
}

EstimatesOrReason estimate(const RunResult& result, bool is_whole) {
    if (!is_whole) {
        return {std::nullopt, "no estimates: only part of the layers or stages was run"};
    }
    const std::vector<IterationCost> costs = cost_of_training_iterations(result);
    if (costs.size() < 2) {
        return {std::nullopt, "no estimates: they need at least two training iterations, found " +
                                  std::to_string(costs.size())};
    }
    const TraceUse& first = result.traces.front();
    for (const TraceUse& trace : result.traces) {
        if (trace.steps_per_epoch != first.steps_per_epoch || trace.network != first.network ||
            trace.planned_epochs != first.planned_epochs) {
            return {std::nullopt, "no estimates: the traces are of different runs (" + first.path +
                                      ", " + trace.path + ")"};
        }
    }
    Estimates estimates;
    estimates.iteration_cycles = mean_with_interval(costs, &IterationCost::cycles);
    estimates.iteration_energy_pj = mean_with_interval(costs, &IterationCost::energy_pj);
    estimates.iteration_energy_on_chip_pj =
        mean_with_interval(costs, &IterationCost::energy_on_chip_pj);
    estimates.sampled_iterations = costs.size();
    estimates.steps_per_epoch = first.steps_per_epoch;
    estimates.planned_epochs = first.planned_epochs;
    estimates.method = "mean of " + std::to_string(costs.size()) +
                       " sampled training iterations times the number of iterations; interval: "
                       "Student's t, 95 %, over the sampled spread; other epochs are taken to be "
                       "like the sampled ones: their drift is not in the interval";
    return {estimates, ""};
}

}  // namespace skipsim::stats
