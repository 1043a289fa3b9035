// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/constraints.h"

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/number.h"
#include "sim/sweep/expression.h"
#include "sim/sweep/values.h"

#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <sstream>
#include <utility>
#include <vector>

namespace skipsim::sweep {
namespace {

constexpr double kUnlimited = 1e100;  // larger than any value, and products of three are finite
constexpr std::size_t kMostCharacters = 1000;

/// A division by zero or an overflow, anywhere in an expression.
struct NotFinite {};

double finite(double number) {
    if (!std::isfinite(number)) {
        throw NotFinite();
    }
    return number;
}

double truth(bool is_true) {
    return is_true ? 1.0 : 0.0;
}

// clang-format off
double add(double a, double b) { return finite(a + b); }
double subtract(double a, double b) { return finite(a - b); }
double multiply(double a, double b) { return finite(a * b); }
double divide(double a, double b) { return finite(a / b); }
double remainder_of(double a, double b) { return finite(std::fmod(a, b)); }
double power(double a, double b) { return finite(std::pow(a, b)); }
double equal(double a, double b) { return truth(finite(a) == finite(b)); }
double unequal(double a, double b) { return truth(finite(a) != finite(b)); }
double less(double a, double b) { return truth(finite(a) < finite(b)); }
double at_most(double a, double b) { return truth(finite(a) <= finite(b)); }
double greater(double a, double b) { return truth(finite(a) > finite(b)); }
double at_least(double a, double b) { return truth(finite(a) >= finite(b)); }
double both(double a, double b) { return truth(finite(a) != 0.0 && finite(b) != 0.0); }
double either(double a, double b) { return truth(finite(a) != 0.0 || finite(b) != 0.0); }
double negation(double a) { return truth(finite(a) == 0.0); }
// clang-format on

/// muParser's own operators have an assignment among them and let infinities through.
void define_operators(mu::Parser& parser) {
    parser.EnableBuiltInOprt(false);
    parser.DefineOprt("||", either, mu::prLOR);
    parser.DefineOprt("&&", both, mu::prLAND);
    parser.DefineOprt("==", equal, mu::prCMP);
    parser.DefineOprt("!=", unequal, mu::prCMP);
    parser.DefineOprt("<=", at_most, mu::prCMP);
    parser.DefineOprt(">=", at_least, mu::prCMP);
    parser.DefineOprt("<", less, mu::prCMP);
    parser.DefineOprt(">", greater, mu::prCMP);
    parser.DefineOprt("+", add, mu::prADD_SUB);
    parser.DefineOprt("-", subtract, mu::prADD_SUB);
    parser.DefineOprt("*", multiply, mu::prMUL_DIV);
    parser.DefineOprt("/", divide, mu::prMUL_DIV);
    parser.DefineOprt("%", remainder_of, mu::prMUL_DIV);
    parser.DefineOprt("^", power, mu::prPOW, mu::oaRIGHT);
    // Weaker than a comparison: not a == b means not (a == b).
    parser.DefineInfixOprt("!", negation, mu::prLOGIC, false);
}

void define_names(mu::Parser& parser) {
    parser.DefineNameChars("0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    parser.DefineConst("true", 1.0);
    parser.DefineConst("false", 0.0);
    parser.DefineConst("unlimited", kUnlimited);
}

std::vector<std::string> function_names(const mu::Parser& parser) {
    std::vector<std::string> names;
    for (const auto& [name, callback] : parser.GetFunDef()) {
        names.push_back(name);
    }
    return names;
}

/// muParser's sentence without its position, which stands before it as line and column.
std::string without_position(std::string message) {
    for (const char* words : {" found at position", " at position"}) {
        message = message.substr(0, message.rfind(words));
    }
    while (!message.empty() && (message.back() == '.' || message.back() == ' ')) {
        message.pop_back();
    }
    return message;
}

std::string line_of(const std::string& text, std::uint32_t number) {
    std::istringstream lines(text);
    std::string line;
    for (std::uint32_t i = 0; i < number; ++i) {
        std::getline(lines, line);
    }
    return line;
}

double number_of(const std::string& text) {
    if (text == "unlimited") {
        return kUnlimited;
    }
    if (text == "true" || text == "false") {
        return text == "true" ? 1.0 : 0.0;
    }
    const std::optional<double> number = base::parse_number<double>(text);
    base::require(number.has_value(), "not the value of a number: " + text);
    return *number;
}

}  // namespace

struct Constraint::Parts {
    /// The column of the first character, 0 if the text is not on one line as it is.
    [[nodiscard]] base::YamlMark mark_at(std::size_t position) const {
        base::YamlMark at = mark;
        if (is_on_one_line) {
            at.column += static_cast<std::uint32_t>(position) + (is_quoted ? 1 : 0);
        }
        return at;
    }
    void compile(Problems& problems);
    double text_number(const std::string& text);

    std::string source;
    std::string path;
    base::YamlMark mark;
    bool is_quoted = false;
    bool is_on_one_line = false;
    Expression expression;
    mu::Parser parser;
    std::deque<double> variables;  ///< of expression.keys; muParser keeps their addresses
    std::map<std::string, double> numbers_of_texts;
};

Constraint::Constraint(const base::YamlNode& node, std::string path, const std::string& file_text)
    : parts_(std::make_unique<Parts>()) {
    parts_->source = node.scalar;
    parts_->path = std::move(path);
    parts_->mark = node.mark;
    parts_->is_quoted = node.is_quoted;
    const std::string line = line_of(file_text, node.mark.line);
    const std::size_t begin = node.mark.column - 1 + (node.is_quoted ? 1 : 0);
    parts_->is_on_one_line =
        begin <= line.size() && line.compare(begin, node.scalar.size(), node.scalar) == 0;
}

Constraint::~Constraint() = default;
Constraint::Constraint(Constraint&& other) noexcept = default;
Constraint& Constraint::operator=(Constraint&& other) noexcept = default;

bool Constraint::is_good(Problems& problems) {
    Parts& parts = *parts_;
    const std::uint64_t before = problems.count();
    if (parts.source.size() > kMostCharacters) {
        problems.add(parts.mark, parts.path,
                     "expected a condition of at most " + std::to_string(kMostCharacters) +
                         " characters, found " + std::to_string(parts.source.size()));
        return false;
    }
    define_names(parts.parser);
    define_operators(parts.parser);
    parts.expression = translate(parts.source, function_names(parts.parser),
                                 [&](std::size_t position, const std::string& what) {
                                     problems.add(parts.mark_at(position), parts.path, what);
                                 });
    if (problems.count() == before) {
        parts.compile(problems);
    }
    return problems.count() == before;
}

void Constraint::Parts::compile(Problems& problems) {
    numbers_of_texts = expression.words;
    try {
        for (const std::string& key : expression.keys) {
            parser.DefineVar(key, &variables.emplace_back(1.0));
        }
        parser.SetExpr(expression.translated);
        parser.Eval();  // translates at the first call; the result does not matter
        if (parser.GetNumResults() != 1) {
            problems.add(mark, path,
                         "expected one condition, found " + std::to_string(parser.GetNumResults()) +
                             " with commas between them");
        }
    } catch (const NotFinite&) {
        // Not with these values, which stand for any.
        return;
    } catch (const mu::ParserError& error) {
        const int position = error.GetPos();
        const std::size_t at =
            std::min(position < 0 ? 0 : static_cast<std::size_t>(position), source.size());
        problems.add(mark_at(at), path, without_position(error.GetMsg()));
    }
}

double Constraint::Parts::text_number(const std::string& text) {
    const auto next = static_cast<double>(numbers_of_texts.size() + 1);
    return numbers_of_texts.emplace(text, next).first->second;
}

bool Constraint::holds(const ValueOf& value_of) {
    Parts& parts = *parts_;
    for (std::size_t i = 0; i < parts.variables.size(); ++i) {
        const std::string& key = parts.expression.keys[i];
        const std::string& value = value_of(key);
        if (!is_text_key(key)) {
            parts.variables[i] = number_of(value);
        } else if (is_file_key(key)) {
            parts.variables[i] = parts.text_number(std::filesystem::path(value).stem().string());
        } else {
            parts.variables[i] = parts.text_number(value);
        }
    }
    try {
        return finite(parts.parser.Eval()) != 0.0;
    } catch (const NotFinite&) {
        throw base::InputError("expected a finite number, found a division by zero or an overflow");
    } catch (const mu::ParserError& error) {
        throw base::InputError(without_position(error.GetMsg()));
    }
}

const std::string& Constraint::source() const {
    return parts_->source;
}

const std::string& Constraint::path() const {
    return parts_->path;
}

base::YamlMark Constraint::mark() const {
    return parts_->mark;
}

}  // namespace skipsim::sweep
