// SPDX-License-Identifier: Apache-2.0
// A run's result as the JSON document `skipsim-result/1` (result.schema.json describes it; every
// number is explained by statistics.h).
#pragma once

#include "sim/stats/energy.h"
#include "sim/stats/energy_table.h"
#include "sim/stats/estimates.h"
#include "sim/stats/run_result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::stats {

inline constexpr const char* kResultSchema = "skipsim-result/1";

/// Which part of the trace was asked for, as typed; empty = all.
struct Selection {
    std::string iterations;
    std::string layers;
    std::vector<std::string> stages;

    [[nodiscard]] bool is_whole_training_step() const { return layers.empty() && stages.empty(); }
};

/// What a result says besides what the simulation found out.
struct ResultContext {
    nlohmann::ordered_json config;       ///< every resolved value
    nlohmann::ordered_json assumptions;  ///< list of {"key", "value", "source", "status"}
    std::string chip_name;
    std::string operand_format;
    std::uint64_t issue_width_pairs = 1;
    std::vector<std::string> unlimited_keys;  ///< keys that make delivery or loading ideal
    EnergyTable energy_table;
    std::string memory_name;  ///< of the memory file; "" with an ideal memory
    std::string memory_sha256;
    double memory_peak_bytes = 0.0;  ///< [bytes per core cycle] of all channels together
    Selection selection;
    std::uint64_t seed = 0;
    double wall_seconds = 0.0;
    std::uint64_t peak_rss_bytes = 0;
};

/// Requires rows with their energy (apply_energy). Checks the identities of totals.h first and
/// throws InternalError if one is broken.
nlohmann::ordered_json result_document(const RunResult& result, const ResultContext& context);

/// SHA-256 of the document's compact text without `wall` and without `content_sha256`: changes when
/// anything that two runs of the same command share is changed. Takes its argument to leave those
/// members out of it.
std::string content_sha256_of(nlohmann::ordered_json document);

}  // namespace skipsim::stats
