// SPDX-License-Identifier: Apache-2.0
// A condition of a sweep, translated for muParser, which knows numbers only. Keys keep their names
// and become variables; words in quotes become numbers, one for each word; and, or, not become
// &&, ||, !. The translation has the length of the source, so that places stay.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace skipsim::sweep {

struct Expression {
    std::string translated;
    std::vector<std::string> keys;        ///< each once, in the order of their first use
    std::map<std::string, double> words;  ///< number of each quoted word, at most their count
};

/// Called with the position in the source.
using ReportAt = std::function<void(std::size_t position, const std::string& what)>;

/// `functions`: names that may be called. What is not reported is left for muParser to find.
Expression translate(const std::string& source, const std::vector<std::string>& functions,
                     const ReportAt& report);

/// Whether the values of a key are texts, to be compared with words in quotes.
bool is_text_key(const std::string& key);

}  // namespace skipsim::sweep
