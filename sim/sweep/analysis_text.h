// SPDX-License-Identifier: Apache-2.0
// How answers about a sweep are written: numbers for people, numbers for programs, tables that fit.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace skipsim::sweep {

/// In the metric's unit, for people: "1,234", "12.30 uJ", "71.2 %".
std::string metric_text(const std::string& metric, double value);
/// Shortest text that reads back as the same number; whole numbers without a point or an exponent.
std::string exact_text(double value);
/// The same for JSON.
nlohmann::ordered_json exact_json(double value);

/// A line of a CSV file, fields in quotes where they must be.
std::string csv_line(const std::vector<std::string>& fields);

/// File names without their folders, drawn numbers and bounds of bins with five digits, and at most
/// 40 characters: the middle gives way.
std::string short_value(const std::string& text);
/// The last part of each key; the whole key where two would be the same.
std::vector<std::string> short_keys(const std::vector<std::string>& keys);

/// One column of a table, its heading first.
struct TextColumn {
    std::vector<std::string> cells;
    bool is_left = false;  ///< text, not numbers
};

/// Columns beside each other. Those that do not fit into `width` characters follow in further
/// blocks, each of which begins with the first column again.
std::string columns_text(const std::vector<TextColumn>& columns, std::size_t width);

}  // namespace skipsim::sweep
