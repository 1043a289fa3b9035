// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/text.h"

#include "sim/base/check.h"

#include <algorithm>

namespace skipsim::compare {
namespace {

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Byte at which character number `count` starts; the end if there are not so many.
std::size_t byte_of(const std::string& text, std::size_t count) {
    std::size_t at = 0;
    for (; at < text.size() && count > 0; --count) {
        ++at;
        while (at < text.size() && continues(text[at])) {
            ++at;
        }
    }
    return at;
}

}  // namespace

std::string clean(const std::string& text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool is_c1 = byte == 0xC2U && at + 1 < text.size() &&
                           static_cast<unsigned char>(text[at + 1]) < 0xA0U;
        at += is_c1 ? 1 : 0;
        result += is_c1 || byte < 0x20U || byte == 0x7FU ? '?' : text[at];
    }
    return result;
}

std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string shortened(const std::string& text, std::size_t width) {
    base::require(width >= 3, "shortened: no room for anything");
    const std::size_t length = width_of(text);
    if (length <= width) {
        return text;
    }
    const std::size_t end = width / 2;
    const std::size_t start = width - 1 - end;
    return text.substr(0, byte_of(text, start)) + "…" + text.substr(byte_of(text, length - end));
}

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
    std::string result;
    std::string rest = text;
    std::size_t room = width;
    while (width_of(rest) > room) {
        const std::size_t most = byte_of(rest, room);
        std::size_t cut = rest.rfind(' ', most);
        cut = cut == std::string::npos || cut == 0 ? most : cut;
        result += rest.substr(0, cut) + '\n' + std::string(indent, ' ');
        rest.erase(0, rest.find_first_not_of(' ', cut));
        room = width - indent;
    }
    return result + rest + '\n';
}

}  // namespace skipsim::compare
