// SPDX-License-Identifier: Apache-2.0
#include "sim/system/vector_rows.h"

#include <algorithm>
#include <string>

#include "sim/base/bits.h"
#include "sim/base/check.h"
#include "sim/base/errors.h"

namespace skipsim::system {
namespace {

using accelerator::VectorKind;
using accelerator::VectorOperator;
using trace::OperatorKind;

VectorKind vector_kind(const trace::Operator& step, bool trains) {
    switch (step.kind) {
        case OperatorKind::kConv2d:
        case OperatorKind::kLinear:
            return VectorKind::layer;
        case OperatorKind::kBatchNorm:
            return VectorKind::batch_norm;
        case OperatorKind::kRelu:
            return VectorKind::relu;
        case OperatorKind::kRelu6:
            return VectorKind::relu6;
        case OperatorKind::kHardswish:
            return VectorKind::hardswish;
        case OperatorKind::kHardsigmoid:
            return VectorKind::hardsigmoid;
        case OperatorKind::kSigmoid:
            return VectorKind::sigmoid;
        case OperatorKind::kSilu:
            return VectorKind::silu;
        case OperatorKind::kTanh:
            return VectorKind::tanh;
        case OperatorKind::kGelu:
            return VectorKind::gelu;
        case OperatorKind::kLeakyRelu:
            return VectorKind::leaky_relu;
        case OperatorKind::kElu:
            return VectorKind::elu;
        case OperatorKind::kMaxPool2d:
            return VectorKind::max_pool;
        case OperatorKind::kAvgPool2d:
        case OperatorKind::kAdaptiveAvgPool2d:
            return VectorKind::average_pool;
        case OperatorKind::kMean:
            return VectorKind::mean;
        case OperatorKind::kAdd:
            return VectorKind::add;
        case OperatorKind::kMul:
            return VectorKind::multiply;
        case OperatorKind::kConcat:
        case OperatorKind::kChunk:
        case OperatorKind::kChannelShuffle:
            return VectorKind::copy;
        case OperatorKind::kFlatten:
        case OperatorKind::kReshape:
        case OperatorKind::kIdentity:
            return VectorKind::alias;
        case OperatorKind::kDropout:
            return trains ? VectorKind::dropout : VectorKind::alias;
        case OperatorKind::kSoftmaxCrossEntropy:
            return VectorKind::softmax_cross_entropy;
    }
    base::throw_internal_error("vector_rows: an operator kind without vector work");
}

bool is_pooling(OperatorKind kind) {
    return kind == OperatorKind::kMaxPool2d || kind == OperatorKind::kAvgPool2d ||
           kind == OperatorKind::kAdaptiveAvgPool2d;
}

accelerator::WindowCounts axis_windows(const trace::Operator& step, const trace::Shape& in,
                                       const trace::Shape& out, std::size_t axis) {
    if (step.kind == OperatorKind::kAdaptiveAvgPool2d) {
        return accelerator::adaptive_windows(in[1 + axis], out[1 + axis]);
    }
    return accelerator::pooling_windows({in[1 + axis], out[1 + axis], step.kernel[axis],
                                         step.stride[axis], step.padding[axis],
                                         step.dilation[axis]});
}

accelerator::WindowCounts windows_of(const trace::Graph& graph, const trace::Operator& step,
                                     std::uint64_t samples) {
    const trace::Shape& in = graph.tensors[step.inputs.front()].shape;
    const trace::Shape& out = graph.tensors[step.outputs.front()].shape;
    return accelerator::combined(axis_windows(step, in, out, 0), axis_windows(step, in, out, 1),
                                 in[0] * samples);
}

bool is_written_by_a_layer(const trace::Graph& graph, std::uint32_t tensor) {
    const auto writer = graph.writer_of(tensor);
    return writer && graph.operators[*writer].is_layer();
}

}  // namespace

accelerator::UpdateRule update_rule(const config::Config& config,
                                    const trace::TraceReader& reader) {
    const trace::RunFacts& run = reader.run();
    std::string name = config.text("update.optimizer");
    if (name == "trace") {
        name = run.optimizer.empty() ? "sgd" : run.optimizer;
    }
    if (name != "sgd" && name != "adam") {
        throw base::InputError(reader.path() + ": /run: optimizer \"" + name +
                               "\" is unknown; set update.optimizer to sgd or adam");
    }
    accelerator::UpdateRule rule;
    rule.optimizer = name == "adam" ? accelerator::Optimizer::adam : accelerator::Optimizer::sgd;
    rule.has_weight_decay = run.weight_decay.value_or(0.0) != 0.0;
    rule.has_momentum = run.momentum.value_or(0.0) != 0.0;
    rule.is_nesterov = run.nesterov.value_or(false);
    return rule;
}

VectorRows::VectorRows(const config::Config& config, const accelerator::ChipParams& params,
                       const trace::TraceReader& reader)
    : config_(config), params_(params), reader_(reader) {
    for (const trace::Network& network : reader.networks()) {
        flows_.emplace_back(network.graph);
    }
}

accelerator::VectorWork VectorRows::work(const LayerPlace& place, stats::Stage stage) {
    const VectorOperator op = describe(place);
    switch (stage) {
        case stats::Stage::ff:
            return forward_work(op);
        case stats::Stage::bp:
            return backward_work(op);
        case stats::Stage::wg:
            return weight_gradient_work(op);
        default:
            break;
    }
    std::vector<accelerator::VectorParameter> updated;
    for (const std::uint32_t index : flows_[place.network].updated_parameters(place.layer)) {
        updated.push_back(parameter(place, index));
    }
    return update_work(op, update_rule(config_, reader_), updated);
}

bool VectorRows::trains(const LayerPlace& place) const {
    return reader_.networks()[place.network].is_student &&
           reader_.iterations()[place.iteration].phase == trace::Phase::kTrain;
}

std::uint64_t VectorRows::weight_bytes(const LayerPlace& place, std::uint32_t index) const {
    return base::ceil_divide(parameter(place, index).elements * params_.core.operand_width_bits, 8);
}

std::uint64_t VectorRows::weight_gradient_bytes(const LayerPlace& place,
                                                std::uint32_t index) const {
    return base::ceil_divide(parameter(place, index).elements * params_.accumulator_width_bits, 8);
}

std::uint64_t VectorRows::copy_bytes(std::uint64_t elements) const {
    const std::uint64_t bits = params_.core.operand_width_bits + (params_.zero_skipping ? 1 : 0);
    return base::ceil_divide(elements * bits, 8);
}

std::uint64_t VectorRows::dense_bytes(std::uint64_t elements, std::uint64_t samples) const {
    const std::uint64_t bits =
        params_.core.operand_width_bits + (params_.compressed_transport ? 1 : 0);
    return base::ceil_divide(elements * samples * bits, 8);
}

VectorOperator VectorRows::describe(const LayerPlace& place) {
    const trace::Network& network = reader_.networks()[place.network];
    const trace::IterationFacts& iteration = reader_.iterations()[place.iteration];
    const trace::Operator& step = network.graph.operators[place.layer];
    const GradientFlow& flow = flows_[place.network];
    VectorOperator op;
    op.trains = trains(place);
    op.kind = vector_kind(step, op.trains);
    op.index = place.layer;
    op.has_input_gradient = step.input_gradient;
    op.is_compressed = params_.compressed_transport;
    op.input_from_cores = is_written_by_a_layer(network.graph, step.inputs.front());
    op.operand_bits = params_.core.operand_width_bits;
    op.accumulator_bits = params_.accumulator_width_bits;
    for (const std::uint32_t index : step.inputs) {
        const auto known = std::find_if(op.inputs.begin(), op.inputs.end(), [index](auto& input) {
            return input.tensor.index == index;
        });
        if (known != op.inputs.end()) {
            ++known->times;
        } else {
            op.inputs.push_back({tensor(place, index, op.trains), 1,
                                 flow.computes_gradient(place.layer, index),
                                 flow.adds_to_gradient(place.layer, index)});
        }
    }
    for (const std::uint32_t index : step.outputs) {
        op.outputs.push_back(tensor(place, index, op.trains));
    }
    const trace::Shape& shape = network.graph.tensors[step.inputs.front()].shape;
    op.channels = shape.empty() ? 1 : shape.front();
    if (is_pooling(step.kind)) {
        op.windows = windows_of(network.graph, step, iteration.samples);
        op.kernel_area = std::uint64_t{step.kernel[0]} * step.kernel[1];
    }
    describe_parameters(op, place);
    return op;
}

void VectorRows::describe_parameters(VectorOperator& op, const LayerPlace& place) const {
    const trace::Operator& step = reader_.networks()[place.network].graph.operators[place.layer];
    const auto find = [&](const char* role) {
        const auto index = step.parameter(role);
        return index ? std::optional(parameter(place, *index)) : std::nullopt;
    };
    op.weight = find("weight");
    op.bias = find("bias");
    op.running_mean = find("running_mean");
    op.running_variance = find("running_var");
}

accelerator::VectorTensor VectorRows::tensor(const LayerPlace& place, std::uint32_t index,
                                             bool trains) {
    const trace::Graph& graph = reader_.networks()[place.network].graph;
    accelerator::VectorTensor found;
    found.index = index;
    found.elements =
        graph.tensors[index].elements() * reader_.iterations()[place.iteration].samples;
    const std::uint64_t width = params_.core.operand_width_bits;
    std::uint64_t value_bits = found.elements * width;
    std::uint64_t gradient_bits = value_bits;
    if (params_.compressed_transport) {
        const Counts counts = nonzeros(place, index, trains, found.elements);
        value_bits = found.elements + counts.values * width;
        gradient_bits = found.elements + counts.gradients * width;
    }
    found.value_bytes = base::ceil_divide(value_bits, 8);
    found.gradient_bytes = trains ? base::ceil_divide(gradient_bits, 8) : 0;
    return found;
}

VectorRows::Counts VectorRows::nonzeros(const LayerPlace& place, std::uint32_t index, bool trains,
                                        std::uint64_t elements) {
    if (!nonzeros_.empty() && std::get<0>(nonzeros_.begin()->first) != place.iteration) {
        nonzeros_.clear();  // iterations come one after the other
    }
    const TensorPlace key{place.iteration, place.network, index};
    const auto known = nonzeros_.find(key);
    if (known != nonzeros_.end()) {
        return known->second;
    }
    const std::uint64_t samples = reader_.iterations()[place.iteration].samples;
    Counts counts{elements, elements};
    if (const auto bits = reader_.nonzero(place.iteration, place.network, index, 0, samples)) {
        counts.values = bits->count_ones();
    }
    if (trains) {
        const auto bits =
            reader_.gradient_nonzero(place.iteration, place.network, index, 0, samples);
        counts.gradients = bits ? bits->count_ones() : elements;
    }
    nonzeros_.emplace(key, counts);
    return counts;
}

accelerator::VectorParameter VectorRows::parameter(const LayerPlace& place,
                                                   std::uint32_t index) const {
    const trace::Graph& graph = reader_.networks()[place.network].graph;
    const GradientFlow& flow = flows_[place.network];
    return {index, graph.parameters[index].elements(), flow.is_multiplied(index),
            flow.adds_to_parameter_gradient(place.layer, index)};
}

}  // namespace skipsim::system
