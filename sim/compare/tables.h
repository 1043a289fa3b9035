// SPDX-License-Identifier: Apache-2.0
// A comparison as text: for people, for spreadsheets, for programs.
#pragma once

#include "sim/compare/comparison.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace skipsim::compare {

inline constexpr const char* kComparisonSchema = "skipsim-comparison/1";
inline constexpr std::size_t kUsualWidth = 100;
inline constexpr std::size_t kLeastWidth = 60;

/// Warnings, results, differing keys of the configurations, and the numbers in columns, in lines of
/// at most `width` characters (kLeastWidth if that is more). Results that do not fit beside each
/// other stand below each other, each time with the baseline. Lines that are 0 everywhere are left
/// out.
std::string table_of(const Comparison& comparison, std::size_t width = kUsualWidth);

/// A line for each number of each result: item, metric, unit, result, value, difference, percent,
/// ratio. Numbers with all their digits; empty where there is none. Holds no warnings.
std::string csv_of(const Comparison& comparison);

/// Schema `skipsim-comparison/1`: everything of the comparison; null where there is no number.
nlohmann::ordered_json json_of(const Comparison& comparison);

/// "total", "component", "stage", "layer"
const char* name_of(By by);

}  // namespace skipsim::compare
