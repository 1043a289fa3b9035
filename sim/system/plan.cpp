// SPDX-License-Identifier: Apache-2.0
#include "sim/system/plan.h"

#include <fnmatch.h>

#include <numeric>
#include <string>
#include <utility>

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
