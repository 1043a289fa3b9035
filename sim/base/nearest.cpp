// SPDX-License-Identifier: Apache-2.0
#include "sim/base/nearest.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace skipsim::base {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return result;
}

/// Optimal string alignment distance, three rows of the table at a time.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        previous[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before[j - 2] + 1);
            }
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

std::size_t allowed_edits(std::size_t a_length, std::size_t b_length) {
    return std::clamp<std::size_t>(std::max(a_length, b_length) / 3, 1, 4);
}

/// The one candidate that begins with the word; "" if there is none or several.
std::string only_longer_name(const std::string& wanted,
                             const std::vector<std::string>& candidates) {
    constexpr std::size_t kFewestLetters = 3;
    std::string found;
    for (const std::string& candidate : candidates) {
        if (wanted.size() >= kFewestLetters && lower(candidate).rfind(wanted, 0) == 0) {
            if (!found.empty()) {
                return "";
            }
            found = candidate;
        }
    }
    return found;
}

}  // namespace

std::string nearest_name(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string wanted = lower(word);
    std::string best;
    std::size_t best_distance = 0;
    for (const std::string& candidate : candidates) {
        const std::size_t allowed = allowed_edits(wanted.size(), candidate.size());
        const std::size_t longer = std::max(wanted.size(), candidate.size());
        const std::size_t shorter = std::min(wanted.size(), candidate.size());
        if (wanted.empty() || longer - shorter > allowed) {
            continue;
        }
        const std::size_t distance = edit_distance(wanted, lower(candidate));
        if (distance <= allowed && distance < longer &&
            (best.empty() || distance < best_distance)) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best.empty() ? only_longer_name(wanted, candidates) : best;
}

}  // namespace skipsim::base
