// SPDX-License-Identifier: Apache-2.0
// What a sweep's folder holds, read back for analysis and reports.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/plan.h"

namespace skipsim::sweep {

/// Those of `total` that overviews show: the view `results`, points.csv.
inline constexpr std::array<const char*, 10> kMainMetrics{
    "cycles",     "time_s",  "energy_pj",   "energy_pj_on_chip", "power_mw",
    "dram_bytes", "speedup", "utilisation", "energy_delay_pj_s", "processing_elements"};

enum class PointStatus { waiting, done, failed };

struct SweepPoint {
    std::uint64_t number = 0;
    std::string label;   ///< its settings in a line
    std::string folder;  ///< of its result.json, below the sweep's folder
    std::vector<Setting> settings;
    PointStatus status = PointStatus::waiting;
    std::string error;  ///< of a failed point
    /// By stage ("total", "FF", "BP", "WG", "WU") and metric, named as in result.json's totals
    /// ("cycles", "energy_pj", "macs.issued", "pe_cycles.mac", "energy_pj_by_component.dram"), and
    /// "processing_elements", "utilisation" (mac of all PE cycles), "speedup" (dense cycles over
    /// cycles), "energy_delay_pj_s".
    std::map<std::string, std::map<std::string, double>> metrics;
};

struct SweepData {
    std::string name;
    std::string folder;
    std::string config_path;
    std::vector<std::string> traces;
    std::vector<std::string> axis_keys;
    std::vector<SweepPoint> points;  ///< by number
};

/// Whether the folder holds a sweep (its database).
bool is_sweep_folder(const std::string& folder);

/// Opens the database for reading. Throws InputError if it is none, is corrupt or of another
/// schema, MachineError if it cannot be read.
SweepData read_sweep(const std::string& folder);

}  // namespace skipsim::sweep
