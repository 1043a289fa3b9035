// SPDX-License-Identifier: Apache-2.0
// What a row of a layer computes, by a library that has nothing to do with the simulator: oneDNN's
// convolution in FP32 and its two gradients, on the CPU.
#pragma once

#include <vector>

#include "models/reduction/convolution_shape.h"
#include "models/reduction/reduction.h"

namespace skipsim::check {

/// y of x and w in FF, dx of dy and w in BP, dw of x and dy in WG: `input` and `weight` are roles A
/// and B. Elements in the order of the trace.
std::vector<float> convolution(reduction::TrainingStage stage,
                               const reduction::ConvolutionShape& shape,
                               const std::vector<float>& input, const std::vector<float>& weight);

}  // namespace skipsim::check
