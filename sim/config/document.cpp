// SPDX-License-Identifier: Apache-2.0
#include "sim/config/document.h"

#include "sim/base/check.h"
#include "sim/config/catalogue.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace skipsim::config {
namespace {

using Json = nlohmann::ordered_json;

/// "accelerator.partition.core_m" -> {"accelerator", "partition", "core_m"}
std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t dot = path.find('.');
        parts.emplace_back(path.substr(0, dot));
        if (dot == std::string_view::npos) {
            return parts;
        }
        path.remove_prefix(dot + 1);
    }
}

std::string yaml_text(const std::string& text) {
    static const Parameter kText{"", ParameterType::text, "", 0, 0, "", "", ""};
    return value_as_yaml(kText, Value{text});
}

/// Writes the section lines that lead from the sections already open to those of `parts`.
void open_sections(std::string& yaml, std::vector<std::string>& open,
                   const std::vector<std::string>& parts) {
    std::size_t common = 0;
    while (common < open.size() && common + 1 < parts.size() && open[common] == parts[common]) {
        ++common;
    }
    open.resize(common);
    for (; common + 1 < parts.size(); ++common) {
        yaml += std::string(2 * common, ' ') + parts[common] + ":\n";
        open.push_back(parts[common]);
    }
}

Json value_as_json(const Parameter& parameter, const Value& value) {
    if (parameter.type == ParameterType::whole_or_unlimited &&
        std::get<std::uint64_t>(value) == 0) {
        return "unlimited";
    }
    return std::visit([](const auto& held) { return Json(held); }, value);
}

Json whole_schema(const Parameter& parameter) {
    return {{"type", "integer"},
            {"minimum", static_cast<std::uint64_t>(parameter.low)},
            {"maximum", static_cast<std::uint64_t>(parameter.high)}};
}

Json type_schema(const Parameter& parameter) {
    switch (parameter.type) {
        case ParameterType::whole:
            return whole_schema(parameter);
        case ParameterType::whole_or_unlimited:
            return {{"anyOf", Json::array({whole_schema(parameter), {{"const", "unlimited"}}})}};
        case ParameterType::real:
            return {{"type", "number"},
                    {"exclusiveMinimum", parameter.low},
                    {"maximum", parameter.high}};
        case ParameterType::boolean:
            return {{"type", "boolean"}};
        case ParameterType::text:
            return {{"type", "string"},
                    {"minLength", parameter.is_required() ? 1 : 0},
                    {"maxLength", 1000}};
        case ParameterType::choice:
            return {{"enum", choice_list(parameter)}};
    }
    base::throw_internal_error("parameter type without a schema");
}

Json parameter_schema(const Parameter& parameter) {
    Json schema = type_schema(parameter);
    std::string description(parameter.meaning);
    description += parameter.unit.empty() ? "" : " [" + std::string(parameter.unit) + "]";
    schema["description"] = description;
    if (!parameter.is_required()) {
        const ParsedValue parsed = parse_value(parameter, parameter.default_value, false);
        schema["default"] = value_as_json(parameter, parsed.value);
    }
    return schema;
}

Json mapping_schema() {
    return {{"type", "object"},
            {"additionalProperties", false},
            {"properties", Json::object()},
            {"required", Json::array()}};
}

/// Adds `name` to the list of required properties once.
void require_property(Json& mapping, const std::string& name) {
    Json& required = mapping["required"];
    if (std::find(required.begin(), required.end(), name) == required.end()) {
        required.push_back(name);
    }
}

void add_to_schema(Json& root, const Parameter& parameter) {
    const std::vector<std::string> parts = split(parameter.path);
    Json* mapping = &root;
    for (std::size_t depth = 0; depth + 1 < parts.size(); ++depth) {
        if (parameter.is_required()) {
            require_property(*mapping, parts[depth]);
        }
        Json& properties = (*mapping)["properties"];
        if (!properties.contains(parts[depth])) {
            properties[parts[depth]] = mapping_schema();
        }
        mapping = &properties[parts[depth]];
    }
    if (parameter.is_required()) {
        require_property(*mapping, parts.back());
    }
    (*mapping)["properties"][parts.back()] = parameter_schema(parameter);
}

Json assumptions_schema() {
    Json note = mapping_schema();
    note["properties"]["status"] = {{"enum", {"published", "derived", "assumption"}}};
    note["properties"]["source"] = {{"type", "string"}, {"minLength", 1}};
    note["required"] = {"status", "source"};
    return {{"type", "object"},
            {"description", "where values come from: parameter path to status and source"},
            {"propertyNames", {{"enum", parameter_paths()}}},
            {"additionalProperties", note}};
}

std::string default_of(const Parameter& parameter) {
    if (parameter.is_required()) {
        return "required";
    }
    return *parameter.default_value == '\0' ? "empty" : parameter.default_value;
}

/// What a value may be, in few characters: "1..128", "a or b".
std::string range_text(const Parameter& parameter, std::string_view separator) {
    switch (parameter.type) {
        case ParameterType::whole:
            return bound_text(parameter.low) + ".." + bound_text(parameter.high);
        case ParameterType::whole_or_unlimited:
            return bound_text(parameter.low) + ".." + bound_text(parameter.high) + " or unlimited";
        case ParameterType::real:
            return "> " + bound_text(parameter.low) + ", <= " + bound_text(parameter.high);
        case ParameterType::boolean:
            return "true or false";
        case ParameterType::text:
            return "text";
        case ParameterType::choice: {
            std::string list;
            for (const std::string& choice : choice_list(parameter)) {
                list += (list.empty() ? "" : std::string(separator)) + choice;
            }
            return list;
        }
    }
    base::throw_internal_error("parameter type without a range");
}

std::string absolute_path(const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace

std::string as_yaml(const Config& config) {
    std::string yaml;
    std::vector<std::string> open;
    for (std::size_t index = 0; index < catalogue().size(); ++index) {
        const Parameter& parameter = catalogue()[index];
        const std::vector<std::string> parts = split(parameter.path);
        open_sections(yaml, open, parts);
        Value value = config.values()[index];
        if (parameter.path == "energy.table") {
            value = absolute_path(config.energy_table_path());
        } else if (parameter.path == "memory.dram" && !config.memory_file_path().empty()) {
            value = absolute_path(config.memory_file_path());
        }
        yaml += std::string(2 * (parts.size() - 1), ' ') + parts.back() + ": " +
                value_as_yaml(parameter, value) + '\n';
    }
    if (!config.assumptions().empty()) {
        yaml += "assumptions:\n";
    }
    for (const Assumption& note : config.assumptions()) {
        yaml += "  " + note.path + ":\n    status: " + note.status +
                "\n    source: " + yaml_text(note.source) + '\n';
    }
    return yaml;
}

Json as_json(const Config& config) {
    Json root = Json::object();
    for (std::size_t index = 0; index < catalogue().size(); ++index) {
        const Parameter& parameter = catalogue()[index];
        Json* node = &root;
        for (const std::string& part : split(parameter.path)) {
            node = &(*node)[part];
        }
        *node = value_as_json(parameter, config.values()[index]);
    }
    return root;
}

Json json_schema() {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                   {"title", "skipsim configuration"}};
    schema.update(mapping_schema());
    for (const Parameter& parameter : catalogue()) {
        add_to_schema(schema, parameter);
    }
    schema["properties"]["assumptions"] = assumptions_schema();
    return schema;
}

std::string catalogue_as_markdown() {
    std::string table =
        "| key | values | default | unit | meaning |\n| --- | --- | --- | --- | --- |\n";
    for (const Parameter& parameter : catalogue()) {
        table += "| `" + std::string(parameter.path) + "` | " + range_text(parameter, ", ") +
                 " | " + default_of(parameter) + " | " + std::string(parameter.unit) + " | " +
                 std::string(parameter.meaning) + " |\n";
    }
    return table;
}

std::string catalogue_as_text() {
    std::string text;
    for (const Parameter& parameter : catalogue()) {
        text += std::string(parameter.path) + '\n';
        text += "    " + std::string(parameter.meaning) + '\n';
        text += "    values: " + range_text(parameter, ", ") +
                (parameter.unit.empty() ? "" : " [" + std::string(parameter.unit) + "]") +
                "; default: " + default_of(parameter) + '\n';
    }
    return text;
}

}  // namespace skipsim::config
