// SPDX-License-Identifier: Apache-2.0
// Rows with values against traces: patterns as they are, captured values, made-up values.
#include "sim/system/layer_values.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sim/base/bits.h"
#include "sim/trace/commands.h"

namespace skipsim::system {
namespace {

using clocked::OperandTensor;
using clocked::RowTask;
using reduction::TrainingStage;

constexpr TrainingStage kStages[] = {TrainingStage::feed_forward, TrainingStage::back_propagation,
                                     TrainingStage::weight_gradient};

/// traces/tiny/layers.h5 holds every value, whole numbers; strides.h5 none.
std::string tiny(const std::string& name) {
    return std::string(SKIPSIM_SOURCE_DIR) + "/traces/tiny/" + name;
}

std::vector<LayerPlace> layers_of(const trace::TraceReader& reader) {
    std::vector<LayerPlace> places;
    const trace::Graph& graph = reader.networks()[reader.student()].graph;
    for (std::uint32_t layer = 0; layer < graph.operators.size(); ++layer) {
        if (graph.operators[layer].is_layer()) {
            places.push_back({0, reader.student(), layer});
        }
    }
    return places;
}

void expect_pattern(const std::vector<std::uint8_t>& elements, const base::BitTensor* pattern) {
    if (pattern == nullptr) {
        EXPECT_TRUE(elements.empty());
        return;
    }
    ASSERT_EQ(elements.size(), pattern->samples() * pattern->elements());
    for (std::uint64_t element = 0; element < elements.size(); ++element) {
        ASSERT_EQ(elements[element] != 0,
                  pattern->test(element / pattern->elements(), element % pattern->elements()));
    }
}

void expect_pattern(const std::vector<std::uint8_t>& elements,
                    const std::vector<std::uint64_t>* pattern, std::uint64_t count) {
    ASSERT_EQ(elements.size(), pattern == nullptr ? 0 : count);
    for (std::uint64_t element = 0; element < elements.size(); ++element) {
        ASSERT_EQ(elements[element] != 0, base::test_bit(pattern->data(), element));
    }
}

TEST(LayerValues, PatternsAreThoseOfTheFastEngine) {
    const trace::TraceReader reader(tiny("layers.h5"));
    std::size_t with_coarse = 0;
    for (const LayerPlace& place : layers_of(reader)) {
        for (const TrainingStage stage : kStages) {
            const LayerOperands operands(reader, place, stage, true);
            const reduction::LayerPatterns patterns = operands.patterns();
            const RowTask task = row_task(operands, stage, {});
            const std::uint64_t weights = task.shape.weight_elements();
            switch (stage) {
                case TrainingStage::feed_forward:
                    expect_pattern(task.input.nonzero, patterns.x);
                    expect_pattern(task.weight.nonzero, patterns.weight, weights);
                    EXPECT_TRUE(task.needed.empty());
                    break;
                case TrainingStage::back_propagation:
                    expect_pattern(task.input.nonzero, patterns.dy);
                    expect_pattern(task.weight.nonzero, patterns.weight, weights);
                    expect_pattern(task.needed, patterns.dx_needed);
                    break;
                case TrainingStage::weight_gradient:
                    expect_pattern(task.input.nonzero, patterns.x);
                    expect_pattern(task.weight.nonzero, patterns.dy);
                    expect_pattern(task.needed, patterns.weight_keep, weights);
                    break;
            }
            EXPECT_TRUE(task.input.values.empty());
            EXPECT_TRUE(task.weight.values.empty());
            with_coarse += task.coarse.keep.empty() ? 0 : 1;
        }
    }
    EXPECT_EQ(with_coarse, 2U);  // FF and BP of layer `strided`
}

TEST(LayerValues, CoarseBlocksCoverExactlyThePrunedWeights) {
    // Layer `strided`: 6 -> 8 channels, kernel 3 x 2, blocks of 2 x 4, whole blocks pruned.
    const trace::TraceReader reader(tiny("layers.h5"));
    for (const LayerPlace& place : layers_of(reader)) {
        const LayerOperands operands(reader, place, TrainingStage::feed_forward, true);
        const RowTask task = row_task(operands, TrainingStage::feed_forward, {});
        if (task.coarse.keep.empty()) {
            continue;
        }
        ASSERT_EQ(task.coarse.coarse_in, 2);
        ASSERT_EQ(task.coarse.coarse_out, 4);
        ASSERT_EQ(task.coarse.keep.size(), 3U * 2 * 3 * 2);
        ASSERT_EQ(task.weight.nonzero.size(), 8U * 6 * 3 * 2);
        for (std::size_t weight = 0; weight < task.weight.nonzero.size(); ++weight) {
            const std::size_t tap = weight % 6;
            const std::size_t c = weight / 6 % 6;
            const std::size_t f = weight / 36;
            ASSERT_EQ(task.weight.nonzero[weight], task.coarse.keep[(tap * 3 + c / 2) * 2 + f / 4]);
        }
    }
}

/// Zero where the pattern says so, else one of `allowed`.
void expect_values(const OperandTensor& tensor, std::uint64_t elements,
                   const std::set<float>& allowed) {
    ASSERT_EQ(tensor.values.size(), elements);
    for (std::uint64_t element = 0; element < elements; ++element) {
        const bool is_zero = !tensor.nonzero.empty() && tensor.nonzero[element] == 0;
        ASSERT_EQ(allowed.count(tensor.values[element]), is_zero ? 0U : 1U) << element;
        ASSERT_TRUE(!is_zero || tensor.values[element] == 0) << element;
    }
}

TEST(LayerValues, WithoutCapturedValuesTheyAreSmallIntegersOnThePattern) {
    const trace::TraceReader reader(tiny("strides.h5"));
    const std::set<float> small{-3, -2, -1, 1, 2, 3};
    for (const LayerPlace& place : layers_of(reader)) {
        for (const TrainingStage stage : kStages) {
            const LayerOperands operands(reader, place, stage, false);
            const RowTask task = row_task(reader, place, stage, operands, {}, "fp8");
            const bool backward = stage == TrainingStage::back_propagation;
            const bool gradient = stage == TrainingStage::weight_gradient;
            expect_values(task.input,
                          backward ? task.shape.out_elements() : task.shape.in_elements(), small);
            expect_values(task.weight,
                          gradient ? task.shape.out_elements() : task.shape.weight_elements(),
                          small);
        }
    }
}

TEST(LayerValues, CapturedWholeNumbersArriveAsTheyAre) {
    const trace::TraceReader reader(tiny("layers.h5"));
    const std::set<float> whole{-4, -3, -2, -1, 1, 2, 3, 4};
    for (const LayerPlace& place : layers_of(reader)) {
        const trace::Graph& graph = reader.networks()[place.network].graph;
        const trace::Operator& layer = graph.operators[place.layer];
        const TrainingStage stage = TrainingStage::weight_gradient;
        const LayerOperands operands(reader, place, stage, false);
        const RowTask task = row_task(reader, place, stage, operands, {}, "fp8");
        const auto x = reader.values(0, place.network, layer.inputs.front(), 0, 3);
        const auto dy = reader.gradient_values(0, place.network, layer.outputs.front(), 0, 3);
        EXPECT_TRUE(!x || *x == task.input.values);
        EXPECT_TRUE(!dy || *dy == task.weight.values);
        const LayerOperands forward(reader, place, TrainingStage::feed_forward, false);
        const RowTask forward_task =
            row_task(reader, place, TrainingStage::feed_forward, forward, {}, "int8");
        const auto weight = reader.weight_values(0, place.network, graph.weight_of(place.layer));
        ASSERT_TRUE(weight);
        EXPECT_EQ(*weight, forward_task.weight.values);
        expect_values(forward_task.weight, weight->size(), whole);
    }
}

TEST(LayerValues, CapturedValuesAreRoundedGradientsToE5M2) {
    const std::string spec = testing::TempDir() + "/layer-values-" + std::to_string(::getpid());
    std::ofstream(spec + ".yaml") << R"(schema: skipsim-synth/1
batch_size: 2
values: normal
student:
  input: {shape: [3, 4, 4], x: 0.7}
  layers:
    - {kind: conv2d, name: conv, out: 5, kernel: 3, padding: 1, w: 0.6, dy: 0.5, input_gradient: true}
)";
    std::ostringstream ignored;
    trace::run_synth({spec + ".yaml", spec + ".h5", true, std::nullopt, false}, ignored);
    const trace::TraceReader reader(spec + ".h5");
    const LayerPlace place{0, reader.student(), 0};
    const TrainingStage stage = TrainingStage::weight_gradient;
    const LayerOperands operands(reader, place, stage, false);
    const RowTask task = row_task(reader, place, stage, operands, {}, "fp8");
    const auto dy = reader.gradient_values(
        0, place.network, reader.networks()[place.network].graph.operators[0].outputs[0], 0, 2);
    ASSERT_TRUE(dy);
    bool some_differ = false;
    for (std::size_t element = 0; element < dy->size(); ++element) {
        const float value = task.weight.values[element];
        // 3 significant bits: value / 2^(exponent - 2) is whole, and at most an eighth is lost.
        ASSERT_EQ(std::ldexp(value, 2 - std::ilogb(value == 0 ? 1.0F : value)),
                  std::round(std::ldexp(value, 2 - std::ilogb(value == 0 ? 1.0F : value))));
        ASSERT_LE(std::fabs(value - (*dy)[element]), std::fabs((*dy)[element]) / 8);
        some_differ |= value != (*dy)[element];
    }
    EXPECT_TRUE(some_differ);
    const RowTask exact = row_task(reader, place, stage, operands, {}, "fp32");
    EXPECT_EQ(exact.weight.values, *dy);
}

TEST(LayerValues, MadeUpValuesDependOnTensorAndElementAlone) {
    std::set<float> seen;
    int same = 0;
    for (std::uint64_t element = 0; element < 600; ++element) {
        const float value = made_up_value(ValueRole::x, element);
        EXPECT_EQ(value, made_up_value(ValueRole::x, element));
        seen.insert(value);
        same += value == made_up_value(ValueRole::dy, element) ? 1 : 0;
    }
    EXPECT_EQ(seen, (std::set<float>{-3, -2, -1, 1, 2, 3}));
    EXPECT_NEAR(same, 100, 40);  // of 600, one in six by chance
}

TEST(LayerValues, WhatOfTheChipARowDependsOnIsHandedOn) {
    const reduction::ConvolutionShape shape;
    accelerator::ChipParams params;
    params.zero_insertion = true;
    params.balancer.enabled = true;
    const RowTask task = row_task(LayerOperands(shape), TrainingStage::back_propagation, params);
    EXPECT_TRUE(task.zero_insertion);
    EXPECT_TRUE(task.balances);
    EXPECT_TRUE(task.input.nonzero.empty() && task.weight.nonzero.empty() && task.needed.empty());
    EXPECT_FALSE(row_task(LayerOperands(shape), TrainingStage::back_propagation, {}).balances);
}

}  // namespace
}  // namespace skipsim::system
