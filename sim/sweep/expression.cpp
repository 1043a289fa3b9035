// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/expression.h"

#include "sim/base/nearest.h"
#include "sim/config/parameter.h"
#include "sim/sweep/tokens.h"
#include "sim/sweep/values.h"

#include <algorithm>
#include <utility>

namespace skipsim::sweep {
namespace {

using Kind = TokenKind;

bool is_text(const Token& token) {
    return token.kind == Kind::text_key || token.kind == Kind::word;
}

/// Gives names their kinds and writes the translation.
class Translator {
public:
    Translator(const std::string& source, const std::vector<std::string>& functions,
               const ReportAt& report)
        : functions_(functions), report_(report), tokens_(tokens_of(source, report)) {
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
