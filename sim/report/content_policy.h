// SPDX-License-Identifier: Apache-2.0
// The page's Content-Security-Policy: it may run its own scripts, named by their checksums, and
// nothing else; it may open no connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skipsim::report {

/// "sha256-…" of a text, as a policy names it.
std::string policy_hash(std::string_view text);

std::string content_policy(const std::vector<std::string_view>& scripts, std::string_view style);

}  // namespace skipsim::report
