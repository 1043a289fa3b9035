// SPDX-License-Identifier: Apache-2.0
// Texts that many rows share, kept once.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace skipsim::report {

class TextList {
public:
    std::size_t position_of(const std::string& text) {
        const auto [found, is_new] = positions_.emplace(text, texts_.size());
        if (is_new) {
            texts_.push_back(text);
        }
        return found->second;
    }
    [[nodiscard]] const nlohmann::ordered_json& texts() const { return texts_; }

private:
    std::map<std::string, std::size_t> positions_;
    nlohmann::ordered_json texts_ = nlohmann::ordered_json::array();
};

}  // namespace skipsim::report
