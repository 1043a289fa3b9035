// SPDX-License-Identifier: Apache-2.0
// Short names for results in tables.
#pragma once

#include <string>
#include <vector>

namespace skipsim::results {

/// For each path the shortest end that no other path has: "rows8", or "a/rows8" beside "b/rows8".
/// A file name "result.json" is not part of it. The same path again gets " (2)".
std::vector<std::string> labels_of(const std::vector<std::string>& paths);

}  // namespace skipsim::results
