// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_pass_builder.h"

namespace skipsim::accelerator {

// Adds, multiplies, compares, specials per element. A change of sign is free.
const ActivationCost* activation_cost(VectorKind kind) {
    using Needs = ActivationNeeds;
    // clang-format off
    static constexpr ActivationCost kRelu       {{0, 0, 1, 0}, {0, 0, 1, 0}, Needs::mask};
    static constexpr ActivationCost kRelu6      {{0, 0, 2, 0}, {0, 0, 1, 0}, Needs::mask};
    static constexpr ActivationCost kHardswish  {{1, 2, 2, 0}, {1, 2, 2, 0}, Needs::x};
    static constexpr ActivationCost kHardsigmoid{{1, 1, 2, 0}, {0, 1, 1, 0}, Needs::mask};
    static constexpr ActivationCost kSigmoid    {{1, 0, 0, 2}, {1, 2, 0, 0}, Needs::y};
    static constexpr ActivationCost kSilu       {{1, 1, 0, 2}, {3, 3, 0, 2}, Needs::x};
    static constexpr ActivationCost kTanh       {{0, 0, 0, 1}, {1, 2, 0, 0}, Needs::y};
    static constexpr ActivationCost kGelu       {{1, 3, 0, 1}, {2, 6, 0, 2}, Needs::x};
    static constexpr ActivationCost kLeakyRelu  {{0, 1, 1, 0}, {0, 1, 1, 0}, Needs::mask};
    static constexpr ActivationCost kElu        {{1, 1, 1, 1}, {1, 1, 1, 0}, Needs::y};
    // clang-format on
    switch (kind) {
        case VectorKind::relu:
            return &kRelu;
        case VectorKind::relu6:
            return &kRelu6;
        case VectorKind::hardswish:
            return &kHardswish;
        case VectorKind::hardsigmoid:
            return &kHardsigmoid;
        case VectorKind::sigmoid:
            return &kSigmoid;
        case VectorKind::silu:
            return &kSilu;
        case VectorKind::tanh:
            return &kTanh;
        case VectorKind::gelu:
            return &kGelu;
        case VectorKind::leaky_relu:
            return &kLeakyRelu;
        case VectorKind::elu:
            return &kElu;
        default:
            return nullptr;
    }
}

}  // namespace skipsim::accelerator
