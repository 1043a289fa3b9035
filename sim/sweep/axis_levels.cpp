// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/axis_levels.h"
#include "sim/base/number.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

namespace skipsim::sweep {
namespace {

constexpr std::uint64_t kMostBins = 10;
constexpr std::uint64_t kPointsPerBin = 5;  ///< fewer points make fewer bins
constexpr const char* kNotSet = "(not set)";

/// One key before joining and binning.
struct Axis {
    std::string key;
    std::vector<std::string> values;    ///< of each level
    std::vector<double> numbers;        ///< likewise; empty unless all values are numbers
    std::vector<std::uint32_t> levels;  ///< of each point
    std::vector<std::uint64_t> counts;  ///< of each level [points]
};

std::optional<double> number_of(const std::string& text) {
    const std::optional<double> number = base::parse_number<double>(text);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

const std::string& setting_of(const SweepPoint& point, const std::string& key) {
    static const std::string kMissing = kNotSet;
    const auto found = std::find_if(point.settings.begin(), point.settings.end(),
                                    [&](const Setting& setting) { return setting.key == key; });
    return found == point.settings.end() ? kMissing : found->value;
}

/// Numbers rise, after what is not set; a text among them makes all of them texts.
void sort_values(Axis& axis) {
    std::vector<std::pair<double, std::string>> sorted;
    for (const std::string& value : axis.values) {
        const std::optional<double> number =
            value == kNotSet ? -std::numeric_limits<double>::infinity() : number_of(value);
        if (!number) {
            std::sort(axis.values.begin(), axis.values.end());
            return;
        }
        sorted.emplace_back(*number, value);
    }
    std::sort(sorted.begin(), sorted.end());
    axis.values.clear();
    for (auto& [number, value] : sorted) {
        axis.numbers.push_back(number);
        axis.values.push_back(std::move(value));
    }
}

/// Files are shown without their folders if that tells them apart.
void drop_folders(std::vector<std::string>& values) {
    std::vector<std::string> names;
    for (const std::string& value : values) {
        names.push_back(value.substr(value.rfind('/') + 1));
    }
    const std::set<std::string> different(names.begin(), names.end());
    if (different.size() == values.size() && different.count("") == 0) {
        values = std::move(names);
    }
}

Axis read_axis(const SweepData& data, const std::vector<std::size_t>& points,
               const std::string& key) {
    Axis axis;
    axis.key = key;
    // Text of a value -> level.
    std::map<std::string, std::uint32_t> levels;
    for (const std::size_t point : points) {
        levels.emplace(setting_of(data.points[point], key), 0);
    }
    for (const auto& [value, level] : levels) {
        axis.values.push_back(value);
    }
    sort_values(axis);
    for (std::size_t level = 0; level < axis.values.size(); ++level) {
        levels[axis.values[level]] = static_cast<std::uint32_t>(level);
    }
    axis.counts.assign(axis.values.size(), 0);
    for (const std::size_t point : points) {
        const std::uint32_t level = levels[setting_of(data.points[point], key)];
        axis.levels.push_back(level);
        ++axis.counts[level];
    }
    drop_folders(axis.values);
    return axis;
}

/// Level of `right` that comes with each level of `left`; empty unless each determines the other.
std::vector<std::uint32_t> partners(const Axis& left, const Axis& right) {
    if (left.values.size() != right.values.size()) {
        return {};
    }
    constexpr std::uint32_t kNone = ~std::uint32_t{0};
    std::vector<std::uint32_t> partner(left.values.size(), kNone);
    for (std::size_t point = 0; point < left.levels.size(); ++point) {
        std::uint32_t& seen = partner[left.levels[point]];
        if (seen != kNone && seen != right.levels[point]) {
            return {};
        }
        seen = right.levels[point];
    }
    return partner;  // as many partners as levels, and every level of `right` is one
}

/// Drawn numbers that never repeat determine each other by accident. They are told from zipped
/// ones by their order: many numbers that rise or fall together were zipped.
bool belong_together(const Axis& left, const Axis& right) {
    const std::vector<std::uint32_t> partner = partners(left, right);
    if (partner.empty()) {
        return false;
    }
    const bool are_numbers = !left.numbers.empty() && !right.numbers.empty();
    return partner.size() <= kMostBins || !are_numbers ||
           std::is_sorted(partner.begin(), partner.end()) ||
           std::is_sorted(partner.rbegin(), partner.rend());
}

/// Whether its values look chosen: each equally often and more than once.
bool repeats_evenly(const Axis& axis) {
    return axis.counts[0] > 1 &&
           std::all_of(axis.counts.begin(), axis.counts.end(),
                       [&](std::uint64_t count) { return count == axis.counts[0]; });
}

/// Bin of each level: that of the middle of its points in the sorted row of all points. What is not
/// set has a bin of its own.
std::vector<std::uint32_t> bins_of(const Axis& axis) {
    const std::uint64_t points = axis.levels.size();
    const std::uint64_t bins = std::clamp<std::uint64_t>(points / kPointsPerBin, 2, kMostBins);
    std::vector<std::uint64_t> bin_of_level;
    std::uint64_t before = 0;
    for (const std::uint64_t count : axis.counts) {
        bin_of_level.push_back(bins * (2 * before + count) / (2 * points));
        before += count;
    }
    std::vector<std::uint32_t> numbered;  // without the bins that stayed empty
    for (std::size_t level = 0; level < bin_of_level.size(); ++level) {
        const bool is_next = level > 0 && (bin_of_level[level] != bin_of_level[level - 1] ||
                                           axis.values[level - 1] == kNotSet);
        numbered.push_back(level == 0 ? 0 : numbered.back() + (is_next ? 1 : 0));
    }
    return numbered;
}

/// Joined axes, the first one leading.
using Group = std::vector<const Axis*>;

/// What the members say at one level of the leader: "8+4".
std::string joined_value(const Group& group, std::uint32_t level) {
    std::string text;
    for (const Axis* axis : group) {
        const std::uint32_t own = axis == group[0] ? level : partners(*group[0], *axis)[level];
        text += (axis == group[0] ? "" : "+") + axis->values[own];
    }
    return text;
}

std::string bin_value(const Group& group, std::uint32_t first, std::uint32_t last) {
    const std::string low = joined_value(group, first);
    return first == last ? low : low + ".." + joined_value(group, last);
}

AxisLevels as_levels(const Group& group, bool is_binned) {
    const Axis& leader = *group[0];
    AxisLevels result;
    for (const Axis* axis : group) {
        result.key += (axis == group[0] ? "" : "+") + axis->key;
    }
    result.distinct_values = leader.values.size();
    result.is_binned = is_binned;
    const auto count = static_cast<std::uint32_t>(leader.values.size());
    std::vector<std::uint32_t> bins(count);
    for (std::uint32_t level = 0; level < count; ++level) {
        bins[level] = level;
    }
    if (is_binned) {
        bins = bins_of(leader);
    }
    for (std::uint32_t first = 0; first < count;) {
        std::uint32_t last = first;
        std::uint64_t points = leader.counts[first];
        while (last + 1 < count && bins[last + 1] == bins[first]) {
            points += leader.counts[++last];
        }
        result.values.push_back(bin_value(group, first, last));
        result.counts.push_back(points);
        first = last + 1;
    }
    for (const std::uint32_t level : leader.levels) {
        result.level_of.push_back(bins[level]);
    }
    return result;
}

/// Each axis goes to the first group whose leader it belongs to.
std::vector<Group> grouped(const std::vector<Axis>& axes) {
    std::vector<Group> groups;
    for (const Axis& axis : axes) {
        const auto home = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return belong_together(*group[0], axis);
        });
        if (home == groups.end()) {
            groups.push_back({&axis});
        } else {
            home->push_back(&axis);
        }
    }
    return groups;
}

bool must_be_binned(const Group& group, const std::vector<Axis>& axes) {
    const Axis& leader = *group[0];
    if (leader.numbers.empty() || leader.values.size() <= kMostBins) {
        return false;
    }
    const bool is_drawn_with_another =
        std::any_of(axes.begin(), axes.end(), [&](const Axis& other) {
            return std::find(group.begin(), group.end(), &other) == group.end() &&
                   !partners(leader, other).empty();
        });
    return is_drawn_with_another || !repeats_evenly(leader);
}

}  // namespace

SweepAxes levels_of_axes(const SweepData& data, const std::vector<std::size_t>& points) {
    SweepAxes result;
    if (points.empty()) {
        return result;
    }
    std::vector<Axis> axes;
    for (const std::string& key : data.axis_keys) {
        Axis axis = read_axis(data, points, key);
        if (axis.values.size() == 1) {
            result.constants.push_back(key);
        } else {
            axes.push_back(std::move(axis));
        }
    }
    for (const Group& group : grouped(axes)) {
        result.axes.push_back(as_levels(group, must_be_binned(group, axes)));
    }
    return result;
}

bool is_full_grid(const std::vector<AxisLevels>& axes) {
    if (axes.empty()) {
        return false;
    }
    const std::size_t points = axes[0].level_of.size();
    std::size_t cells = 1;
    for (const AxisLevels& axis : axes) {
        if (axis.is_binned || cells > points) {
            return false;
        }
        cells *= axis.values.size();
    }
    std::vector<bool> is_taken(cells == points ? cells : 0);
    for (std::size_t point = 0; point < points && !is_taken.empty(); ++point) {
        std::size_t cell = 0;
        for (const AxisLevels& axis : axes) {
            cell = cell * axis.values.size() + axis.level_of[point];
        }
        if (is_taken[cell]) {
            return false;
        }
        is_taken[cell] = true;
    }
    return cells == points;
}

}  // namespace skipsim::sweep
