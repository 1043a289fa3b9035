// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/tokens.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace skipsim::sweep {
namespace {

using Kind = TokenKind;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Cuts the source into tokens; blanks are between them.
class Lexer {
public:
    Lexer(const std::string& source, const ReportAt& report) : source_(source), report_(report) {}

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

}  // namespace

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::vector<Token> tokens_of(const std::string& source, const ReportAt& report) {
    return Lexer(source, report).tokens();
}

}  // namespace skipsim::sweep
