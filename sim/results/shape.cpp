// SPDX-License-Identifier: Apache-2.0
#include "sim/results/shape.h"

#include "sim/stats/energy_table.h"
#include "sim/stats/run_result.h"

#include <algorithm>
#include <string_view>

namespace skipsim::results {
namespace {

using Json = nlohmann::ordered_json;

bool all_of(const Json& list, bool (*is_good)(const Json&)) {
    return list.is_array() && std::all_of(list.begin(), list.end(), is_good);
}

bool is_text(const Json& value) {
    return value.is_string();
}

bool is_count(const Json& value) {
    return value.is_number_unsigned();
}

bool is_amount(const Json& value) {
    return value.is_number() && value.get<double>() >= 0.0;
}

template <typename Names>
bool is_one_of(const Json& value, const Names& names) {
    return value.is_string() &&
           std::find(names.begin(), names.end(), value.get<std::string>()) != names.end();
}

bool is_stage(const Json& value) {
    return is_one_of(value, stats::kStageNames);
}

bool is_sha256(const Json& value) {
    constexpr std::size_t kDigits = 64;
    constexpr const char* kHex = "0123456789abcdef";
    return value.is_string() && value.get_ref<const std::string&>().size() == kDigits &&
           value.get_ref<const std::string&>().find_first_not_of(kHex) == std::string::npos;
}

bool is_of(const Json& value, Kind kind) {
    switch (kind) {
        case Kind::anything:
            return true;
        case Kind::text:
            return is_text(value);
        case Kind::texts:
            return all_of(value, is_text);
        case Kind::count:
            return is_count(value);
        case Kind::counts:
            return all_of(value, is_count);
        case Kind::count_or_null:
            return is_count(value) || value.is_null();
        case Kind::amount:
            return is_amount(value);
        case Kind::positive:
            return is_amount(value) && value.get<double>() > 0.0;
        case Kind::object:
        case Kind::map:
            return value.is_object();
        case Kind::list:
            return value.is_array();
        case Kind::filled_list:
            return value.is_array() && !value.empty();
        case Kind::sha256:
            return is_sha256(value);
        case Kind::engine:
            return value == "fast" || value == "clocked";
        case Kind::stage:
            return is_stage(value);
        case Kind::stages:
            return all_of(value, is_stage);
        case Kind::number_format:
            return is_one_of(value, stats::mac_formats());
    }
    return false;
}

/// In the order of Kind.
constexpr std::string_view kNames[]{"a value",
                                    "text",
                                    "a list of texts",
                                    "a whole number",
                                    "a list of whole numbers",
                                    "a whole number or null",
                                    "a number of at least 0",
                                    "a number greater than 0",
                                    "an object",
                                    "an object",
                                    "a list",
                                    "a list that is not empty",
                                    "64 hex digits",
                                    "fast or clocked",
                                    "one of FF, BP, WG, WU",
                                    "a list of FF, BP, WG, WU",
                                    "one of fp8, fp16, bf16, int8, fp32"};

void check_value(const Json& value, const std::string& path, const Field& field,
                 Problems& problems) {
    if (field.may_be_null && value.is_null()) {
        return;
    }
    if (!is_of(value, field.kind)) {
        const std::string_view name = kNames[static_cast<std::size_t>(field.kind)];
        problems.add(path, "expected " + std::string(name) + ", found " + shown(value));
        return;
    }
    if (field.kind == Kind::object) {
        check_shape(value, path, field.inside, problems);
    } else if (field.kind == Kind::map) {
        for (const auto& [key, member] : value.items()) {
            check_value(member, path + '/' + key, field.inside.front(), problems);
        }
    } else if (field.kind == Kind::list || field.kind == Kind::filled_list) {
        const Field item("", Kind::object, field.inside);
        for (std::size_t index = 0; index < value.size(); ++index) {
            check_value(value[index], path + '/' + std::to_string(index), item, problems);
        }
    }
}

}  // namespace

void check_shape(const Json& object, const std::string& path, const Fields& fields,
                 Problems& problems) {
    for (const Field& field : fields) {
        const auto found = object.find(field.name);
        if (found != object.end()) {
            check_value(*found, path + '/' + field.name, field, problems);
        } else if (!field.is_optional) {
            problems.add(path + '/' + field.name, "missing");
        }
    }
}

std::string shown(const Json& value) {
    if (value.is_object()) {
        return "an object";
    }
    if (value.is_array()) {
        return "a list of " + std::to_string(value.size());
    }
    constexpr std::size_t kMostCharacters = 60;
    const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return text.size() <= kMostCharacters ? text : text.substr(0, kMostCharacters) + "…";
}

}  // namespace skipsim::results
