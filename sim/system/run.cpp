// SPDX-License-Identifier: Apache-2.0
#include "sim/system/run.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/base/progress.h"
#include "sim/base/task_pool.h"
#include "sim/system/builder.h"
#include "sim/system/chip_module.h"
#include "sim/system/clocked_chip_module.h"
#include "sim/system/plan.h"
#include "sim/system/row_runner.h"
#include "sim/system/vector_rows.h"
#include "sim/trace/reader.h"

namespace skipsim::system {
namespace {

/// A trace with the rows it is to give.
struct PlannedTrace {
    const trace::TraceReader& reader;
    std::vector<std::uint64_t> iterations;
    std::vector<std::vector<PlannedRow>> groups;  ///< rows of an iteration and network

    [[nodiscard]] std::size_t row_count() const {
        std::size_t count = 0;
        for (const std::vector<PlannedRow>& group : groups) {
            count += group.size();
        }
        return count;
    }
};

PlannedTrace plan_trace(const config::Config& config, const trace::TraceReader& reader,
                        const RunOptions& options) {
    PlannedTrace planned{reader, {}, {}};
    bool updates = false;
    planned.iterations = chosen_iterations(planned.reader, options);
    for (const std::uint64_t iteration : planned.iterations) {
        for (const PlannedRow& row : plan_iteration(planned.reader, iteration, options)) {
            const bool is_same = !planned.groups.empty() &&
                                 planned.groups.back().front().place.iteration == iteration &&
                                 planned.groups.back().front().place.network == row.place.network;
            if (!is_same) {
                planned.groups.emplace_back();
            }
            planned.groups.back().push_back(row);
            updates |= row.stage == stats::Stage::wu;
        }
    }
    if (planned.groups.empty()) {
        throw base::InputError(reader.path() +
                               ": expected at least one operator and stage that --layers " +
                               "and --stages leave over, found none");
    }
    if (updates) {
        update_rule(config, planned.reader);  // refuses what it does not know before anything runs
    }
    return planned;
}

stats::TraceUse trace_use(const PlannedTrace& planned) {
    const trace::TraceReader& reader = planned.reader;
    stats::TraceUse use;
    use.path = reader.path();
    use.sha256 = reader.sha256();
    use.network = reader.networks()[reader.student()].name;
    use.dataset = reader.run().dataset;
    use.iterations = planned.iterations;
    use.steps_per_epoch = reader.run().steps_per_epoch;
    use.planned_epochs = reader.run().epochs.value_or(0);
    return use;
}

/// "fp8_e4m3" counts as "fp8".
bool same_format(const std::string& traced, const std::string& chip) {
    return traced == chip || (chip == "fp8" && traced.compare(0, 4, "fp8_") == 0);
}

/// The same samples twice would make every interval too narrow.
void refuse_the_same_twice(const std::vector<stats::TraceUse>& earlier,
                           const stats::TraceUse& trace) {
    for (const stats::TraceUse& other : earlier) {
        if (other.sha256 == trace.sha256) {
            throw base::InputError(trace.path + ": expected traces that differ, found the same " +
                                   "content as " + other.path);
        }
    }
}

void add_warnings(stats::RunResult& result, const trace::TraceReader& reader,
                  const config::Config& config) {
    for (const std::string& note : reader.notes()) {
        result.warnings.push_back(note);
    }
    const std::string& traced = reader.run().number_format;
    const std::string& chip = config.text("core.operand_format");
    if (!same_format(traced, chip)) {
        result.warnings.push_back(reader.path() + ": zeros are those of " + traced +
                                  " (zero_rule " + reader.run().zero_rule +
                                  "), the chip computes in " + chip +
                                  ": rounding to it could make more zeros than were counted");
    }
}

/// What the cycles of mode dense depend on, besides the chip: trace, network, training, samples,
/// and which rows there are.
using DenseKey = std::tuple<std::size_t, std::uint32_t, bool, std::uint64_t, std::size_t>;

/// What is reported within the kernel cannot throw there.
void throw_if_failed(const RunOptions& options) {
    if (options.timeline != nullptr) {
        options.timeline->throw_if_failed();
    }
    if (options.dram_requests != nullptr) {
        options.dram_requests->throw_if_failed();
    }
    if (options.waveform != nullptr) {
        options.waveform->throw_if_failed();
    }
}

std::unique_ptr<ChipControl> make_chip(Engine engine, const accelerator::ChipParams& params,
                                       base::TaskPool& pool) {
    if (engine == Engine::clocked) {
        return std::make_unique<ClockedChipModule>("accelerator", params);
    }
    return std::make_unique<AcceleratorModule>("accelerator", params, pool);
}

/// Runs one iteration of each kind again with nothing skipped and nothing compressed.
void add_dense_cycles(stats::RunResult& result, const std::vector<PlannedTrace>& traces,
                      const config::Config& config, const accelerator::ChipParams& params,
                      ChipControl& chip, base::TaskPool& pool, Engine engine) {
    const bool skips = std::any_of(result.layers.begin(), result.layers.end(),
                                   [](const auto& layer) { return !layer.patterns.empty(); });
    if (!skips && !params.compressed_transport) {
        for (stats::LayerRow& layer : result.layers) {
            layer.dense_cycles = layer.cycles;
        }
        return;
    }
    accelerator::ChipParams dense = params;
    dense.compressed_transport = false;
    RowRunner runner(config, dense, chip, pool, engine == Engine::clocked);
    runner.become_dense();
    std::map<DenseKey, std::vector<std::uint64_t>> known;
    auto row = result.layers.begin();
    for (std::size_t number = 0; number < traces.size(); ++number) {
        const trace::TraceReader& reader = traces[number].reader;
        VectorRows vector_rows(config, dense, reader);
        for (const std::vector<PlannedRow>& group : traces[number].groups) {
            const LayerPlace& place = group.front().place;
            const trace::IterationFacts& facts = reader.iterations()[place.iteration];
            const auto [entry, is_new] =
                known.try_emplace({number, place.network, facts.phase == trace::Phase::kTrain,
                                   facts.samples, group.size()});
            if (is_new) {
                chip.reset();
                for (const stats::LayerRow& cold : runner.run(reader, vector_rows, group, [] {})) {
                    entry->second.push_back(cold.cycles);
                }
            }
            for (const std::uint64_t cycles : entry->second) {
                (row++)->dense_cycles = cycles;
            }
        }
    }
}

}  // namespace

stats::RunResult run(const config::Config& config, const std::vector<std::string>& trace_paths,
                     const RunOptions& options) {
    std::vector<trace::TraceReader> opened;
    std::vector<const trace::TraceReader*> readers;
    opened.reserve(trace_paths.size());
    for (const std::string& path : trace_paths) {
        readers.push_back(&opened.emplace_back(path));
    }
    return run(config, readers, options);
}

stats::RunResult run(const config::Config& config,
                     const std::vector<const trace::TraceReader*>& readers,
                     const RunOptions& options) {
    std::vector<PlannedTrace> traces;
    std::size_t row_count = 0;
    stats::RunResult result;
    for (const trace::TraceReader* reader : readers) {
        traces.push_back(plan_trace(config, *reader, options));
        row_count += traces.back().row_count();
        const stats::TraceUse use = trace_use(traces.back());
        refuse_the_same_twice(result.traces, use);
        result.traces.push_back(use);
        add_warnings(result, *reader, config);
    }
    const accelerator::ChipParams params = chip_params(config);
    result.processing_elements = params.processing_elements();
    result.core_mhz = config.real("clocks.core_mhz");
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);  // standard output is for results
    base::TaskPool pool(options.threads);
    const std::unique_ptr<ChipControl> made = make_chip(options.engine, params, pool);
    ChipControl& chip = *made;
    result.engine = options.engine == Engine::clocked ? "clocked" : "fast";
    base::ProgressBar progress("simulating", row_count, options.show_progress);
    RowRunner runner(config, params, chip, pool, options.engine == Engine::clocked);
    if (options.check_values) {
        runner.check_values(&result.values.emplace());
    }
    runner.set_timeline(options.timeline);
    chip.set_timeline(options.timeline);
    chip.set_waveform(options.waveform);
    if (options.waveform != nullptr && options.on_waveform) {
        options.on_waveform();
    }
    chip.log_dram_requests_to(options.dram_requests);
    const auto row_done = [&] {
        progress.advance();
        throw_if_failed(options);
    };
    for (const PlannedTrace& planned : traces) {
        VectorRows vector_rows(config, params, planned.reader);
        for (const std::vector<PlannedRow>& group : planned.groups) {
            for (stats::LayerRow& row : runner.run(planned.reader, vector_rows, group, row_done)) {
                result.layers.push_back(std::move(row));
            }
        }
    }
    progress.finish();
    result.units = runner.units();
    chip.set_timeline(nullptr);
    chip.set_waveform(nullptr);
    chip.log_dram_requests_to(nullptr);
    add_dense_cycles(result, traces, config, params, chip, pool, options.engine);
    return result;
}

}  // namespace skipsim::system
