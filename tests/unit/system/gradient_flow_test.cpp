// SPDX-License-Identifier: Apache-2.0
// Which gradients exist and where they meet: models/MICROARCHITECTURE.md §12, "Rows".
#include "sim/system/gradient_flow.h"

#include <gtest/gtest.h>

namespace skipsim::system {
namespace {

using Indices = std::vector<std::uint32_t>;

/// first, relu, conv_a, conv_b with conv_a's weight, add of conv_b and relu, mul with the image.
constexpr const char* kResidual = R"({
  "inputs": ["image"],
  "tensors": [{"name": "image", "shape": [2, 4, 4]}, {"name": "c", "shape": [2, 4, 4]},
              {"name": "r", "shape": [2, 4, 4]}, {"name": "a", "shape": [2, 4, 4]},
              {"name": "b", "shape": [2, 4, 4]}, {"name": "s", "shape": [2, 4, 4]},
              {"name": "m", "shape": [2, 4, 4]}],
  "parameters": [{"name": "w0", "shape": [2, 2, 1, 1]}, {"name": "w", "shape": [2, 2, 1, 1]},
                 {"name": "bias", "shape": [2]}],
  "operators": [
    {"name": "first", "kind": "conv2d", "inputs": ["image"], "outputs": ["c"],
     "parameters": {"weight": "w0"}, "input_gradient": false},
    {"name": "relu", "kind": "relu", "inputs": ["c"], "outputs": ["r"]},
    {"name": "conv_a", "kind": "conv2d", "inputs": ["r"], "outputs": ["a"],
     "parameters": {"weight": "w", "bias": "bias"}},
    {"name": "conv_b", "kind": "conv2d", "inputs": ["a"], "outputs": ["b"],
     "parameters": {"weight": "w"}},
    {"name": "add", "kind": "add", "inputs": ["b", "r"], "outputs": ["s"]},
    {"name": "mix", "kind": "mul", "inputs": ["s", "image"], "outputs": ["m"]}]
})";

trace::Graph residual() {
    return trace::parse_graph(kResidual, "test");
}

TEST(GradientFlow, TheLastReaderWritesAGradientAndEarlierOnesAdd) {
    const trace::Graph graph = residual();
    const GradientFlow flow(graph);
    const std::uint32_t r = graph.tensor_index.at("r");
    EXPECT_FALSE(flow.adds_to_gradient(4, r));  // add
    EXPECT_TRUE(flow.adds_to_gradient(2, r));   // conv_a
    EXPECT_FALSE(flow.adds_to_gradient(3, graph.tensor_index.at("a")));
    EXPECT_FALSE(flow.adds_to_gradient(1, graph.tensor_index.at("c")));
}

TEST(GradientFlow, AnInputOfTheNetworkBesideOthersHasNoGradient) {
    const trace::Graph graph = residual();
    const GradientFlow flow(graph);
    EXPECT_TRUE(flow.computes_gradient(5, graph.tensor_index.at("s")));
    EXPECT_FALSE(flow.computes_gradient(5, graph.tensor_index.at("image")));
    EXPECT_FALSE(flow.computes_gradient(0, graph.tensor_index.at("image")));  // input_gradient
}

TEST(GradientFlow, ASharedParameterIsUpdatedByTheFirstOfItsOperators) {
    const trace::Graph graph = residual();
    const GradientFlow flow(graph);
    const std::uint32_t shared = graph.parameter_index.at("w");
    const std::uint32_t bias = graph.parameter_index.at("bias");
    EXPECT_EQ(flow.updated_parameters(2), (Indices{shared, bias}));
    EXPECT_EQ(flow.updated_parameters(3), Indices{});
    EXPECT_TRUE(flow.adds_to_parameter_gradient(2, shared));
    EXPECT_FALSE(flow.adds_to_parameter_gradient(3, shared));
    EXPECT_FALSE(flow.adds_to_parameter_gradient(2, bias));
    EXPECT_TRUE(flow.is_multiplied(shared));
    EXPECT_FALSE(flow.is_multiplied(bias));
}

TEST(GradientFlow, AnInputIsAskedForIfNoneHasAGradient) {
    const trace::Graph graph = trace::parse_graph(
        R"({"inputs": ["x"], "tensors": [{"name": "x", "shape": [4]}, {"name": "y", "shape": [4]}],
            "parameters": [],
            "operators": [{"name": "relu", "kind": "relu", "inputs": ["x"], "outputs": ["y"]}]})",
        "test");
    EXPECT_TRUE(GradientFlow(graph).computes_gradient(0, 0));
}

TEST(GradientFlow, WithoutInputGradientOnlyParametersGiveABackwardRow) {
    trace::Operator step;
    step.kind = trace::OperatorKind::kBatchNorm;
    step.input_gradient = false;
    EXPECT_FALSE(has_backward_row(step));
    step.parameters["running_mean"] = 0;
    EXPECT_FALSE(has_backward_row(step));
    step.parameters["bias"] = 1;
    EXPECT_TRUE(has_backward_row(step));
    step.kind = trace::OperatorKind::kConv2d;
    EXPECT_FALSE(has_backward_row(step));
}

}  // namespace
}  // namespace skipsim::system
