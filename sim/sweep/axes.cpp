// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/axes.h"

#include "sim/base/check.h"
#include "sim/config/parameter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace skipsim::sweep {
namespace {

constexpr double kNearly = 1e-9;  // steps that miss the last value by less reach it

std::uint64_t counted(double steps) {
    const double levels = std::floor(steps + kNearly) + 1.0;
    return levels < static_cast<double>(kUncountable) ? static_cast<std::uint64_t>(levels)
                                                      : kUncountable;
}

/// from * factor^i in whole numbers: logarithms are not exact.
std::uint64_t whole_powers(const NumberRange& range) {
    std::uint64_t size = 1;
    for (double value = range.from; value * range.step <= range.to; value *= range.step) {
        ++size;
    }
    return size;
}

std::vector<Level> levels_of_columns(const Axis& axis) {
    std::vector<Level> levels(axis.size());
    for (std::size_t level = 0; level < levels.size(); ++level) {
        for (const Column& column : axis.columns) {
            levels[level].push_back(column.at(level));
        }
    }
    return levels;
}

void report_repeated(const Axis& axis, const std::vector<Level>& levels, Problems& problems) {
    std::map<Level, std::size_t> seen;
    for (std::size_t level = 0; level < levels.size(); ++level) {
        const auto [first, is_new] = seen.emplace(levels[level], level);
        if (is_new) {
            continue;
        }
        std::string values;
        for (const std::string& value : levels[level]) {
            values += (values.empty() ? "" : ", ") + value;
        }
        const Column& column = axis.columns.front();
        problems.add(column.range ? column.mark : column.marks[level], axis.path,
                     "expected values that differ, found " + values + " as value " +
                         std::to_string(first->second) + " and as value " + std::to_string(level));
    }
}

}  // namespace

std::uint64_t NumberRange::size() const {
    if (is_geometric) {
        return is_whole ? whole_powers(*this) : counted(std::log(to / from) / std::log(step));
    }
    return counted((to - from) / step);
}

std::string NumberRange::at(std::uint64_t index) const {
    const auto steps = static_cast<double>(index);
    const double value = is_geometric ? from * std::pow(step, steps) : from + steps * step;
    if (is_whole) {
        return std::to_string(static_cast<std::uint64_t>(std::llround(value)));
    }
    return config::shortest(std::min(rounded(value), to));
}

std::uint64_t Axis::size() const {
    return sample ? sample->count : columns.front().size();
}

std::vector<std::string> Axis::keys() const {
    std::vector<std::string> keys;
    for (const Column& column : columns) {
        keys.push_back(column.key);
    }
    return keys;
}

std::vector<Level> levels_of(const Axis& axis, Problems& problems, std::uint64_t& repeated) {
    if (!axis.sample) {
        std::vector<Level> levels = levels_of_columns(axis);
        report_repeated(axis, levels, problems);
        return levels;
    }
    std::vector<Level> different;
    std::set<Level> seen;
    for (Level& level : draw(*axis.sample)) {
        if (seen.insert(level).second) {
            different.push_back(std::move(level));
        }
    }
    repeated = axis.sample->count - different.size();
    return different;
}

std::uint64_t grid_size(const std::vector<Axis>& axes) {
    std::uint64_t size = axes.empty() ? 0 : 1;
    for (const Axis& axis : axes) {
        base::require(axis.size() > 0, "an axis without a value");
        size = size > kUncountable / axis.size() ? kUncountable : size * axis.size();
    }
    return size;
}

}  // namespace skipsim::sweep
