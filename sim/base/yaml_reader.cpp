// SPDX-License-Identifier: Apache-2.0
#include "sim/base/yaml_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/nearest.h"

namespace skipsim::base {

struct YamlSection::Document {
    struct Problem {
        YamlMark mark;
        std::string line;
    };
    struct Read {
        std::string path;
        std::set<std::string> known;
    };

    std::string name;
    YamlNode root;
    std::vector<Problem> problems;
    std::map<const YamlNode*, Read> read;  // every mapping that was opened as a section

    void report(YamlMark mark, const std::string& origin, const std::string& path,
                const std::string& what) {
        std::string line = origin.empty() ? name : origin;
        if (origin.empty() && mark.line != 0) {
            line += ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
        }
        line += ": ";
        if (!path.empty()) {
            line += path + ": ";
        }
        problems.push_back({mark, line + what});
    }
};

namespace {

std::string joined(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + '.' + key;
}

std::string with_unit(const std::string& text, const std::string& unit) {
    return unit.empty() ? text : text + " [" + unit + ']';
}

std::string number_text(double value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

std::string expected_whole(const WholeRange& range) {
    return with_unit(
        "a whole number in " + std::to_string(range.lowest) + ".." + std::to_string(range.highest),
        range.unit);
}

std::string expected_real(const RealRange& range) {
    return with_unit("a number in " + number_text(range.lowest) + ".." + number_text(range.highest),
                     range.unit);
}

std::string expected_choice(const std::vector<std::string>& options) {
    std::string text = "one of ";
    for (std::size_t i = 0; i < options.size(); ++i) {
        text += (i == 0 ? "" : ", ") + options[i];
    }
    return text;
}

bool is_plain(const YamlNode& node) {
    return node.kind == YamlNode::Kind::kScalar && !node.is_quoted;
}

template <typename Number>
std::optional<Number> parse_number(const YamlNode& node) {
    Number number{};
    const char* begin = node.scalar.data();
    const char* end = begin + node.scalar.size();
    const auto [stop, error] = std::from_chars(begin, end, number);
    if (!is_plain(node) || error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return number;
}

void set_origin(YamlNode& node, const std::string& origin) {
    node.origin = origin;
    node.mark = {};
    for (YamlNode& item : node.items) {
        set_origin(item, origin);
    }
    for (YamlEntry& entry : node.entries) {
        entry.mark = {};
        set_origin(entry.value, origin);
    }
}

}  // namespace

YamlSection::YamlSection(std::shared_ptr<Document> document, const YamlNode* node, std::string path,
                         bool is_silent)
    : document_(std::move(document)), node_(node), path_(std::move(path)), is_silent_(is_silent) {
    if (!is_silent_) {
        document_->read[node_].path = path_;
    }
}

std::string YamlSection::path_of(const std::string& key) const {
    return joined(path_, key);
}

const YamlNode* YamlSection::known(const std::string& key) {
    if (is_silent_) {
        return nullptr;
    }
    document_->read[node_].known.insert(key);
    return node_->find(key);
}

const YamlNode* YamlSection::node(const std::string& key) {
    return known(key);
}

bool YamlSection::has(const std::string& key) {
    return known(key) != nullptr;
}

std::vector<std::string> YamlSection::keys() const {
    std::vector<std::string> names;
    if (!is_silent_) {
        for (const YamlEntry& entry : node_->entries) {
            names.push_back(entry.key);
        }
    }
    return names;
}

void YamlSection::report(const std::string& key, const std::string& what) {
    if (is_silent_) {
        return;
    }
    const YamlNode* at = node_->find(key);
    at = at == nullptr ? node_ : at;
    document_->report(at->mark, at->origin, path_of(key), what);
}

void YamlSection::unexpected(const std::string& path, const YamlNode& node,
                             const std::string& expected) {
    document_->report(node.mark, node.origin, path,
                      "expected " + expected + ", found " + node.description());
}

const YamlNode* YamlSection::wanted(const std::string& key, const std::string& expected,
                                    bool is_optional) {
    const YamlNode* found = known(key);
    if (found == nullptr && !is_optional && !is_silent_) {
        document_->report(node_->mark, node_->origin, path_of(key),
                          "missing; expected " + expected);
    }
    return found;
}

const YamlNode* YamlSection::list(const std::string& key, const std::string& expected,
                                  bool is_optional) {
    const YamlNode* found = wanted(key, expected, is_optional);
    if (found != nullptr && found->kind != YamlNode::Kind::kList) {
        unexpected(path_of(key), *found, expected);
        return nullptr;
    }
    return found;
}

std::optional<std::uint64_t> YamlSection::whole_of(const std::string& path, const YamlNode& node,
                                                   const WholeRange& range) {
    const auto number = parse_number<std::uint64_t>(node);
    if (!number || *number < range.lowest || *number > range.highest) {
        unexpected(path, node, expected_whole(range));
        return std::nullopt;
    }
    return number;
}

std::optional<double> YamlSection::real_of(const std::string& path, const YamlNode& node,
                                           const RealRange& range) {
    const auto number = parse_number<double>(node);
    if (!number || !std::isfinite(*number) || *number < range.lowest || *number > range.highest) {
        unexpected(path, node, expected_real(range));
        return std::nullopt;
    }
    return number;
}

std::optional<std::string> YamlSection::text_of(const std::string& path, const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kScalar) {
        unexpected(path, node, "a text");
        return std::nullopt;
    }
    return node.scalar;
}

std::optional<std::string> YamlSection::choice_of(const std::string& path, const YamlNode& node,
                                                  const std::vector<std::string>& options) {
    if (node.kind != YamlNode::Kind::kScalar) {
        unexpected(path, node, expected_choice(options));
        return std::nullopt;
    }
    if (std::find(options.begin(), options.end(), node.scalar) == options.end()) {
        const std::string near = nearest_name(node.scalar, options);
        document_->report(node.mark, node.origin, path,
                          "expected " + expected_choice(options) + ", found " + node.description() +
                              (near.empty() ? "" : "; did you mean " + near + "?"));
        return std::nullopt;
    }
    return node.scalar;
}

std::uint64_t YamlSection::whole(const std::string& key, const WholeRange& range,
                                 std::optional<std::uint64_t> fallback) {
    const YamlNode* found = wanted(key, expected_whole(range), fallback.has_value());
    const auto value = found == nullptr ? std::nullopt : whole_of(path_of(key), *found, range);
    return value.value_or(fallback.value_or(range.lowest));
}

double YamlSection::real(const std::string& key, const RealRange& range,
                         std::optional<double> fallback) {
    const YamlNode* found = wanted(key, expected_real(range), fallback.has_value());
    const auto value = found == nullptr ? std::nullopt : real_of(path_of(key), *found, range);
    return value.value_or(fallback.value_or(range.lowest));
}

bool YamlSection::boolean(const std::string& key, std::optional<bool> fallback) {
    const YamlNode* found = wanted(key, "true or false", fallback.has_value());
    if (found == nullptr) {
        return fallback.value_or(false);
    }
    if (!is_plain(*found) || (found->scalar != "true" && found->scalar != "false")) {
        unexpected(path_of(key), *found, "true or false");
        return fallback.value_or(false);
    }
    return found->scalar == "true";
}

std::string YamlSection::text(const std::string& key, const std::optional<std::string>& fallback) {
    const YamlNode* found = wanted(key, "a text", fallback.has_value());
    const auto value = found == nullptr ? std::nullopt : text_of(path_of(key), *found);
    return value.value_or(fallback.value_or(""));
}

std::string YamlSection::choice(const std::string& key, const std::vector<std::string>& options,
                                const std::optional<std::string>& fallback) {
    require(!options.empty(), "yaml_reader: a choice needs options");
    const YamlNode* found = wanted(key, expected_choice(options), fallback.has_value());
    const auto value = found == nullptr ? std::nullopt : choice_of(path_of(key), *found, options);
    return value.value_or(fallback.value_or(options.front()));
}

namespace {

/// Reads each item of a list with `item_of`; items that are wrong are noted and left out.
template <typename Item, typename ItemOf>
std::vector<Item> items_of(const YamlNode* found, const std::string& path,
                           const std::optional<std::vector<Item>>& fallback, ItemOf item_of) {
    if (found == nullptr) {
        return fallback.value_or(std::vector<Item>{});
    }
    std::vector<Item> values;
    for (std::size_t i = 0; i < found->items.size(); ++i) {
        if (auto value = item_of(joined(path, std::to_string(i)), found->items[i])) {
            values.push_back(std::move(*value));
        }
    }
    return values;
}

}  // namespace

std::vector<std::uint64_t> YamlSection::wholes(
    const std::string& key, const WholeRange& range,
    const std::optional<std::vector<std::uint64_t>>& fallback) {
    const YamlNode* found =
        list(key, "a list, each " + expected_whole(range), fallback.has_value());
    return items_of<std::uint64_t>(
        found, path_of(key), fallback,
        [&](const std::string& path, const YamlNode& item) { return whole_of(path, item, range); });
}

std::vector<double> YamlSection::reals(const std::string& key, const RealRange& range,
                                       const std::optional<std::vector<double>>& fallback) {
    const YamlNode* found = list(key, "a list, each " + expected_real(range), fallback.has_value());
    return items_of<double>(
        found, path_of(key), fallback,
        [&](const std::string& path, const YamlNode& item) { return real_of(path, item, range); });
}

std::vector<std::string> YamlSection::texts(
    const std::string& key, const std::optional<std::vector<std::string>>& fallback) {
    const YamlNode* found = list(key, "a list of texts", fallback.has_value());
    return items_of<std::string>(
        found, path_of(key), fallback,
        [&](const std::string& path, const YamlNode& item) { return text_of(path, item); });
}

std::vector<std::string> YamlSection::choices(
    const std::string& key, const std::vector<std::string>& options,
    const std::optional<std::vector<std::string>>& fallback) {
    const YamlNode* found =
        list(key, "a list, each " + expected_choice(options), fallback.has_value());
    return items_of<std::string>(found, path_of(key), fallback,
                                 [&](const std::string& path, const YamlNode& item) {
                                     return choice_of(path, item, options);
                                 });
}

YamlSection YamlSection::child(const YamlNode& node, std::string path) {
    if (node.kind != YamlNode::Kind::kMapping) {
        unexpected(path, node, "a mapping");
        return {document_, &node, std::move(path), true};
    }
    return {document_, &node, std::move(path), false};
}

YamlSection YamlSection::section(const std::string& key) {
    const YamlNode* found = wanted(key, "a mapping", false);
    if (found == nullptr) {
        return {document_, node_, path_of(key), true};
    }
    return child(*found, path_of(key));
}

std::optional<YamlSection> YamlSection::optional_section(const std::string& key) {
    const YamlNode* found = known(key);
    if (found == nullptr) {
        return std::nullopt;
    }
    return child(*found, path_of(key));
}

std::vector<YamlSection> YamlSection::sections(const std::string& key, bool is_optional) {
    const YamlNode* found = list(key, "a list of mappings", is_optional);
    std::vector<YamlSection> all;
    for (std::size_t i = 0; found != nullptr && i < found->items.size(); ++i) {
        all.push_back(child(found->items[i], joined(path_of(key), std::to_string(i))));
    }
    return all;
}

YamlReader::YamlReader(std::shared_ptr<YamlSection::Document> document)
    : document_(std::move(document)) {}

YamlReader YamlReader::from_file(const std::string& path) {
    return from_text(read_text_file(path), path);
}

YamlReader YamlReader::from_text(const std::string& text, const std::string& name) {
    auto document = std::make_shared<YamlSection::Document>();
    document->name = name;
    document->root = parse_yaml(text, name);
    if (document->root.kind != YamlNode::Kind::kMapping) {
        throw InputError(name + ": expected keys and values, found " +
                         document->root.description());
    }
    return YamlReader(std::move(document));
}

void YamlReader::set(const std::string& key_path, const std::string& value,
                     const std::string& origin) {
    YamlNode* at = &document_->root;
    std::istringstream keys(key_path);
    std::string key;
    std::string so_far;
    while (std::getline(keys, key, '.')) {
        so_far = joined(so_far, key);
        if (at->kind == YamlNode::Kind::kList) {
            std::size_t index = at->items.size();
            std::from_chars(key.data(), key.data() + key.size(), index);
            if (index >= at->items.size() || key != std::to_string(index)) {
                throw InputError(origin + ": " + so_far + ": expected an item number below " +
                                 std::to_string(at->items.size()) + ", found \"" + key + '"');
            }
            at = &at->items[index];
            continue;
        }
        if (at->kind == YamlNode::Kind::kNull) {
            at->kind = YamlNode::Kind::kMapping;
        }
        if (at->kind != YamlNode::Kind::kMapping || key.empty()) {
            throw InputError(origin + ": " + so_far + ": expected a key of a mapping, found " +
                             (key.empty() ? "an empty name" : at->description()));
        }
        if (at->find(key) == nullptr) {
            at->entries.push_back({key, {}, {}});
            at->entries.back().value.origin = origin;
        }
        at = at->find(key);
    }
    if (at == &document_->root) {
        throw InputError(origin + ": expected KEY.PATH=VALUE, found an empty key");
    }
    *at = parse_yaml(value, origin);
    set_origin(*at, origin);
}

YamlSection YamlReader::root() {
    return {document_, &document_->root, "", false};
}

const YamlNode& YamlReader::tree() const {
    return document_->root;
}

const std::string& YamlReader::name() const {
    return document_->name;
}

void YamlReader::report(const std::string& line) {
    document_->problems.push_back({{}, line});
}

void YamlReader::finish() {
    for (const auto& [node, read] : document_->read) {
        const std::vector<std::string> known(read.known.begin(), read.known.end());
        std::set<std::string> seen;
        for (const YamlEntry& entry : node->entries) {
            const std::string path = joined(read.path, entry.key);
            if (!seen.insert(entry.key).second) {
                document_->report(entry.mark, entry.value.origin, path, "given twice");
            } else if (read.known.count(entry.key) == 0) {
                const std::string near = nearest_name(entry.key, known);
                document_->report(
                    entry.mark, entry.value.origin, path,
                    "unknown key" + (near.empty() ? "" : "; did you mean " + near + "?"));
            }
        }
    }
    std::vector<YamlSection::Document::Problem> problems = std::move(document_->problems);
    document_->problems.clear();
    // Same place: by text, since the sections above come in the order of their addresses.
    std::sort(problems.begin(), problems.end(), [](const auto& left, const auto& right) {
        return std::tie(left.mark.line, left.mark.column, left.line) <
               std::tie(right.mark.line, right.mark.column, right.line);
    });
    std::vector<std::string> lines;
    for (auto& problem : problems) {
        if (lines.empty() || lines.back() != problem.line) {
            lines.push_back(std::move(problem.line));
        }
    }
    if (!lines.empty()) {
        throw InputError(std::move(lines));
    }
}

}  // namespace skipsim::base
