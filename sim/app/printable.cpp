// SPDX-License-Identifier: Apache-2.0
#include "sim/app/printable.h"

#include <algorithm>
#include <array>
#include <sstream>

#include <cstddef>

namespace skipsim::app {
namespace {

/// Marks that change the direction of the text after them, or end the line: a name with one of them
/// could make the rest of a line read as something else.
bool turns_the_line(std::string_view character) {
    constexpr std::array<std::string_view, 14> kMarks{
        "\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B",
        "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"};
    return std::find(kMarks.begin(), kMarks.end(), character) != kMarks.end();
}

/// Length of the UTF-8 character at the front of `text`, 0 if there is none.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned char first = byte(0);
    const std::size_t length = first < 0x80U                      ? 1
                               : first >= 0xC2U && first <= 0xDFU ? 2
                               : (first & 0xF0U) == 0xE0U         ? 3
                               : first >= 0xF0U && first <= 0xF4U ? 4
                                                                  : 0;
    if (length == 0 || length > text.size()) {
        return 0;
    }
    for (std::size_t index = 1; index < length; ++index) {
        if ((byte(index) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    const bool is_c1_control = first == 0xC2U && byte(1) < 0xA0U;
    return is_c1_control || turns_the_line(text.substr(0, length)) ? 0 : length;
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20U || byte == 0x7FU;
}

}  // namespace

std::string printable(std::string_view text) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string result;
    while (!text.empty()) {
        const std::size_t length = is_control(text[0]) ? 0 : character_length(text);
        if (length == 0) {
            const auto byte = static_cast<unsigned char>(text[0]);
            result += "\\x";
            result += kDigits[byte >> 4U];
            result += kDigits[byte & 0xFU];
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

std::string printable_lines(const std::string& text) {
    std::istringstream lines(text);
    std::string result;
    for (std::string line; std::getline(lines, line);) {
        result += printable(line) + '\n';
    }
    return result;
}

}  // namespace skipsim::app
