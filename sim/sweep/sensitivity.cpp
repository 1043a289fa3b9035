// SPDX-License-Identifier: Apache-2.0
// Main effects: share of an axis = sum over its values of points * (mean - overall mean)^2, divided
// by the sum over all points of (metric - overall mean)^2.
#include "sim/sweep/analysis.h"
#include "sim/sweep/axis_levels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace skipsim::sweep {
namespace {

/// A share below this one is what rounding leaves of equal means.
constexpr double kRounding = 1e-24;

/// Deviations from the mean in units of the largest one, so that squares neither overflow nor
/// vanish.
struct Deviations {
    std::vector<double> of_point;
    double scale = 0.0;  ///< the largest, in the metric's unit
    double sum_of_squares = 0.0;
};

double mean_of(const std::vector<double>& values) {
    double mean = 0.0;
    double count = 0.0;
    for (const double value : values) {
        count += 1.0;
        mean += (value - mean) / count;
    }
    return mean;
}

Deviations deviations_of(const std::vector<double>& values, double mean) {
    Deviations deviations;
    for (const double value : values) {
        deviations.scale = std::max(deviations.scale, std::abs(value - mean));
    }
    for (const double value : values) {
        deviations.of_point.push_back((value - mean) / deviations.scale);
        deviations.sum_of_squares += deviations.of_point.back() * deviations.of_point.back();
    }
    return deviations;
}

AxisEffect shape_of(const AxisLevels& axis) {
    AxisEffect effect;
    effect.key = axis.key;
    effect.levels = axis.values.size();
    effect.fewest_points = *std::min_element(axis.counts.begin(), axis.counts.end());
    effect.is_binned = axis.is_binned;
    effect.distinct_values = axis.distinct_values;
    return effect;
}

AxisEffect effect_of(const AxisLevels& axis, const Deviations& deviations, double mean) {
    std::vector<double> sums(axis.values.size(), 0.0);
    for (std::size_t point = 0; point < axis.level_of.size(); ++point) {
        sums[axis.level_of[point]] += deviations.of_point[point];
    }
    AxisEffect effect = shape_of(axis);
    double between = 0.0;
    for (std::size_t level = 0; level < sums.size(); ++level) {
        const auto count = static_cast<double>(axis.counts[level]);
        const double level_mean = mean + deviations.scale * sums[level] / count;
        between += sums[level] * sums[level] / count;
        if (level == 0 || level_mean < effect.lowest_mean) {
            effect.lowest_mean = level_mean;
            effect.lowest_value = axis.values[level];
        }
        if (level == 0 || level_mean > effect.highest_mean) {
            effect.highest_mean = level_mean;
            effect.highest_value = axis.values[level];
        }
    }
    const double share = between / deviations.sum_of_squares;
    effect.variance_share = share < kRounding ? 0.0 : std::min(1.0, share);
    return effect;
}

AxisEffect no_effect(const AxisLevels& axis, double mean) {
    AxisEffect effect = shape_of(axis);
    effect.lowest_mean = mean;
    effect.highest_mean = mean;
    effect.lowest_value = axis.values.front();
    effect.highest_value = axis.values.front();
    return effect;
}

/// Equal shares differ in their last digits; such differences must not decide the order.
double rounded_share(const AxisEffect& effect) {
    constexpr double kDigits = 1e12;
    return std::round(effect.variance_share * kDigits);
}

std::vector<double> values_of(const SweepData& data, const Participants& used,
                              const Objective& objective) {
    std::vector<double> values;
    for (const std::size_t point : used.points) {
        values.push_back(value_of(data.points[point], objective));
    }
    return values;
}

Sensitivity explain(const SweepData& data, const Objective& objective, Participants used,
                    const SweepAxes& axes) {
    Sensitivity result;
    result.participants = std::move(used);
    const std::vector<double> values = values_of(data, result.participants, objective);
    result.constants = axes.constants;
    result.is_full_grid = is_full_grid(axes.axes);
    result.is_constant = true;
    if (!values.empty()) {
        const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
        result.lowest = *lowest;
        result.highest = *highest;
        result.is_constant = *lowest == *highest;
        result.mean = result.is_constant ? *lowest : mean_of(values);
    }
    const Deviations deviations =
        result.is_constant ? Deviations{} : deviations_of(values, result.mean);
    for (const AxisLevels& axis : axes.axes) {
        result.effects.push_back(result.is_constant ? no_effect(axis, result.mean)
                                                    : effect_of(axis, deviations, result.mean));
    }
    std::stable_sort(result.effects.begin(), result.effects.end(),
                     [](const AxisEffect& left, const AxisEffect& right) {
                         return rounded_share(left) > rounded_share(right);
                     });
    return result;
}

}  // namespace

Sensitivity analyse(const SweepData& data, const Objective& objective) {
    return analyse(data, std::vector<Objective>{objective}).front();
}

std::vector<Sensitivity> analyse(const SweepData& data, const std::vector<Objective>& objectives) {
    std::map<std::vector<std::size_t>, SweepAxes> axes_of;  // by the points that take part
    std::vector<Sensitivity> results;
    for (const Objective& objective : objectives) {
        Participants used = participants(data, {objective});
        auto axes = axes_of.find(used.points);
        if (axes == axes_of.end()) {
            axes = axes_of.emplace(used.points, levels_of_axes(data, used.points)).first;
        }
        results.push_back(explain(data, objective, std::move(used), axes->second));
    }
    return results;
}

std::vector<AxisEffect> sensitivity(const SweepData& data, const Objective& objective) {
    return analyse(data, objective).effects;
}

}  // namespace skipsim::sweep
