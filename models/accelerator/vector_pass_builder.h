// SPDX-License-Identifier: Apache-2.0
// What the files of the vector table share: traffic of a pass, widths, costs of the activations.
#pragma once

#include <cstdint>
#include <utility>

#include "models/accelerator/vector_table.h"
#include "sim/base/bits.h"

namespace skipsim::accelerator {

constexpr std::uint64_t kFp32Bytes = 4;

inline void add_read(VectorPass& pass, TensorSpace space, std::uint32_t index,
                     std::uint64_t bytes) {
    if (bytes > 0) {
        pass.reads.push_back({space, index, bytes});
    }
}

inline void add_write(VectorPass& pass, TensorSpace space, std::uint32_t index,
                      std::uint64_t bytes) {
    if (bytes > 0) {
        pass.writes.push_back({space, index, bytes});
    }
}

inline void read_value(VectorPass& pass, const VectorTensor& tensor) {
    add_read(pass, TensorSpace::value, tensor.index, tensor.value_bytes);
}

inline void read_gradient(VectorPass& pass, const VectorTensor& tensor) {
    add_read(pass, TensorSpace::gradient, tensor.index, tensor.gradient_bytes);
}

inline void read_master(VectorPass& pass, const std::optional<VectorParameter>& parameter) {
    if (parameter) {
        add_read(pass, TensorSpace::master, parameter->index, parameter->elements * kFp32Bytes);
    }
}

inline void add_pass(VectorWork& work, VectorPass pass) {
    if (!pass.is_empty()) {
        work.passes.push_back(std::move(pass));
    }
}

/// Operations of an activation function per element.
struct ElementCost {
    std::uint64_t adds = 0;
    std::uint64_t multiplies = 0;
    std::uint64_t compares = 0;
    std::uint64_t specials = 0;
};

/// What the backward pass of an activation function reads beside dy.
enum class ActivationNeeds : std::uint8_t { mask, y, x };

struct ActivationCost {
    ElementCost forward;
    ElementCost backward;
    ActivationNeeds needs = ActivationNeeds::mask;
};

/// Of relu … elu; nullptr of any other kind.
const ActivationCost* activation_cost(VectorKind kind);

inline void add_operations(VectorPass& pass, const ElementCost& cost, std::uint64_t elements) {
    pass.adds += cost.adds * elements;
    pass.multiplies += cost.multiplies * elements;
    pass.compares += cost.compares * elements;
    pass.specials += cost.specials * elements;
}

/// [bytes] one bit per element.
inline std::uint64_t mask_bytes(std::uint64_t elements) {
    return base::ceil_divide(elements, 8);
}

/// [bytes] the place of the winner in its window, for every output.
inline std::uint64_t winner_bytes(const VectorOperator& op) {
    std::uint64_t bits = 0;
    while ((std::uint64_t{1} << bits) < op.kernel_area) {
        ++bits;
    }
    return base::ceil_divide(op.outputs.front().elements * bits, 8);
}

/// ReLU's mask is the bitmap of its output, where outputs have one in memory.
inline bool saves_mask(const VectorOperator& op) {
    return !(op.kind == VectorKind::relu && op.is_compressed);
}

/// batch_norm: mean and 1/σ of every channel, kept for the backward pass.
inline std::uint64_t statistics_bytes(const VectorOperator& op) {
    return 2 * op.channels * kFp32Bytes;
}

}  // namespace skipsim::accelerator
