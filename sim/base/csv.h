// SPDX-License-Identifier: Apache-2.0
// Fields of comma-separated values, RFC 4180.
#pragma once

#include <string>
#include <string_view>

namespace skipsim::base {

/// The field as it stands in a line: in quotes if it holds a comma, a quote or a line break.
std::string csv_field(std::string_view field);

}  // namespace skipsim::base
