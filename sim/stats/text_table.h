// SPDX-License-Identifier: Apache-2.0
// Numbers and aligned columns for a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::stats {

/// First column to the left, the others to the right.
class TextTable {
public:
    void add_row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    void add_empty_row() { rows_.emplace_back(); }
    /// `left_columns`: how many columns are aligned to the left.
    [[nodiscard]] std::string text(std::size_t left_columns = 1) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// 1234567 -> "1,234,567"
std::string with_commas(std::uint64_t number);
/// Fixed number of decimals.
std::string fixed(double number, int decimals);
/// "2.31x", "n/a" if the denominator is 0.
std::string ratio(double numerator, double denominator);
/// "12.3 %", "n/a" if the whole is 0.
std::string percent(double part, double whole);
/// Picojoules in a unit that leaves 1 to 999 before the point: "12.3 uJ".
std::string energy_text(double pj);
/// Seconds likewise: "1.2 ms", "3.4 h".
std::string time_text(double seconds);

}  // namespace skipsim::stats
