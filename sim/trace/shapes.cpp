// SPDX-License-Identifier: Apache-2.0
// Shape rules of every operator kind; traces/FORMAT.md, "Kinds and their attributes".
#include <algorithm>

#include "sim/trace/kinds.h"

namespace skipsim::trace {
namespace {

using Lines = std::vector<std::string>;
using std::to_string;

const Shape& in_shape(const Graph& graph, const Operator& op, std::size_t i = 0) {
    return graph.tensors[op.inputs[i]].shape;
}

const Shape& out_shape(const Graph& graph, const Operator& op, std::size_t i = 0) {
    return graph.tensors[op.outputs[i]].shape;
}

void expect_shape(Lines& lines, const std::string& what, const Shape& expected,
                  const Shape& found) {
    if (expected != found) {
        lines.push_back("expected " + what + " " + shape_text(expected) + ", found " +
                        shape_text(found));
    }
}

bool expect_rank(Lines& lines, const std::string& what, std::size_t rank, const Shape& found) {
    if (found.size() != rank) {
        lines.push_back("expected " + what + " with " + to_string(rank) + " axes, found " +
                        shape_text(found));
    }
    return found.size() == rank;
}

void expect_parameter(Lines& lines, const Graph& graph, const Operator& op, const std::string& role,
                      const Shape& expected) {
    if (const auto index = op.parameter(role)) {
        expect_shape(lines, "parameter " + role + " \"" + graph.parameters[*index].name + "\"",
                     expected, graph.parameters[*index].shape);
    }
}

void check_conv2d(Lines& lines, const Graph& graph, const Operator& op) {
    const Shape& in = in_shape(graph, op);
    const NamedShape& weight = graph.parameters[*op.parameter("weight")];
    if (!expect_rank(lines, "the input", 3, in) ||
        !expect_rank(lines, "weight \"" + weight.name + "\"", 4, weight.shape)) {
        return;
    }
    const std::uint64_t outs = weight.shape[0];
    if (in[0] % op.groups != 0 || outs % op.groups != 0) {
        lines.push_back("expected groups that divide " + to_string(in[0]) + " input and " +
                        to_string(outs) + " output channels, found " + to_string(op.groups));
        return;
    }
    Shape expected_weight = weight.shape;
    expected_weight[1] = in[0] / op.groups;
    expect_shape(lines, "weight \"" + weight.name + "\"", expected_weight, weight.shape);
    expect_parameter(lines, graph, op, "bias", {outs});
    Shape out{outs};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        const std::uint64_t kernel = weight.shape[2 + axis];
        out.push_back(window_outputs(in[1 + axis], kernel, op, axis));
    }
    expect_shape(lines, "the output", out, out_shape(graph, op));
}

void check_linear(Lines& lines, const Graph& graph, const Operator& op) {
    const Shape& in = in_shape(graph, op);
    const NamedShape& weight = graph.parameters[*op.parameter("weight")];
    if (!expect_rank(lines, "the input", 1, in) ||
        !expect_rank(lines, "weight \"" + weight.name + "\"", 2, weight.shape)) {
        return;
    }
    expect_shape(lines, "weight \"" + weight.name + "\"", {weight.shape[0], in[0]}, weight.shape);
    expect_parameter(lines, graph, op, "bias", {weight.shape[0]});
    expect_shape(lines, "the output", {weight.shape[0]}, out_shape(graph, op));
}

void check_pooling(Lines& lines, const Graph& graph, const Operator& op) {
    const Shape& in = in_shape(graph, op);
    if (!expect_rank(lines, "the input", 3, in)) {
        return;
    }
    Shape out{in[0]};
    for (std::size_t axis = 0; axis < 2; ++axis) {
        out.push_back(window_outputs(in[1 + axis], op.kernel[axis], op, axis));
    }
    expect_shape(lines, "the output", out, out_shape(graph, op));
}

void check_mean(Lines& lines, const Graph& graph, const Operator& op) {
    Shape removed;
    Shape kept;
    const Shape& in = in_shape(graph, op);
    for (std::uint32_t axis = 0; axis < in.size(); ++axis) {
        const bool is_averaged = std::find(op.axes.begin(), op.axes.end(), axis) != op.axes.end();
        kept.push_back(is_averaged ? 1 : in[axis]);
        if (!is_averaged) {
            removed.push_back(in[axis]);
        }
    }
    for (const std::uint32_t axis : op.axes) {
        if (axis >= in.size()) {
            lines.push_back("expected axes below " + to_string(in.size()) + ", found " +
                            to_string(axis));
        }
    }
    const Shape& out = out_shape(graph, op);
    if (out != removed && out != kept) {
        lines.push_back("expected the output " + shape_text(removed) + " or " + shape_text(kept) +
                        ", found " + shape_text(out));
    }
}

void check_mul(Lines& lines, const Graph& graph, const Operator& op) {
    const Shape& out = out_shape(graph, op);
    Shape largest(out.size(), 1);
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        const Shape& in = in_shape(graph, op, i);
        const std::string what = "input \"" + graph.tensors[op.inputs[i]].name + "\"";
        if (!expect_rank(lines, what, out.size(), in)) {
            return;
        }
        for (std::size_t axis = 0; axis < out.size(); ++axis) {
            largest[axis] = std::max(largest[axis], in[axis]);
            if (in[axis] != 1 && in[axis] != out[axis]) {
                expect_shape(lines, what, out, in);
                break;
            }
        }
    }
    expect_shape(lines, "the output", largest, out);
}

/// concat and chunk: the parts of one tensor along an axis.
void check_parts(Lines& lines, const Graph& graph, const Operator& op,
                 const std::vector<std::uint32_t>& parts, const Shape& whole) {
    if (op.axis >= whole.size()) {
        lines.push_back("expected an axis below " + to_string(whole.size()) + ", found " +
                        to_string(op.axis));
        return;
    }
    std::uint64_t sum = 0;
    for (const std::uint32_t part : parts) {
        const NamedShape& tensor = graph.tensors[part];
        Shape expected = whole;
        if (tensor.shape.size() == whole.size()) {
            expected[op.axis] = tensor.shape[op.axis];
            sum += tensor.shape[op.axis];
        }
        expect_shape(lines, "part \"" + tensor.name + "\"", expected, tensor.shape);
    }
    if (lines.empty() && sum != whole[op.axis]) {
        lines.push_back("expected parts that sum to " + to_string(whole[op.axis]) + " on axis " +
                        to_string(op.axis) + ", found " + to_string(sum));
    }
}

void check_same(Lines& lines, const Graph& graph, const Operator& op) {
    for (std::size_t i = 0; i < op.inputs.size(); ++i) {
        expect_shape(lines, "input \"" + graph.tensors[op.inputs[i]].name + "\"",
                     out_shape(graph, op), in_shape(graph, op, i));
    }
}

void check_batch_norm(Lines& lines, const Graph& graph, const Operator& op) {
    check_same(lines, graph, op);
    for (const auto& [role, index] : op.parameters) {
        expect_parameter(lines, graph, op, role, {in_shape(graph, op)[0]});
    }
}

void check_shuffle(Lines& lines, const Graph& graph, const Operator& op) {
    check_same(lines, graph, op);
    const std::uint64_t channels = in_shape(graph, op)[0];
    if (channels % op.groups != 0) {
        lines.push_back("expected groups that divide " + to_string(channels) + " channels, found " +
                        to_string(op.groups));
    }
}

void check_same_count(Lines& lines, const Graph& graph, const Operator& op) {
    const std::uint64_t in = elements_of(in_shape(graph, op));
    const std::uint64_t out = elements_of(out_shape(graph, op));
    if (in != out) {
        lines.push_back("expected an output of " + to_string(in) + " elements, found " +
                        to_string(out));
    }
}

void check_adaptive(Lines& lines, const Graph& graph, const Operator& op) {
    if (expect_rank(lines, "the input", 3, in_shape(graph, op))) {
        expect_shape(lines, "the output",
                     {in_shape(graph, op)[0], op.output_size[0], op.output_size[1]},
                     out_shape(graph, op));
    }
}

}  // namespace

std::uint64_t window_outputs(std::uint64_t in, std::uint64_t kernel, const Operator& op,
                             std::size_t axis) {
    const std::uint64_t stride = op.stride[axis];
    const std::uint64_t padding = op.padding[axis];
    const std::uint64_t reach = std::uint64_t{op.dilation[axis]} * (kernel - 1) + 1;
    if (in + 2 * padding < reach) {
        return 0;
    }
    const std::uint64_t room = in + 2 * padding - reach;
    std::uint64_t outputs = room / stride + 1;
    if (op.ceil_mode && room % stride != 0 && outputs * stride < in + padding) {
        ++outputs;  // the last window must begin inside the image or its upper padding
    }
    return outputs;
}

std::vector<std::string> shape_problems(const Graph& graph, const Operator& op) {
    Lines lines;
    switch (op.kind) {
        case OperatorKind::kConv2d:
            check_conv2d(lines, graph, op);
            break;
        case OperatorKind::kLinear:
            check_linear(lines, graph, op);
            break;
        case OperatorKind::kBatchNorm:
            check_batch_norm(lines, graph, op);
            break;
        case OperatorKind::kMaxPool2d:
        case OperatorKind::kAvgPool2d:
            check_pooling(lines, graph, op);
            break;
        case OperatorKind::kAdaptiveAvgPool2d:
            check_adaptive(lines, graph, op);
            break;
        case OperatorKind::kMean:
            check_mean(lines, graph, op);
            break;
        case OperatorKind::kMul:
            check_mul(lines, graph, op);
            break;
        case OperatorKind::kConcat:
            check_parts(lines, graph, op, op.inputs, out_shape(graph, op));
            break;
        case OperatorKind::kChunk:
            check_parts(lines, graph, op, op.outputs, in_shape(graph, op));
            break;
        case OperatorKind::kChannelShuffle:
            check_shuffle(lines, graph, op);
            break;
        case OperatorKind::kFlatten:
        case OperatorKind::kReshape:
            check_same_count(lines, graph, op);
            break;
        case OperatorKind::kSoftmaxCrossEntropy:
            break;
        default:
            check_same(lines, graph, op);
            break;
    }
    return lines;
}

}  // namespace skipsim::trace
