// SPDX-License-Identifier: Apache-2.0
// Numbers as people type them, the same in every locale.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace skipsim::base {

/// The number if it is the whole text ("12", "0.5", "1e3"); nothing otherwise, also if it is beyond
/// the type. "inf" and "nan" are numbers of a floating type.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end) {
        return std::nullopt;
    }
    return number;
}

}  // namespace skipsim::base
