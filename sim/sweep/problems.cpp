// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/problems.h"

#include "sim/base/nearest.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace skipsim::sweep {
namespace {

constexpr std::uint64_t kMostLines = 1000;  // a list may hold a million wrong values
constexpr std::uint32_t kAfterTheFile = std::numeric_limits<std::uint32_t>::max();

}  // namespace

void Problems::keep(base::YamlMark mark, std::string line) {
    ++count_;
    if (kept_.size() < kMostLines) {
        kept_.push_back({mark, std::move(line)});
    }
}

void Problems::add(base::YamlMark mark, const std::string& key, const std::string& what) {
    std::string line = file_name_;
    if (mark.line != 0) {
        line += ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
    }
    line += ": " + key + (key.empty() ? "" : ": ") + what;
    keep(mark, std::move(line));
}

void Problems::unexpected(const base::YamlNode& node, const std::string& key,
                          const std::string& expected) {
    add(node.mark, key, "expected " + expected + ", found " + node.description());
}

bool Problems::check_keys(const base::YamlNode& mapping, const std::string& path,
                          const std::vector<std::string>& names) {
    const std::uint64_t before = count_;
    std::set<std::string> seen;
    for (const base::YamlEntry& entry : mapping.entries) {
        const std::string key = path.empty() ? entry.key : path + '.' + entry.key;
        if (std::find(names.begin(), names.end(), entry.key) == names.end()) {
            const std::string near = base::nearest_name(entry.key, names);
            add(entry.mark, key,
                "unknown key" + (near.empty() ? "" : "; did you mean " + near + "?"));
        } else if (!seen.insert(entry.key).second) {
            add(entry.mark, key, "given twice");
        }
    }
    return count_ == before;
}

void Problems::add_lines(const base::InputError& error) {
    for (const std::string& line : error.lines()) {
        keep({kAfterTheFile, 0}, line);
    }
}

void Problems::throw_if_any() const {
    if (count_ == 0) {
        return;
    }
    std::vector<Problem> sorted = kept_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Problem& left, const Problem& right) {
        return std::tie(left.mark.line, left.mark.column) <
               std::tie(right.mark.line, right.mark.column);
    });
    std::vector<std::string> lines;
    for (Problem& problem : sorted) {
        lines.push_back(std::move(problem.line));
    }
    if (count_ > kept_.size()) {
        lines.push_back(file_name_ + ": and " + std::to_string(count_ - kept_.size()) +
                        " more problems");
    }
    throw base::InputError(std::move(lines));
}

}  // namespace skipsim::sweep
