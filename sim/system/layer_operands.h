// SPDX-License-Identifier: Apache-2.0
// The operands of one layer in one iteration, read from a trace: whole batch, one layer at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/accelerator/skip_policy.h"
#include "models/reduction/reduction.h"
#include "sim/base/bit_tensor.h"
#include "sim/trace/reader.h"

namespace skipsim::system {

/// Which layer of a trace: indices of iteration, network and operator.
struct LayerPlace {
    std::uint64_t iteration = 0;
    std::uint32_t network = 0;
    std::uint32_t layer = 0;  ///< index of the operator in the network's graph
};

reduction::ConvolutionShape convolution_shape(const trace::Graph& graph, std::uint32_t layer,
                                              std::uint64_t samples);

class LayerOperands {
public:
    /// Operands of that shape without a zero.
    explicit LayerOperands(const reduction::ConvolutionShape& shape)
        : stage_(reduction::TrainingStage::feed_forward), shape_(shape) {}
    /// Reads what `stage` needs, coarse runs of weights only if wanted. Throws InputError if the
    /// trace's data is bad.
    LayerOperands(const trace::TraceReader& reader, const LayerPlace& place,
                  reduction::TrainingStage stage, bool want_coarse_runs);
    LayerOperands(const LayerOperands&) = delete;  // points into itself
    LayerOperands& operator=(const LayerOperands&) = delete;

    [[nodiscard]] const reduction::ConvolutionShape& shape() const noexcept { return shape_; }
    /// Points into this object.
    [[nodiscard]] reduction::LayerPatterns patterns() const noexcept;
    /// Zeros of the stage's tensors, over the whole tensors.
    [[nodiscard]] accelerator::RoleZeros zeros() const;

private:
    reduction::TrainingStage stage_;
    reduction::ConvolutionShape shape_;
    std::optional<base::BitTensor> x_;
    std::optional<base::BitTensor> dy_;
    std::optional<base::BitTensor> dx_needed_;
    std::optional<std::vector<std::uint64_t>> weight_;
    std::optional<std::vector<std::uint64_t>> weight_keep_;
    std::optional<trace::CoarseKeep> coarse_keep_;
    reduction::CoarseRuns coarse_runs_;  ///< points into coarse_keep_
};

}  // namespace skipsim::system
