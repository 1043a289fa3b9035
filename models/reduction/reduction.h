// SPDX-License-Identifier: Apache-2.0
// One training stage of one layer as the sparse reduction O[m,n] = sum over k of A[m,k] * B[k,n]
// (models/MICROARCHITECTURE.md §2): its phases, its operands and which results are needed.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/reduction/column_source.h"
#include "models/reduction/convolution_shape.h"
#include "models/reduction/input_source.h"
#include "sim/base/bit_tensor.h"

namespace skipsim::reduction {

enum class TrainingStage { feed_forward, back_propagation, weight_gradient };

/// The patterns of a layer; null = every element is one. Shapes as in the trace format: x and
/// dx_needed [C,H,W], dy [F,P,Q] per sample, weight and weight_keep [F,C/groups,R,S].
struct LayerPatterns {
    const base::BitTensor* x = nullptr;
    const base::BitTensor* dy = nullptr;
    const base::BitTensor* dx_needed = nullptr;
    const std::vector<std::uint64_t>* weight = nullptr;
    const std::vector<std::uint64_t>* weight_keep = nullptr;
    const CoarseRuns* coarse_runs = nullptr;  ///< null = no block of weights is known to be pruned
};

/// Which m of a phase stands where in the matrix of needed results.
struct PhaseGrid {
    Pair grid;         ///< BP: pixels of the phase
    Pair first{0, 0};  ///< BP: first input pixel
    Pair step;         ///< BP: distance of its pixels
};

struct Phase {
    std::int64_t m_count = 0;
    std::int64_t k_count = 0;
    PhaseGrid grid;
    std::unique_ptr<InputSource> input;
    ColumnMatrix columns;
    ColumnMatrix runs;  ///< ones in kept blocks of weights; all ones where nothing is known
};

class Reduction {
public:
    /// Keeps no pointer into `patterns` beyond the constructor.
    Reduction(TrainingStage stage, const ConvolutionShape& shape, const LayerPatterns& patterns,
              bool zero_insertion);
    Reduction(const Reduction&) = delete;  // its phases point at its patterns
    Reduction& operator=(const Reduction&) = delete;

    [[nodiscard]] const std::vector<Phase>& phases() const noexcept { return phases_; }
    [[nodiscard]] std::int64_t column_count() const noexcept { return column_count_; }
    [[nodiscard]] std::int64_t columns_per_group() const noexcept { return columns_per_group_; }
    /// True if blocks of weights are known to be pruned or kept: FF and BP only.
    [[nodiscard]] bool has_coarse_runs() const noexcept { return has_coarse_runs_; }
    /// False if every result is needed.
    [[nodiscard]] bool has_unneeded() const noexcept { return !needed_.words.empty(); }
    /// Bits over the columns, column 0 first. Requires has_unneeded().
    [[nodiscard]] const std::uint64_t* needed_columns(const Phase& phase, std::int64_t m) const;

    /// Column position i of the phase becomes what was column order[i]; `order` is a permutation.
    /// For reductions of one group only.
    void reorder_columns(std::size_t phase, const std::vector<std::uint32_t>& order);

private:
    /// First word of m's bits in the matrix of needed results.
    [[nodiscard]] std::size_t needed_word(const Phase& phase, std::int64_t m) const;
    void add_forward(const ConvolutionShape& shape, const LayerPatterns& patterns);
    void add_backward(const ConvolutionShape& shape, const LayerPatterns& patterns,
                      bool zero_insertion);
    void add_backward_phase(const ConvolutionShape& shape, const LayerPatterns& patterns,
                            Pair first, Pair step, bool zero_insertion);
    void add_weight_gradient(const ConvolutionShape& shape, const LayerPatterns& patterns);

    TrainingStage stage_;
    Pair in_size_;
    std::int64_t column_count_ = 0;
    std::int64_t columns_per_group_ = 0;
    bool has_coarse_runs_ = false;
    ChannelLast source_;  ///< of x (FF) or dy (BP), shared by the phases
    ChannelLast needed_;  ///< one "pixel" per m, one bit per column
    std::vector<Phase> phases_;
};

}  // namespace skipsim::reduction
