// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/text_table.h"
#include "sim/sweep/analysis_tables.h"
#include "sim/sweep/analysis_text.h"

#include <algorithm>
#include <set>

namespace skipsim::sweep {
namespace {

using Json = nlohmann::ordered_json;

/// "" if the point does not set it.
std::string setting_of(const SweepPoint& point, const std::string& key) {
    const auto found = std::find_if(point.settings.begin(), point.settings.end(),
                                    [&](const Setting& setting) { return setting.key == key; });
    return found == point.settings.end() ? "" : found->value;
}

/// Keys that tell the points of the sweep apart.
std::vector<std::string> varying_keys(const SweepData& data) {
    std::vector<std::string> keys;
    for (const std::string& key : data.axis_keys) {
        std::set<std::string> values;
        for (const SweepPoint& point : data.points) {
            values.insert(setting_of(point, key));
        }
        if (values.size() > 1) {
            keys.push_back(key);
        }
    }
    return keys;
}

/// Short values where they tell the points of the table apart as well as the whole ones.
TextColumn setting_column(const ParetoAnswer& answer, const std::string& key,
                          const std::string& heading) {
    std::set<std::string> whole;
    std::set<std::string> shortened;
    for (const std::size_t member : answer.front) {
        whole.insert(setting_of(answer.data.points[member], key));
        shortened.insert(short_value(setting_of(answer.data.points[member], key)));
    }
    TextColumn column{{heading}, true};
    for (const std::size_t member : answer.front) {
        const std::string value = setting_of(answer.data.points[member], key);
        const std::string shown = whole.size() == shortened.size() ? short_value(value) : value;
        column.cells.push_back(shown.empty() ? "-" : shown);
    }
    return column;
}

TextColumn objective_column(const ParetoAnswer& answer, const Objective& objective) {
    TextColumn column{{name_of(objective)}, false};
    for (const std::size_t member : answer.front) {
        column.cells.push_back(
            metric_text(objective.metric, value_of(answer.data.points[member], objective)));
    }
    return column;
}

std::string count_text(std::uint64_t count, const char* noun) {
    return stats::with_commas(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::string absence_text(const Participants& participants) {
    std::string text;
    const auto add = [&](std::uint64_t count, const std::string& what) {
        if (count > 0) {
            text += (text.empty() ? "" : ", ") + stats::with_commas(count) + ' ' + what;
        }
    };
    add(participants.failed, "failed");
    add(participants.waiting, "waiting");
    add(participants.without_metric, "without a finite value of the metric");
    return text.empty() ? "" : "points that take no part: " + text + '\n';
}

std::string points_table(const ParetoAnswer& answer, std::size_t width) {
    TextColumn numbers{{"point"}, false};
    for (const std::size_t member : answer.front) {
        numbers.cells.push_back(std::to_string(answer.data.points[member].number));
    }
    std::vector<TextColumn> columns{numbers};
    const std::vector<std::string> keys = varying_keys(answer.data);
    const std::vector<std::string> headings = short_keys(keys);
    for (std::size_t index = 0; index < keys.size(); ++index) {
        columns.push_back(setting_column(answer, keys[index], headings[index]));
    }
    for (const Objective& objective : answer.objectives) {
        columns.push_back(objective_column(answer, objective));
    }
    return columns_text(columns, width);
}

std::string pareto_table(const ParetoAnswer& answer, std::size_t width) {
    const Participants used = participants(answer.data, answer.objectives);
    if (used.points.empty()) {
        return "no point to compare\n" + absence_text(used);
    }
    return points_table(answer, width) + '\n' + stats::with_commas(answer.front.size()) + " of " +
           count_text(used.points.size(), "point") + (answer.front.size() == 1 ? " is" : " are") +
           " on the front, " + stats::with_commas(used.points.size() - answer.front.size()) +
           " dominated\n" + absence_text(used);
}

std::string pareto_csv(const ParetoAnswer& answer) {
    std::vector<std::string> heading{"point", "folder"};
    heading.insert(heading.end(), answer.data.axis_keys.begin(), answer.data.axis_keys.end());
    for (const Objective& objective : answer.objectives) {
        heading.push_back((objective.stage == "total" ? "" : objective.stage + '.') +
                          objective.metric);
    }
    std::string text = csv_line(heading);
    for (const std::size_t member : answer.front) {
        const SweepPoint& point = answer.data.points[member];
        std::vector<std::string> fields{std::to_string(point.number), point.folder};
        for (const std::string& key : answer.data.axis_keys) {
            fields.push_back(setting_of(point, key));
        }
        for (const Objective& objective : answer.objectives) {
            fields.push_back(exact_text(value_of(point, objective)));
        }
        text += csv_line(fields);
    }
    return text;
}

Json pareto_json(const ParetoAnswer& answer) {
    const Participants used = participants(answer.data, answer.objectives);
    Json objectives = Json::array();
    for (const Objective& objective : answer.objectives) {
        objectives.push_back({{"stage", objective.stage},
                              {"metric", objective.metric},
                              {"better", objective.is_higher_better ? "higher" : "lower"}});
    }
    Json front = Json::array();
    for (const std::size_t member : answer.front) {
        const SweepPoint& point = answer.data.points[member];
        Json settings = Json::object();
        for (const Setting& setting : point.settings) {
            settings[setting.key] = setting.value;
        }
        Json values = Json::array();
        for (const Objective& objective : answer.objectives) {
            values.push_back(exact_json(value_of(point, objective)));
        }
        front.push_back({{"point", point.number},
                         {"label", point.label},
                         {"folder", point.folder},
                         {"settings", settings},
                         {"values", values}});
    }
    return {{"schema", "skipsim-pareto/1"},
            {"sweep", answer.data.name},
            {"objectives", objectives},
            {"points", answer.data.points.size()},
            {"compared", used.points.size()},
            {"dominated", used.points.size() - answer.front.size()},
            {"failed", used.failed},
            {"waiting", used.waiting},
            {"without_metric", used.without_metric},
            {"front", front}};
}

}  // namespace skipsim::sweep
