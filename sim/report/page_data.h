// SPDX-License-Identifier: Apache-2.0
// What the page needs of its input, as compact JSON: rows are arrays of numbers below a list of
// column names, repeated texts are positions in a list. The scripts in sim/report/page read it.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>

#include "sim/compare/comparison.h"
#include "sim/report/report.h"
#include "sim/results/result_file.h"
#include "sim/sweep/sweep_data.h"

namespace skipsim::report {

nlohmann::ordered_json page_data(const ReportInput& input);

/// One result, without its counts of actions.
nlohmann::ordered_json result_part(const results::ResultFile& file);
nlohmann::ordered_json comparison_part(const compare::Comparison& comparison);
nlohmann::ordered_json sweep_part(const sweep::SweepData& sweep);
/// What sweep::analyse() says of each of these metrics. Metrics that the same points have share
/// their axes ("designs"); texts of values are positions in "values".
nlohmann::ordered_json sensitivity_part(
    const sweep::SweepData& sweep, const std::map<std::string, std::set<std::string>>& metrics);

}  // namespace skipsim::report
