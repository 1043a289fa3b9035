// SPDX-License-Identifier: Apache-2.0
// What the vector unit does for every kind of operator: reads, writes and operations of each pass,
// forwards and backwards, and of the weight update. The table and its derivations stand in
// models/MICROARCHITECTURE.md, "The vector unit".
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/accelerator/pooling_windows.h"
#include "models/accelerator/vector_unit.h"

namespace skipsim::accelerator {

enum class VectorKind : std::uint8_t {
    layer,  ///< conv2d, linear: only what the vector unit does beside the cores
    batch_norm,
    relu,
    relu6,
    hardswish,
    hardsigmoid,
    sigmoid,
    silu,
    tanh,
    gelu,
    leaky_relu,
    elu,
    max_pool,
    average_pool,  ///< avg_pool2d, adaptive_avg_pool2d
    mean,
    add,
    multiply,
    copy,   ///< concat, chunk, channel_shuffle
    alias,  ///< flatten, reshape, identity, dropout in inference: an address change
    dropout,
    softmax_cross_entropy,
};

/// A tensor of the network over the whole batch, as it travels.
struct VectorTensor {
    std::uint32_t index = 0;
    std::uint64_t elements = 0;
    std::uint64_t value_bytes = 0;
    std::uint64_t gradient_bytes = 0;
};

struct VectorInput {
    VectorTensor tensor;
    std::uint64_t times = 1;      ///< how often the operator names it
    bool has_gradient = true;     ///< this operator computes a gradient of it
    bool is_accumulated = false;  ///< onto the gradient that a later reader left
};

struct VectorParameter {
    std::uint32_t index = 0;
    std::uint64_t elements = 0;
    bool is_quantised = false;    ///< the cores use a copy of it at operand width
    bool is_accumulated = false;  ///< its gradient, onto that of a later operator that shares it
};

struct VectorOperator {
    VectorKind kind = VectorKind::alias;
    std::uint32_t index = 0;
    bool trains = false;             ///< training iteration of the student
    bool has_input_gradient = true;  ///< of at least one input
    bool is_compressed = false;      ///< tensors travel as bitmap and non-zeros
    bool input_from_cores = false;   ///< a conv2d or linear wrote the input
    std::uint64_t operand_bits = 8;
    std::uint64_t accumulator_bits = 32;
    std::vector<VectorInput> inputs;  ///< each tensor once
    std::vector<VectorTensor> outputs;
    std::uint64_t channels = 1;  ///< axis 0 of the input: channels of batch_norm, classes of a loss
    WindowCounts windows;        ///< of a pooling
    std::uint64_t kernel_area = 1;  ///< of max_pool
    std::optional<VectorParameter> weight;
    std::optional<VectorParameter> bias;
    std::optional<VectorParameter> running_mean;
    std::optional<VectorParameter> running_variance;
};

VectorWork forward_work(const VectorOperator& op);

/// Of an operator with a BP row.
VectorWork backward_work(const VectorOperator& op);

/// What is done beside the WG row of a layer.
VectorWork weight_gradient_work(const VectorOperator& op);

enum class Optimizer : std::uint8_t { sgd, adam };

struct UpdateRule {
    Optimizer optimizer = Optimizer::sgd;
    bool has_weight_decay = false;
    bool has_momentum = false;  ///< of sgd
    bool is_nesterov = false;   ///< of sgd with momentum
};

/// One pass per parameter.
VectorWork update_work(const VectorOperator& op, const UpdateRule& rule,
                       const std::vector<VectorParameter>& parameters);

}  // namespace skipsim::accelerator
