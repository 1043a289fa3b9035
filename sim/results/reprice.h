// SPDX-License-Identifier: Apache-2.0
// The same counts under another energy table: nothing is simulated again.
#pragma once

#include "sim/stats/energy_table.h"
#include "sim/stats/run_result.h"

#include <nlohmann/json.hpp>

namespace skipsim::results {

/// The inverse of stats::result_document: rows, units, traces, warnings of a checked document.
stats::RunResult run_result_of(const nlohmann::ordered_json& document);

/// The document that a run with that energy table would have written, to the last byte but for
/// `wall`; the table's file stands in its `config`. Prices of DRAM commands stay those of the
/// memory file that the run used. `table_path`: what config's energy.table then says.
nlohmann::ordered_json repriced(const nlohmann::ordered_json& document,
                                const stats::EnergyTable& table, const std::string& table_path);

}  // namespace skipsim::results
