// SPDX-License-Identifier: Apache-2.0
// Finished sweeps made by hand.
#pragma once

#include "sim/sweep/sweep_data.h"

#include <string>
#include <utility>
#include <vector>

namespace skipsim::sweep {

/// A finished point with these metrics of the whole run; it is numbered and labelled.
inline SweepPoint& add_point(SweepData& data, std::vector<Setting> settings,
                             const std::vector<std::pair<std::string, double>>& metrics) {
    SweepPoint point;
    point.number = data.points.size();
    point.label = "point " + std::to_string(point.number);
    point.folder = "points/" + std::to_string(point.number);
    point.settings = std::move(settings);
    point.status = PointStatus::done;
    for (const auto& [metric, value] : metrics) {
        point.metrics["total"][metric] = value;
    }
    data.points.push_back(std::move(point));
    return data.points.back();
}

inline SweepData empty_sweep(std::vector<std::string> axis_keys) {
    SweepData data;
    data.name = "made-up";
    data.folder = "runs/made-up";
    data.axis_keys = std::move(axis_keys);
    return data;
}

}  // namespace skipsim::sweep
