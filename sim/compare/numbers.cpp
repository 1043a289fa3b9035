// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/numbers.h"

#include "sim/stats/text_table.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

namespace skipsim::compare {
namespace {

constexpr const char* kNone = "-";

/// With the prefix of a power of thousand: "12.35 M".
std::string with_prefix(double value, const std::string& unit) {
    static constexpr std::array<std::pair<double, std::string_view>, 6> kPrefixes{
        {{1e18, "E"}, {1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
    for (const auto& [size, prefix] : kPrefixes) {
        if (value >= size) {
            return stats::fixed(value / size, 2) + ' ' + std::string(prefix) + unit;
        }
    }
    return stats::fixed(value, value == std::floor(value) ? 0 : 2) +
           (unit.empty() ? "" : ' ' + unit);
}

std::string count_text(double value) {
    constexpr double kMostWritten = 1e7;
    return value == std::floor(value) && value < kMostWritten
               ? stats::with_commas(static_cast<std::uint64_t>(value))
               : with_prefix(value, "");
}

/// Of a number that is not negative.
std::string size_text(double value, const std::string& unit) {
    if (unit == "pJ") {
        return stats::energy_text(value);
    }
    if (unit == "s") {
        return stats::time_text(value);
    }
    if (unit == "mW") {
        constexpr double kMilliwatts = 1e3;
        return value >= kMilliwatts ? with_prefix(value / kMilliwatts, "W")
                                    : stats::fixed(value, 2) + " mW";
    }
    if (unit == "bytes") {
        return with_prefix(value, "B");
    }
    if (unit == "x") {
        return stats::fixed(value, 3) + "x";
    }
    if (unit == "share") {
        constexpr double kWhole = 100.0;
        return stats::fixed(value * kWhole, 2) + " %";
    }
    if (unit == "pJ s") {
        char buffer[32];
        std::snprintf(buffer, sizeof buffer, "%.3e pJ s", value);
        return buffer;
    }
    return count_text(value);
}

}  // namespace

std::string value_text(const std::optional<double>& value, const std::string& unit) {
    if (!value) {
        return kNone;
    }
    return (*value < 0.0 ? "-" : "") + size_text(std::abs(*value), unit);
}

std::string difference_text(const std::optional<double>& value, const std::string& unit) {
    if (!value) {
        return kNone;
    }
    if (*value == 0.0) {
        return "0";
    }
    std::string size = size_text(std::abs(*value), unit);
    if (unit == "share") {
        size.replace(size.size() - 1, 1, "pt");
    }
    return (*value < 0.0 ? "-" : "+") + size;
}

std::string percent_text(const std::optional<double>& percent) {
    if (!percent) {
        return kNone;
    }
    if (*percent == 0.0) {
        return "0 %";
    }
    constexpr double kFewDecimals = 100.0;
    constexpr double kSmallestShown = 0.005;
    const double size = std::abs(*percent);
    const std::string sign = *percent < 0.0 ? "-" : "+";
    return sign +
           (size < kSmallestShown ? "<0.01" : stats::fixed(size, size < kFewDecimals ? 2 : 0)) +
           " %";
}

std::string ratio_text(const std::optional<double>& ratio) {
    constexpr double kFewDecimals = 100.0;
    return ratio ? stats::fixed(*ratio, *ratio < kFewDecimals ? 3 : 0) + "x" : kNone;
}

std::string raw_text(const std::optional<double>& value) {
    if (!value) {
        return "";
    }
    constexpr double kExactWhole = 9007199254740992.0;  // 2^53
    const bool is_whole = *value == std::floor(*value) && std::abs(*value) <= kExactWhole;
    return is_whole ? std::to_string(static_cast<std::int64_t>(*value))
                    : nlohmann::json(*value).dump();
}

}  // namespace skipsim::compare
