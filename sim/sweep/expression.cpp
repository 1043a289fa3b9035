// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/expression.h"

#include "sim/base/nearest.h"
#include "sim/config/parameter.h"
#include "sim/sweep/values.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace skipsim::sweep {
namespace {

enum class Kind {
    number,  // a literal or a constant
    number_key,
    text_key,
    word,  // in quotes
    function,
    equality,    // == !=
    comparison,  // < <= > >=
    boundary,    // and or not ? : ,
    open,
    close,
    other
};

struct Token {
    Kind kind = Kind::other;
    std::size_t begin = 0;
    std::string text;
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_text(const Token& token) {
    return token.kind == Kind::text_key || token.kind == Kind::word;
}

/// Cuts the source into tokens; blanks are between them.
class Lexer {
public:
    Lexer(const std::string& source, const ReportAt& report) : source_(source), report_(report) {}

    /// Nothing after a word without an end.
    std::vector<Token> tokens() {
        std::vector<Token> tokens;
        while (at_ < source_.size()) {
            if (source_[at_] == ' ' || source_[at_] == '\t' || source_[at_] == '\n') {
                ++at_;
                continue;
            }
            Token token = next();
            token.text = source_.substr(token.begin, at_ - token.begin);
            tokens.push_back(std::move(token));
        }
        return has_end_ ? tokens : std::vector<Token>{};
    }

private:
    Token next() {
        const char c = source_[at_];
        if (is_letter(c)) {
            return name();
        }
        if (is_digit(c) || c == '.') {
            return number();
        }
        return c == '"' || c == '\'' ? word(c) : sign();
    }

    Token name() {
        const std::size_t begin = at_;
        while (at_ < source_.size() &&
               (is_letter(source_[at_]) || is_digit(source_[at_]) || source_[at_] == '.')) {
            ++at_;
        }
        return {Kind::other, begin, ""};
    }

    Token number() {
        const std::size_t begin = at_;
        while (at_ < source_.size()) {
            const char c = source_[at_];
            const bool is_sign_of_exponent =
                (c == '+' || c == '-') && (source_[at_ - 1] == 'e' || source_[at_ - 1] == 'E');
            if (!is_digit(c) && !is_letter(c) && c != '.' && !is_sign_of_exponent) {
                break;
            }
            ++at_;
        }
        return {Kind::number, begin, ""};
    }

    Token word(char quote) {
        const std::size_t begin = at_;
        const std::size_t end = source_.find(quote, at_ + 1);
        if (end == std::string::npos) {
            report_(begin, std::string("expected a second ") + quote + ", found the end");
            has_end_ = false;
        }
        at_ = end == std::string::npos ? source_.size() : end + 1;
        return {Kind::word, begin, ""};
    }

    Token sign() {
        static constexpr std::array<std::string_view, 6> kPairs{"==", "!=", "<=", ">=", "&&", "||"};
        const std::size_t begin = at_;
        const std::string_view pair = std::string_view(source_).substr(at_, 2);
        const bool is_pair = std::find(kPairs.begin(), kPairs.end(), pair) != kPairs.end();
        at_ += is_pair ? 2 : 1;
        return {is_pair ? kind_of_pair(pair) : kind_of(source_[begin]), begin, ""};
    }

    static Kind kind_of_pair(std::string_view pair) {
        if (pair == "==" || pair == "!=") {
            return Kind::equality;
        }
        return pair == "&&" || pair == "||" ? Kind::boundary : Kind::comparison;
    }

    Kind kind_of(char c) {
        switch (c) {
            case '(':
                return Kind::open;
            case ')':
                return Kind::close;
            case '<':
            case '>':
                return Kind::comparison;
            case '!':
            case '?':
            case ':':
            case ',':
                return Kind::boundary;
            case '=':
                report_(at_ - 1, "expected ==, found =");
                return Kind::equality;
            default:
                return Kind::other;
        }
    }

    const std::string& source_;
    const ReportAt& report_;
    std::size_t at_ = 0;
    bool has_end_ = true;  ///< of every word
};

/// Gives names their kinds and writes the translation.
class Translator {
public:
    Translator(const std::string& source, const std::vector<std::string>& functions,
               const ReportAt& report)
        : functions_(functions), report_(report), tokens_(Lexer(source, report).tokens()) {
        expression_.translated = source;
    }

    Expression translate() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            Token& token = tokens_[i];
            if (token.kind == Kind::word) {
                take_word(token);
            } else if (token.kind == Kind::other && is_letter(token.text.front())) {
                const bool is_call = i + 1 < tokens_.size() && tokens_[i + 1].kind == Kind::open;
                take_name(token, is_call);
            }
        }
        check_texts();
        check_chains();
        return std::move(expression_);
    }

private:
    void replace(const Token& token, std::string text) {
        text.resize(token.text.size(), ' ');
        expression_.translated.replace(token.begin, text.size(), text);
    }

    void take_word(const Token& token) {
        const std::string word = token.text.substr(1, token.text.size() - 2);
        // "" is the only word whose place has room for less than a thousand numbers: it is 0.
        const auto number = word.empty() ? 0.0 : static_cast<double>(expression_.words.size() + 1);
        const double own = expression_.words.emplace(word, number).first->second;
        replace(token, std::to_string(static_cast<std::uint64_t>(own)));
    }

    void take_name(Token& token, bool is_call) {
        const std::string& name = token.text;
        if (name == "and" || name == "or" || name == "not") {
            token.kind = Kind::boundary;
            replace(token, name == "and" ? "&&" : name == "or" ? "||" : "!");
        } else if (name == "true" || name == "false" || name == "unlimited") {
            token.kind = Kind::number;
        } else if (is_call) {
            token.kind = Kind::function;
            check_function(token);
        } else if (is_known_key(name)) {
            token.kind = is_text_key(name) ? Kind::text_key : Kind::number_key;
            std::vector<std::string>& keys = expression_.keys;
            if (std::find(keys.begin(), keys.end(), name) == keys.end()) {
                keys.push_back(name);
            }
        } else {
            report_(token.begin, "unknown key " + name + did_you_mean(name));
        }
    }

    void check_function(const Token& token) {
        if (std::find(functions_.begin(), functions_.end(), token.text) == functions_.end()) {
            const std::string near = base::nearest_name(token.text, functions_);
            report_(token.begin, "unknown function " + token.text +
                                     (near.empty() ? "" : "; did you mean " + near + "?"));
        }
    }

    /// Whether a comparison of texts may stand beside token `i`; both ends of the source will do.
    bool is_border(std::size_t i) const {
        if (i >= tokens_.size()) {
            return true;
        }
        const Kind kind = tokens_[i].kind;
        return kind == Kind::boundary || kind == Kind::open || kind == Kind::close;
    }

    void check_texts() {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (!is_text(tokens_[i])) {
                continue;
            }
            const bool is_compared = i + 2 < tokens_.size() &&
                                     tokens_[i + 1].kind == Kind::equality &&
                                     is_text(tokens_[i + 2]);
            const bool is_alone = (i == 0 || is_border(i - 1)) && is_border(i + 3);
            if (!is_compared || !is_alone) {
                report_(tokens_[i].begin,
                        tokens_[i].text +
                            " is a text; expected a text == or != another one and nothing else "
                            "beside them, such as skip.ff == \"dense\"");
                return;
            }
            check_choice(tokens_[i], tokens_[i + 2]);
            check_choice(tokens_[i + 2], tokens_[i]);
            i += 2;
        }
    }

    /// A word that the key never is would make a condition without a meaning.
    void check_choice(const Token& key, const Token& word) {
        const config::Parameter* parameter = key.kind == Kind::text_key && word.kind == Kind::word
                                                 ? parameter_of(key.text)
                                                 : nullptr;
        if (parameter == nullptr || parameter->type != config::ParameterType::choice) {
            return;
        }
        const config::ParsedValue parsed =
            config::parse_value(*parameter, word.text.substr(1, word.text.size() - 2), true);
        if (!parsed.problem.empty()) {
            report_(word.begin, key.text + ": " + parsed.problem);
        }
    }

    /// 4 < core.rows < 16 compares 1 or 0 with 16.
    void check_chains() {
        std::vector<bool> has_compared{false};
        for (const Token& token : tokens_) {
            if (token.kind == Kind::open) {
                has_compared.push_back(false);
            } else if (token.kind == Kind::close && has_compared.size() > 1) {
                has_compared.pop_back();
            } else if (token.kind == Kind::boundary) {
                has_compared.back() = false;
            } else if (token.kind == Kind::comparison || token.kind == Kind::equality) {
                if (has_compared.back()) {
                    report_(token.begin,
                            "expected and, or or the end after a comparison, found " + token.text);
                    return;
                }
                has_compared.back() = true;
            }
        }
    }

    const std::vector<std::string>& functions_;
    const ReportAt& report_;
    std::vector<Token> tokens_;
    Expression expression_;
};

}  // namespace

bool is_text_key(const std::string& key) {
    const config::Parameter* parameter = parameter_of(key);
    return parameter == nullptr || parameter->type == config::ParameterType::text ||
           parameter->type == config::ParameterType::choice;
}

Expression translate(const std::string& source, const std::vector<std::string>& functions,
                     const ReportAt& report) {
    return Translator(source, functions, report).translate();
}

}  // namespace skipsim::sweep
