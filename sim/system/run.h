// SPDX-License-Identifier: Apache-2.0
// Runs a configured chip over traces: every operator, stage and iteration, in the
// order of models/MICROARCHITECTURE.md §2. One call a process: SystemC elaborates only once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/memory/dram/request_log.h"
#include "sim/config/config.h"
#include "sim/kernel/timeline.h"
#include "sim/stats/run_result.h"
#include "sim/system/waveform_writer.h"
#include "sim/trace/reader.h"

namespace skipsim::system {

/// Two engines, one answer: every cycle, category and action count is the same.
enum class Engine {
    fast,    ///< recurrences over chunks, transactions between blocks
    clocked  ///< every block advances at every clock edge and carries values
};

struct RunOptions {
    Engine engine = Engine::fast;
    /// First and last iteration (inclusive) of every trace; nothing = all.
    std::optional<std::pair<std::uint64_t, std::uint64_t>> iterations;
    std::string layer_pattern;      ///< shell pattern over operator names; "" = all
    std::set<stats::Stage> stages;  ///< empty = all
    unsigned threads = 1;
    std::uint64_t seed = 0;     ///< nothing is drawn at random yet
    bool check_values = false;  ///< of the clocked engine
    bool show_progress = false;
    kernel::Timeline* timeline = nullptr;             ///< told what happened when, unless null
    WaveformWriter* waveform = nullptr;               ///< of the clocked engine, unless null
    std::function<void()> on_waveform;                ///< its signals are known, if there is one
    memory::DramRequestLog* dram_requests = nullptr;  ///< told what the DRAM is asked, unless null
};

/// Throws InputError for traces that cannot be read or a choice that leaves nothing to do,
/// Interrupted when a signal came.
stats::RunResult run(const config::Config& config, const std::vector<std::string>& trace_paths,
                     const RunOptions& options);

/// The same over traces that are open already.
stats::RunResult run(const config::Config& config,
                     const std::vector<const trace::TraceReader*>& traces,
                     const RunOptions& options);

}  // namespace skipsim::system
