// SPDX-License-Identifier: Apache-2.0
// Which results are left out, counted by hand.
#include "sim/check/left_out.h"

#include <gtest/gtest.h>

namespace skipsim::check {
namespace {

using accelerator::ChipParams;
using clocked::RowTask;
using reduction::TrainingStage;
using Bytes = std::vector<std::uint8_t>;

/// WG of a linear layer with one sample, `m` inputs and `columns` outputs in `groups` groups;
/// dw[f, c] = needed[f * m/groups + c].
RowTask gradient_row(std::int64_t m, std::int64_t columns, std::int64_t groups, Bytes needed) {
    RowTask task;
    task.stage = TrainingStage::weight_gradient;
    task.shape.in_channels = m;
    task.shape.out_channels = columns;
    task.shape.groups = groups;
    task.needed = std::move(needed);
    task.selection.output = true;
    return task;
}

ChipParams chip(std::uint32_t columns) {
    ChipParams params;
    params.core.columns = columns;
    return params;
}

TEST(LeftOut, WithoutRoleOutputNothingIs) {
    RowTask task = gradient_row(1, 4, 1, {0, 0, 0, 1});
    task.selection.output = false;
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{0, 0, 0, 0}));
    task.stage = TrainingStage::feed_forward;  // has no such pattern
    task.selection.output = true;
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{0, 0, 0, 0}));
}

TEST(LeftOut, WithoutAPatternNothingIs) {
    RowTask task = gradient_row(1, 4, 1, {});
    task.packs_output = true;
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{0, 0, 0, 0}));
}

TEST(LeftOut, PackedLeavesOutWhatIsNotNeeded) {
    RowTask task = gradient_row(1, 5, 1, {0, 1, 0, 0, 1});
    task.packs_output = true;
    EXPECT_EQ(left_out(task, chip(4), {}), (Bytes{1, 0, 1, 1, 0}));
}

TEST(LeftOut, RowLeavesOutAnMThatNoColumnOfItsBlockNeeds) {
    // Blocks of 2 columns: {0, 1}, {2, 3}, {4}; two m each, dw[f, m].
    const RowTask task = gradient_row(2, 5, 1, {0, 0, 1, 0, 0, 0, 0, 0, 0, 1});
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{0, 1, 0, 1, 1, 1, 1, 1, 1, 0}));
}

TEST(LeftOut, PartsOfTheColumnsCutBlocks) {
    // 7 columns in 3 parts: 0-1, 2-3, 4-6; blocks of 2: {0, 1}, {2, 3}, {4, 5}, {6}.
    const RowTask task = gradient_row(1, 7, 1, {1, 0, 0, 0, 0, 1, 0});
    ChipParams params = chip(2);
    params.partition.cluster_n = 3;
    EXPECT_EQ(left_out(task, params, {}), (Bytes{0, 0, 1, 1, 0, 0, 1}));
    // Without parts {0, 1, 2}, {3, 4, 5}, {6}.
    EXPECT_EQ(left_out(task, chip(3), {}), (Bytes{0, 0, 0, 0, 0, 0, 1}));
    // The parts of k of the chip are those of m of this row; those of the columns stay.
    params.partition.core_k = 2;
    params.partition.wg_m_is_k = true;
    EXPECT_EQ(left_out(task, params, {}), (Bytes{0, 0, 1, 1, 0, 0, 1}));
}

TEST(LeftOut, GroupsCutBlocksUnlessTheyAreServedPrivately) {
    // 3 groups of 2 columns and one m each; blocks of 4 columns.
    const RowTask task = gradient_row(3, 6, 3, {0, 0, 1, 0, 0, 0});
    EXPECT_EQ(left_out(task, chip(4), {}), (Bytes{1, 1, 0, 0, 1, 1}));
    ChipParams params = chip(4);
    params.core.private_groups = true;  // {0, 1, 2, 3}, {4, 5}
    EXPECT_EQ(left_out(task, params, {}), (Bytes{0, 0, 0, 0, 1, 1}));
}

TEST(LeftOut, BlocksHoldTheColumnsInTheirBalancedOrder) {
    // Positions {3, 0}, {1, 2}.
    const RowTask task = gradient_row(1, 4, 1, {0, 0, 0, 1});
    clocked::ColumnOrder order;
    order.columns = {{3, 0, 1, 2}};
    EXPECT_EQ(left_out(task, chip(2), order), (Bytes{0, 1, 1, 0}));
}

/// BP of one 4 x 1 image, kernel 1 x 1, stride 2 downwards: pixels 1 and 3 are reached by no tap.
RowTask strided_row(Bytes needed) {
    RowTask task;
    task.stage = TrainingStage::back_propagation;
    task.shape.in_size = {4, 1};
    task.shape.out_size = {2, 1};
    task.shape.stride = {2, 1};
    task.needed = std::move(needed);
    return task;
}

TEST(LeftOut, PixelsThatNoTapReachesAreUnlessZerosAreInserted) {
    RowTask task = strided_row({});
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{0, 1, 0, 1}));
    task.zero_insertion = true;
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{0, 0, 0, 0}));
    task = strided_row({0, 1, 1, 0});
    task.selection.output = true;
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{1, 1, 0, 1}));
    task.zero_insertion = true;
    EXPECT_EQ(left_out(task, chip(2), {}), (Bytes{1, 0, 0, 1}));
}

TEST(LeftOut, EveryPhaseHasItsOwnOrderOfColumns) {
    // Kernel 2 x 1, stride 2: both phases have a tap. 3 columns, blocks of 2, pixels h = 0 and 1;
    // dx[c, h]. Phase 0: {2, 0}, {1}; phase 1: {0, 1}, {2}.
    RowTask task;
    task.stage = TrainingStage::back_propagation;
    task.shape.in_channels = 3;
    task.shape.in_size = {2, 1};
    task.shape.kernel = {2, 1};
    task.shape.stride = {2, 1};
    task.needed = {0, 0, 0, 0, 1, 1};
    task.selection.output = true;
    clocked::ColumnOrder order;
    order.columns = {{2, 0, 1}, {0, 1, 2}};
    EXPECT_EQ(left_out(task, chip(2), order), (Bytes{0, 1, 1, 1, 0, 0}));
}

TEST(LeftOut, PhasesWithoutPixelsOrTapsHaveNoNumber) {
    // Stride 3, kernel 1, one column of two pixels: of the phases 0, 1, 2 only 0 has both.
    reduction::ConvolutionShape shape;
    shape.in_size = {2, 1};
    shape.stride = {3, 1};
    const BackwardPhases phases(shape, false);
    EXPECT_EQ(phases.count(), 1U);
    EXPECT_EQ(phases.of_pixel(0, 0), 0U);
    EXPECT_EQ(phases.of_pixel(1, 0), BackwardPhases::kNone);
    // Kernel 3: every phase has a tap, 2 has no pixel.
    shape.kernel = {3, 1};
    EXPECT_EQ(BackwardPhases(shape, false).count(), 2U);
    shape.kernel = {1, 1};
    // Padding 2: tap 0 reaches pixels h with h + 2 divisible by 3, so h = 1.
    shape.padding = {2, 0};
    EXPECT_EQ(BackwardPhases(shape, false).of_pixel(0, 0), BackwardPhases::kNone);
    EXPECT_EQ(BackwardPhases(shape, false).of_pixel(1, 0), 0U);
    EXPECT_EQ(BackwardPhases(shape, true).of_pixel(0, 0), 0U);
    EXPECT_EQ(BackwardPhases(shape, true).taps(0, 0), 0);
}

}  // namespace
}  // namespace skipsim::check
