// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/limits.h"

#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/results/metrics.h"
#include "sim/compare/numbers.h"
#include "sim/stats/run_result.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

namespace skipsim::compare {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kShortNames{
    {{"energy", "energy_pj"}, {"dram", "dram_bytes"}, {"time", "time_s"}, {"power", "power_mw"}}};

[[noreturn]] void fail(const std::string& text, const std::string& what) {
    throw base::InputError("--fail-above " + text + ": " + what);
}

std::optional<double> percent_of(std::string text) {
    if (!text.empty() && text.back() == '%') {
        text.pop_back();
    }
    constexpr double kMost = 1e6;
    double number = 0.0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    const bool is_good = error == std::errc() && stop == end && number >= 0.0 && number <= kMost;
    return is_good ? std::optional(number) : std::nullopt;
}

/// A higher number of these two is better.
std::vector<std::string> limited_metrics(const Json& document) {
    std::vector<std::string> names = results::metric_names(document.at("totals"));
    names.erase(std::remove_if(names.begin(), names.end(),
                               [](const std::string& name) {
                                   return name == "speedup" || name == "utilisation";
                               }),
                names.end());
    return names;
}

const Json& part_of(const Json& document, const std::string& stage) {
    return stage.empty() ? document.at("totals") : document.at("totals_by_stage").at(stage);
}

std::string name_of(const Limit& limit) {
    return (limit.stage.empty() ? "" : limit.stage + '.') + limit.metric;
}

double value_of(const results::ResultFile& file, const Limit& limit) {
    const std::optional<double> value =
        results::metric_of(part_of(file.document, limit.stage), limit.metric);
    if (!value) {
        throw base::InputError("--fail-above " + name_of(limit) + ": " + file.path +
                               " has no such number");
    }
    return *value;
}

/// More than a rounding above the limit.
bool is_above(double value, double baseline, double percent) {
    constexpr double kRounding = 1e-12;
    constexpr double kWhole = 100.0;
    return value > baseline * (1.0 + percent / kWhole) * (1.0 + kRounding);
}

}  // namespace

Limit parse_limit(const std::string& text, const Json& document) {
    const std::size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0) {
        fail(text, "expected METRIC=PERCENT, such as energy=2 or FF.cycles=0.5");
    }
    Limit limit;
    limit.metric = text.substr(0, equals);
    for (const std::string_view stage : stats::kStageNames) {
        const std::string prefix = std::string(stage) + '.';
        if (limit.metric.rfind(prefix, 0) == 0) {
            limit.stage = stage;
            limit.metric.erase(0, prefix.size());
        }
    }
    std::vector<std::string> names = limited_metrics(document);
    for (const auto& [short_name, name] : kShortNames) {
        if (limit.metric == short_name) {
            limit.metric = name;
        }
        names.emplace_back(short_name);
    }
    if (std::find(names.begin(), names.end(), limit.metric) == names.end()) {
        const std::string near = base::nearest_name(limit.metric, names);
        fail(text, "unknown metric \"" + limit.metric + "\"" +
                       (near.empty() ? "; expected one of totals in result.json, such as cycles"
                                     : "; did you mean " + near + "?"));
    }
    const std::optional<double> percent = percent_of(text.substr(equals + 1));
    if (!percent) {
        fail(text, "expected a percentage in 0..1000000, got \"" + text.substr(equals + 1) + "\"");
    }
    limit.percent = *percent;
    return limit;
}

std::vector<std::string> exceeded(const std::vector<results::ResultFile>& files,
                                  std::size_t baseline, const std::vector<Limit>& limits) {
    std::vector<std::string> sentences;
    for (const Limit& limit : limits) {
        const double expected = value_of(files[baseline], limit);
        for (const results::ResultFile& file : files) {
            const double value = value_of(file, limit);
            if (!is_above(value, expected, limit.percent)) {
                continue;
            }
            constexpr double kWhole = 100.0;
            const std::string unit = results::unit_of(limit.metric);
            const std::string by =
                expected == 0.0 ? "above 0" : percent_text(kWhole * (value / expected - 1.0));
            sentences.push_back(file.label + ": " + name_of(limit) + " is " +
                                value_text(value, unit) + ", " + by + " over " +
                                files[baseline].label + " with " + value_text(expected, unit) +
                                "; allowed are " + raw_text(limit.percent) + " %");
        }
    }
    return sentences;
}

}  // namespace skipsim::compare
