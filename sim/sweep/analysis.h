// SPDX-License-Identifier: Apache-2.0
// Questions to a finished sweep: which points nobody beats, and which axis moves a metric most.
#pragma once

#include <string>
#include <vector>

#include "sim/sweep/sweep_data.h"

namespace skipsim::sweep {

/// A metric with the direction that is better. Text form: "energy_pj", "FF.cycles",
/// "max:utilisation" or "min:cycles"; without a direction that of the metric (lower, but higher
/// for utilisation and speedup).
struct Objective {
    std::string stage = "total";
    std::string metric;
    bool is_higher_better = false;
    std::string text;  ///< as typed
};

/// Throws InputError that names the nearest metric if no point has it.
Objective parse_objective(const std::string& text, const SweepData& data);

/// Positions in data.points of the points that no other dominates (at least as good in everything,
/// better in something), sorted by the first objective; points that are equal in all objectives
/// are all in it. Failed and waiting points take no part.
std::vector<std::size_t> pareto_front(const SweepData& data,
                                      const std::vector<Objective>& objectives);

/// How one axis moves one metric.
struct AxisEffect {
    std::string key;
    std::uint64_t levels = 0;  ///< values it takes among finished points
    /// Largest over smallest mean of the metric over its values (main effect, means over everything
    /// else).
    double lowest_mean = 0.0;
    double highest_mean = 0.0;
    std::string lowest_value;
    std::string highest_value;
    /// Share of the metric's variance that its value explains: sum of squares between its values
    /// over the total sum of squares (eta squared, first-order Sobol index for a full grid).
    double variance_share = 0.0;
};

/// By variance share, largest first; equal ones in axis order. Axes with one value are left out.
std::vector<AxisEffect> sensitivity(const SweepData& data, const Objective& objective);

}  // namespace skipsim::sweep
