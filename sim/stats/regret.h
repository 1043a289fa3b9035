// SPDX-License-Identifier: Apache-2.0
// What `adaptive` lost in a stage: over the best mode of every row, and over the one fixed mode
// that is best for the whole stage (negative if choosing row by row beat every fixed mode).
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace skipsim::stats {

struct StageRegret {
    std::int64_t over_rows = 0;   ///< [core cycles] sum of the rows' regret_cycles
    std::int64_t over_stage = 0;  ///< [core cycles] of the choices minus those of `best_mode`
    std::string best_mode;
};

/// Over the stage's rows that have a regret; nothing if there are none. `document`: result.json.
std::optional<StageRegret> regret_of_stage(const nlohmann::ordered_json& document,
                                           const std::string& stage);

}  // namespace skipsim::stats
