// SPDX-License-Identifier: Apache-2.0
#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/sweep/analysis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace skipsim::sweep {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 4> kShortNames{
    {{"energy", "energy_pj"}, {"dram", "dram_bytes"}, {"time", "time_s"}, {"power", "power_mw"}}};

bool is_higher_better_by_nature(const std::string& metric) {
    return metric == "utilisation" || metric == "speedup";
}

/// Null if the point does not have it.
const double* find_value(const SweepPoint& point, const std::string& stage,
                         const std::string& metric) {
    const auto metrics = point.metrics.find(stage);
    if (metrics == point.metrics.end()) {
        return nullptr;
    }
    const auto value = metrics->second.find(metric);
    return value == metrics->second.end() ? nullptr : &value->second;
}

bool is_known(const SweepData& data, const std::string& stage, const std::string& metric) {
    return std::any_of(data.points.begin(), data.points.end(), [&](const SweepPoint& point) {
        return point.status == PointStatus::done && find_value(point, stage, metric) != nullptr;
    });
}

/// Every name that would have been right.
std::vector<std::string> names_of(const SweepData& data) {
    std::set<std::string> names;
    for (const SweepPoint& point : data.points) {
        if (point.status != PointStatus::done) {
            continue;
        }
        for (const auto& [stage, metrics] : point.metrics) {
            for (const auto& [metric, value] : metrics) {
                names.insert(stage == "total" ? metric : stage + '.' + metric);
            }
        }
    }
    return {names.begin(), names.end()};
}

[[noreturn]] void refuse(const std::string& name, const SweepData& data) {
    const std::vector<std::string> names = names_of(data);
    if (names.empty()) {
        throw base::InputError(data.folder + ": no point is finished, so there is no metric \"" +
                               name + "\"; expected at least one finished point");
    }
    const std::string near = base::nearest_name(name, names);
    throw base::InputError(
        "\"" + name + "\": unknown metric; expected one that `skipsim list statistics` marks " +
        "\"totals\", speedup, utilisation, energy_delay_pj_s or processing_elements, such as "
        "cycles, FF.cycles, max:utilisation" +
        (near.empty() ? "" : "; did you mean " + near + "?"));
}

std::string long_name(const std::string& metric) {
    for (const auto& [short_name, name] : kShortNames) {
        if (metric == short_name) {
            return name;
        }
    }
    return metric;
}

/// Finds stage and metric of "FF.cycles"; names of metrics have dots too.
bool resolve(const std::string& name, const SweepData& data, Objective& objective) {
    const std::size_t dot = name.find('.');
    std::vector<std::pair<std::string, std::string>> readings{{"total", name}};
    if (dot != std::string::npos) {
        readings.emplace_back(name.substr(0, dot), name.substr(dot + 1));
    }
    for (const auto& [stage, typed] : readings) {
        for (const std::string& metric : {typed, long_name(typed)}) {
            if (is_known(data, stage, metric)) {
                objective.stage = stage;
                objective.metric = metric;
                return true;
            }
        }
    }
    return false;
}

}  // namespace

Objective parse_objective(const std::string& text, const SweepData& data) {
    Objective objective;
    objective.text = text;
    const bool is_maximum = text.rfind("max:", 0) == 0;
    const bool is_minimum = text.rfind("min:", 0) == 0;
    constexpr std::size_t kDirectionLength = 4;
    const std::string name = is_maximum || is_minimum ? text.substr(kDirectionLength) : text;
    if (!resolve(name, data, objective)) {
        refuse(name, data);
    }
    objective.is_higher_better =
        is_maximum || (!is_minimum && is_higher_better_by_nature(objective.metric));
    return objective;
}

std::string name_of(const Objective& objective) {
    return (objective.is_higher_better ? "max:" : "") +
           (objective.stage == "total" ? "" : objective.stage + '.') + objective.metric;
}

Participants participants(const SweepData& data, const std::vector<Objective>& objectives) {
    Participants found;
    for (std::size_t position = 0; position < data.points.size(); ++position) {
        const SweepPoint& point = data.points[position];
        const bool has_all =
            std::all_of(objectives.begin(), objectives.end(), [&](const Objective& objective) {
                const double* value = find_value(point, objective.stage, objective.metric);
                return value != nullptr && std::isfinite(*value);
            });
        if (point.status == PointStatus::failed) {
            ++found.failed;
        } else if (point.status == PointStatus::waiting) {
            ++found.waiting;
        } else if (!has_all) {
            ++found.without_metric;
        } else {
            found.points.push_back(position);
        }
    }
    return found;
}

double value_of(const SweepPoint& point, const Objective& objective) {
    const double* value = find_value(point, objective.stage, objective.metric);
    base::require(value != nullptr, "value_of: the point lacks the metric");
    return *value;
}

}  // namespace skipsim::sweep
