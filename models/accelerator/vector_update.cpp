// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_pass_builder.h"

namespace skipsim::accelerator {
namespace {

/// Reads and writes back one FP32 number per weight.
void update_state(VectorPass& pass, TensorSpace space, const VectorParameter& parameter) {
    add_read(pass, space, parameter.index, parameter.elements * kFp32Bytes);
    add_write(pass, space, parameter.index, parameter.elements * kFp32Bytes);
}

/// Adds, multiplies, compares, specials per weight.
ElementCost cost_of(const UpdateRule& rule) {
    ElementCost cost;
    if (rule.optimizer == Optimizer::adam) {
        cost = {4, 6, 0, 2};  // m, v, root + epsilon, quotient, step
    } else {
        cost = {1, 1, 0, 0};  // w − rate · g
        if (rule.has_momentum) {
            const std::uint64_t steps = rule.is_nesterov ? 2 : 1;
            cost.adds += steps;  // v = momentum · v + g; nesterov: g + momentum · v
            cost.multiplies += steps;
        }
    }
    if (rule.has_weight_decay) {
        cost.adds += 1;  // g + decay · w
        cost.multiplies += 1;
    }
    return cost;
}

}  // namespace

VectorWork update_work(const VectorOperator& op, const UpdateRule& rule,
                       const std::vector<VectorParameter>& parameters) {
    VectorWork work;
    const bool is_adam = rule.optimizer == Optimizer::adam;
    for (const VectorParameter& parameter : parameters) {
        VectorPass pass;
        add_operations(pass, cost_of(rule), parameter.elements);
        add_read(pass, TensorSpace::parameter_gradient, parameter.index,
                 base::ceil_divide(parameter.elements * op.accumulator_bits, 8));
        update_state(pass, TensorSpace::master, parameter);
        if (is_adam || rule.has_momentum) {
            update_state(pass, TensorSpace::momentum, parameter);
        }
        if (is_adam) {
            update_state(pass, TensorSpace::second_moment, parameter);
        }
        if (parameter.is_quantised) {
            add_write(pass, TensorSpace::parameter, parameter.index,
                      base::ceil_divide(parameter.elements * op.operand_bits, 8));
        }
        add_pass(work, std::move(pass));
    }
    return work;
}

}  // namespace skipsim::accelerator
