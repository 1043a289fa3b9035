// SPDX-License-Identifier: Apache-2.0
#include "sim/report/page_data.h"

#include "sim/base/pe_cycles.h"
#include "sim/base/version.h"
#include "sim/stats/statistics.h"

#include <optional>

namespace skipsim::report {
namespace {

using Json = nlohmann::ordered_json;

/// name -> [unit, meaning]; of two statistics with one name, the one of rows.
Json meanings() {
    Json json = Json::object();
    for (const stats::Statistic& statistic : stats::statistics()) {
        const std::string name(statistic.name);
        if (!json.contains(name)) {
            json[name] = {statistic.unit, statistic.meaning};
        }
    }
    for (std::size_t index = 0; index < base::kPeCategoryCount; ++index) {
        json["pe_cycles." + std::string(base::kPeCategoryNames[index])] = {
            "PE cycles", stats::pe_category_meanings()[index]};
    }
    return json;
}

Json optional_number(const std::optional<double>& number) {
    return number ? Json(*number) : Json(nullptr);
}

const char* name_of(compare::By by) {
    switch (by) {
        case compare::By::total:
            return "total";
        case compare::By::component:
            return "component";
        case compare::By::stage:
            return "stage";
        case compare::By::layer:
            return "layer";
    }
    return "total";
}

}  // namespace

Json comparison_part(const compare::Comparison& comparison) {
    Json json = {{"labels", comparison.labels},     {"paths", comparison.paths},
                 {"baseline", comparison.baseline}, {"by", name_of(comparison.by)},
                 {"warnings", comparison.warnings}, {"differences", Json::array()},
                 {"lines", Json::array()}};
    for (const compare::ConfigDifference& difference : comparison.config_differences) {
        json["differences"].push_back({difference.key, difference.values});
    }
    for (const compare::Line& line : comparison.lines) {
        Json cells = Json::array();
        for (const compare::Cell& cell : line.cells) {
            cells.push_back({optional_number(cell.value), optional_number(cell.difference),
                             optional_number(cell.percent), optional_number(cell.ratio)});
        }
        json["lines"].push_back({line.item, line.metric, line.unit, std::move(cells)});
    }
    return json;
}

Json page_data(const ReportInput& input) {
    Json json = {{"made_by", {base::version(), base::revision()}},
                 {"meanings", meanings()},
                 {"pe_categories", base::kPeCategoryNames},
                 {"notices", input.notices},
                 {"results", Json::array()},
                 {"comparison", nullptr},
                 {"sweeps", Json::array()}};
    for (const results::ResultFile& file : input.results) {
        json["results"].push_back(result_part(file));
    }
    if (input.comparison) {
        json["comparison"] = comparison_part(*input.comparison);
    }
    for (const sweep::SweepData& sweep : input.sweeps) {
        json["sweeps"].push_back(sweep_part(sweep));
    }
    return json;
}

}  // namespace skipsim::report
