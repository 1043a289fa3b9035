// SPDX-License-Identifier: Apache-2.0
// What became of one point, as a small file beside its result: written last, so that its presence
// says that the rest is whole. The database is filled from these files alone, whoever wrote them.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace skipsim::sweep {

inline constexpr const char* kOutcomeSchema = "skipsim-outcome/1";
inline constexpr const char* kOutcomeFile = "outcome.json";

struct Outcome {
    std::string key;  ///< of the point, as in the manifest
    bool is_done = false;
    std::string error;          ///< of a failed point
    std::string result_sha256;  ///< content_sha256 of its result.json
    /// By stage ("total", "FF", …; none without rows) and metric; numbers only.
    nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
    double wall_seconds = 0.0;
    std::uint64_t peak_rss_bytes = 0;
};

/// Folder of a point below that of the sweep, "points/<first digits of the key>".
std::string point_folder(const std::string& key);

/// Numbers of a result that a sweep compares; sweep_data.h names them.
nlohmann::ordered_json metrics_of(const nlohmann::ordered_json& document);

/// The outcome of a point whose result is `document`.
Outcome outcome_of(const std::string& key, const nlohmann::ordered_json& document);

/// Atomically, into `folder`, which is made if needed. Throws MachineError.
void write_outcome(const std::string& folder, const Outcome& outcome);

/// Nothing if there is none for that key: not written yet, of another point, changed by hand, or no
/// such file at all. Never throws for what a file holds.
std::optional<Outcome> read_outcome(const std::string& folder, const std::string& key);

}  // namespace skipsim::sweep
