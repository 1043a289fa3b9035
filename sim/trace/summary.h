// SPDX-License-Identifier: Apache-2.0
// Densities of a trace's layers and the speed-up they would allow if every useless multiply cost
// nothing. Densities are means over the iterations, each counted exactly; an estimate multiplies
// densities as if the patterns were independent; the exact bound, which `skipsim run` counts, may
// be higher or lower.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/trace/reader.h"

namespace skipsim::trace {

struct StageEstimates {
    double feed_forward = 1.0;      ///< 1 / (x · w)
    double back_propagation = 1.0;  ///< 1 / (dy · w · dx_needed)
    double weight_gradient = 1.0;   ///< 1 / (x · dy · weight_keep)
};

struct LayerSummary {
    std::string name;
    std::string kind;
    Convolution geometry;
    bool has_back_propagation = true;
    std::uint64_t macs_per_sample = 0;  ///< dense multiplies of one stage, in-bounds taps only
    double x = 1.0;
    double w = 1.0;
    double weight_keep = 1.0;
    double dy = 1.0;
    double dx_needed = 1.0;
    StageEstimates estimates;
};

/// Multiplies of one sample and stage: pairs of output pixel and tap that fall on the image, times
/// input channels of a group, times output channels.
std::uint64_t dense_macs_per_sample(const Convolution& layer);

/// Layers of a network in execution order. Reads all their patterns, a block of samples at a time.
std::vector<LayerSummary> summarise_layers(const TraceReader& reader, std::uint32_t network);

/// The whole network: multiplies with zero-free operands of all layers against all multiplies.
StageEstimates network_estimates(const std::vector<LayerSummary>& layers);

}  // namespace skipsim::trace
