// SPDX-License-Identifier: Apache-2.0
// Reads a whole trace, block by block, and names everything in it that breaks traces/FORMAT.md.
#pragma once

#include <string>
#include <vector>

namespace skipsim::trace {

struct Validation {
    std::vector<std::string> problems;  ///< empty: the trace is good
    std::vector<std::string> notes;     ///< allowed but unwise
};

/// Throws InputError only if there is no such file.
Validation validate(const std::string& path, bool shows_progress = false);

}  // namespace skipsim::trace
