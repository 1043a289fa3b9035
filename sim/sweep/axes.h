// SPDX-License-Identifier: Apache-2.0
// Axes of the grid: a key alone, keys that advance together (zip), or drawn points (sample). How
// many levels an axis has is known before any of them is made, so that a sweep that is too large
// costs nothing.
#pragma once

#include "sim/base/yaml_node.h"
#include "sim/sweep/problems.h"
#include "sim/sweep/sampling.h"
#include "sim/sweep/values.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skipsim::sweep {

/// Counts stop here: no count of points that matters is larger.
inline constexpr std::uint64_t kUncountable = 1'000'000'000'000'000'001;  // 10^18 + 1

/// from, from + step, … or from, from * factor, … up to and including `to`.
struct NumberRange {
    double from = 0.0;
    double to = 0.0;
    double step = 0.0;  ///< or the factor
    bool is_geometric = false;
    bool is_whole = true;

    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] std::string at(std::uint64_t index) const;
};

/// The values of one key.
struct Column {
    std::string key;
    std::string path;  ///< "axes.core.rows", in messages
    base::YamlMark mark;
    std::vector<std::string> values;    ///< of a list
    std::vector<base::YamlMark> marks;  ///< of those values
    std::optional<NumberRange> range;   ///< instead of a list

    [[nodiscard]] std::uint64_t size() const { return range ? range->size() : values.size(); }
    [[nodiscard]] std::string at(std::uint64_t level) const {
        return range ? range->at(level) : values[level];
    }
};

struct Axis {
    std::string path;  ///< "axes.core.rows", "zip.0", "sample"
    base::YamlMark mark;
    std::vector<Column> columns;   ///< all of one size
    std::optional<Sample> sample;  ///< instead of columns

    [[nodiscard]] std::uint64_t size() const;
    [[nodiscard]] std::vector<std::string> keys() const;
};

/// A value for each key of an axis.
using Level = std::vector<std::string>;

/// All levels of an axis that is not too large. Levels that are there twice are problems, but drawn
/// ones are left out: `repeated` counts them.
std::vector<Level> levels_of(const Axis& axis, Problems& problems, std::uint64_t& repeated);

/// Points of the grid, at most kUncountable; 0 without an axis.
std::uint64_t grid_size(const std::vector<Axis>& axes);

class AxisReader {
public:
    AxisReader(ValueReader& values, Problems& problems) : values_(values), problems_(problems) {}

    /// `axes`: each key is an axis of its own.
    std::vector<Axis> axes(const base::YamlNode& node);
    /// `zip`: each group is an axis.
    std::vector<Axis> zip(const base::YamlNode& node);
    /// `sample`: one axis.
    std::optional<Axis> sample(const base::YamlNode& node);

private:
    std::optional<Column> column(const base::YamlEntry& entry, const std::string& path);
    bool read_list(const base::YamlNode& node, Column& column);
    bool read_range(const base::YamlNode& node, Column& column);
    bool read_bounds(const base::YamlNode& node, const Column& column, NumberRange& range);
    bool read_step(const base::YamlNode& node, const Column& column, NumberRange& range);
    std::optional<double> number(const base::YamlNode& node, const Column& column);
    std::optional<Dimension> dimension(const base::YamlEntry& entry, const std::string& path);
    bool read_drawn_range(const base::YamlNode& node, const Column& column, Dimension& dimension);
    void read_method(const base::YamlNode& node, Sample& sample);

    ValueReader& values_;
    Problems& problems_;
};

}  // namespace skipsim::sweep
