// SPDX-License-Identifier: Apache-2.0
// Results beside each other: totals, components, stages, layers; absolute, difference, percent and
// ratio to a baseline. Plain data, printed by tables.h.
#pragma once

#include "sim/results/result_file.h"

#include <optional>
#include <string>
#include <vector>

namespace skipsim::compare {

enum class By { total, component, stage, layer };

/// One number of one result, and how it stands to the baseline's. Nothing: the result lacks it.
struct Cell {
    std::optional<double> value;
    std::optional<double> difference;  ///< value - baseline
    std::optional<double> percent;     ///< 100 * difference / baseline; nothing if that is 0
    std::optional<double> ratio;       ///< value / baseline; nothing if that is 0
};

/// One metric of one item ("totals", "FF", "dram", "layer1.0.conv1 FF"), across all results.
struct Line {
    std::string item;
    std::string metric;  ///< as in result.json: "cycles", "energy_pj", "macs.issued"
    std::string unit;
    std::vector<Cell> cells;  ///< in the order of Comparison::labels
};

/// A configuration key whose values differ; "" where a result does not have it.
struct ConfigDifference {
    std::string key;
    std::vector<std::string> values;
};

struct Comparison {
    std::vector<std::string> labels;  ///< of the results
    std::vector<std::string> paths;
    std::size_t baseline = 0;  ///< index into labels
    By by = By::total;
    std::vector<Line> lines;
    std::vector<ConfigDifference> config_differences;
    /// What makes the numbers not comparable as they stand (other trace, network, selection, seed,
    /// engine, version, energy table); a sentence each, naming the results.
    std::vector<std::string> warnings;
};

/// Requires at least two results and a valid baseline. Throws InputError for results that share
/// nothing that could be compared (other networks), unless `allow_different`.
Comparison compare(const std::vector<results::ResultFile>& files, std::size_t baseline, By by,
                   bool allow_different = false);

}  // namespace skipsim::compare
