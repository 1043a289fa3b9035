// SPDX-License-Identifier: Apache-2.0
// A row of a layer as the clocked engine is given it: tensors with values, element by element.
#pragma once

#include <cstdint>
#include <vector>

#include "models/reduction/convolution_shape.h"
#include "models/reduction/reduction.h"
#include "models/reduction/tile_sequencer.h"

namespace skipsim::clocked {

/// Elements in the order of the trace: [sample, channel, row, column], weights [F, C/groups, R, S].
struct OperandTensor {
    std::vector<std::uint8_t> nonzero;  ///< 1 = not zero; empty = no element is zero
    std::vector<float> values;          ///< rounded to the chip's format; empty = without values
};

/// Blocks of weights that are pruned as a whole (models/MICROARCHITECTURE.md §4.3).
struct CoarseBlocks {
    std::int64_t coarse_in = 0;
    std::int64_t coarse_out = 0;
    std::vector<std::uint8_t> keep;  ///< [r, s, input block, output block]: 0 = pruned
};

struct RowTask {
    reduction::TrainingStage stage = reduction::TrainingStage::feed_forward;
    reduction::ConvolutionShape shape;
    OperandTensor input;               ///< A: x in FF and WG, dy in BP
    OperandTensor weight;              ///< B: w in FF and BP, dy in WG
    std::vector<std::uint8_t> needed;  ///< of the result's tensor; empty = every element
    CoarseBlocks coarse;               ///< keep empty = nothing known
    reduction::Selection selection;
    bool packs_output = false;    ///< role output selected: each column has a list of its own
    bool zero_insertion = false;  ///< strided BP in one phase
    bool balances = false;        ///< the balancer is there (it acts where §4.1 says)
};

}  // namespace skipsim::clocked
