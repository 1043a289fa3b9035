// SPDX-License-Identifier: Apache-2.0
// Problems of a document, of which only the first ones are told.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace skipsim::results {

class Problems {
public:
    explicit Problems(std::size_t most) : most_(most) {}

    void add(const std::string& path, const std::string& what) {
        if (++count_ <= most_) {
            lines_.push_back((path.empty() ? "/" : path) + ": " + what);
        }
    }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    /// With a last line that says how many more there are.
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> lines = lines_;
        if (count_ > most_) {
            lines.push_back("and " + std::to_string(count_ - most_) + " more problems");
        }
        return lines;
    }

private:
    std::size_t most_;
    std::size_t count_ = 0;
    std::vector<std::string> lines_;
};

}  // namespace skipsim::results
