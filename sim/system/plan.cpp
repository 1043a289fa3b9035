// SPDX-License-Identifier: Apache-2.0
#include "sim/system/plan.h"

#include <fnmatch.h>

#include <numeric>
#include <string>
#include <utility>

#include "sim/base/errors.h"
#include "sim/system/gradient_flow.h"

namespace skipsim::system {
namespace {

bool has_stage(const RunOptions& options, stats::Stage stage) {
    return options.stages.empty() || options.stages.count(stage) != 0;
}

std::vector<std::uint32_t> chosen_operators(const trace::Graph& graph, const RunOptions& options) {
    std::vector<std::uint32_t> chosen;
    for (std::uint32_t step = 0; step < graph.operators.size(); ++step) {
        if (options.layer_pattern.empty() ||
            fnmatch(options.layer_pattern.c_str(), graph.operators[step].name.c_str(), 0) == 0) {
            chosen.push_back(step);
        }
    }
    return chosen;
}

/// BP and WG of the chosen operators, backwards, then their weight updates, backwards.
void plan_training(const trace::Graph& graph, const std::vector<std::uint32_t>& chosen,
                   const LayerPlace& place, const RunOptions& options,
                   std::vector<PlannedRow>& rows) {
    const GradientFlow flow(graph);
    const auto add = [&](std::uint32_t step, stats::Stage stage) {
        if (has_stage(options, stage)) {
            rows.push_back({{place.iteration, place.network, step}, stage});
        }
    };
    for (auto step = chosen.rbegin(); step != chosen.rend(); ++step) {
        if (has_backward_row(graph.operators[*step])) {
            add(*step, stats::Stage::bp);
        }
        if (graph.operators[*step].is_layer()) {
            add(*step, stats::Stage::wg);
        }
    }
    for (auto step = chosen.rbegin(); step != chosen.rend(); ++step) {
        if (!flow.updated_parameters(*step).empty()) {
            add(*step, stats::Stage::wu);
        }
    }
}

}  // namespace

std::vector<std::uint64_t> chosen_iterations(const trace::TraceReader& reader,
                                             const RunOptions& options) {
    const std::uint64_t last = reader.iterations().size() - 1;
    const auto [from, to] = options.iterations.value_or(std::make_pair(std::uint64_t{0}, last));
    if (from > to || to > last) {
        throw base::InputError(
            reader.path() + ": --iterations: expected A..B with A <= B <= " + std::to_string(last) +
            ", found " + std::to_string(from) + ".." + std::to_string(to));
    }
    std::vector<std::uint64_t> chosen(to - from + 1);
    std::iota(chosen.begin(), chosen.end(), from);
    return chosen;
}

std::vector<PlannedRow> plan_iteration(const trace::TraceReader& reader, std::uint64_t iteration,
                                       const RunOptions& options) {
    std::vector<PlannedRow> rows;
    const bool training = reader.iterations()[iteration].phase == trace::Phase::kTrain;
    for (std::uint32_t network = 0; network < reader.networks().size(); ++network) {
        const trace::Network& from = reader.networks()[network];
        const std::vector<std::uint32_t> chosen = chosen_operators(from.graph, options);
        for (const std::uint32_t step : chosen) {
            if (has_stage(options, stats::Stage::ff)) {
                rows.push_back({{iteration, network, step}, stats::Stage::ff});
            }
        }
        if (training && from.is_student) {
            plan_training(from.graph, chosen, {iteration, network, 0}, options, rows);
        }
    }
    return rows;
}

}  // namespace skipsim::system
