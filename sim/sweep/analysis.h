// SPDX-License-Identifier: Apache-2.0
// Questions to a finished sweep: which points nobody beats, and which axis moves a metric most.
// ANALYSIS.md defines both, with formulas and sources.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/sweep_data.h"

namespace skipsim::sweep {

/// A metric with the direction that is better. Text form: "energy_pj", "FF.cycles",
/// "max:utilisation" or "min:cycles"; without a direction that of the metric (lower, but higher
/// for utilisation and speedup). The short names of `skipsim compare` are taken too: energy, dram,
/// time, power.
struct Objective {
    std::string stage = "total";
    std::string metric;
    bool is_higher_better = false;
    std::string text;  ///< as typed
};

/// Throws InputError that names the nearest metric if no finished point has it.
Objective parse_objective(const std::string& text, const SweepData& data);

/// "cycles", "FF.cycles", "max:utilisation": how tables name it.
std::string name_of(const Objective& objective);

/// Points that an analysis can use, and why others take no part.
struct Participants {
    std::vector<std::size_t> points;   ///< positions in data.points, rising
    std::uint64_t failed = 0;          ///< points
    std::uint64_t waiting = 0;         ///< points
    std::uint64_t without_metric = 0;  ///< done, but an objective is missing or not finite [points]
};

Participants participants(const SweepData& data, const std::vector<Objective>& objectives);

/// The objective of a participant.
double value_of(const SweepPoint& point, const Objective& objective);

/// Positions in data.points of the points that no other dominates (at least as good in everything,
/// better in something), the best in the first objective first; points that are equal in all
/// objectives are all in it. Only participants() take part. Requires an objective.
std::vector<std::size_t> pareto_front(const SweepData& data,
                                      const std::vector<Objective>& objectives);

/// How one axis, or several that take their values together, moves one metric.
struct AxisEffect {
    std::string key;  ///< "core.rows", "core.rows+core.columns" if each determines the other
    std::uint64_t levels = 0;  ///< values, or bins, among the participants
    /// Smallest and largest mean of the metric over the points with one value, and that value
    /// ("8", "8+4", "4..9" for a bin, "(not set)").
    double lowest_mean = 0.0;
    double highest_mean = 0.0;
    std::string lowest_value;
    std::string highest_value;
    /// Share of the metric's variance that its value explains: sum of squares between its values
    /// over the total sum of squares (eta squared; the first-order Sobol index on a full grid).
    /// 0 if the metric is constant.
    double variance_share = 0.0;
    std::uint64_t fewest_points = 0;    ///< of one value
    bool is_binned = false;             ///< levels are quantile bins of its numbers
    std::uint64_t distinct_values = 0;  ///< before binning
};

struct Sensitivity {
    std::vector<AxisEffect> effects;     ///< as sensitivity()
    std::vector<std::string> constants;  ///< keys with one value among the participants
    Participants participants;
    double lowest = 0.0;  ///< of the metric
    double highest = 0.0;
    double mean = 0.0;
    bool is_constant = false;  ///< the metric has one value: there is nothing to explain
    /// Each combination of values of the effects is there exactly once: shares add up to at most 1,
    /// and what remains is interaction.
    bool is_full_grid = false;
};

Sensitivity analyse(const SweepData& data, const Objective& objective);
/// The same of each metric, sooner than one by one: the axes are read once for all metrics that the
/// same points have.
std::vector<Sensitivity> analyse(const SweepData& data, const std::vector<Objective>& objectives);

/// By variance share, largest first; equal ones in axis order. Axes with one value are left out.
std::vector<AxisEffect> sensitivity(const SweepData& data, const Objective& objective);

}  // namespace skipsim::sweep
