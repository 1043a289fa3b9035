// SPDX-License-Identifier: Apache-2.0
// The forms of a comparison that programs read.
#include "sim/base/check.h"
#include "sim/compare/numbers.h"
#include "sim/compare/tables.h"
#include "sim/compare/text.h"

#include <utility>

namespace skipsim::compare {
namespace {

using Json = nlohmann::ordered_json;

std::string csv_field(const std::string& field) {
    std::string text = clean(field);
    if (text.find_first_of(",\"") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c;
        quoted += c == '"' ? "\"" : "";
    }
    return quoted + '"';
}

Json number(const std::optional<double>& value) {
    return value ? Json::parse(raw_text(value)) : Json(nullptr);
}

}  // namespace

const char* name_of(By by) {
    switch (by) {
        case By::total:
            return "total";
        case By::component:
            return "component";
        case By::stage:
            return "stage";
        case By::layer:
            return "layer";
    }
    base::throw_internal_error("a comparison by nothing");
}

std::string csv_of(const Comparison& comparison) {
    std::string text = "item,metric,unit,result,value,difference,percent,ratio\n";
    for (const Line& line : comparison.lines) {
        for (std::size_t index = 0; index < line.cells.size(); ++index) {
            const Cell& cell = line.cells[index];
            text += csv_field(line.item) + ',' + line.metric + ',' + line.unit + ',' +
                    csv_field(comparison.labels[index]) + ',' + raw_text(cell.value) + ',' +
                    raw_text(cell.difference) + ',' + raw_text(cell.percent) + ',' +
                    raw_text(cell.ratio) + '\n';
        }
    }
    return text;
}

Json json_of(const Comparison& comparison) {
    Json json = {{"schema", kComparisonSchema},
                 {"by", name_of(comparison.by)},
                 {"baseline", comparison.labels[comparison.baseline]},
                 {"results", Json::array()},
                 {"warnings", comparison.warnings},
                 {"config_differences", Json::array()},
                 {"lines", Json::array()}};
    for (std::size_t index = 0; index < comparison.labels.size(); ++index) {
        json["results"].push_back(
            {{"label", comparison.labels[index]}, {"path", comparison.paths[index]}});
    }
    for (const ConfigDifference& difference : comparison.config_differences) {
        json["config_differences"].push_back(
            {{"key", difference.key}, {"values", difference.values}});
    }
    for (const Line& line : comparison.lines) {
        Json values = Json::array();
        for (const Cell& cell : line.cells) {
            values.push_back({{"value", number(cell.value)},
                              {"difference", number(cell.difference)},
                              {"percent", number(cell.percent)},
                              {"ratio", number(cell.ratio)}});
        }
        json["lines"].push_back({{"item", line.item},
                                 {"metric", line.metric},
                                 {"unit", line.unit},
                                 {"values", std::move(values)}});
    }
    return json;
}

}  // namespace skipsim::compare
