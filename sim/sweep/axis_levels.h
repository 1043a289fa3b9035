// SPDX-License-Identifier: Apache-2.0
// The axes of a sweep as a sensitivity analysis sees them: which points share a value. Axes that
// determine each other (zipped keys) become one, and a numeric axis whose values hardly repeat
// (drawn points) is cut into quantile bins. ANALYSIS.md has the rules.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/sweep_data.h"

namespace skipsim::sweep {

struct AxisLevels {
    std::string key;                  ///< "core.rows" or "core.rows+core.columns"
    std::vector<std::string> values;  ///< of each level, in the order of their numbers, else rising
    std::vector<std::uint32_t> level_of;  ///< of each point, in the order of `points`
    std::vector<std::uint64_t> counts;    ///< points of each level
    bool is_binned = false;
    std::uint64_t distinct_values = 0;  ///< before binning
};

struct SweepAxes {
    std::vector<AxisLevels> axes;        ///< with two and more levels, in the order of axis_keys
    std::vector<std::string> constants;  ///< keys with one value
};

/// `points`: positions in data.points.
SweepAxes levels_of_axes(const SweepData& data, const std::vector<std::size_t>& points);

/// Whether each combination of levels is there exactly once.
bool is_full_grid(const std::vector<AxisLevels>& axes);

}  // namespace skipsim::sweep
