// SPDX-License-Identifier: Apache-2.0
// Which gradients a training step of a network computes, where several of them meet, and which
// operator updates a parameter (models/MICROARCHITECTURE.md, "The vector unit").
#pragma once

#include <cstdint>
#include <vector>

#include "sim/trace/graph.h"

namespace skipsim::system {

/// The parameters of an operator that training changes: weight and bias, in this order.
std::vector<std::uint32_t> trainable_parameters(const trace::Operator& step);

/// Whether the operator has a BP row: it passes a gradient on, or is a batch_norm with parameters.
bool has_backward_row(const trace::Operator& step);

class GradientFlow {
public:
    explicit GradientFlow(const trace::Graph& graph);

    /// Operator `step` computes a gradient of its input `tensor`.
    [[nodiscard]] bool computes_gradient(std::uint32_t step, std::uint32_t tensor) const;
    /// … and adds it to the one that a later operator left.
    [[nodiscard]] bool adds_to_gradient(std::uint32_t step, std::uint32_t tensor) const;
    /// The gradient of the parameter is added to that of a later operator which shares it.
    [[nodiscard]] bool adds_to_parameter_gradient(std::uint32_t step,
                                                  std::uint32_t parameter) const;
    /// Parameters whose gradient is complete after this operator: those no earlier one shares.
    [[nodiscard]] std::vector<std::uint32_t> updated_parameters(std::uint32_t step) const;
    /// The cores multiply by this parameter.
    [[nodiscard]] bool is_multiplied(std::uint32_t parameter) const;

private:
    const trace::Graph& graph_;
    std::vector<bool> has_gradient_;          ///< tensors
    std::vector<std::uint32_t> last_reader_;  ///< of each tensor, that computes its gradient
    std::vector<std::uint32_t> first_user_;   ///< of each trainable parameter
    std::vector<std::uint32_t> last_user_;    ///< of each trainable parameter
    std::vector<bool> is_multiplied_;         ///< parameters
};

}  // namespace skipsim::system
