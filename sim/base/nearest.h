// SPDX-License-Identifier: Apache-2.0
// Suggests the name a user probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skipsim::base {

/// The candidate with the smallest edit distance to `word` (insert, delete, replace or swap two
/// neighbours, each 1), the first one of equals; "" if even that one differs in more than a third
/// of the longer name (at least 1, at most 4 edits are allowed); then the one candidate that begins
/// with `word` (of 3 letters or more), if there is one alone. Letter case is ignored.
std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace skipsim::base
