// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/regret.h"

namespace skipsim::stats {

std::optional<StageRegret> regret_of_stage(const nlohmann::ordered_json& document,
                                           const std::string& stage) {
    nlohmann::ordered_json sums = nlohmann::ordered_json::object();  // by mode, in order of choices
    StageRegret regret;
    std::int64_t chosen = 0;
    for (const auto& row : document["layers"]) {
        if (row["stage"] != stage || !row.contains("regret_cycles")) {
            continue;
        }
        regret.over_rows += row["regret_cycles"].get<std::int64_t>();
        for (const auto& [mode, cycles] : row["choices"].items()) {
            const auto count = cycles.get<std::int64_t>();
            sums[mode] = sums.value(mode, std::int64_t{0}) + count;
            chosen += row["skip"] == mode ? count : 0;
        }
    }
    if (sums.empty()) {
        return std::nullopt;
    }
    std::int64_t fewest = 0;
    for (const auto& [mode, cycles] : sums.items()) {
        const auto count = cycles.get<std::int64_t>();
        if (regret.best_mode.empty() || count < fewest) {
            regret.best_mode = mode;
            fewest = count;
        }
    }
    regret.over_stage = chosen - fewest;
    return regret;
}

}  // namespace skipsim::stats
