// SPDX-License-Identifier: Apache-2.0
#include "models/core/balancer.h"

#include <gtest/gtest.h>

#include "tests/support/random_layer.h"

namespace skipsim::core {
namespace {

using Order = std::vector<std::uint32_t>;
using reduction::TrainingStage;

std::vector<ColumnWork> columns_of(const std::vector<std::uint64_t>& ones) {
    std::vector<ColumnWork> columns;
    for (const std::uint64_t count : ones) {
        columns.push_back({{}, count});
    }
    return columns;
}

// Most ones first, equals by index: 5 (9), 1 (7), 2 (7), 4 (5), 0 (3), 3 (1). Parts of 3 columns,
// packets of 2: 5 1 to part 0, 2 4 to part 1, then back: 0 to part 1, which holds only one more,
// 3 to part 0.
TEST(Balancer, DealsPacketsThereAndBack) {
    EXPECT_EQ(balanced_order(columns_of({3, 7, 7, 1, 5, 9}), 2, 2), (Order{5, 1, 3, 2, 4, 0}));
}

// Parts of 2, 2 and 3 columns. One at a time: 0, 1, 2 there; 3, 4, 5 back; parts 0 and 1 are full,
// so 6 goes to part 2.
TEST(Balancer, FullPartsArePassedOver) {
    EXPECT_EQ(balanced_order(columns_of({9, 8, 7, 6, 5, 4, 3}), 3, 1),
              (Order{0, 5, 1, 4, 2, 3, 6}));
}

// 2 columns in 3 parts: sizes 0, 1, 1.
TEST(Balancer, PartsWithoutColumnsGetNone) {
    EXPECT_EQ(balanced_order(columns_of({1, 2}), 3, 4), (Order{1, 0}));
}

// 00 < 01 < 10; in 01 five ones come before one.
TEST(Balancer, ColumnsThatJumpTheSameChunksStandTogether) {
    const std::vector<ColumnWork> columns{
        {{false, true}, 1}, {{false, false}, 0}, {{false, true}, 5}, {{true, false}, 9}};
    EXPECT_EQ(balanced_order(columns, 1, 8), (Order{1, 2, 0, 3}));
}

TEST(Balancer, BitsAndComparisonsTakeTheirTimeOneAfterTheOther) {
    EXPECT_EQ(balancer_cycles({true, 0, 0}, {64, 8}), 0u);
    EXPECT_EQ(balancer_cycles({true, 10, 0}, {64, 8}), 7u);
    EXPECT_EQ(balancer_cycles({true, 10, 3}, {64, 8}), 10u);
}

// K·X bits; X·ceil(log2 X) comparisons: 1 column 0, 6 columns 6·3, 8 columns 8·3, 9 columns 9·4.
TEST(Balancer, ReadsEveryBitmapOnceAndSorts) {
    for (const auto& [columns, compares] :
         std::vector<std::pair<std::int64_t, std::uint64_t>>{{1, 0}, {6, 18}, {8, 24}, {9, 36}}) {
        reduction::ConvolutionShape shape;
        shape.in_channels = 5;
        shape.out_channels = columns;
        reduction::Reduction reduction(TrainingStage::feed_forward, shape, {}, false);
        const BalancerWork work = balance(reduction, {}, 1, 4);
        EXPECT_EQ(work.bits, 5u * static_cast<std::uint64_t>(columns));
        EXPECT_EQ(work.compares, compares);
    }
}

// Stride 2 in both directions: four phases, each with its own taps, so its own K and order.
// Kernel 3 x 3, padding 1: taps per phase 1, 2, 2, 4 of 2 output channels: K = 2, 4, 4, 8.
TEST(Balancer, EveryPhaseIsBalancedAndPaidFor) {
    reduction::ConvolutionShape shape;
    shape.in_channels = 3;
    shape.out_channels = 2;
    shape.in_size = {4, 4};
    shape.out_size = {2, 2};
    shape.kernel = {3, 3};
    shape.stride = {2, 2};
    shape.padding = {1, 1};
    reduction::Reduction reduction(TrainingStage::back_propagation, shape, {}, false);
    const BalancerWork work = balance(reduction, {}, 1, 4);
    EXPECT_EQ(work.bits, 3u * (2 + 4 + 4 + 8));
    EXPECT_EQ(work.compares, 4u * 3 * 2);
}

TEST(Balancer, OperandsAndNeededResultsMoveTogether) {
    base::Random random(9201);
    for (int trial = 0; trial < 60; ++trial) {
        SCOPED_TRACE(trial);
        reduction::ConvolutionShape shape = test::random_shape(random);
        shape.groups = 1;
        const test::RandomLayer layer = test::random_layer(random, shape);
        const auto stage =
            trial % 2 == 0 ? TrainingStage::back_propagation : TrainingStage::weight_gradient;
        const reduction::Reduction before(stage, shape, layer.patterns(), false);
        reduction::Reduction after(stage, shape, layer.patterns(), false);
        for (std::size_t phase = 0; phase < before.phases().size(); ++phase) {
            std::vector<ColumnWork> works(static_cast<std::size_t>(before.column_count()));
            for (ColumnWork& work : works) {
                work.ones = random.below(4);
            }
            const Order order = balanced_order(works, test::pick(random, 1, 3), 2);
            after.reorder_columns(phase, order);
            const reduction::Phase& old_phase = before.phases()[phase];
            const reduction::Phase& new_phase = after.phases()[phase];
            for (std::size_t column = 0; column < order.size(); ++column) {
                const auto at = static_cast<std::int64_t>(column);
                for (std::size_t word = 0; word < old_phase.columns.words_per_column; ++word) {
                    ASSERT_EQ(new_phase.columns.column(at)[word],
                              old_phase.columns.column(order[column])[word]);
                }
                for (std::int64_t m = 0; m < old_phase.m_count; ++m) {
                    ASSERT_EQ(base::test_bit(after.needed_columns(new_phase, m), column),
                              base::test_bit(before.needed_columns(old_phase, m), order[column]));
                }
            }
        }
    }
}

}  // namespace
}  // namespace skipsim::core
