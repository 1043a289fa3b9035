// SPDX-License-Identifier: Apache-2.0
// The vector unit: lanes of FP32 arithmetic that do everything of a training step that is not a
// multiply-accumulate reduction. Work comes as passes over tensors; models/MICROARCHITECTURE.md,
// "The vector unit", gives the passes of every operator (vector_table.h) and their cycles.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/actions.h"

namespace skipsim::accelerator {

struct VectorUnitParams {
    std::uint64_t lanes = 0;            ///< [operations/cycle] 0 = unlimited
    std::uint64_t special_cycles = 4;   ///< [lane cycles] of an exp, log, division, root, tanh, erf
    std::uint64_t bytes_per_cycle = 0;  ///< [bytes/cycle] read and written; 0 = unlimited
    std::uint64_t latency_cycles = 0;   ///< [cycles] of every pass

    [[nodiscard]] std::vector<std::string> problems() const;
};

/// What a pass reads or writes. The index beside it is that of a tensor, parameter or operator of
/// the network's graph.
enum class TensorSpace : std::uint8_t {
    value,               ///< tensor: activations, at operand width
    bitmap,              ///< tensor: the bitmap alone of a value that is stored compressed
    gradient,            ///< tensor: gradients, at operand width
    parameter,           ///< parameter: the quantised copy that the cores multiply by
    parameter_gradient,  ///< parameter: dw, at accumulator width
    master,              ///< parameter: FP32; the only copy of biases and batch_norm's parameters
    momentum,            ///< parameter: FP32, first moment
    second_moment,       ///< parameter: FP32
    saved                ///< operator: masks, winners, statistics, probabilities, labels, the loss
};

struct TensorTraffic {
    TensorSpace space = TensorSpace::value;
    std::uint32_t index = 0;
    std::uint64_t bytes = 0;

    friend bool operator==(const TensorTraffic& left, const TensorTraffic& right) noexcept {
        return left.space == right.space && left.index == right.index && left.bytes == right.bytes;
    }
};

/// One walk over tensors. A pass reads everything it needs once and writes its results whole.
struct VectorPass {
    std::uint64_t adds = 0;
    std::uint64_t multiplies = 0;
    std::uint64_t compares = 0;
    std::uint64_t specials = 0;
    std::vector<TensorTraffic> reads;
    std::vector<TensorTraffic> writes;

    [[nodiscard]] std::uint64_t bytes_read() const noexcept;
    [[nodiscard]] std::uint64_t bytes_written() const noexcept;
    [[nodiscard]] bool is_empty() const noexcept;
};

/// The vector work of a row.
struct VectorWork {
    std::vector<VectorPass> passes;  ///< one after the other
    VectorPass beside;               ///< beside a drain of the cores: actions, but no cycles
};

/// [cycles] max(operations, bytes) + latency; 0 of an empty pass.
std::uint64_t pass_cycles(const VectorUnitParams& params, const VectorPass& pass);

/// [cycles] sum over the passes.
std::uint64_t vector_cycles(const VectorUnitParams& params, const VectorWork& work);

/// Of the passes and of what is done beside a drain.
base::ActionCounts vector_actions(const VectorWork& work);

}  // namespace skipsim::accelerator
