// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/analysis_text.h"

#include "sim/base/check.h"
#include "sim/base/csv.h"
#include "sim/base/number.h"
#include "sim/stats/text_table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string_view>
#include <system_error>

namespace skipsim::sweep {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  ///< 2^53
constexpr std::size_t kMostCharacters = 40;

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool is_whole(double value) {
    return value == std::floor(value) && std::abs(value) < kLargestExact;
}

/// Numbers without a unit of their own.
std::string plain_text(double value) {
    constexpr double kManyDigits = 1000.0;
    constexpr double kHuge = 1e15;
    const double size = std::abs(value);
    if (is_whole(value) || (size >= kManyDigits && size < kHuge)) {
        const std::string digits = stats::with_commas(static_cast<std::uint64_t>(std::round(size)));
        return (value < 0.0 ? "-" : "") + digits;
    }
    char buffer[32];
    const int length = std::snprintf(buffer, sizeof buffer, "%.4g", value);
    return {buffer, static_cast<std::size_t>(std::max(length, 0))};
}

/// Characters on the screen: UTF-8 continuation bytes take none.
bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

std::size_t width_of(const TextColumn& column) {
    std::size_t width = 0;
    for (const std::string& cell : column.cells) {
        width = std::max(width, width_of(cell));
    }
    return width;
}

std::string block_text(const std::vector<const TextColumn*>& columns) {
    stats::TextTable table;
    for (std::size_t row = 0; row < columns[0]->cells.size(); ++row) {
        std::vector<std::string> cells;
        for (const TextColumn* column : columns) {
            std::string cell = column->cells[row];
            if (column->is_left) {  // the table aligns to the right
                cell += std::string(width_of(*column) - width_of(cell), ' ');
            }
            cells.push_back(std::move(cell));
        }
        table.add_row(std::move(cells));
    }
    return table.text(0);
}

/// 65.9707652007 -> 65.971; everything else stays.
std::string short_number(const std::string& text) {
    constexpr std::size_t kManyCharacters = 8;
    const std::optional<double> number = base::parse_number<double>(text);
    if (text.size() <= kManyCharacters || !number || is_whole(*number)) {
        return text;
    }
    char buffer[32];
    const int length = std::snprintf(buffer, sizeof buffer, "%.5g", *number);
    return {buffer, static_cast<std::size_t>(std::max(length, 0))};
}

}  // namespace

std::string metric_text(const std::string& metric, double value) {
    const bool is_energy = ends_with(metric, "_pj") || ends_with(metric, "_pj_low") ||
                           ends_with(metric, "_pj_high") || ends_with(metric, "_pj_on_chip") ||
                           metric.rfind("energy_pj_by_component.", 0) == 0;
    if (value < 0.0) {
        return plain_text(value);
    }
    if (is_energy) {
        return stats::energy_text(value);
    }
    if (metric == "time_s") {
        return stats::time_text(value);
    }
    if (metric == "utilisation") {
        constexpr double kPercent = 100.0;
        return stats::fixed(value * kPercent, 2) + " %";
    }
    if (metric == "speedup") {
        return stats::ratio(value, 1.0);
    }
    return plain_text(value);
}

std::string exact_text(double value) {
    if (is_whole(value)) {
        return std::to_string(static_cast<std::int64_t>(value));
    }
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
    base::require(error == std::errc(), "exact_text: the number does not fit");
    return {buffer, end};
}

nlohmann::ordered_json exact_json(double value) {
    return is_whole(value) ? nlohmann::ordered_json(static_cast<std::int64_t>(value))
                           : nlohmann::ordered_json(value);
}

std::string csv_line(const std::vector<std::string>& fields) {
    std::string line;
    for (std::size_t index = 0; index < fields.size(); ++index) {
        line += (index == 0 ? "" : ",") + base::csv_field(fields[index]);
    }
    return line + '\n';
}

std::string short_value(const std::string& text) {
    std::string name = text.substr(text.rfind('/') + 1);
    const std::size_t dots = name.find("..");
    name = dots == std::string::npos
               ? short_number(name)
               : short_number(name.substr(0, dots)) + ".." + short_number(name.substr(dots + 2));
    if (width_of(name) <= kMostCharacters) {
        return name;
    }
    constexpr std::size_t kHead = 24;
    constexpr std::size_t kTail = kMostCharacters - kHead - 1;
    std::string head;
    std::string tail;
    std::size_t position = 0;
    const std::size_t characters = width_of(name);
    for (const char c : name) {
        position += begins_character(c) ? 1 : 0;
        if (position <= kHead) {
            head += c;
        } else if (position > characters - kTail) {
            tail += c;
        }
    }
    return head + "\u2026" + tail;
}

std::vector<std::string> short_keys(const std::vector<std::string>& keys) {
    const auto last_part = [](const std::string& key) { return key.substr(key.rfind('.') + 1); };
    std::map<std::string, int> uses;
    for (const std::string& key : keys) {
        ++uses[last_part(key)];
    }
    std::vector<std::string> names;
    for (const std::string& key : keys) {
        names.push_back(uses[last_part(key)] == 1 ? last_part(key) : key);
    }
    return names;
}

std::string columns_text(const std::vector<TextColumn>& columns, std::size_t width) {
    base::require(!columns.empty(), "columns_text: no column");
    constexpr std::size_t kGap = 2;
    std::string text;
    std::vector<const TextColumn*> block{&columns[0]};
    std::size_t used = width_of(columns[0]);
    for (std::size_t index = 1; index < columns.size(); ++index) {
        const std::size_t needed = kGap + width_of(columns[index]);
        if (block.size() > 1 && used + needed > width) {
            text += block_text(block) + '\n';
            block = {&columns[0]};
            used = width_of(columns[0]);
        }
        block.push_back(&columns[index]);
        used += needed;
    }
    return text + block_text(block);
}

}  // namespace skipsim::sweep
