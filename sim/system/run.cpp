// SPDX-License-Identifier: Apache-2.0
#include "sim/system/run.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/base/progress.h"
#include "sim/base/task_pool.h"
#include "sim/system/builder.h"
#include "sim/system/chip_module.h"
#include "sim/system/plan.h"
#include "sim/system/row_runner.h"
#include "sim/system/vector_rows.h"
#include "sim/trace/reader.h"

namespace skipsim::system {
namespace {

/// A trace, opened, with the rows it is to give.
struct PlannedTrace {
    trace::TraceReader reader;
    std::vector<std::uint64_t> iterations;
    std::vector<PlannedRow> rows;
};

PlannedTrace plan_trace(const config::Config& config, const std::string& path,
                        const RunOptions& options) {
    PlannedTrace planned{trace::TraceReader(path), {}, {}};
    planned.iterations = chosen_iterations(planned.reader, options);
    for (const std::uint64_t iteration : planned.iterations) {
        const std::vector<PlannedRow> rows = plan_iteration(planned.reader, iteration, options);
        planned.rows.insert(planned.rows.end(), rows.begin(), rows.end());
    }
    if (planned.rows.empty()) {
        throw base::InputError(path + ": expected at least one operator and stage that --layers " +
                               "and --stages leave over, found none");
    }
    if (std::any_of(planned.rows.begin(), planned.rows.end(),
                    [](const PlannedRow& row) { return row.stage == stats::Stage::wu; })) {
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

}  // namespace

stats::RunResult run(const config::Config& config, const std::vector<std::string>& trace_paths,
                     const RunOptions& options) {
    std::vector<PlannedTrace> traces;
    std::size_t row_count = 0;
    stats::RunResult result;
    for (const std::string& path : trace_paths) {
        traces.push_back(plan_trace(config, path, options));
        row_count += traces.back().rows.size();
        const stats::TraceUse use = trace_use(traces.back());
        refuse_the_same_twice(result.traces, use);
        result.traces.push_back(use);
        add_warnings(result, traces.back().reader, config);
    }
    const accelerator::ChipParams params = chip_params(config);
    result.processing_elements = params.processing_elements();
    result.core_mhz = config.real("clocks.core_mhz");
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);  // standard output is for results
    base::TaskPool pool(options.threads);
    AcceleratorModule chip("accelerator", params, pool);
    RowRunner runner(config, params, chip, pool);
    base::ProgressBar progress("simulating", row_count, options.show_progress);
    for (const PlannedTrace& planned : traces) {
        VectorRows vector_rows(config, params, planned.reader);
        for (const PlannedRow& row : planned.rows) {
            base::throw_if_interrupted();
            result.layers.push_back(runner.run(planned.reader, vector_rows, row));
            progress.advance();
        }
    }
    progress.finish();
    result.units = runner.units();
    return result;
}

}  // namespace skipsim::system
