// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/values.h"

#include "sim/base/nearest.h"
#include "sim/base/number.h"
#include "sim/config/catalogue.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>

namespace skipsim::sweep {
namespace {

using base::YamlNode;

constexpr std::array kRunKeys{"trace", "iterations", "layers", "stages"};
constexpr std::array kFileKeys{"energy.table", "memory.dram", "trace"};
constexpr std::array kStages{"FF", "BP", "WG", "WU"};
constexpr const char* kIdealMemory = "ideal";

bool is_plain(const YamlNode& node) {
    return node.kind == YamlNode::Kind::kScalar && !node.is_quoted;
}

std::vector<std::string> words_between_commas(const std::string& text) {
    std::vector<std::string> words{""};
    for (const char c : text) {
        if (c == ',') {
            words.emplace_back();
        } else if (c != ' ') {
            words.back() += c;
        }
    }
    return words;
}

/// Names of a list of scalars; nothing if it holds anything else.
std::optional<std::vector<std::string>> words_of(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::kScalar) {
        return words_between_commas(node.scalar);
    }
    std::vector<std::string> words;
    for (const YamlNode& item : node.items) {
        if (item.kind != YamlNode::Kind::kScalar) {
            return std::nullopt;
        }
        words.push_back(item.scalar);
    }
    if (words.empty()) {
        return std::nullopt;
    }
    return words;
}

template <std::size_t kCount>
bool is_one_of(const std::string& word, const std::array<const char*, kCount>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

bool is_run_key(const std::string& key) {
    return is_one_of(key, kRunKeys);
}

bool is_file_key(const std::string& key) {
    return is_one_of(key, kFileKeys);
}

const config::Parameter* parameter_of(const std::string& key) {
    const auto index = config::find_parameter(key);
    return index ? &config::catalogue()[*index] : nullptr;
}

bool is_known_key(const std::string& key) {
    return is_run_key(key) || parameter_of(key) != nullptr;
}

std::string joined(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + '.' + key;
}

std::string did_you_mean(const std::string& key) {
    std::vector<std::string> names(kRunKeys.begin(), kRunKeys.end());
    const std::vector<std::string>& paths = config::parameter_paths();
    names.insert(names.end(), paths.begin(), paths.end());
    std::string near = base::nearest_name(key, names);
    const std::string last = '.' + key.substr(key.rfind('.') + 1);  // npos + 1 = 0
    for (const std::string& name : paths) {
        const bool ends_so = name.size() > last.size() &&
                             name.compare(name.size() - last.size(), last.size(), last) == 0;
        near = near.empty() && ends_so ? name : near;
    }
    return near.empty() ? "" : "; did you mean " + near + "?";
}

std::optional<std::uint64_t> whole_of(const YamlNode& node) {
    return is_plain(node) ? base::parse_number<std::uint64_t>(node.scalar) : std::nullopt;
}

std::optional<double> real_of(const YamlNode& node) {
    return is_plain(node) ? base::parse_number<double>(node.scalar) : std::nullopt;
}

bool takes_whole_numbers(const std::string& key) {
    const config::Parameter* parameter = parameter_of(key);
    return parameter != nullptr && (parameter->type == config::ParameterType::whole ||
                                    parameter->type == config::ParameterType::whole_or_unlimited);
}

bool takes_numbers(const std::string& key) {
    const config::Parameter* parameter = parameter_of(key);
    return takes_whole_numbers(key) ||
           (parameter != nullptr && parameter->type == config::ParameterType::real);
}

std::optional<std::uint64_t> ValueReader::whole(const YamlNode& node, const std::string& path,
                                                std::uint64_t lowest, std::uint64_t highest) {
    const std::optional<std::uint64_t> number = whole_of(node);
    if (!number || *number < lowest || *number > highest) {
        problems_.unexpected(
            node, path,
            "a whole number in " + std::to_string(lowest) + ".." + std::to_string(highest));
        return std::nullopt;
    }
    return number;
}

std::optional<std::string> ValueReader::value(const std::string& key, const YamlNode& node,
                                              const std::string& path) {
    if (key == "trace") {
        return file(node, path);
    }
    if (key == "iterations") {
        return iterations(node, path);
    }
    if (key == "layers") {
        return layers(node, path);
    }
    if (key == "stages") {
        return stages(node, path);
    }
    return parameter_value(*parameter_of(key), node, path);
}

std::optional<std::string> ValueReader::parameter_value(const config::Parameter& parameter,
                                                        const YamlNode& node,
                                                        const std::string& path) {
    if (node.kind != YamlNode::Kind::kScalar) {
        problems_.unexpected(node, path, config::expectation(parameter));
        return std::nullopt;
    }
    const config::ParsedValue parsed = config::parse_value(parameter, node.scalar, node.is_quoted);
    if (!parsed.problem.empty()) {
        problems_.add(node.mark, path, parsed.problem);
        return std::nullopt;
    }
    const bool is_ideal = parameter.path == "memory.dram" && node.scalar == kIdealMemory;
    if (is_file_key(std::string(parameter.path)) && !is_ideal) {
        return file(node, path);
    }
    // --set takes a text as it is; value_as_yaml() would put it in quotes.
    return parameter.type == config::ParameterType::text
               ? node.scalar
               : config::value_as_yaml(parameter, parsed.value);
}

std::optional<std::string> ValueReader::file(const YamlNode& node, const std::string& path) {
    if (node.kind != YamlNode::Kind::kScalar || node.scalar.empty()) {
        problems_.unexpected(node, path, "the path of a file");
        return std::nullopt;
    }
    const std::filesystem::path name(node.scalar);
    const std::string full =
        (name.is_absolute() || folder_.empty() ? name : folder_ / name).lexically_normal().string();
    std::error_code error;
    if (!std::filesystem::is_regular_file(full, error)) {
        problems_.add(node.mark, path,
                      "expected a file that is there, found no file " + full +
                          " (a relative path starts at the folder of the sweep file)");
        return std::nullopt;
    }
    return full;
}

std::optional<std::string> ValueReader::iterations(const YamlNode& node, const std::string& path) {
    const std::size_t dots = node.scalar.find("..");
    const auto first = base::parse_number<std::uint64_t>(node.scalar.substr(0, dots));
    const auto last = dots == std::string::npos
                          ? first
                          : base::parse_number<std::uint64_t>(node.scalar.substr(dots + 2));
    if (node.kind != YamlNode::Kind::kScalar || !first || !last || *first > *last) {
        problems_.unexpected(node, path, "A..B with A <= B, such as 0..3");
        return std::nullopt;
    }
    return std::to_string(*first) + ".." + std::to_string(*last);
}

std::optional<std::string> ValueReader::layers(const YamlNode& node, const std::string& path) {
    const bool is_text = node.kind == YamlNode::Kind::kScalar && !node.scalar.empty() &&
                         std::none_of(node.scalar.begin(), node.scalar.end(), [](char c) {
                             return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
                         });
    if (!is_text) {
        problems_.unexpected(node, path, "a pattern of names, such as \"layer1.*\"");
        return std::nullopt;
    }
    return node.scalar;
}

std::optional<std::string> ValueReader::stages(const YamlNode& node, const std::string& path) {
    const auto words = words_of(node);
    std::string text;
    std::size_t used = 0;
    for (const std::string stage : kStages) {
        const auto times = words ? std::count(words->begin(), words->end(), stage) : 0;
        if (times == 1) {
            text += (text.empty() ? "" : ",") + stage;
            ++used;
        }
    }
    if (!words || used != words->size()) {
        problems_.unexpected(node, path, "FF, BP, WG and WU, each once at most");
        return std::nullopt;
    }
    return text;
}

}  // namespace skipsim::sweep
