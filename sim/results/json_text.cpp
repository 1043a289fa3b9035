// SPDX-License-Identifier: Apache-2.0
#include "sim/results/json_text.h"

#include "sim/base/errors.h"

#include <algorithm>
#include <cstddef>

namespace skipsim::results {
namespace {

using Json = nlohmann::ordered_json;

/// "NAME:line:column: " of the byte at `position`.
std::string place(const std::string& text, const std::string& name, std::size_t position) {
    const std::size_t end = std::min(position, text.size());
    const auto stop = text.begin() + static_cast<std::ptrdiff_t>(end);
    const auto line = std::count(text.begin(), stop, '\n') + 1;
    const std::size_t break_before = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
    const std::size_t column = break_before == std::string::npos ? end + 1 : end - break_before;
    return name + ':' + std::to_string(line) + ':' + std::to_string(column) + ": ";
}

/// The parser's own words without their head and without what was read, which may be long.
std::string reason_of(const std::string& what) {
    std::string reason =
        what.substr(what.find("] ") == std::string::npos ? 0 : what.find("] ") + 2);
    if (reason.rfind("parse error at", 0) == 0 && reason.find(": ") != std::string::npos) {
        reason = reason.substr(reason.find(": ") + 2);
    }
    const std::size_t last_read = reason.find("; last read");
    constexpr std::size_t kMostCharacters = 150;
    return reason.substr(0, std::min(last_read, kMostCharacters));
}

/// Position of the first bracket that opens too deep; npos if there is none.
std::size_t too_deep(const std::string& text) {
    int depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (in_string) {
            at += c == '\\' ? 1 : 0;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMostNesting) {
                return at;
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return std::string::npos;
}

}  // namespace

Json json_of(const std::string& text, const std::string& name) {
    if (const std::size_t at = too_deep(text); at != std::string::npos) {
        throw base::InputError(place(text, name, at) + "expected at most " +
                               std::to_string(kMostNesting) +
                               " lists and objects within each other, found more");
    }
    try {
        return Json::parse(text);
    } catch (const Json::parse_error& error) {
        const bool is_cut = error.byte > text.size();
        throw base::InputError(
            place(text, name, error.byte == 0 ? 0 : error.byte - 1) +
            (is_cut ? "the file ends too early, as if cut off: " : "expected JSON: ") +
            reason_of(error.what()));
    } catch (const Json::out_of_range& error) {  // 1e999
        throw base::InputError(name + ": expected JSON: " + reason_of(error.what()));
    }
}

}  // namespace skipsim::results
