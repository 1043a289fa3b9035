// SPDX-License-Identifier: Apache-2.0
// One run as somebody orders it (a configuration, traces, a part of them, a seed), from the words
// of the order to the result with everything it has to say.
#pragma once

#include "sim/config/config.h"
#include "sim/stats/result_document.h"
#include "sim/stats/run_result.h"
#include "sim/system/run.h"
#include "sim/trace/reader.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace skipsim::job {

/// "A..B" or "A"; nothing if that is not what the text says, or A > B.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_iterations(const std::string& text);

/// "FF,BP"; nothing if one of them is no stage or there is none.
std::optional<std::set<stats::Stage>> parse_stages(const std::string& text);

/// The selection with its stages in the order of a training step. Requires texts that parse.
stats::Selection selection_of(const std::string& iterations, const std::string& layers,
                              const std::string& stages);

/// Sets the part of the trace that `run` takes. Requires a selection of selection_of().
void select(system::RunOptions& run, const stats::Selection& selection);

/// What a result says besides what the simulation finds out: resolved configuration, assumptions,
/// energy table with the prices of the memory's commands. Reads the tables: throws InputError.
stats::ResultContext context_of(const config::Config& config, const stats::Selection& selection,
                                std::uint64_t seed);

/// Simulates, prices, adds the warning of a partial run; sets wall time and memory in `context`.
/// Throws like system::run.
stats::RunResult simulate(const config::Config& config,
                          const std::vector<const trace::TraceReader*>& traces,
                          const system::RunOptions& run, stats::ResultContext& context);

}  // namespace skipsim::job
