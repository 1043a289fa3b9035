// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_pass_builder.h"
#include "sim/base/check.h"

namespace skipsim::accelerator {
namespace {

/// Writes dx of an input, added to the gradient that a later reader of the same tensor left.
void write_gradient(VectorPass& pass, const VectorInput& input) {
    if (!input.has_gradient) {
        return;
    }
    const std::uint64_t additions = input.times - 1 + (input.is_accumulated ? 1 : 0);
    pass.adds += additions * input.tensor.elements;
    if (input.is_accumulated) {
        read_gradient(pass, input.tensor);
    }
    add_write(pass, TensorSpace::gradient, input.tensor.index, input.tensor.gradient_bytes);
}

/// Reads every dy, writes every dx.
VectorPass moving_pass(const VectorOperator& op) {
    VectorPass pass;
    for (const VectorTensor& output : op.outputs) {
        read_gradient(pass, output);
    }
    for (const VectorInput& input : op.inputs) {
        write_gradient(pass, input);
    }
    return pass;
}

/// Writes dw or db; a parameter shared with a later operator is added to.
void write_parameter_gradient(VectorPass& pass, const VectorOperator& op,
                              const VectorParameter& parameter) {
    const std::uint64_t bytes = base::ceil_divide(parameter.elements * op.accumulator_bits, 8);
    if (parameter.is_accumulated) {
        pass.adds += parameter.elements;
        add_read(pass, TensorSpace::parameter_gradient, parameter.index, bytes);
    }
    add_write(pass, TensorSpace::parameter_gradient, parameter.index, bytes);
}

/// Σ dy and Σ dy · x of every channel; dγ = (Σ dy·x − mean · Σ dy) / σ, dβ = Σ dy.
VectorPass reduction_pass(const VectorOperator& op) {
    const VectorTensor& dy = op.outputs.front();
    VectorPass pass;
    read_gradient(pass, dy);
    pass.adds = dy.elements;
    if (op.has_input_gradient || op.weight) {
        pass.adds += dy.elements + op.channels;
        pass.multiplies = dy.elements + 2 * op.channels;
        read_value(pass, op.inputs.front().tensor);
        add_read(pass, TensorSpace::saved, op.index, statistics_bytes(op));
    }
    for (const std::optional<VectorParameter>& parameter : {op.weight, op.bias}) {
        if (parameter) {
            write_parameter_gradient(pass, op, *parameter);
        }
    }
    return pass;
}

/// dx = a · dy + b · x + c with coefficients per channel.
VectorPass input_gradient_pass(const VectorOperator& op) {
    const VectorTensor& dy = op.outputs.front();
    VectorPass pass;
    pass.adds = 2 * dy.elements + op.channels;
    pass.multiplies = 2 * dy.elements + op.channels * (op.weight ? 6U : 5U);
    read_gradient(pass, dy);
    read_value(pass, op.inputs.front().tensor);
    read_master(pass, op.weight);
    write_gradient(pass, op.inputs.front());
    return pass;
}

VectorWork batch_norm(const VectorOperator& op) {
    VectorWork work;
    add_pass(work, reduction_pass(op));
    if (op.has_input_gradient) {
        add_pass(work, input_gradient_pass(op));
    }
    return work;
}

VectorPass activation(const VectorOperator& op, const ActivationCost& cost) {
    VectorPass pass = moving_pass(op);
    const VectorTensor& y = op.outputs.front();
    add_operations(pass, cost.backward, y.elements);
    if (cost.needs == ActivationNeeds::x) {
        read_value(pass, op.inputs.front().tensor);
    } else if (cost.needs == ActivationNeeds::y) {
        read_value(pass, y);
    } else if (saves_mask(op)) {
        add_read(pass, TensorSpace::saved, op.index, mask_bytes(y.elements));
    } else {
        add_read(pass, TensorSpace::bitmap, y.index, mask_bytes(y.elements));
    }
    return pass;
}

/// dy goes where the winner was; where windows overlap it is added there.
VectorPass max_pool(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t outputs = op.outputs.front().elements;
    pass.compares = outputs;
    pass.adds += op.windows.taps > op.windows.covered ? outputs : 0;
    add_read(pass, TensorSpace::saved, op.index, winner_bytes(op));
    return pass;
}

/// dy is scaled once and added to every input of its window.
VectorPass average_pool(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    pass.multiplies = op.outputs.front().elements;
    pass.adds += op.windows.taps - op.windows.covered;
    return pass;
}

/// dx_i = dy · the other operands, summed over the axes that operand i broadcasts.
VectorPass multiply(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t outputs = op.outputs.front().elements;
    std::uint64_t operands = 0;
    std::uint64_t wanted = 0;
    for (const VectorInput& input : op.inputs) {
        operands += input.times;
        wanted += input.has_gradient ? input.times : 0;
    }
    for (const VectorInput& input : op.inputs) {
        const std::uint64_t own = input.has_gradient ? input.times : 0;
        pass.multiplies += own * (operands - 1) * outputs;
        pass.adds += own * (outputs - input.tensor.elements);
        if (wanted > own || input.times > 1) {  // it is a factor of somebody's gradient
            read_value(pass, input.tensor);
        }
    }
    return pass;
}

/// The gradient of every input is that of the output: nothing moves, unless it has to be added to
/// one that is there already, or to itself.
VectorWork alias(const VectorOperator& op) {
    VectorWork work;
    for (const VectorInput& input : op.inputs) {
        if (input.has_gradient && (input.is_accumulated || input.times > 1)) {
            VectorPass pass;
            read_gradient(pass, op.outputs.front());
            write_gradient(pass, input);
            add_pass(work, std::move(pass));
        }
    }
    return work;
}

VectorPass dropout(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t elements = op.outputs.front().elements;
    pass.compares = elements;
    pass.multiplies = elements;
    add_read(pass, TensorSpace::saved, op.index, mask_bytes(elements));
    return pass;
}

/// (probability − (1 for the label's class)) / samples
VectorPass softmax_cross_entropy(const VectorOperator& op) {
    VectorPass pass = moving_pass(op);
    const std::uint64_t elements = op.inputs.front().tensor.elements;
    pass.adds += elements;
    pass.multiplies = elements;
    add_read(pass, TensorSpace::saved, op.index, elements * kFp32Bytes);  // probabilities
    add_read(pass, TensorSpace::saved, op.index, elements / op.channels * kFp32Bytes);  // labels
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
            pass = moving_pass(op);
            pass.multiplies = op.outputs.front().elements;
            return pass;
        case VectorKind::multiply:
            return multiply(op);
        case VectorKind::copy:
            return moving_pass(op);
        case VectorKind::dropout:
            return dropout(op);
        case VectorKind::softmax_cross_entropy:
            return softmax_cross_entropy(op);
        default:
            return pass;
    }
}

}  // namespace

VectorWork backward_work(const VectorOperator& op) {
    base::require(op.trains && !op.inputs.empty(), "vector table: nothing to propagate back");
    VectorWork work;
    switch (op.kind) {
        case VectorKind::layer: {  // the cores write dx; the drain adds
            const VectorInput& input = op.inputs.front();
            if (input.has_gradient && input.is_accumulated) {
                work.beside.adds = input.tensor.elements;
                read_gradient(work.beside, input.tensor);
            }
            return work;
        }
        case VectorKind::batch_norm:
            return batch_norm(op);
        case VectorKind::add:
        case VectorKind::alias:
            return alias(op);
        default:
            add_pass(work, only_pass(op));
            return work;
    }
}

VectorWork weight_gradient_work(const VectorOperator& op) {
    base::require(op.kind == VectorKind::layer, "vector table: weight gradient of no layer");
    VectorWork work;
    VectorPass& pass = work.beside;
    if (op.weight && op.weight->is_accumulated) {
        pass.adds += op.weight->elements;
        add_read(pass, TensorSpace::parameter_gradient, op.weight->index,
                 base::ceil_divide(op.weight->elements * op.accumulator_bits, 8));
    }
    if (op.bias) {
        const VectorTensor& dy = op.outputs.front();
        pass.adds += dy.elements;
        read_gradient(pass, dy);
        write_parameter_gradient(pass, op, *op.bias);
    }
    return work;
}

}  // namespace skipsim::accelerator
