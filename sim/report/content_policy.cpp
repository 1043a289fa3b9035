// SPDX-License-Identifier: Apache-2.0
#include "sim/report/content_policy.h"

#include "sim/base/sha256.h"

#include <cstdint>

namespace skipsim::report {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

unsigned value_of(char hex) {
    return static_cast<unsigned>(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

/// Three hex digits are twelve bits, two digits of base 64. A SHA-256 has 64 hex digits: 21 groups
/// and one digit that is left over, filled up with zeros and padded (RFC 4648, section 4).
std::string base64_of_sha256(const std::string& hex) {
    std::string text;
    std::size_t at = 0;
    for (; at + 3 <= hex.size(); at += 3) {
        const unsigned bits =
            (value_of(hex[at]) << 8U) | (value_of(hex[at + 1]) << 4U) | value_of(hex[at + 2]);
        text += kDigits[bits >> 6U];
        text += kDigits[bits & 63U];
    }
    text += kDigits[value_of(hex[at]) << 2U];
    return text + '=';
}

}  // namespace

std::string policy_hash(std::string_view text) {
    return "sha256-" + base64_of_sha256(base::sha256_hex(text));
}

std::string content_policy(const std::vector<std::string_view>& scripts, std::string_view style) {
    std::string policy = "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:;";
    policy += " style-src '" + policy_hash(style) + "'; script-src";
    for (const std::string_view script : scripts) {
        policy += " '" + policy_hash(script) + '\'';
    }
    return policy;
}

}  // namespace skipsim::report
