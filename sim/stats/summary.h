// SPDX-License-Identifier: Apache-2.0
// What a person wants to know first about a result, as text for a terminal.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace skipsim::stats {

struct SummaryOptions {
    bool per_layer = false;  ///< adds a table with one line per layer row
};

/// `document` as result_document() makes it.
std::string summary_of(const nlohmann::ordered_json& document, const SummaryOptions& options);

}  // namespace skipsim::stats
