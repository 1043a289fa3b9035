// SPDX-License-Identifier: Apache-2.0
// The words and signs of a condition.
#pragma once

#include "sim/sweep/expression.h"

#include <cstddef>
#include <string>
#include <vector>

namespace skipsim::sweep {

enum class TokenKind {
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
    TokenKind kind = TokenKind::other;
    std::size_t begin = 0;
    std::string text;
};

/// Names are `other` and numbers `number`: what a name stands for is not known here. Nothing if a
/// word has no second quotation mark, which is reported.
std::vector<Token> tokens_of(const std::string& source, const ReportAt& report);

/// A letter or _, with which names begin.
bool is_letter(char c);

}  // namespace skipsim::sweep
