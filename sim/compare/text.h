// SPDX-License-Identifier: Apache-2.0
// Text from strangers' files, fitted into lines of a terminal.
#pragma once

#include <cstddef>
#include <string>

namespace skipsim::compare {

/// Control characters, which a terminal would obey, become question marks.
std::string clean(const std::string& text);

/// Characters on the screen.
std::size_t width_of(const std::string& text);

/// At most `width` characters, the middle left out: "block1….conv2". Requires a width of at
/// least 3.
std::string shortened(const std::string& text, std::size_t width);

/// Lines of at most `width` characters, broken at spaces where there are any; every line but the
/// first starts with `indent` spaces. Ends with a newline.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent);

}  // namespace skipsim::compare
