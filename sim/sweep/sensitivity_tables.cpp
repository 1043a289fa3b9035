// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/text_table.h"
#include "sim/sweep/analysis_tables.h"
#include "sim/sweep/analysis_text.h"

#include <algorithm>

namespace skipsim::sweep {
namespace {

using Json = nlohmann::ordered_json;
using stats::with_commas;

std::string stage_and_metric(const Objective& objective) {
    return (objective.stage == "total" ? "" : objective.stage + '.') + objective.metric;
}

std::string share_text(double share) {
    return stats::percent(share, 1.0);
}

}  // namespace

std::string axis_name(const AxisEffect& effect) {
    constexpr std::size_t kMostLetters = 44;
    if (effect.key.size() <= kMostLetters) {
        return effect.key;
    }
    const auto more = std::count(effect.key.begin(), effect.key.end(), '+');
    return effect.key.substr(0, effect.key.find('+')) +
           (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

std::string listed_keys(const AxisEffect& effect) {
    std::string text;
    for (const char letter : effect.key) {
        text += letter == '+' ? ", " : std::string(1, letter);
    }
    return text;
}

double chance_share(const AxisEffect& effect, std::size_t points) {
    return static_cast<double>(effect.levels - 1) / static_cast<double>(points - 1);
}

std::string effect_notes(const AxisEffect& effect, std::size_t points) {
    std::string text;
    if (effect.key.find('+') != std::string::npos) {
        text += listed_keys(effect) +
                ": they take their values together, so their effects cannot be told apart\n";
    }
    if (effect.is_binned) {
        text += axis_name(effect) + ": " + with_commas(effect.distinct_values) + " values in " +
                with_commas(effect.levels) + " quantile bins; by chance alone it would get about " +
                share_text(chance_share(effect, points)) + '\n';
    } else if (effect.fewest_points == 1 && effect.levels == points) {
        text +=
            axis_name(effect) + ": one point for each value, which explains everything by itself\n";
    }
    return text;
}

namespace {

std::vector<TextColumn> effect_columns(const Sensitivity& result, const Objective& objective) {
    std::vector<TextColumn> columns{{{"axis"}, true},
                                    {{"values"}, false},
                                    {{"share"}, false},
                                    {{"lowest mean"}, true},
                                    {{"highest mean"}, true}};
    for (const AxisEffect& effect : result.effects) {
        const bool has_effect = effect.variance_share > 0.0;  // else all means are the same
        const std::vector<std::string> cells{
            axis_name(effect), with_commas(effect.levels) + (effect.is_binned ? " bins" : ""),
            share_text(effect.variance_share),
            metric_text(objective.metric, effect.lowest_mean) +
                (has_effect ? " at " + short_value(effect.lowest_value) : ""),
            metric_text(objective.metric, effect.highest_mean) +
                (has_effect ? " at " + short_value(effect.highest_value) : "")};
        for (std::size_t index = 0; index < columns.size(); ++index) {
            columns[index].cells.push_back(cells[index]);
        }
    }
    return columns;
}

/// What the shares add up to, and what that means.
std::string sum_note(const Sensitivity& result) {
    double sum = 0.0;
    for (const AxisEffect& effect : result.effects) {
        sum += effect.variance_share;
    }
    if (result.is_full_grid) {
        return "full grid: the shares add up to " + share_text(sum) + ", the other " +
               share_text(std::max(0.0, 1.0 - sum)) + " is interaction between axes\n";
    }
    return "not a full grid: shares may overlap, they add up to " + share_text(sum) + '\n';
}

std::string notes(const Sensitivity& result) {
    std::string text = sum_note(result);
    for (const AxisEffect& effect : result.effects) {
        text += effect_notes(effect, result.participants.points.size());
    }
    if (!result.constants.empty()) {
        text += "one value only: ";
        for (const std::string& key : result.constants) {
            text += (key == result.constants.front() ? "" : ", ") + key;
        }
        text += '\n';
    }
    return text;
}

std::string metric_table(const SweepData& data, const Objective& objective, std::size_t width) {
    const Sensitivity result = analyse(data, objective);
    const std::size_t points = result.participants.points.size();
    const auto value = [&](double number) { return metric_text(objective.metric, number); };
    std::string text = stage_and_metric(objective) + " over " + with_commas(points) +
                       (points == 1 ? " point: " : " points: ");
    if (points == 0) {
        text += "nothing to explain\n";
    } else if (result.is_constant) {
        text +=
            value(result.mean) + (points == 1 ? "; one point has nothing to explain\n"
                                              : " in all of them; there is nothing to explain\n");
    } else {
        text += value(result.lowest) + " to " + value(result.highest) + ", mean " +
                value(result.mean) + "\n\n";
        text += columns_text(effect_columns(result, objective), width) + '\n' + notes(result);
    }
    return text + absence_text(result.participants);
}

Json effect_json(const AxisEffect& effect) {
    return {{"axis", effect.key},
            {"levels", effect.levels},
            {"distinct_values", effect.distinct_values},
            {"is_binned", effect.is_binned},
            {"fewest_points", effect.fewest_points},
            {"variance_share", effect.variance_share},
            {"lowest_mean", exact_json(effect.lowest_mean)},
            {"lowest_value", effect.lowest_value},
            {"highest_mean", exact_json(effect.highest_mean)},
            {"highest_value", effect.highest_value}};
}

}  // namespace

std::string sensitivity_table(const SweepData& data, const std::vector<Objective>& metrics,
                              std::size_t width) {
    std::string text;
    for (const Objective& metric : metrics) {
        text += (text.empty() ? "" : "\n") + metric_table(data, metric, width);
    }
    return text;
}

std::string sensitivity_csv(const SweepData& data, const std::vector<Objective>& metrics) {
    std::string text = csv_line({"metric", "axis", "levels", "distinct_values", "is_binned",
                                 "fewest_points", "variance_share", "lowest_mean", "lowest_value",
                                 "highest_mean", "highest_value"});
    for (const Objective& metric : metrics) {
        for (const AxisEffect& effect : sensitivity(data, metric)) {
            text += csv_line(
                {stage_and_metric(metric), effect.key, std::to_string(effect.levels),
                 std::to_string(effect.distinct_values), effect.is_binned ? "true" : "false",
                 std::to_string(effect.fewest_points), exact_text(effect.variance_share),
                 exact_text(effect.lowest_mean), effect.lowest_value,
                 exact_text(effect.highest_mean), effect.highest_value});
        }
    }
    return text;
}

Json sensitivity_json(const SweepData& data, const std::vector<Objective>& metrics) {
    Json list = Json::array();
    for (const Objective& metric : metrics) {
        const Sensitivity result = analyse(data, metric);
        Json axes = Json::array();
        for (const AxisEffect& effect : result.effects) {
            axes.push_back(effect_json(effect));
        }
        const Participants& used = result.participants;
        list.push_back({{"stage", metric.stage},
                        {"metric", metric.metric},
                        {"points", used.points.size()},
                        {"failed", used.failed},
                        {"waiting", used.waiting},
                        {"without_metric", used.without_metric},
                        {"lowest", exact_json(result.lowest)},
                        {"highest", exact_json(result.highest)},
                        {"mean", exact_json(result.mean)},
                        {"is_constant", result.is_constant},
                        {"is_full_grid", result.is_full_grid},
                        {"constant_axes", result.constants},
                        {"axes", axes}});
    }
    return {{"schema", "skipsim-sensitivity/1"}, {"sweep", data.name}, {"metrics", list}};
}

}  // namespace skipsim::sweep
