// SPDX-License-Identifier: Apache-2.0
// The meaning of every number in result.json, as data: `skipsim list statistics` prints it, and a
// test requires that no field of a result is missing from it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skipsim::stats {

struct Statistic {
    /// Path in result.json below a layer row, a totals object, a unit or an estimate.
    std::string_view name;
    std::string_view group;  ///< "row and totals", "row", "totals", "unit", "estimate", "trace",
                             ///< "memory_file", "wall"
    std::string_view unit;
    std::string_view combines;  ///< over rows: "sum", "-"
    std::string_view meaning;
};

/// Fixed part; PE categories, actions and components have their own catalogues.
const std::vector<Statistic>& statistics();

/// What each PE category means, in the order of base::PeCategory.
const std::vector<std::string_view>& pe_category_meanings();

std::string statistics_as_text();
std::string actions_as_text();

}  // namespace skipsim::stats
