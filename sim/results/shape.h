// SPDX-License-Identifier: Apache-2.0
// What a JSON object has to look like, as a table of fields, and what a document lacks of it.
#pragma once

#include "sim/results/problems.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace skipsim::results {

enum class Kind {
    anything,
    text,
    texts,
    count,
    counts,
    count_or_null,
    amount,    ///< a number, not negative
    positive,  ///< a number above 0
    object,    ///< with the fields of `inside`
    map,       ///< an object; each member is as the one field of `inside`
    list,      ///< its items are objects with the fields of `inside`
    filled_list,
    sha256,
    engine,
    stage,
    stages,
    number_format
};

struct Field {
    Field(std::string name_of_it, Kind kind_of_it, std::vector<Field> fields_inside = {})
        : name(std::move(name_of_it)), kind(kind_of_it), inside(std::move(fields_inside)) {}
    std::string name;
    Kind kind;
    std::vector<Field> inside;
    bool is_optional = false;
    bool may_be_null = false;
};
using Fields = std::vector<Field>;

/// Adds a problem for each field that is missing or of another kind, and none for what is inside
/// such a field. Members of `object` that are no fields are left alone.
void check_shape(const nlohmann::ordered_json& object, const std::string& path,
                 const Fields& fields, Problems& problems);

/// A value as messages show it, shortened.
std::string shown(const nlohmann::ordered_json& value);

}  // namespace skipsim::results
