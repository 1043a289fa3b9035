// SPDX-License-Identifier: Apache-2.0
#include "sim/report/script_text.h"

#include <string_view>

namespace skipsim::report {
namespace {

// UTF-8 of U+2028 and U+2029: these two bytes, then 0xa8 or 0xa9.
constexpr std::string_view kSeparatorStart = "\xe2\x80";

bool is_line_separator(std::string_view text, std::size_t at) {
    return text.compare(at, kSeparatorStart.size(), kSeparatorStart) == 0 &&
           at + kSeparatorStart.size() < text.size() &&
           (text[at + kSeparatorStart.size()] == '\xa8' ||
            text[at + kSeparatorStart.size()] == '\xa9');
}

}  // namespace

std::string as_script_text(const nlohmann::ordered_json& data) {
    const std::string json =
        data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    std::string text;
    text.reserve(json.size() + json.size() / 64);
    // These characters can only stand inside strings, where JSON allows the escapes.
    for (std::size_t at = 0; at < json.size(); ++at) {
        if (json[at] == '<') {
            text += "\\u003c";
        } else if (json[at] == '>') {
            text += "\\u003e";
        } else if (json[at] == '&') {
            text += "\\u0026";
        } else if (json[at] == '\xe2' && is_line_separator(json, at)) {
            at += kSeparatorStart.size();
            text += json[at] == '\xa8' ? "\\u2028" : "\\u2029";
        } else {
            text += json[at];
        }
    }
    return text;
}

}  // namespace skipsim::report
