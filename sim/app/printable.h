// SPDX-License-Identifier: Apache-2.0
// Names in files may hold any bytes, a terminal obeys some of them.
#pragma once

#include <string>
#include <string_view>

namespace skipsim::app {

/// Control characters, marks of direction and bytes that are not UTF-8 become "\\x1b"; everything
/// else stays.
std::string printable(std::string_view text);

/// The same for each line of a text.
std::string printable_lines(const std::string& text);

}  // namespace skipsim::app
