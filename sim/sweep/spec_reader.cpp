// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/spec_reader.h"

#include "sim/base/sha256.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>
#include <utility>

namespace skipsim::sweep {
namespace {

using base::YamlEntry;
using base::YamlNode;

constexpr std::size_t kMaxNameLength = 100;
const std::vector<std::string> kKeys{"sweep",  "config", "trace", "set",  "iterations",
                                     "layers", "stages", "seed",  "axes", "zip",
                                     "sample", "points", "where"};

bool is_name(const std::string& text) {
    const auto is_fine = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.' || c == '-';
    };
    return !text.empty() && text.size() <= kMaxNameLength && text != "." && text != ".." &&
           std::all_of(text.begin(), text.end(), is_fine);
}

}  // namespace

SpecReader::SpecReader(std::string path, Problems& problems)
    : path_(std::move(path)),
      problems_(problems),
      values_(std::filesystem::path(path_).parent_path(), problems) {}

Draft SpecReader::read() {
    SweepSpec& spec = draft_.spec;
    spec.path = path_;
    spec.text = base::read_text_file(path_);
    spec.text_sha256 = base::sha256_hex(spec.text);
    const YamlNode root = base::parse_yaml(spec.text, path_);
    if (root.kind != YamlNode::Kind::kMapping) {
        throw base::InputError(path_ + ": expected the keys of a sweep, found " +
                               root.description());
    }
    problems_.check_keys(root, "", kKeys);
    std::set<std::string> seen;
    for (const YamlEntry& entry : root.entries) {
        if (seen.insert(entry.key).second) {
            read_entry(entry);
        }
    }
    check_whole(root);
    check_listed();
    return std::move(draft_);
}

void SpecReader::read_entry(const YamlEntry& entry) {
    const std::string& key = entry.key;
    const YamlNode& node = entry.value;
    if (key == "sweep") {
        read_name(node);
    } else if (key == "config") {
        draft_.spec.config_path = values_.file(node, key).value_or("");
    } else if (key == "seed") {
        draft_.spec.seed =
            values_.whole(node, key, 0, std::numeric_limits<std::uint64_t>::max()).value_or(0);
    } else if (is_run_key(key)) {
        read_selection(entry);
    } else if (key == "set") {
        read_set(node);
    } else if (key == "points") {
        read_points(node);
    } else if (key == "where") {
        read_where(node);
    } else {
        read_axes(entry);
    }
}

void SpecReader::read_name(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kScalar || !is_name(node.scalar)) {
        problems_.unexpected(
            node, "sweep",
            "a name of 1 to " + std::to_string(kMaxNameLength) + " letters, digits, _, . and -");
        return;
    }
    draft_.spec.name = node.scalar;
}

void SpecReader::read_selection(const YamlEntry& entry) {
    claim(entry.key, entry.key, entry.mark);
    fixed_.insert(entry.key);
    if (entry.key == "trace") {
        read_traces(entry.value);
        return;
    }
    SweepSpec& spec = draft_.spec;
    std::string& target = entry.key == "iterations" ? spec.iterations
                          : entry.key == "layers"   ? spec.layers
                                                    : spec.stages;
    target = values_.value(entry.key, entry.value, entry.key).value_or("");
}

void SpecReader::read_traces(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList) {
        if (auto path = values_.file(node, "trace")) {
            draft_.spec.traces.push_back(std::move(*path));
        }
        return;
    }
    if (node.items.empty()) {
        problems_.unexpected(node, "trace", "a trace file or a list of them");
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const std::string path = joined("trace", std::to_string(i));
        if (auto file = values_.file(node.items[i], path)) {
            draft_.spec.traces.push_back(std::move(*file));
        }
    }
}

void SpecReader::read_set(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kMapping) {
        problems_.unexpected(node, "set", "a mapping of keys to values");
        return;
    }
    for (const YamlEntry& entry : node.entries) {
        const std::string path = joined("set", entry.key);
        if (is_run_key(entry.key)) {
            problems_.add(entry.mark, path, "stands at the top of the file, not below set");
        } else if (!is_known_key(entry.key)) {
            problems_.add(entry.mark, path, "unknown key" + did_you_mean(entry.key));
        } else if (auto value = values_.value(entry.key, entry.value, path)) {
            claim(entry.key, path, entry.mark);
            fixed_.insert(entry.key);
            draft_.spec.overrides.push_back(entry.key + '=' + *value);
        }
    }
}

void SpecReader::read_axes(const YamlEntry& entry) {
    AxisReader reader(values_, problems_);
    std::vector<Axis> axes;
    if (entry.key == "axes") {
        axes = reader.axes(entry.value);
    } else if (entry.key == "zip") {
        axes = reader.zip(entry.value);
    } else if (entry.key == "sample") {
        if (auto axis = reader.sample(entry.value)) {
            axes.push_back(std::move(*axis));
        }
    }
    for (Axis& axis : axes) {
        for (const Column& column : axis.columns) {
            claim(column.key, column.path, column.mark);
        }
        draft_.axes.push_back(std::move(axis));
    }
}

void SpecReader::read_points(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList || node.items.empty()) {
        problems_.unexpected(node, "points", "a list of points, each a mapping of keys to values");
        return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        ListedPoint point;
        point.path = joined("points", std::to_string(i));
        point.mark = node.items[i].mark;
        read_point(node.items[i], point);
        draft_.listed.push_back(std::move(point));
    }
}

void SpecReader::read_point(const YamlNode& node, ListedPoint& point) {
    if (node.kind != YamlNode::Kind::kMapping || node.entries.empty()) {
        problems_.unexpected(node, point.path, "a mapping of at least one key to its value");
        return;
    }
    std::set<std::string> seen;
    for (const YamlEntry& entry : node.entries) {
        const std::string path = joined(point.path, entry.key);
        if (!is_known_key(entry.key)) {
            problems_.add(entry.mark, path, "unknown key" + did_you_mean(entry.key));
        } else if (!seen.insert(entry.key).second) {
            problems_.add(entry.mark, path, "given twice");
        } else if (auto value = values_.value(entry.key, entry.value, path)) {
            point.settings.push_back({entry.key, std::move(*value)});
            listed_keys_.push_back({entry.key, path, entry.mark});
        }
    }
}

void SpecReader::read_where(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList || node.items.empty()) {
        problems_.unexpected(node, "where", "a list of conditions");
        return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const std::string path = joined("where", std::to_string(i));
        if (node.items[i].kind != YamlNode::Kind::kScalar) {
            problems_.unexpected(node.items[i], path,
                                 "a condition, such as core.rows * core.columns <= 256");
            continue;
        }
        Constraint constraint(node.items[i], path, draft_.spec.text);
        if (constraint.is_good(problems_)) {
            draft_.where.push_back(std::move(constraint));
        }
    }
}

void SpecReader::claim(const std::string& key, const std::string& path, base::YamlMark mark) {
    const auto [claim, is_new] = claims_.emplace(key, path);
    if (!is_new) {
        problems_.add(mark, path, "given twice, also as " + claim->second);
    }
}

void SpecReader::check_whole(const YamlNode& root) {
    for (const char* key : {"sweep", "config"}) {
        if (root.find(key) == nullptr) {
            problems_.add(root.mark, key,
                          std::string("missing; expected ") +
                              (*key == 's' ? "a name" : "a configuration file"));
        }
    }
    const auto has = [&](const char* key) { return root.find(key) != nullptr; };
    if (!has("axes") && !has("zip") && !has("sample") && !has("points")) {
        problems_.add(root.mark, "axes", "missing; expected axes, zip, sample or points");
    }
    const bool all_have_a_trace =
        std::all_of(draft_.listed.begin(), draft_.listed.end(), [](const ListedPoint& point) {
            return std::any_of(point.settings.begin(), point.settings.end(),
                               [](const Setting& setting) { return setting.key == "trace"; });
        });
    const bool grid_has_a_trace = claims_.count("trace") != 0 || draft_.axes.empty();
    if (!has("trace") && problems_.count() == 0 && !(grid_has_a_trace && all_have_a_trace)) {
        problems_.add(root.mark, "trace",
                      "missing; expected a trace file, a list of them, or traces for every point");
    }
}

void SpecReader::check_listed() {
    for (const ListedKey& listed : listed_keys_) {
        if (fixed_.count(listed.key) != 0) {
            problems_.add(listed.mark, listed.path,
                          "given twice, also as " + claims_.at(listed.key) + " for all points");
        }
    }
}

}  // namespace skipsim::sweep
