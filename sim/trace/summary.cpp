// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/summary.h"

#include <algorithm>
#include <limits>

#include "sim/base/bits.h"
#include "sim/base/interrupt.h"

namespace skipsim::trace {
namespace {

constexpr std::uint64_t kBlockElements = std::uint64_t{1} << 26U;

/// Pairs (output position, tap) of one axis whose input position exists.
std::uint64_t in_bounds_pairs(std::uint64_t in, std::uint64_t out, std::uint64_t kernel,
                              std::uint64_t stride, std::uint64_t padding, std::uint64_t dilation) {
    std::uint64_t pairs = 0;
    for (std::uint64_t tap = 0; tap < kernel; ++tap) {
        const std::uint64_t offset = tap * dilation;
        // positions p with padding <= p * stride + offset < in + padding
        const std::uint64_t first =
            offset >= padding ? 0 : base::ceil_divide(padding - offset, stride);
        const std::uint64_t end =
            offset >= in + padding ? 0 : base::ceil_divide(in + padding - offset, stride);
        pairs += std::min(end, out) - std::min(first, std::min(end, out));
    }
    return pairs;
}

using PatternReader = std::optional<base::BitTensor> (TraceReader::*)(std::uint64_t, std::uint32_t,
                                                                      std::uint32_t, std::uint64_t,
                                                                      std::uint64_t) const;

double tensor_density(const TraceReader& reader, std::uint32_t network, std::uint32_t tensor,
                      PatternReader read) {
    const std::uint64_t elements = reader.networks()[network].graph.tensors[tensor].elements();
    const std::uint64_t block = std::max<std::uint64_t>(kBlockElements / elements, 1);
    double sum = 0.0;
    for (std::uint64_t n = 0; n < reader.iterations().size(); ++n) {
        base::throw_if_interrupted();
        const std::uint64_t samples = reader.iterations()[n].samples;
        std::uint64_t ones = 0;
        for (std::uint64_t first = 0; first < samples; first += block) {
            const std::uint64_t count = std::min(block, samples - first);
            const auto pattern = (reader.*read)(n, network, tensor, first, count);
            ones += pattern ? pattern->count_ones() : count * elements;
        }
        sum += static_cast<double>(ones) / static_cast<double>(samples * elements);
    }
    return sum / static_cast<double>(reader.iterations().size());
}

using WordReader = std::optional<std::vector<std::uint64_t>> (TraceReader::*)(std::uint64_t,
                                                                              std::uint32_t,
                                                                              std::uint32_t) const;

double parameter_density(const TraceReader& reader, std::uint32_t network, std::uint32_t parameter,
                         WordReader read) {
    const std::uint64_t elements =
        reader.networks()[network].graph.parameters[parameter].elements();
    double sum = 0.0;
    for (std::uint64_t n = 0; n < reader.iterations().size(); ++n) {
        const auto words = (reader.*read)(n, network, parameter);
        sum += words ? static_cast<double>(base::count_ones(words->data(), words->size())) /
                           static_cast<double>(elements)
                     : 1.0;
    }
    return sum / static_cast<double>(reader.iterations().size());
}

double inverse(double density) {
    return density > 0.0 ? 1.0 / density : std::numeric_limits<double>::infinity();
}

}  // namespace

std::uint64_t dense_macs_per_sample(const Convolution& layer) {
    const std::uint64_t down =
        in_bounds_pairs(layer.in_height, layer.out_height, layer.kernel_height, layer.stride[0],
                        layer.padding[0], layer.dilation[0]);
    const std::uint64_t across =
        in_bounds_pairs(layer.in_width, layer.out_width, layer.kernel_width, layer.stride[1],
                        layer.padding[1], layer.dilation[1]);
    return down * across * (layer.in_channels / layer.groups) * layer.out_channels;
}

std::vector<LayerSummary> summarise_layers(const TraceReader& reader, std::uint32_t network) {
    const Graph& graph = reader.networks()[network].graph;
    std::vector<LayerSummary> layers;
    for (const std::uint32_t index : graph.layers()) {
        const Operator& op = graph.operators[index];
        const std::uint32_t input = op.inputs.front();
        const std::uint32_t weight = graph.weight_of(index);
        LayerSummary layer;
        layer.name = op.name;
        layer.kind = kind_name(op.kind);
        layer.geometry = graph.convolution(index);
        layer.has_back_propagation = op.input_gradient;
        layer.macs_per_sample = dense_macs_per_sample(layer.geometry);
        layer.x = tensor_density(reader, network, input, &TraceReader::nonzero);
        layer.dx_needed = tensor_density(reader, network, input, &TraceReader::dx_needed);
        layer.dy =
            tensor_density(reader, network, op.outputs.front(), &TraceReader::gradient_nonzero);
        layer.w = parameter_density(reader, network, weight, &TraceReader::weight_nonzero);
        layer.weight_keep = parameter_density(reader, network, weight, &TraceReader::weight_keep);
        layer.estimates = {inverse(layer.x * layer.w),
                           inverse(layer.dy * layer.w * layer.dx_needed),
                           inverse(layer.x * layer.dy * layer.weight_keep)};
        layers.push_back(std::move(layer));
    }
    return layers;
}

StageEstimates network_estimates(const std::vector<LayerSummary>& layers) {
    double all = 0.0;
    double all_back = 0.0;
    double useful[3] = {0.0, 0.0, 0.0};
    for (const LayerSummary& layer : layers) {
        const auto macs = static_cast<double>(layer.macs_per_sample);
        all += macs;
        useful[0] += macs * layer.x * layer.w;
        useful[2] += macs * layer.x * layer.dy * layer.weight_keep;
        if (layer.has_back_propagation) {
            all_back += macs;
            useful[1] += macs * layer.dy * layer.w * layer.dx_needed;
        }
    }
    const auto estimate = [](double total, double part) {
        return total > 0.0 ? inverse(part / total) : 1.0;
    };
    return {estimate(all, useful[0]), estimate(all_back, useful[1]), estimate(all, useful[2])};
}

}  // namespace skipsim::trace
