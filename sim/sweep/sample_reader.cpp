// SPDX-License-Identifier: Apache-2.0
// Reading of `sample`.
#include "sim/sweep/axes.h"
#include "sim/sweep/plan.h"

#include <limits>
#include <utility>

namespace skipsim::sweep {
namespace {

using base::YamlEntry;
using base::YamlNode;

/// Stands for the dimension among the columns of the axis: only its key and place count.
Column column_of(const Dimension& dimension, const std::string& path, base::YamlMark mark) {
    Column column;
    column.key = dimension.key;
    column.path = joined(path, dimension.key);
    column.mark = mark;
    return column;
}

}  // namespace

void AxisReader::read_method(const YamlNode& node, Sample& sample) {
    const YamlNode* method = node.find("method");
    const YamlNode* count = node.find("count");
    const YamlNode* seed = node.find("seed");
    if (method == nullptr) {
        problems_.add(node.mark, "sample.method", "missing; expected random or latin-hypercube");
    } else if (method->scalar != "random" && method->scalar != "latin-hypercube") {
        problems_.unexpected(*method, "sample.method", "random or latin-hypercube");
    } else if (method->scalar == "latin-hypercube") {
        sample.method = SampleMethod::latin_hypercube;
    }
    if (count == nullptr) {
        problems_.add(node.mark, "sample.count", "missing; expected the number of points");
    } else {
        sample.count = values_.whole(*count, "sample.count", 1, kMostPoints).value_or(1);
    }
    if (seed != nullptr) {
        sample.seed =
            values_.whole(*seed, "sample.seed", 0, std::numeric_limits<std::uint64_t>::max())
                .value_or(0);
    }
}

std::optional<Axis> AxisReader::sample(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMapping) {
        problems_.unexpected(node, "sample", "a mapping with method, count, seed and axes");
        return std::nullopt;
    }
    const std::uint64_t before = problems_.count();
    problems_.check_keys(node, "sample", {"method", "count", "seed", "axes"});
    Axis axis;
    axis.path = "sample";
    axis.mark = node.mark;
    axis.sample.emplace();
    read_method(node, *axis.sample);
    const YamlNode* axes = node.find("axes");
    if (axes == nullptr || axes->kind != YamlNode::Kind::kMapping || axes->entries.empty()) {
        problems_.unexpected(axes == nullptr ? node : *axes, "sample.axes",
                             "a mapping of at least one key to a range or choices");
        return std::nullopt;
    }
    for (const YamlEntry& entry : axes->entries) {
        if (auto one = dimension(entry, "sample.axes")) {
            axis.columns.push_back(column_of(*one, "sample.axes", entry.mark));
            axis.sample->dimensions.push_back(std::move(*one));
        }
    }
    return problems_.count() == before ? std::make_optional(std::move(axis)) : std::nullopt;
}

std::optional<Dimension> AxisReader::dimension(const YamlEntry& entry, const std::string& path) {
    Dimension dimension;
    dimension.key = entry.key;
    Column column = column_of(dimension, path, entry.mark);
    if (!is_known_key(entry.key)) {
        problems_.add(entry.mark, column.path, "unknown key" + did_you_mean(entry.key));
        return std::nullopt;
    }
    if (entry.value.kind == YamlNode::Kind::kMapping) {
        return read_drawn_range(entry.value, column, dimension) ? std::make_optional(dimension)
                                                                : std::nullopt;
    }
    if (!read_list(entry.value, column)) {
        return std::nullopt;
    }
    dimension.choices = column.values;
    return dimension;
}

bool AxisReader::read_drawn_range(const YamlNode& node, const Column& column,
                                  Dimension& dimension) {
    if (!takes_numbers(column.key)) {
        problems_.unexpected(node, column.path, "a list of choices; only numbers have ranges");
        return false;
    }
    const bool has_names = problems_.check_keys(node, column.path, {"from", "to", "scale"});
    NumberRange range;
    if (!read_bounds(node, column, range) || !has_names) {
        return false;
    }
    dimension.from = range.from;
    dimension.to = range.to;
    dimension.is_whole = range.is_whole;
    const YamlNode* scale = node.find("scale");
    dimension.is_log = scale != nullptr && scale->scalar == "log";
    if (scale != nullptr && !dimension.is_log && scale->scalar != "linear") {
        problems_.unexpected(*scale, joined(column.path, "scale"), "linear or log");
        return false;
    }
    if (dimension.is_log && range.from == 0.0) {
        problems_.add(scale->mark, joined(column.path, "scale"),
                      "expected from > 0 with a logarithmic scale, found 0");
        return false;
    }
    return true;
}

}  // namespace skipsim::sweep
