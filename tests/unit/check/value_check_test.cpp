// SPDX-License-Identifier: Apache-2.0
// oneDNN against the definition of a convolution, and that the check notices what is wrong.
#include "sim/check/value_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/check/convolution.h"
#include "sim/check/left_out.h"
#include "tests/unit/check/naive_row.h"

namespace skipsim::check {
namespace {

using accelerator::ChipParams;
using clocked::ResultValues;
using clocked::RowTask;
using reduction::ConvolutionShape;
using reduction::TrainingStage;
using test::drawn_task;
using test::kStages;
using test::naive;
using testing::ElementsAre;

/// The row's results as an engine without a bug has them, additions of type Sum.
template <typename Sum>
ResultValues results(const RowTask& task, const ChipParams& params = {}) {
    ResultValues found;
    found.values = naive<Sum>(task);
    found.is_computed = left_out(task, params, {});
    for (std::uint8_t& is_computed : found.is_computed) {
        is_computed = is_computed == 0 ? 1 : 0;
    }
    return found;
}

/// Whole numbers -3 … 3.
auto whole_numbers(base::Random& random) {
    return [&random] { return static_cast<float>(test::pick(random, -3, 3)); };
}

ConvolutionShape linear_shape(std::int64_t samples, std::int64_t in, std::int64_t out) {
    ConvolutionShape shape;
    shape.samples = samples;
    shape.in_channels = in;
    shape.out_channels = out;
    return shape;
}

/// Depthwise, 3 x 3 with padding 1, strides 1 and 2.
ConvolutionShape depthwise_shape() {
    ConvolutionShape shape;
    shape.samples = 2;
    shape.in_channels = shape.out_channels = shape.groups = 24;
    shape.in_size = {9, 8};
    shape.kernel = {3, 3};
    shape.padding = {1, 1};
    shape.stride = {1, 2};
    shape.out_size = {9, 4};
    return shape;
}

/// Kernel 1, stride 3: padding behind the image is -1 and -2.
ConvolutionShape short_shape() {
    ConvolutionShape shape;
    shape.in_channels = 16;
    shape.out_channels = 32;
    shape.in_size = {8, 9};
    shape.stride = {3, 3};
    shape.out_size = {3, 3};
    return shape;
}

std::vector<ConvolutionShape> shapes(std::uint64_t seed, int count) {
    base::Random random(seed);
    std::vector<ConvolutionShape> all{linear_shape(1, 1, 1), linear_shape(5, 33, 17),
                                      depthwise_shape(), short_shape()};
    for (int draw = 0; draw < count; ++draw) {
        all.push_back(test::random_shape(random));
    }
    return all;
}

TEST(Convolution, EveryStageIsTheDefinition) {
    base::Random random(1);
    for (const ConvolutionShape& shape : shapes(2, 150)) {
        for (const TrainingStage stage : kStages) {
            const RowTask task = drawn_task(stage, shape, whole_numbers(random));
            ASSERT_EQ(convolution(stage, shape, task.input.values, task.weight.values),
                      naive<double>(task));
        }
    }
}

TEST(ValueCheck, WholeNumbersAreRightExactly) {
    base::Random random(3);
    for (const ConvolutionShape& shape : shapes(4, 60)) {
        for (const TrainingStage stage : kStages) {
            RowTask task = drawn_task(stage, shape, whole_numbers(random));
            for (float& value : task.input.values) {
                value *= 0x1p-30F;  // of a power of two
            }
            const ValueCheck check = check_values(task, results<float>(task), {}, {});
            ASSERT_TRUE(check.is_right() && check.is_exact()) << check.problems()[0];
            ASSERT_EQ(check.compared + check.left_out, check.elements);
        }
    }
}

TEST(ValueCheck, WholeNumbersAreNotExactFrom2To24On) {
    // 4095 * 4095 = 16769025 < 2^24 <= 4096 * 4097.
    RowTask task = drawn_task(TrainingStage::feed_forward, linear_shape(1, 1, 2), [] { return 0; });
    task.input.values = {4095};
    task.weight.values = {4095, 4099};
    const ValueCheck check = check_values(task, results<float>(task), {}, {});
    EXPECT_TRUE(check.is_right());
    EXPECT_EQ(check.exact, 1U);
    EXPECT_EQ(check.compared, 2U);
    // Products below the smallest float are rounded.
    task.input.values = {0x1p-100F};
    task.weight.values = {0x1p-60F, 1};
    const ValueCheck tiny = check_values(task, results<float>(task), {}, {});
    EXPECT_TRUE(tiny.is_right());
    EXPECT_EQ(tiny.exact, 0U);
}

TEST(ValueCheck, NoticesOneWrongWholeNumber) {
    base::Random random(5);
    for (const TrainingStage stage : kStages) {
        const RowTask task = drawn_task(stage, depthwise_shape(), whole_numbers(random));
        ResultValues found = results<float>(task);
        const std::size_t at = found.values.size() / 2;
        found.values[at] += 1;
        const ValueCheck check = check_values(task, found, {}, {});
        EXPECT_EQ(check.wrong_values, 1U);
        EXPECT_FALSE(check.is_right());
        ASSERT_EQ(check.first.size(), 1U);
        EXPECT_EQ(check.first[0].element, at);
        EXPECT_EQ(check.first[0].found, check.first[0].expected + 1);
        EXPECT_EQ(check.first[0].bound, 0);
    }
}

TEST(ValueCheck, NoticesTwoValuesThatChangedPlaces) {
    base::Random random(6);
    const RowTask task =
        drawn_task(TrainingStage::back_propagation, depthwise_shape(), whole_numbers(random));
    ResultValues found = results<float>(task);
    const auto second = std::find_if(found.values.begin(), found.values.end(),
                                     [&](float value) { return value != found.values[0]; });
    std::swap(found.values[0], *second);
    EXPECT_EQ(check_values(task, found, {}, {}).wrong_values, 2U);
}

TEST(ValueCheck, NoticesWhatIsNoNumber) {
    const RowTask task =
        drawn_task(TrainingStage::feed_forward, linear_shape(1, 2, 2), [] { return 0.1F; });
    ResultValues found = results<float>(task);
    found.values[0] = std::nanf("");
    found.values[1] = std::numeric_limits<float>::infinity();
    EXPECT_EQ(check_values(task, found, {}, {}).wrong_values, 2U);
}

/// WG of 1 sample, 2 inputs, 4 outputs, blocks of 2 columns; dw[f, c], only dw[1, 0] needed.
RowTask pruned_row(bool packs_output) {
    base::Random random(7);
    RowTask task =
        drawn_task(TrainingStage::weight_gradient, linear_shape(1, 2, 4), whole_numbers(random));
    task.needed = {0, 0, 1, 0, 0, 0, 0, 0};
    task.selection.output = true;
    task.packs_output = packs_output;
    return task;
}

ChipParams two_columns() {
    ChipParams params;
    params.core.columns = 2;
    return params;
}

TEST(ValueCheck, WhatIsLeftOutNeedsNoValue) {
    for (const bool packs_output : {false, true}) {
        const RowTask task = pruned_row(packs_output);
        ResultValues found = results<float>(task, two_columns());
        found.values[7] = 1000;  // nobody looks
        const ValueCheck check = check_values(task, found, two_columns(), {});
        EXPECT_TRUE(check.is_right());
        EXPECT_EQ(check.left_out, packs_output ? 7U : 6U);  // row keeps dw[0, 0]
        EXPECT_EQ(check.compared, packs_output ? 1U : 2U);
    }
}

TEST(ValueCheck, NoticesOneThatIsMissing) {
    const RowTask task = pruned_row(false);
    ResultValues found = results<float>(task, two_columns());
    found.is_computed[2] = 0;
    const ValueCheck check = check_values(task, found, two_columns(), {});
    EXPECT_EQ(check.missing, 1U);
    EXPECT_FALSE(check.is_right());
    EXPECT_THAT(check.problems(), ElementsAre("dw[1, 0, 0, 0]: needed, but nobody computed it"));
}

TEST(ValueCheck, NoticesOneTooMany) {
    const RowTask task = pruned_row(true);
    ResultValues found = results<float>(task, two_columns());
    found.is_computed[0] = 1;
    const ValueCheck check = check_values(task, found, two_columns(), {});
    EXPECT_EQ(check.not_left_out, 1U);
    EXPECT_FALSE(check.is_right());
    EXPECT_THAT(check.problems(),
                ElementsAre("dw[0, 0, 0, 0]: computed, although it is to be left out"));
}

TEST(ValueCheck, LinesNameTheElementAndWhatWasFound) {
    RowTask task = drawn_task(TrainingStage::back_propagation, depthwise_shape(), [] { return 1; });
    ResultValues found = results<float>(task);
    found.values[((1 * 24 + 5) * 9 + 2) * 8 + 7] +=
        2;  // one column of windows reaches it, 3 rows of it
    const ValueCheck check = check_values(task, found, {}, {});
    EXPECT_THAT(check.problems(),
                ElementsAre("dx[1, 5, 2, 7]: expected 3, found 5; these must be equal"));
    for (float& value : found.values) {
        value += 1;
    }
    const std::vector<std::string> lines = check_values(task, found, {}, {}).problems();
    ASSERT_EQ(lines.size(), ValueCheck::kShown + 1);
    EXPECT_EQ(lines.back(), "dx: and " + std::to_string(2 * 24 * 72 - 8) + " more");
}

/// Positive real numbers with full significands, about 1.
auto real_numbers(base::Random& random) {
    return [&random] { return static_cast<float>(0.5 + random.uniform_unit()); };
}

TEST(ValueCheck, RealNumbersAddedInAnotherOrderAreRight) {
    base::Random random(8);
    std::vector<ConvolutionShape> all = shapes(9, 40);
    all.push_back(linear_shape(3, 4096, 5));
    double largest = 0;
    for (const ConvolutionShape& shape : all) {
        for (const TrainingStage stage : kStages) {
            const RowTask task = drawn_task(stage, shape, [&] {
                return static_cast<float>(std::exp(2 * random.normal())) *
                       (random.below(2) == 0 ? 1.0F : -1.0F);
            });
            const ResultValues found = results<float>(task);
            const ValueCheck check = check_values(task, found, {}, {});
            ASSERT_TRUE(check.is_right()) << check.problems()[0];
            // Only empty sums, of windows in the padding, are exact.
            ASSERT_EQ(check.exact + check.left_out,
                      std::count(found.values.begin(), found.values.end(), 0.0F));
            largest = std::max(largest, check.largest_error);
        }
    }
    EXPECT_GT(largest, 0);
    EXPECT_LT(largest, 1);
}

TEST(ValueCheck, RoundedOnceOnlyTheyAreRightToo) {
    base::Random random(10);
    for (const TrainingStage stage : kStages) {
        const RowTask task = drawn_task(stage, linear_shape(7, 300, 9), real_numbers(random));
        EXPECT_TRUE(check_values(task, results<double>(task), {}, {}).is_right());
    }
}

TEST(ValueCheck, NoticesAnErrorOfAFewHundredUlpOfTheSum) {
    // K = 64, one part of k: the bound is 2 * 65 * 2^-24 of the sum, 65 to 130 ulp of it.
    base::Random random(11);
    const RowTask task =
        drawn_task(TrainingStage::feed_forward, linear_shape(1, 64, 6), real_numbers(random));
    ResultValues found = results<double>(task);
    const auto moved = [](float value, int ulps) {
        const float ulp = std::nextafter(value, 1e9F) - value;
        return value + static_cast<float>(ulps) * ulp;
    };
    found.values[1] = moved(found.values[1], 50);
    found.values[2] = moved(found.values[2], -50);
    EXPECT_TRUE(check_values(task, found, {}, {}).is_right());
    found.values[3] = moved(found.values[3], 200);
    found.values[4] = moved(found.values[4], -200);
    const ValueCheck check = check_values(task, found, {}, {});
    EXPECT_EQ(check.wrong_values, 2U);
    EXPECT_GT(check.largest_error, 1);
}

TEST(ValueCheck, TheBoundGrowsWithThePartsOfK) {
    base::Random random(12);
    const RowTask task =
        drawn_task(TrainingStage::feed_forward, linear_shape(1, 4, 1), real_numbers(random));
    ResultValues found = results<double>(task);
    found.values[0] += 1;
    ChipParams params;
    const double one = check_values(task, found, params, {}).first.at(0).bound;
    params.partition.core_k = 4;
    const double four = check_values(task, found, params, {}).first.at(0).bound;
    EXPECT_NEAR(four / one, 8.0 / 5, 1e-5);  // n = 4 + 1, then 4 + 4
}

TEST(ValueCheck, InBackPropagationKIsThatOfThePixel) {
    // Kernel 3, stride 2 along a line: even pixels are reached by 2 taps, odd ones by 1.
    base::Random random(13);
    ConvolutionShape shape;
    shape.in_size = {1, 9};
    shape.kernel = {1, 3};
    shape.stride = {1, 2};
    shape.out_size = {1, 4};
    RowTask task = drawn_task(TrainingStage::back_propagation, shape, [] { return 0.1F; });
    ResultValues found = results<double>(task);
    for (float& value : found.values) {
        value += 1;
    }
    const ValueCheck check = check_values(task, found, {}, {});
    const double u = 0x1p-24;
    ASSERT_EQ(check.first.size(), 8U);
    EXPECT_NEAR(check.first[2].bound / (2 * 3 * u * 0.02), 1, 1e-5);
    EXPECT_NEAR(check.first[3].bound / (2 * 2 * u * 0.01), 1, 1e-5);
}

TEST(ValueCheck, ProductsBelowTheSmallestFloatMayBeLost) {
    // Two products of 2^-150: 0 each if rounded one by one, 2^-149 together.
    RowTask task =
        drawn_task(TrainingStage::feed_forward, linear_shape(1, 2, 1), [] { return 0x1p-75F; });
    const ResultValues found = results<double>(task);
    EXPECT_EQ(found.values[0], 0x1p-149F);
    EXPECT_TRUE(check_values(task, found, {}, {}).is_right());
}

TEST(ValueCheck, SumsBeyondTheFloatsAreNotJudged) {
    const RowTask task = drawn_task(TrainingStage::feed_forward, linear_shape(1, 2, 1),
                                    [] { return 0x1.234568p100F; });
    const ValueCheck check = check_values(task, results<float>(task), {}, {});
    EXPECT_TRUE(check.is_right());
    EXPECT_EQ(check.unbounded, 1U);
    EXPECT_EQ(check.compared, 0U);
}

}  // namespace
}  // namespace skipsim::check
