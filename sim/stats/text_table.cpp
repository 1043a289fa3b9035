// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/text_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

namespace skipsim::stats {
namespace {

/// Characters on the screen: UTF-8 continuation bytes take none.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

}  // namespace

std::string TextTable::text(std::size_t left_columns) const {
    std::vector<std::size_t> widths;
    for (const std::vector<std::string>& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()), 0);
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(row[column]));
        }
    }
    std::string text;
    for (const std::vector<std::string>& row : rows_) {
        std::string line;
        for (std::size_t column = 0; column < row.size(); ++column) {
            const std::string padding(widths[column] - width_of(row[column]), ' ');
            line += column == 0 ? "" : "  ";
            line += column < left_columns ? row[column] + padding : padding + row[column];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

std::string with_commas(std::uint64_t number) {
    std::string digits = std::to_string(number);
    constexpr std::size_t kGroup = 3;
    for (std::size_t position = digits.size(); position > kGroup;) {
        position -= kGroup;
        digits.insert(position, 1, ',');
    }
    return digits;
}

std::string fixed(double number, int decimals) {
    char buffer[64];
    const int length = std::snprintf(buffer, sizeof buffer, "%.*f", decimals, number);
    const bool fits = length > 0 && static_cast<std::size_t>(length) < sizeof buffer;
    if (!fits) {
        std::snprintf(buffer, sizeof buffer, "%.3e", number);
    }
    return buffer;
}

std::string ratio(double numerator, double denominator) {
    return denominator == 0.0 ? "n/a" : fixed(numerator / denominator, 2) + "x";
}

std::string percent(double part, double whole) {
    return whole == 0.0 ? "n/a" : fixed(100.0 * part / whole, 1) + " %";
}

std::string energy_text(double pj) {
    static constexpr std::array<std::pair<double, std::string_view>, 7> kUnits{{{1e18, "MJ"},
                                                                                {1e15, "kJ"},
                                                                                {1e12, "J"},
                                                                                {1e9, "mJ"},
                                                                                {1e6, "uJ"},
                                                                                {1e3, "nJ"},
                                                                                {1, "pJ"}}};
    for (const auto& [size, unit] : kUnits) {
        if (pj >= size) {
            return fixed(pj / size, 2) + ' ' + std::string(unit);
        }
    }
    return fixed(pj, 2) + " pJ";
}

std::string time_text(double seconds) {
    static constexpr std::array<std::pair<double, std::string_view>, 6> kUnits{
        {{3600.0, "h"}, {60.0, "min"}, {1.0, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}};
    for (const auto& [size, unit] : kUnits) {
        if (seconds >= size) {
            return fixed(seconds / size, 2) + ' ' + std::string(unit);
        }
    }
    return fixed(seconds / 1e-9, 2) + " ns";
}

}  // namespace skipsim::stats
