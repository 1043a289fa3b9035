// SPDX-License-Identifier: Apache-2.0
// The answers of analysis.h as text: aligned tables for a terminal, CSV and JSON with every digit.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include "sim/sweep/analysis.h"

namespace skipsim::sweep {

/// `front`: what pareto_front() found for these objectives.
struct ParetoAnswer {
    const SweepData& data;
    const std::vector<Objective>& objectives;
    const std::vector<std::size_t>& front;
};

/// A line for each point of `front`, which may be any points: number, settings that vary in the
/// sweep, objectives. `width` of the terminal [characters].
std::string points_table(const ParetoAnswer& answer, std::size_t width);
/// The same, and how many points are dominated.
std::string pareto_table(const ParetoAnswer& answer, std::size_t width);
/// A line for each point of the front: number, folder, settings, objectives.
std::string pareto_csv(const ParetoAnswer& answer);
/// schema "skipsim-pareto/1".
nlohmann::ordered_json pareto_json(const ParetoAnswer& answer);

std::string sensitivity_table(const SweepData& data, const std::vector<Objective>& metrics,
                              std::size_t width);
/// A line for each metric and axis.
std::string sensitivity_csv(const SweepData& data, const std::vector<Objective>& metrics);
/// schema "skipsim-sensitivity/1".
nlohmann::ordered_json sensitivity_json(const SweepData& data,
                                        const std::vector<Objective>& metrics);

/// Joined keys as far as a table has room for them: "core.rows and 3 more".
std::string axis_name(const AxisEffect& effect);
/// "a, b, c" of "a+b+c".
std::string listed_keys(const AxisEffect& effect);
/// Share that an axis without any influence is expected to get from so many bins.
double chance_share(const AxisEffect& effect, std::size_t points);
/// Lines that say what to know of an axis: joined, binned, one point for each value. "" if nothing.
std::string effect_notes(const AxisEffect& effect, std::size_t points);

/// "3 failed points and 2 waiting ones take no part\n"; "" if all take part.
std::string absence_text(const Participants& participants);

}  // namespace skipsim::sweep
