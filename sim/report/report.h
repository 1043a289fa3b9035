// SPDX-License-Identifier: Apache-2.0
// One self-contained HTML page: charts, sortable tables, assumptions. Opens without a network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/compare/comparison.h"
#include "sim/results/result_file.h"
#include "sim/sweep/sweep_data.h"

namespace skipsim::report {

struct ReportInput {
    std::vector<results::ResultFile> results;       ///< each gets its own part
    std::optional<compare::Comparison> comparison;  ///< of two and more results
    std::vector<sweep::SweepData> sweeps;           ///< each gets a Pareto scatter and a table
    std::vector<std::string> notices;               ///< what a reader has to know first
};

/// The page. Requires at least one result or sweep.
std::string report_page(const ReportInput& input);

}  // namespace skipsim::report
