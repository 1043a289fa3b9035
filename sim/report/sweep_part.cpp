// SPDX-License-Identifier: Apache-2.0
#include "sim/report/page_data.h"

#include <algorithm>

namespace skipsim::report {
namespace {

using Json = nlohmann::ordered_json;

/// A page of more points has only the main metrics, so that a browser can hold it.
constexpr std::size_t kMostPointsInFull = 5000;

const char* name_of(sweep::PointStatus status) {
    switch (status) {
        case sweep::PointStatus::waiting:
            return "waiting";
        case sweep::PointStatus::done:
            return "done";
        case sweep::PointStatus::failed:
            return "failed";
    }
    return "waiting";
}

Json number_at(const sweep::SweepPoint& point, const std::string& stage,
               const std::string& metric) {
    const auto found = point.metrics.find(stage);
    if (found == point.metrics.end()) {
        return nullptr;
    }
    const auto value = found->second.find(metric);
    return value == found->second.end() ? Json(nullptr) : Json(value->second);
}

/// One value for each point, or the value itself if all have the same.
Json column_of(const std::vector<sweep::SweepPoint>& points, const std::string& stage,
               const std::string& metric) {
    Json column = Json::array();
    bool is_constant = true;
    for (const sweep::SweepPoint& point : points) {
        column.push_back(number_at(point, stage, metric));
        is_constant = is_constant && column.back() == column.front();
    }
    return is_constant && !column.empty() ? Json(column.front()) : column;
}

bool is_shown(const sweep::SweepData& sweep, const std::string& metric) {
    return sweep.points.size() <= kMostPointsInFull ||
           std::find(sweep::kMainMetrics.begin(), sweep::kMainMetrics.end(), metric) !=
               sweep::kMainMetrics.end();
}

std::map<std::string, std::set<std::string>> metrics_of(const sweep::SweepData& sweep) {
    std::map<std::string, std::set<std::string>> names;
    for (const sweep::SweepPoint& point : sweep.points) {
        for (const auto& [stage, metrics] : point.metrics) {
            for (const auto& [metric, value] : metrics) {
                if (is_shown(sweep, metric)) {
                    names[stage].insert(metric);
                }
            }
        }
    }
    return names;
}

/// The values of the axes, null where a listed point lacks one.
Json settings_of(const sweep::SweepPoint& point, const std::vector<std::string>& keys) {
    Json values = Json::array();
    for (const std::string& key : keys) {
        values.push_back(nullptr);
        for (const sweep::Setting& setting : point.settings) {
            if (setting.key == key) {
                values.back() = setting.value;
            }
        }
    }
    return values;
}

}  // namespace

Json sweep_part(const sweep::SweepData& sweep) {
    Json part = {{"name", sweep.name},
                 {"folder", sweep.folder},
                 {"config", sweep.config_path},
                 {"traces", sweep.traces},
                 {"axes", sweep.axis_keys},
                 {"has_all_metrics", sweep.points.size() <= kMostPointsInFull},
                 {"points", Json::array()},
                 {"metrics", Json::object()}};
    for (const sweep::SweepPoint& point : sweep.points) {
        part["points"].push_back({point.number, name_of(point.status), point.folder, point.error,
                                  settings_of(point, sweep.axis_keys)});
    }
    const std::map<std::string, std::set<std::string>> shown = metrics_of(sweep);
    for (const auto& [stage, metrics] : shown) {
        Json& columns = part["metrics"][stage] = Json::object();
        for (const std::string& metric : metrics) {
            columns[metric] = column_of(sweep.points, stage, metric);
        }
    }
    part["sensitivity"] = sensitivity_part(sweep, shown);
    return part;
}

}  // namespace skipsim::report
