// SPDX-License-Identifier: Apache-2.0
// Which rows a run has, in order: for every iteration FF of all operators forwards, then BP and WG
// of each operator backwards, then the weight updates (models/MICROARCHITECTURE.md §2).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/stats/run_result.h"
#include "sim/system/layer_operands.h"
#include "sim/system/run.h"
#include "sim/trace/reader.h"

namespace skipsim::system {

struct PlannedRow {
    LayerPlace place;
    stats::Stage stage = stats::Stage::ff;
};

/// Iterations of the trace within the options' range. Throws InputError if there are none.
std::vector<std::uint64_t> chosen_iterations(const trace::TraceReader& reader,
                                             const RunOptions& options);

/// The rows of one iteration.
std::vector<PlannedRow> plan_iteration(const trace::TraceReader& reader, std::uint64_t iteration,
                                       const RunOptions& options);

}  // namespace skipsim::system
