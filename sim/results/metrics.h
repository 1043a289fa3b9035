// SPDX-License-Identifier: Apache-2.0
// The numbers of a totals object by name ("cycles", "macs.issued", "pe_cycles.mac"), and those that
// follow from them:
//
//     speedup            dense_cycles / cycles
//     utilisation        pe_cycles.mac / all PE cycles
//     energy_delay_pj_s  energy_pj * time_s
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace skipsim::results {

/// Nothing if it is null, not there, or a ratio to 0.
std::optional<double> metric_of(const nlohmann::ordered_json& totals, const std::string& name);

/// Every number of a totals object, in its order, then those that follow from them.
std::vector<std::string> metric_names(const nlohmann::ordered_json& totals);

/// "core cycles", "pJ", "x" of a ratio, "share" of a whole, "" if nothing fits.
std::string unit_of(const std::string& metric);

}  // namespace skipsim::results
