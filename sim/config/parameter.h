// SPDX-License-Identifier: Apache-2.0
// One configuration parameter, described as data. Everything that has to do with a parameter
// (reading, range checks, --set, the JSON Schema, `list params`, README.md) comes from these lines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace skipsim::config {

enum class ParameterType {
    whole,               ///< unsigned whole number in low..high
    whole_or_unlimited,  ///< the same, or the word `unlimited`, which is held as 0
    real,                ///< finite number, low < value <= high
    boolean,             ///< true or false
    text,                ///< string; may be empty only if its default is
    choice               ///< one of `choices`
};

struct Parameter {
    std::string_view path;  ///< "core.fifo_depth_chunks"
    ParameterType type;
    std::string_view unit;      ///< "" = dimensionless
    double low;                 ///< whole: smallest allowed; real: values must be greater
    double high;                ///< largest allowed
    std::string_view choices;   ///< of a choice: "dense|input|weight"
    const char* default_value;  ///< as it would stand in the file; nullptr = required
    std::string_view meaning;   ///< one sentence

    [[nodiscard]] bool is_required() const noexcept { return default_value == nullptr; }
};

/// whole and whole_or_unlimited, real, boolean, text and choice, in this order of alternatives.
using Value = std::variant<std::uint64_t, double, bool, std::string>;

/// A checked value, or what was wrong with it ("expected …, got …").
struct ParsedValue {
    Value value;
    std::string problem;  ///< "" = good
};

/// What the parameter takes, for messages and tables: "a whole number in 1..128 [rows]".
std::string expectation(const Parameter& parameter);

/// The choices as separate words.
std::vector<std::string> choice_list(const Parameter& parameter);

/// Reads `text` as the parameter's type. `is_quoted`: the text stood in quotes, so it is no number.
ParsedValue parse_value(const Parameter& parameter, const std::string& text, bool is_quoted);

/// The value as it would stand in a YAML file: 0 of whole_or_unlimited is `unlimited`; doubles in
/// the shortest form that reads back exactly; text quoted where YAML needs it.
std::string value_as_yaml(const Parameter& parameter, const Value& value);

/// An end of a range for people: whole numbers without an exponent.
std::string bound_text(double bound);

/// Shortest decimal form that reads back as the same double.
std::string shortest(double number);

}  // namespace skipsim::config
