// SPDX-License-Identifier: Apache-2.0
#include "sim/config/parameter.h"

#include "sim/base/check.h"
#include "sim/base/nearest.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace skipsim::config {
namespace {

constexpr std::size_t kMaxTextLength = 1000;
constexpr std::size_t kShownCharacters = 60;
constexpr std::string_view kUnlimited = "unlimited";

std::string unit_note(const Parameter& parameter) {
    return parameter.unit.empty() ? "" : " [" + std::string(parameter.unit) + "]";
}

std::string range_of(const Parameter& parameter) {
    return bound_text(parameter.low) + ".." + bound_text(parameter.high);
}

ParsedValue refused(const Parameter& parameter, const std::string& text, const std::string& hint) {
    std::string shown = text.substr(0, kShownCharacters);
    shown += text.size() > kShownCharacters ? "…" : "";
    return {Value{}, "expected " + expectation(parameter) + ", got \"" + shown + "\"" + hint};
}

template <typename Number>
bool reads_whole_text(const std::string& text, Number& number) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
}

ParsedValue parse_whole(const Parameter& parameter, const std::string& text, bool is_quoted) {
    if (parameter.type == ParameterType::whole_or_unlimited && text == kUnlimited) {
        return {Value{std::uint64_t{0}}, ""};
    }
    std::uint64_t number = 0;
    const bool is_number = !is_quoted && reads_whole_text(text, number);
    if (!is_number || static_cast<double>(number) < parameter.low ||
        static_cast<double>(number) > parameter.high) {
        return refused(parameter, text, "");
    }
    return {Value{number}, ""};
}

ParsedValue parse_real(const Parameter& parameter, const std::string& text, bool is_quoted) {
    double number = 0;
    const bool is_number = !is_quoted && reads_whole_text(text, number) && std::isfinite(number);
    if (!is_number || number <= parameter.low || number > parameter.high) {
        return refused(parameter, text, "");
    }
    return {Value{number}, ""};
}

ParsedValue parse_boolean(const Parameter& parameter, const std::string& text, bool is_quoted) {
    if (is_quoted || (text != "true" && text != "false")) {
        return refused(parameter, text, "");
    }
    return {Value{text == "true"}, ""};
}

bool has_control_character(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

ParsedValue parse_text(const Parameter& parameter, const std::string& text) {
    const bool may_be_empty = !parameter.is_required() && *parameter.default_value == '\0';
    if ((text.empty() && !may_be_empty) || text.size() > kMaxTextLength ||
        has_control_character(text)) {
        return refused(parameter, has_control_character(text) ? "control characters" : text, "");
    }
    return {Value{text}, ""};
}

ParsedValue parse_choice(const Parameter& parameter, const std::string& text) {
    const std::vector<std::string> choices = choice_list(parameter);
    if (std::find(choices.begin(), choices.end(), text) != choices.end()) {
        return {Value{text}, ""};
    }
    const std::string near = base::nearest_name(text, choices);
    return refused(parameter, text, near.empty() ? "" : "; did you mean " + near + "?");
}

/// Always quoted, so that no text can be taken for a number, a boolean or a comment.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result + '"';
}

}  // namespace

std::string expectation(const Parameter& parameter) {
    switch (parameter.type) {
        case ParameterType::whole:
            return "a whole number in " + range_of(parameter) + unit_note(parameter);
        case ParameterType::whole_or_unlimited:
            return "a whole number in " + range_of(parameter) + unit_note(parameter) +
                   " or unlimited";
        case ParameterType::real:
            return "a number greater than " + bound_text(parameter.low) + " and up to " +
                   bound_text(parameter.high) + unit_note(parameter);
        case ParameterType::boolean:
            return "true or false";
        case ParameterType::text:
            return "text of 1 to " + std::to_string(kMaxTextLength) + " characters on one line";
        case ParameterType::choice: {
            const std::vector<std::string> choices = choice_list(parameter);
            std::string list = choices.size() > 1 ? "one of " : "";
            for (const std::string& choice : choices) {
                list += (&choice == &choices.front() ? "" : ", ") + choice;
            }
            return list;
        }
    }
    base::throw_internal_error("parameter type without an expectation");
}

std::vector<std::string> choice_list(const Parameter& parameter) {
    std::vector<std::string> choices;
    std::string_view rest = parameter.choices;
    while (!rest.empty()) {
        const std::size_t bar = rest.find('|');
        choices.emplace_back(rest.substr(0, bar));
        rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
    }
    return choices;
}

ParsedValue parse_value(const Parameter& parameter, const std::string& text, bool is_quoted) {
    switch (parameter.type) {
        case ParameterType::whole:
        case ParameterType::whole_or_unlimited:
            return parse_whole(parameter, text, is_quoted);
        case ParameterType::real:
            return parse_real(parameter, text, is_quoted);
        case ParameterType::boolean:
            return parse_boolean(parameter, text, is_quoted);
        case ParameterType::text:
            return parse_text(parameter, text);
        case ParameterType::choice:
            return parse_choice(parameter, text);
    }
    base::throw_internal_error("parameter type without a reader");
}

std::string value_as_yaml(const Parameter& parameter, const Value& value) {
    switch (parameter.type) {
        case ParameterType::whole:
            return std::to_string(std::get<std::uint64_t>(value));
        case ParameterType::whole_or_unlimited: {
            const std::uint64_t number = std::get<std::uint64_t>(value);
            return number == 0 ? std::string(kUnlimited) : std::to_string(number);
        }
        case ParameterType::real:
            return shortest(std::get<double>(value));
        case ParameterType::boolean:
            return std::get<bool>(value) ? "true" : "false";
        case ParameterType::text:
            return quoted(std::get<std::string>(value));
        case ParameterType::choice:
            return std::get<std::string>(value);
    }
    base::throw_internal_error("parameter type without a writer");
}

std::string bound_text(double bound) {
    const bool is_whole = bound >= 0.0 && bound < 1e15 && std::floor(bound) == bound;
    return is_whole ? std::to_string(static_cast<std::uint64_t>(bound)) : shortest(bound);
}

std::string shortest(double number) {
    char buffer[32];
    const auto [end, error] = std::to_chars(std::begin(buffer), std::end(buffer), number);
    base::require(error == std::errc(), "a double needs more than 32 characters");
    return {buffer, end};
}

}  // namespace skipsim::config
