// SPDX-License-Identifier: Apache-2.0
#include "sim/results/labels.h"

#include <algorithm>
#include <filesystem>

namespace skipsim::results {
namespace {

namespace fs = std::filesystem;

/// Last part first, without "result.json" and the root.
std::vector<std::string> parts_of(const std::string& path) {
    std::vector<std::string> parts;
    for (const fs::path& part : fs::absolute(path).lexically_normal()) {
        if (!part.empty() && part != "/") {
            parts.push_back(part.string());
        }
    }
    std::reverse(parts.begin(), parts.end());
    if (parts.size() > 1 && parts.front() == "result.json") {
        parts.erase(parts.begin());
    }
    return parts;
}

std::size_t common_parts(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(differ.first - a.begin());
}

std::string joined(const std::vector<std::string>& parts, std::size_t count) {
    std::string text;
    for (std::size_t index = std::min(count, parts.size()); index-- > 0;) {
        text += parts[index] + (index == 0 ? "" : "/");
    }
    return text.empty() ? "/" : text;
}

}  // namespace

std::vector<std::string> labels_of(const std::vector<std::string>& paths) {
    std::vector<std::vector<std::string>> parts;
    for (const std::string& path : paths) {
        parts.push_back(parts_of(path));
    }
    std::vector<std::string> labels;
    for (std::size_t here = 0; here < parts.size(); ++here) {
        std::size_t common = 0;
        std::size_t same_before = 0;
        for (std::size_t other = 0; other < parts.size(); ++other) {
            if (parts[other] != parts[here]) {
                common = std::max(common, common_parts(parts[here], parts[other]));
            } else if (other < here) {
                ++same_before;
            }
        }
        const std::string again =
            same_before == 0 ? "" : " (" + std::to_string(same_before + 1) + ')';
        labels.push_back(joined(parts[here], common + 1) + again);
    }
    return labels;
}

}  // namespace skipsim::results
