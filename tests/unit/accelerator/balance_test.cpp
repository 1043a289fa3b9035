// SPDX-License-Identifier: Apache-2.0
// Rows whose columns the balancer has reordered: models/MICROARCHITECTURE.md §4.1.
#include <gtest/gtest.h>

#include "models/accelerator/row.h"
#include "tests/support/random_layer.h"

namespace skipsim::accelerator {
namespace {

using base::Action;
using base::PeCategory;
using reduction::TrainingStage;

RowCounts run(const ChipParams& chip, const test::RandomLayer& layer, TrainingStage stage,
              const reduction::Selection& selection) {
    reduction::Reduction reduction(stage, layer.shape, layer.patterns(), false);
    RowWork work;
    work.reduction = &reduction;
    work.stage = stage;
    work.selection = selection;
    work.dense_macs = dense_macs(layer.shape);
    if (is_balanced(chip, reduction, selection)) {
        work.balancer = core::balance(reduction, {}, chip.partition.share_of(0, stage).column_parts,
                                      chip.core.columns);
    }
    base::TaskPool pool(1);
    return simulate_row(chip, work, pool);
}

/// 1 sample, 16 inputs, 4 outputs with 16, 16, 1 and 1 weights; two cores of one column.
struct TwoHeavyColumns {
    TwoHeavyColumns() {
        layer.shape.in_channels = 16;
        layer.shape.out_channels = 4;
        layer.x = base::BitTensor(1, 16);
        for (std::uint64_t element = 0; element < 16; ++element) {
            layer.x.set(0, element);
        }
        layer.weight = {0x00010001FFFFFFFFU};
        chip.core.rows = 1;
        chip.core.columns = 1;
        chip.core.chunk_operands = 16;
        chip.core.fifo_depth_chunks = 1;
        chip.core.tile_chunks = 1;
        chip.partition.core_n = 2;
    }
    RowCounts run() const {
        return accelerator::run(chip, layer, TrainingStage::feed_forward, {true, true, false});
    }
    test::RandomLayer layer;
    ChipParams chip;
};

// Without: core 0 has both heavy columns: f = 1 + 16 = 17, then 33, end 34; core 1: f = 2; its
// second tile starts at max(2, ...) = 3 (depth 1: sent at 2), f = 4, end 5.
// Balanced: 0 and 1 to the parts there, 2 and 3 back: columns 0 3 | 1 2: f = 17, then 18, end 19.
TEST(Balance, CoresGetLikeWork) {
    TwoHeavyColumns example;
    EXPECT_EQ(example.run().core_end_cycles, (std::vector<std::uint64_t>{34, 5}));
    example.chip.balancer.enabled = true;
    const RowCounts row = example.run();
    EXPECT_EQ(row.core_end_cycles, (std::vector<std::uint64_t>{19, 19}));
    EXPECT_EQ(row.cycles, 19u);
    EXPECT_EQ(row.issued, 34u);
}

// 16 · 4 = 64 bits at 10 a cycle: 7 cycles; 4 · 2 = 8 comparisons at 3 a cycle: 3 cycles. All PEs
// are idle meanwhile. The aggregation core has nothing to do.
TEST(Balance, TakesItsTimeBeforeTheCoresStart) {
    TwoHeavyColumns example;
    example.chip.balancer = {true, 0, 0};
    const RowCounts free = example.run();
    example.chip.balancer = {true, 10, 3};
    const RowCounts paid = example.run();
    EXPECT_EQ(paid.balancer_cycles, 10u);
    EXPECT_EQ(paid.cycles, free.cycles + 10);
    EXPECT_EQ(paid.pe_cycles[PeCategory::idle], free.pe_cycles[PeCategory::idle] + 2 * 10);
    EXPECT_EQ(paid.actions[Action::balancer_bit], 64u);
    EXPECT_EQ(paid.actions[Action::balancer_compare], 8u);
}

// The transposer starts with the cores: 16 elements at one a cycle, 10 cycles later.
TEST(Balance, NothingHidesItNotEvenTheTransposer) {
    TwoHeavyColumns example;
    RowWork work;
    work.transposed_elements = 16;
    work.balancer = {64, 8};
    example.chip.transposer_values_per_cycle = 1;
    example.chip.balancer = {true, 10, 3};
    const std::vector<core::CoreReport> reports(2);
    EXPECT_EQ(row_counts(example.chip, work, reports).cycles, 26u);
}

TEST(Balance, IsForRoleWeightAndOneGroup) {
    ChipParams chip;
    reduction::ConvolutionShape shape;
    shape.in_channels = 2;
    shape.out_channels = 2;
    const reduction::Reduction one(TrainingStage::feed_forward, shape, {}, false);
    shape.groups = 2;
    const reduction::Reduction two(TrainingStage::feed_forward, shape, {}, false);
    EXPECT_FALSE(is_balanced(chip, one, {true, true, false}));
    chip.balancer.enabled = true;
    EXPECT_TRUE(is_balanced(chip, one, {true, true, false}));
    EXPECT_FALSE(is_balanced(chip, one, {true, false, true}));
    EXPECT_FALSE(is_balanced(chip, two, {true, true, false}));
}

TEST(Balance, MultipliesAreThoseOfTheLayer) {
    base::Random random(9301);
    for (int trial = 0; trial < 60; ++trial) {
        SCOPED_TRACE(trial);
        const test::RandomLayer layer = test::random_layer(random, test::random_shape(random));
        const auto stage = static_cast<TrainingStage>(trial % 3);
        for (unsigned mode = 0; mode < 8; ++mode) {
            const reduction::Selection selection{
                (mode & 1) != 0, (mode & 2) != 0,
                (mode & 4) != 0 && stage != TrainingStage::feed_forward};
            ChipParams chip;
            chip.core.rows = 2;
            chip.core.columns = static_cast<std::uint32_t>(test::pick(random, 1, 3));
            chip.core.chunk_operands = 8;
            chip.core.tile_chunks = 2;
            chip.partition = {1, 2, 1, 1 + trial % 2, 1, 1 + trial % 3, trial % 2 == 0};
            const RowCounts plain = run(chip, layer, stage, selection);
            chip.balancer.enabled = true;
            const RowCounts balanced = run(chip, layer, stage, selection);
            EXPECT_EQ(balanced.effectual, plain.effectual);
            if (!selection.output) {
                EXPECT_EQ(balanced.issued, plain.issued);
                EXPECT_EQ(balanced.actions[Action::dram_write_byte],
                          plain.actions[Action::dram_write_byte]);
            }
            EXPECT_EQ(balanced.issued + balanced.skipped_input + balanced.skipped_weight +
                          balanced.skipped_output,
                      dense_macs(layer.shape));
            EXPECT_EQ(balanced.pe_cycles.total(), chip.processing_elements() * balanced.cycles);
        }
    }
}

}  // namespace
}  // namespace skipsim::accelerator
