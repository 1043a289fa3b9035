// SPDX-License-Identifier: Apache-2.0
#include "sim/system/gradient_flow.h"

#include <algorithm>
#include <limits>

namespace skipsim::system {
namespace {

constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();

}  // namespace

std::vector<std::uint32_t> trainable_parameters(const trace::Operator& step) {
    std::vector<std::uint32_t> found;
    for (const char* role : {"weight", "bias"}) {
        if (const auto parameter = step.parameter(role)) {
            found.push_back(*parameter);
        }
    }
    return found;
}

bool has_backward_row(const trace::Operator& step) {
    return step.input_gradient || (!step.is_layer() && !trainable_parameters(step).empty());
}

GradientFlow::GradientFlow(const trace::Graph& graph)
    : graph_(graph),
      has_gradient_(graph.tensors.size(), false),
      last_reader_(graph.tensors.size(), kNobody),
      first_user_(graph.parameters.size(), kNobody),
      last_user_(graph.parameters.size(), kNobody),
      is_multiplied_(graph.parameters.size(), false) {
    for (std::uint32_t index = 0; index < graph.operators.size(); ++index) {
        const trace::Operator& step = graph.operators[index];
        const std::vector<std::uint32_t> parameters = trainable_parameters(step);
        for (const std::uint32_t parameter : parameters) {
            first_user_[parameter] = std::min(first_user_[parameter], index);
            last_user_[parameter] = index;
        }
        if (step.is_layer()) {
            is_multiplied_[graph.weight_of(index)] = true;
        }
        for (const std::uint32_t tensor : step.inputs) {
            if (computes_gradient(index, tensor)) {
                last_reader_[tensor] = index;
            }
        }
        for (const std::uint32_t tensor : step.outputs) {
            has_gradient_[tensor] = step.input_gradient || !parameters.empty();
        }
    }
}

bool GradientFlow::computes_gradient(std::uint32_t step, std::uint32_t tensor) const {
    const trace::Operator& reader = graph_.operators[step];
    const bool any = std::any_of(reader.inputs.begin(), reader.inputs.end(),
                                 [this](std::uint32_t input) { return has_gradient_[input]; });
    return reader.input_gradient && (has_gradient_[tensor] || !any);
}

bool GradientFlow::adds_to_gradient(std::uint32_t step, std::uint32_t tensor) const {
    return computes_gradient(step, tensor) && last_reader_[tensor] != step;
}

bool GradientFlow::adds_to_parameter_gradient(std::uint32_t step, std::uint32_t parameter) const {
    return last_user_[parameter] != step;
}

std::vector<std::uint32_t> GradientFlow::updated_parameters(std::uint32_t step) const {
    std::vector<std::uint32_t> found;
    for (const std::uint32_t parameter : trainable_parameters(graph_.operators[step])) {
        if (first_user_[parameter] == step) {
            found.push_back(parameter);
        }
    }
    return found;
}

bool GradientFlow::is_multiplied(std::uint32_t parameter) const {
    return is_multiplied_[parameter];
}

}  // namespace skipsim::system
