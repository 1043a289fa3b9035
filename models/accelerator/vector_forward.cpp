// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_pass_builder.h"
#include "sim/base/check.h"

namespace skipsim::accelerator {
namespace {

/// x of the batch is summed up, and its squares.
VectorPass statistics_pass(const VectorOperator& op) {
    VectorPass pass;
    const std::uint64_t elements = op.inputs.front().tensor.elements;
    pass.adds = 2 * elements;
    pass.multiplies = elements;
    return pass;
}

/// Sums to mean, 1/σ, scale and shift; new running statistics.
VectorPass channel_pass(const VectorOperator& op) {
    VectorPass pass;
    pass.adds = 2;        // variance, epsilon
    pass.multiplies = 4;  // mean, mean of the squares, square of the mean, mean · scale
    pass.specials = 2;    // root, reciprocal
    pass.multiplies += op.weight ? 1 : 0;
    pass.adds += op.bias ? 1 : 0;
    if (op.trains && op.running_mean) {
        pass.adds += 2;
        pass.multiplies += 1;
        read_master(pass, op.running_mean);
        add_write(pass, TensorSpace::master, op.running_mean->index, op.channels * kFp32Bytes);
    }
    if (op.trains && op.running_variance) {
        pass.adds += 2;
        pass.multiplies += 2;  // n/(n-1) as well
        read_master(pass, op.running_variance);
        add_write(pass, TensorSpace::master, op.running_variance->index, op.channels * kFp32Bytes);
    }
    pass.adds *= op.channels;
    pass.multiplies *= op.channels;
    pass.specials *= op.channels;
    read_master(pass, op.weight);
    read_master(pass, op.bias);
    if (op.trains) {
        add_write(pass, TensorSpace::saved, op.index, statistics_bytes(op));
    }
    return pass;
}

/// y = scale · x + shift
VectorPass normalisation_pass(const VectorOperator& op) {
    const VectorTensor& y = op.outputs.front();
    VectorPass pass;
    pass.adds = y.elements;
    pass.multiplies = y.elements;
    read_value(pass, op.inputs.front().tensor);
    add_write(pass, TensorSpace::value, y.index, y.value_bytes);
    return pass;
}

VectorWork batch_norm(const VectorOperator& op) {
    VectorWork work;
    if (!op.trains && op.running_mean && op.running_variance) {
        VectorPass pass = normalisation_pass(op);
        pass.adds += op.channels * (op.bias ? 2U : 1U);          // epsilon, shift
        pass.multiplies += op.channels * (op.weight ? 2U : 1U);  // scale, mean · scale
        pass.specials += 2 * op.channels;
        read_master(pass, op.running_mean);
        read_master(pass, op.running_variance);
        read_master(pass, op.weight);
        read_master(pass, op.bias);
        add_pass(work, std::move(pass));
        return work;
    }
    VectorPass statistics = statistics_pass(op);
    if (op.input_from_cores) {
        work.beside = std::move(statistics);
    } else {
        read_value(statistics, op.inputs.front().tensor);
        add_pass(work, std::move(statistics));
    }
    add_pass(work, channel_pass(op));
    add_pass(work, normalisation_pass(op));
    return work;
}

/// Reads every input, writes every output.
VectorPass moving_pass(const VectorOperator& op) {
    VectorPass pass;
    for (const VectorInput& input : op.inputs) {
        read_value(pass, input.tensor);
    }
    for (const VectorTensor& output : op.outputs) {
        add_write(pass, TensorSpace::value, output.index, output.value_bytes);
    }
    return pass;
}

VectorPass activation(const VectorOperator& op, const ActivationCost& cost) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t elements = op.outputs.front().elements;
    add_operations(pass, cost.forward, elements);
    if (op.trains && cost.needs == ActivationNeeds::mask && saves_mask(op)) {
        add_write(pass, TensorSpace::saved, op.index, mask_bytes(elements));
    }
    return pass;
}

VectorPass max_pool(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    pass.compares = op.windows.taps - op.windows.windows;
    if (op.trains) {
        add_write(pass, TensorSpace::saved, op.index, winner_bytes(op));
    }
    return pass;
}

VectorPass average_pool(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    pass.adds = op.windows.taps - op.windows.windows;
    pass.multiplies = op.outputs.front().elements;
    return pass;
}

VectorPass mean(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t means = op.outputs.front().elements;
    pass.adds = op.inputs.front().tensor.elements - means;
    pass.multiplies = means;
    return pass;
}

/// n − 1 operations per element of the output.
std::uint64_t combining_operations(const VectorOperator& op) {
    std::uint64_t operands = 0;
    for (const VectorInput& input : op.inputs) {
        operands += input.times;
    }
    return (operands - 1) * op.outputs.front().elements;
}

/// A random number is compared with the probability; what stays is scaled.
VectorPass dropout(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t elements = op.outputs.front().elements;
    pass.compares = elements;
    pass.multiplies = elements;
    add_write(pass, TensorSpace::saved, op.index, mask_bytes(elements));
    return pass;
}

/// Per sample of k classes: largest logit, differences, exponentials, their sum, its logarithm.
VectorPass softmax_cross_entropy(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t elements = op.inputs.front().tensor.elements;
    const std::uint64_t samples = elements / op.channels;
    pass.compares = elements - samples;
    pass.adds = elements + (elements - samples) + 2 * samples;
    pass.specials = elements + samples;
    add_read(pass, TensorSpace::saved, op.index, samples * kFp32Bytes);  // labels
    add_write(pass, TensorSpace::saved, op.index, kFp32Bytes);           // the loss
    if (op.trains) {
        pass.specials += samples;  // 1 / sum
        pass.multiplies = elements;
        add_write(pass, TensorSpace::saved, op.index, elements * kFp32Bytes);  // probabilities
    }
    return pass;
}

/// A bias is added on the way from the accumulators to the output buffer.
VectorPass layer_bias(const VectorOperator& op) {
    VectorPass pass;
    if (op.bias) {
        pass.adds = op.outputs.front().elements;
        read_master(pass, op.bias);
    }
    return pass;
}

VectorPass only_pass(const VectorOperator& op) {
    if (const ActivationCost* cost = activation_cost(op.kind)) {
        return activation(op, *cost);
    }
    VectorPass pass;
    switch (op.kind) {
        case VectorKind::max_pool:
            return max_pool(op);
        case VectorKind::average_pool:
            return average_pool(op);
        case VectorKind::mean:
            return mean(op);
        case VectorKind::add:
            pass = moving_pass(op);
            pass.adds = combining_operations(op);
            return pass;
        case VectorKind::multiply:
            pass = moving_pass(op);
            pass.multiplies = combining_operations(op);
            return pass;
        case VectorKind::copy:
            return moving_pass(op);
        case VectorKind::dropout:
            return op.trains ? dropout(op) : pass;
        case VectorKind::softmax_cross_entropy:
            return softmax_cross_entropy(op);
        default:
            return pass;
    }
}

}  // namespace

VectorWork forward_work(const VectorOperator& op) {
    base::require(!op.inputs.empty(), "vector table: an operator without an input");
    if (op.kind == VectorKind::batch_norm) {
        return batch_norm(op);
    }
    VectorWork work;
    if (op.kind == VectorKind::layer) {
        work.beside = layer_bias(op);
    } else {
        add_pass(work, only_pass(op));
    }
    return work;
}

}  // namespace skipsim::accelerator
