// SPDX-License-Identifier: Apache-2.0
#include "sim/base/csv.h"
#include "sim/config/parameter.h"
#include "sim/sweep/sweep.h"

namespace skipsim::sweep {
namespace {

std::string setting_of(const SweepPoint& point, const std::string& key) {
    for (const Setting& setting : point.settings) {
        if (setting.key == key) {
            return setting.value;
        }
    }
    return "";
}

std::string metric_of(const SweepPoint& point, const char* metric) {
    const auto total = point.metrics.find("total");
    if (total == point.metrics.end()) {
        return "";
    }
    const auto found = total->second.find(metric);
    return found == total->second.end() ? "" : config::shortest(found->second);
}

const char* status_name(PointStatus status) {
    switch (status) {
        case PointStatus::done:
            return "done";
        case PointStatus::failed:
            return "failed";
        default:
            return "waiting";
    }
}

}  // namespace

std::string points_as_csv(const SweepData& data) {
    std::string csv = "point,status";
    for (const std::string& axis : data.axis_keys) {
        csv += ',' + base::csv_field(axis);
    }
    for (const char* metric : kMainMetrics) {
        csv += std::string(",") + metric;
    }
    csv += ",folder,error\n";
    for (const SweepPoint& point : data.points) {
        csv += std::to_string(point.number) + ',' + status_name(point.status);
        for (const std::string& axis : data.axis_keys) {
            csv += ',' + base::csv_field(setting_of(point, axis));
        }
        for (const char* metric : kMainMetrics) {
            csv += ',' + metric_of(point, metric);
        }
        csv += ',' + base::csv_field(point.folder) + ',' + base::csv_field(point.error) + '\n';
    }
    return csv;
}

}  // namespace skipsim::sweep
