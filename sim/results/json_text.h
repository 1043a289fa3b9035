// SPDX-License-Identifier: Apache-2.0
// JSON text from a stranger: what is wrong has a line and a column, and depth is limited.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace skipsim::results {

/// Lists and objects within each other; a result has 7. What walks a document goes as deep.
inline constexpr int kMostNesting = 100;

/// Throws InputError ("NAME:line:column: …").
nlohmann::ordered_json json_of(const std::string& text, const std::string& name);

}  // namespace skipsim::results
