// SPDX-License-Identifier: Apache-2.0
// How many cycles a run takes, before it is done with the clocked engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/config.h"
#include "sim/system/run.h"

namespace skipsim::app {

/// [core cycles] of the run, counted by the fast engine in a child process (SystemC elaborates once
/// a process). Nothing if the child could not say.
std::optional<std::uint64_t> count_cycles(const config::Config& config,
                                          const std::vector<std::string>& traces,
                                          const system::RunOptions& run);

}  // namespace skipsim::app
