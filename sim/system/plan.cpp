// SPDX-License-Identifier: Apache-2.0
#include "sim/system/plan.h"

#include <fnmatch.h>

#include <string>

#include "sim/base/errors.h"

namespace skipsim::system {
namespace {

bool has_stage(const RunOptions& options, stats::Stage stage) {
    return options.stages.empty() || options.stages.count(stage) != 0;
}

std::vector<std::uint32_t> chosen_layers(const trace::Graph& graph, const RunOptions& options) {
    std::vector<std::uint32_t> layers;
    for (const std::uint32_t layer : graph.layers()) {
        if (options.layer_pattern.empty() ||
            fnmatch(options.layer_pattern.c_str(), graph.operators[layer].name.c_str(), 0) == 0) {
            layers.push_back(layer);
        }
    }
    return layers;
}

}  // namespace

std::vector<std::uint64_t> chosen_iterations(const trace::TraceReader& reader,
                                             const RunOptions& options) {
    std::vector<std::uint64_t> chosen;
    const std::uint64_t count = reader.iterations().size();
    for (std::uint64_t iteration = 0; iteration < count; ++iteration) {
        if (!options.iterations ||
            (iteration >= options.iterations->first && iteration <= options.iterations->second)) {
            chosen.push_back(iteration);
        }
    }
    if (chosen.empty()) {
        throw base::InputError(reader.path() + ": --iterations: expected some of 0.." +
                               std::to_string(count - 1) + ", found " +
                               std::to_string(options.iterations->first) + ".." +
                               std::to_string(options.iterations->second));
    }
    return chosen;
}

std::vector<PlannedRow> plan_iteration(const trace::TraceReader& reader, std::uint64_t iteration,
                                       const RunOptions& options) {
    std::vector<PlannedRow> rows;
    const bool training = reader.iterations()[iteration].phase == trace::Phase::kTrain;
    for (std::uint32_t network = 0; network < reader.networks().size(); ++network) {
        const trace::Network& from = reader.networks()[network];
        const std::vector<std::uint32_t> layers = chosen_layers(from.graph, options);
        for (const std::uint32_t layer : layers) {
            if (has_stage(options, stats::Stage::ff)) {
                rows.push_back({{iteration, network, layer}, stats::Stage::ff});
            }
        }
        for (auto layer = layers.rbegin(); training && from.is_student && layer != layers.rend();
             ++layer) {
            if (from.graph.operators[*layer].input_gradient &&
                has_stage(options, stats::Stage::bp)) {
                rows.push_back({{iteration, network, *layer}, stats::Stage::bp});
            }
            if (has_stage(options, stats::Stage::wg)) {
                rows.push_back({{iteration, network, *layer}, stats::Stage::wg});
            }
        }
    }
    return rows;
}

}  // namespace skipsim::system
