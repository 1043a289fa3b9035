// SPDX-License-Identifier: Apache-2.0
#include "sim/system/layer_operands.h"

#include "sim/base/bits.h"

namespace skipsim::system {
namespace {

using reduction::TrainingStage;

reduction::Pair pair_of(std::int64_t vertical, std::int64_t horizontal) {
    return {vertical, horizontal};
}

accelerator::ZeroFraction zeros_of(const std::optional<base::BitTensor>& pattern,
                                   std::uint64_t elements) {
    return {pattern ? elements - pattern->count_ones() : 0, elements};
}

accelerator::ZeroFraction zeros_of(const std::optional<std::vector<std::uint64_t>>& pattern,
                                   std::uint64_t elements) {
    return {pattern ? elements - base::count_ones(pattern->data(), pattern->size()) : 0, elements};
}

}  // namespace

reduction::ConvolutionShape convolution_shape(const trace::Graph& graph, std::uint32_t layer,
                                              std::uint64_t samples) {
    const trace::Convolution from = graph.convolution(layer);
    reduction::ConvolutionShape shape;
    shape.samples = static_cast<std::int64_t>(samples);
    shape.in_channels = from.in_channels;
    shape.in_size = pair_of(from.in_height, from.in_width);
    shape.out_channels = from.out_channels;
    shape.out_size = pair_of(from.out_height, from.out_width);
    shape.kernel = pair_of(from.kernel_height, from.kernel_width);
    shape.stride = pair_of(from.stride[0], from.stride[1]);
    shape.padding = pair_of(from.padding[0], from.padding[1]);
    shape.dilation = pair_of(from.dilation[0], from.dilation[1]);
    shape.groups = from.groups;
    return shape;
}

LayerOperands::LayerOperands(const trace::TraceReader& reader, const LayerPlace& place,
                             TrainingStage stage, bool want_coarse_runs)
    : stage_(stage) {
    const trace::Graph& graph = reader.networks()[place.network].graph;
    const std::uint64_t samples = reader.iterations()[place.iteration].samples;
    const trace::Operator& layer = graph.operators[place.layer];
    const std::uint32_t input = layer.inputs.front();
    const std::uint32_t output = layer.outputs.front();
    const std::uint32_t weight = graph.weight_of(place.layer);
    shape_ = convolution_shape(graph, place.layer, samples);
    if (stage != TrainingStage::back_propagation) {
        x_ = reader.nonzero(place.iteration, place.network, input, 0, samples);
    } else {
        dx_needed_ = reader.dx_needed(place.iteration, place.network, input, 0, samples);
    }
    if (stage != TrainingStage::feed_forward) {
        dy_ = reader.gradient_nonzero(place.iteration, place.network, output, 0, samples);
    }
    // Read in every stage: it also checks that pruned weights are zero.
    weight_keep_ = reader.weight_keep(place.iteration, place.network, weight);
    if (stage != TrainingStage::weight_gradient) {
        weight_ = reader.weight_nonzero(place.iteration, place.network, weight);
        if (want_coarse_runs) {
            coarse_keep_ = reader.coarse_keep(place.iteration, place.network, weight);
        }
    }
    if (coarse_keep_) {
        coarse_runs_ = {coarse_keep_->coarse_in, coarse_keep_->coarse_out, &coarse_keep_->keep};
    }
}

reduction::LayerPatterns LayerOperands::patterns() const noexcept {
    reduction::LayerPatterns patterns;
    patterns.x = x_ ? &*x_ : nullptr;
    patterns.dy = dy_ ? &*dy_ : nullptr;
    patterns.dx_needed = dx_needed_ ? &*dx_needed_ : nullptr;
    patterns.weight = weight_ ? &*weight_ : nullptr;
    patterns.weight_keep = weight_keep_ ? &*weight_keep_ : nullptr;
    patterns.coarse_runs = coarse_keep_ ? &coarse_runs_ : nullptr;
    return patterns;
}

accelerator::RoleZeros LayerOperands::zeros() const {
    accelerator::RoleZeros zeros;
    switch (stage_) {
        case TrainingStage::feed_forward:
            zeros.input = zeros_of(x_, shape_.in_elements());
            zeros.weight = zeros_of(weight_, shape_.weight_elements());
            break;
        case TrainingStage::back_propagation:
            zeros.input = zeros_of(dy_, shape_.out_elements());
            zeros.weight = zeros_of(weight_, shape_.weight_elements());
            zeros.output = zeros_of(dx_needed_, shape_.in_elements());
            break;
        case TrainingStage::weight_gradient:
            zeros.input = zeros_of(x_, shape_.in_elements());
            zeros.weight = zeros_of(dy_, shape_.out_elements());
            zeros.output = zeros_of(weight_keep_, shape_.weight_elements());
            break;
    }
    return zeros;
}

}  // namespace skipsim::system
