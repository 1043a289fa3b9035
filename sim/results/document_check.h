// SPDX-License-Identifier: Apache-2.0
// Whether a JSON document is a whole and unchanged `skipsim-result/1`.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace skipsim::results {

/// More are counted, not told.
inline constexpr std::size_t kMostProblems = 20;

/// A line for each problem ("/layers/3/cycles: expected …, found …"), none if all is well. Later
/// checks are left out once an earlier one found something: schema; fields and types; checksum;
/// the numbers that follow from the rows.
std::vector<std::string> problems_of(const nlohmann::ordered_json& document);

}  // namespace skipsim::results
