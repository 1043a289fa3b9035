// SPDX-License-Identifier: Apache-2.0
// The SystemC hierarchy against the same chip driven by a plain loop: every count of every row.
// Each TEST elaborates its own design, so each needs a process of its own: run with ctest.
#include "sim/system/chip_module.h"

#include <gtest/gtest.h>

#include "tests/support/random_layer.h"

namespace skipsim::system {
namespace {

accelerator::ChipParams random_chip(base::Random& random) {
    accelerator::ChipParams chip;
    const auto draw = [&random](std::int64_t lowest, std::int64_t highest) {
        return static_cast<std::uint32_t>(test::pick(random, lowest, highest));
    };
    chip.core.rows = draw(1, 5);
    chip.core.columns = draw(1, 9);
    chip.core.chunk_operands = draw(8, 40);
    chip.core.fifo_depth_chunks = draw(1, 4);
    chip.core.bus_values = draw(0, 4);
    chip.core.issue_width_pairs = draw(1, 3);
    chip.core.tile_chunks = draw(1, 6);
    chip.core.psum_spill = draw(0, 1) == 1;
    chip.partition = {draw(1, 2), draw(1, 2), draw(1, 2),     draw(1, 2),
                      draw(1, 2), draw(1, 2), draw(0, 1) == 1};
    chip.aggregation = {draw(0, 3), draw(0, 20), draw(0, 200)};
    chip.core.input_ports = draw(1, 9);
    chip.core.private_groups = draw(0, 1) == 1;
    chip.core.coarse_runs = draw(0, 2) != 0;
    chip.input_port = {draw(0, 3), draw(0, 20)};
    chip.weight_port = {draw(0, 3), chip.input_port.latency_cycles};
    chip.transposer_values_per_cycle = draw(0, 8);
    return chip;
}

/// Rows of several random layers one after the other: a row leaves nothing behind for the next.
void expect_hierarchy_equals_plain_loop(std::uint64_t seed, unsigned threads) {
    base::Random random(seed);
    const accelerator::ChipParams chip = random_chip(random);
    base::TaskPool pool(threads);
    AcceleratorModule module("chip", chip, pool);
    for (int trial = 0; trial < 30; ++trial) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << " trial " << trial);
        const test::RandomLayer layer =
            test::random_coarse_layer(random, test::random_shape(random));
        const auto stage = static_cast<reduction::TrainingStage>(trial % 3);
        const reduction::Reduction reduction(stage, layer.shape, layer.patterns(), trial % 2 == 0);
        accelerator::RowWork work;
        work.reduction = &reduction;
        work.stage = stage;
        work.selection = {random.below(2) == 0, random.below(2) == 0,
                          random.below(2) == 0 && stage != reduction::TrainingStage::feed_forward};
        work.output_mode =
            random.below(2) == 0 ? accelerator::OutputMode::packed : accelerator::OutputMode::row;
        work.dense_macs = reduction::dense_macs(layer.shape);
        work.transposed_elements = layer.shape.in_elements();
        const accelerator::RowCounts plain = accelerator::simulate_row(chip, work, pool);
        const accelerator::RowCounts timed = module.run_row(work);
        ASSERT_EQ(timed.cycles, plain.cycles);
        ASSERT_EQ(timed.issued, plain.issued);
        ASSERT_EQ(timed.effectual, plain.effectual);
        ASSERT_EQ(timed.core_end_cycles, plain.core_end_cycles);
        ASSERT_TRUE(timed.pe_cycles == plain.pe_cycles);
        ASSERT_TRUE(timed.actions == plain.actions);
    }
}

TEST(ChipModule, EqualsThePlainLoopOnOneThread) {
    expect_hierarchy_equals_plain_loop(11, 1);
}
TEST(ChipModule, EqualsThePlainLoopOnThreeThreads) {
    expect_hierarchy_equals_plain_loop(12, 3);
}
TEST(ChipModule, EqualsThePlainLoopOnAnotherChip) {
    expect_hierarchy_equals_plain_loop(13, 2);
}
TEST(ChipModule, EqualsThePlainLoopOnAFourthChip) {
    expect_hierarchy_equals_plain_loop(14, 2);
}

}  // namespace
}  // namespace skipsim::system
