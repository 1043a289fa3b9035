// SPDX-License-Identifier: Apache-2.0
#include "sim/report/page_data.h"
#include "sim/report/text_list.h"
#include "sim/sweep/analysis.h"
#include "sim/sweep/analysis_tables.h"

#include <vector>

namespace skipsim::report {
namespace {

using Json = nlohmann::ordered_json;

/// What all metrics share that the same points have.
struct Design {
    std::vector<std::size_t> points;          ///< that take part
    std::map<std::string, std::size_t> axes;  ///< key -> position in the JSON's axes
    Json json;
};

Json axis_json(const sweep::AxisEffect& effect, std::size_t points) {
    return {sweep::axis_name(effect),
            sweep::listed_keys(effect),
            effect.distinct_values,
            effect.is_binned ? Json(effect.levels) : Json(nullptr),
            effect.is_binned ? Json(sweep::chance_share(effect, points)) : Json(nullptr),
            sweep::effect_notes(effect, points)};
}

Design design_of(const sweep::Sensitivity& result) {
    Design design;
    design.points = result.participants.points;
    Json axes = Json::array();
    for (const sweep::AxisEffect& effect : result.effects) {
        design.axes.emplace(effect.key, axes.size());
        axes.push_back(axis_json(effect, design.points.size()));
    }
    design.json = {{"points", design.points.size()},
                   {"without_metric", result.participants.without_metric},
                   {"is_full_grid", result.is_full_grid},
                   {"constants", result.constants},
                   {"axes", axes}};
    return design;
}

class Writer {
public:
    /// [design, lowest, highest, mean, effects]; no effect where the metric has one value.
    Json metric(const sweep::Sensitivity& result) {
        const std::size_t number = number_of_design(result);
        Json effects = Json::array();
        for (const sweep::AxisEffect& effect : result.effects) {
            if (!result.is_constant) {
                effects.push_back({designs_[number].axes.at(effect.key), effect.variance_share,
                                   effect.lowest_mean, values_.position_of(effect.lowest_value),
                                   effect.highest_mean, values_.position_of(effect.highest_value)});
            }
        }
        return {number, result.lowest, result.highest, result.mean, effects};
    }

    [[nodiscard]] Json designs() const {
        Json list = Json::array();
        for (const Design& design : designs_) {
            list.push_back(design.json);
        }
        return list;
    }
    [[nodiscard]] const Json& values() const { return values_.texts(); }

private:
    std::size_t number_of_design(const sweep::Sensitivity& result) {
        for (std::size_t number = 0; number < designs_.size(); ++number) {
            if (designs_[number].points == result.participants.points) {
                return number;
            }
        }
        designs_.push_back(design_of(result));
        return designs_.size() - 1;
    }

    std::vector<Design> designs_;
    TextList values_;
};

}  // namespace

Json sensitivity_part(const sweep::SweepData& sweep,
                      const std::map<std::string, std::set<std::string>>& metrics) {
    std::vector<sweep::Objective> objectives;
    for (const auto& [stage, names] : metrics) {
        for (const std::string& name : names) {
            objectives.push_back({stage, name, false, name});
        }
    }
    const std::vector<sweep::Sensitivity> results = sweep::analyse(sweep, objectives);
    Writer writer;
    Json shown = Json::object();
    for (std::size_t index = 0; index < objectives.size(); ++index) {
        shown[objectives[index].stage][objectives[index].metric] = writer.metric(results[index]);
    }
    return {{"designs", writer.designs()}, {"values", writer.values()}, {"metrics", shown}};
}

}  // namespace skipsim::report
