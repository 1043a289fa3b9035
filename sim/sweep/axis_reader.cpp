// SPDX-License-Identifier: Apache-2.0
// Reading of `axes` and `zip`.
#include "sim/sweep/axes.h"

#include <cmath>
#include <utility>

namespace skipsim::sweep {

using base::YamlEntry;
using base::YamlNode;

std::vector<Axis> AxisReader::axes(const YamlNode& node) {
    std::vector<Axis> axes;
    if (node.kind != YamlNode::Kind::kMapping || node.entries.empty()) {
        problems_.unexpected(node, "axes", "a mapping of at least one key to its values");
        return axes;
    }
    for (const YamlEntry& entry : node.entries) {
        if (auto one = column(entry, "axes")) {
            axes.push_back({one->path, one->mark, {std::move(*one)}, std::nullopt});
        }
    }
    return axes;
}

std::vector<Axis> AxisReader::zip(const YamlNode& node) {
    std::vector<Axis> axes;
    if (node.kind != YamlNode::Kind::kList || node.items.empty()) {
        problems_.unexpected(node, "zip", "a list of groups, each a mapping of keys to values");
        return axes;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const YamlNode& group = node.items[i];
        Axis axis;
        axis.path = "zip." + std::to_string(i);
        axis.mark = group.mark;
        if (group.kind != YamlNode::Kind::kMapping || group.entries.empty()) {
            problems_.unexpected(group, axis.path, "a mapping of at least one key to its values");
            continue;
        }
        const std::uint64_t before = problems_.count();
        for (const YamlEntry& entry : group.entries) {
            auto one = column(entry, axis.path);
            if (one && !axis.columns.empty() && one->size() != axis.columns.front().size()) {
                problems_.add(one->mark, one->path,
                              "expected as many values as " + axis.columns.front().key + " has, " +
                                  std::to_string(axis.columns.front().size()) + ", found " +
                                  std::to_string(one->size()));
            } else if (one) {
                axis.columns.push_back(std::move(*one));
            }
        }
        if (problems_.count() == before) {
            axes.push_back(std::move(axis));
        }
    }
    return axes;
}

std::optional<Column> AxisReader::column(const YamlEntry& entry, const std::string& path) {
    Column column;
    column.key = entry.key;
    column.path = joined(path, entry.key);
    column.mark = entry.mark;
    if (!is_known_key(entry.key)) {
        problems_.add(entry.mark, column.path, "unknown key" + did_you_mean(entry.key));
        return std::nullopt;
    }
    const bool is_range = entry.value.kind == YamlNode::Kind::kMapping;
    const bool is_good =
        is_range ? read_range(entry.value, column) : read_list(entry.value, column);
    return is_good ? std::make_optional(std::move(column)) : std::nullopt;
}

bool AxisReader::read_list(const YamlNode& node, Column& column) {
    if (node.kind != YamlNode::Kind::kList || node.items.empty()) {
        problems_.unexpected(
            node, column.path,
            "a list of values" + std::string(takes_numbers(column.key) ? " or a range" : ""));
        return false;
    }
    const std::uint64_t before = problems_.count();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const std::string path = joined(column.path, std::to_string(i));
        if (auto value = values_.value(column.key, node.items[i], path)) {
            column.values.push_back(std::move(*value));
            column.marks.push_back(node.items[i].mark);
        }
    }
    return problems_.count() == before;
}

bool AxisReader::read_range(const YamlNode& node, Column& column) {
    if (!takes_numbers(column.key)) {
        problems_.unexpected(node, column.path, "a list of values; only numbers have ranges");
        return false;
    }
    const bool has_names =
        problems_.check_keys(node, column.path, {"from", "to", "step", "factor"});
    NumberRange range;
    const bool has_bounds = read_bounds(node, column, range);
    if (!has_names || !has_bounds || !read_step(node, column, range)) {
        return false;
    }
    column.range = range;
    return true;
}

std::optional<double> AxisReader::number(const YamlNode& node, const Column& column) {
    const auto number = real_of(node);
    const auto value = values_.value(column.key, node, column.path);
    if (value && !number) {  // `unlimited`
        problems_.unexpected(node, column.path, "a number");
    }
    return value ? number : std::nullopt;
}

bool AxisReader::read_bounds(const YamlNode& node, const Column& column, NumberRange& range) {
    const YamlNode* from = node.find("from");
    const YamlNode* to = node.find("to");
    if (from == nullptr || to == nullptr) {
        problems_.add(
            node.mark, column.path,
            std::string("expected from and to, found no ") + (from == nullptr ? "from" : "to"));
        return false;
    }
    range.is_whole = takes_whole_numbers(column.key);
    const std::optional<double> first = number(*from, column);
    const std::optional<double> last = number(*to, column);
    if (!first || !last) {
        return false;
    }
    range.from = *first;
    range.to = *last;
    if (*first > *last) {
        problems_.add(from->mark, column.path,
                      "expected from <= to, found " + from->scalar + " and " + to->scalar);
    }
    return *first <= *last;
}

bool AxisReader::read_step(const YamlNode& node, const Column& column, NumberRange& range) {
    const YamlNode* step = node.find("step");
    const YamlNode* factor = node.find("factor");
    if ((step == nullptr) == (factor == nullptr)) {
        problems_.add(node.mark, column.path,
                      std::string("expected step or factor, found ") +
                          (step == nullptr ? "neither" : "both"));
        return false;
    }
    range.is_geometric = factor != nullptr;
    const YamlNode& given = range.is_geometric ? *factor : *step;
    const std::string path = joined(column.path, range.is_geometric ? "factor" : "step");
    const auto number = real_of(given);
    const double above = range.is_geometric ? 1.0 : 0.0;
    const bool is_good = number && std::isfinite(*number) && *number > above &&
                         (!range.is_whole || *number == std::floor(*number));
    if (!is_good) {
        problems_.unexpected(given, path,
                             std::string(range.is_whole ? "a whole number" : "a number") +
                                 " greater than " + (range.is_geometric ? "1" : "0"));
        return false;
    }
    if (range.is_geometric && range.from == 0.0) {
        problems_.add(given.mark, path, "expected from > 0 with a factor, found 0");
        return false;
    }
    range.step = *number;
    return true;
}

}  // namespace skipsim::sweep
