// SPDX-License-Identifier: Apache-2.0
#include "sim/job/job.h"

#include "sim/base/check.h"
#include "sim/base/number.h"
#include "sim/stats/energy.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

namespace skipsim::job {
namespace {

void warn_if_partial(stats::RunResult& result, const stats::Selection& selection) {
    std::string chosen;
    const auto add = [&](const std::string& option, const std::string& value) {
        if (!value.empty()) {
            chosen += (chosen.empty() ? "" : ", ") + option + ' ' + value;
        }
    };
    std::string stages;
    for (const std::string& stage : selection.stages) {
        stages += (stages.empty() ? "" : ",") + stage;
    }
    add("--iterations", selection.iterations);
    add("--layers", selection.layers);
    add("--stages", stages);
    if (!chosen.empty()) {
        result.warnings.push_back("only part of the trace was run (" + chosen +
                                  "); it starts cold");
    }
}

std::uint64_t peak_rss_bytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    constexpr std::uint64_t kBytesPerKib = 1024;
    return static_cast<std::uint64_t>(usage.ru_maxrss) * kBytesPerKib;
}

}  // namespace

std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_iterations(const std::string& text) {
    const std::size_t dots = text.find("..");
    const std::optional<std::uint64_t> first =
        base::parse_number<std::uint64_t>(text.substr(0, dots));
    const std::optional<std::uint64_t> last =
        dots == std::string::npos ? first
                                  : base::parse_number<std::uint64_t>(text.substr(dots + 2));
    if (!first || !last || *first > *last) {
        return std::nullopt;
    }
    return std::make_pair(*first, *last);
}

std::optional<std::set<stats::Stage>> parse_stages(const std::string& text) {
    std::set<stats::Stage> stages;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        const std::string name = text.substr(from, comma - from);
        const auto found = std::find(stats::kStageNames.begin(), stats::kStageNames.end(), name);
        if (found == stats::kStageNames.end()) {
            return std::nullopt;
        }
        stages.insert(static_cast<stats::Stage>(found - stats::kStageNames.begin()));
        from = comma + 1;
    }
    return stages;
}

stats::Selection selection_of(const std::string& iterations, const std::string& layers,
                              const std::string& stages) {
    stats::Selection selection;
    selection.iterations = iterations;
    selection.layers = layers;
    if (!stages.empty()) {
        const auto parsed = parse_stages(stages);
        base::require(parsed.has_value(), "a selection of stages that was not checked");
        for (const stats::Stage stage : *parsed) {
            selection.stages.emplace_back(stats::kStageNames[static_cast<std::size_t>(stage)]);
        }
    }
    return selection;
}

void select(system::RunOptions& run, const stats::Selection& selection) {
    if (!selection.iterations.empty()) {
        run.iterations = parse_iterations(selection.iterations);
        base::require(run.iterations.has_value(), "a selection of iterations that was not checked");
    }
    run.layer_pattern = selection.layers;
    for (const std::string& stage : selection.stages) {
        const auto parsed = parse_stages(stage);
        base::require(parsed.has_value(), "a stage that was not checked");
        run.stages.insert(parsed->begin(), parsed->end());
    }
}

stats::RunResult simulate(const config::Config& config,
                          const std::vector<const trace::TraceReader*>& traces,
                          const system::RunOptions& run, stats::ResultContext& context) {
    const auto start = std::chrono::steady_clock::now();
    stats::RunResult result = system::run(config, traces, run);
    base::require(!result.layers.empty(), "a run without rows");
    stats::apply_energy(result, stats::EnergyPrices(context.energy_table, context.operand_format));
    warn_if_partial(result, context.selection);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    context.wall_seconds = wall.count();
    context.peak_rss_bytes = peak_rss_bytes();
    return result;
}

}  // namespace skipsim::job
