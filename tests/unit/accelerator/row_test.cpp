// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/row.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "models/accelerator/skip_policy.h"
#include "tests/support/random_layer.h"

namespace skipsim::accelerator {
namespace {

using base::Action;
using base::PeCategory;
using reduction::TrainingStage;

/// The chip of the worked example: 1 PE, chunk 8, depth 1, everything else unlimited.
ChipParams smallest_chip() {
    ChipParams chip;
    chip.core.rows = 1;
    chip.core.columns = 1;
    chip.core.chunk_operands = 8;
    chip.core.fifo_depth_chunks = 1;
    chip.core.tile_chunks = 1;
    return chip;
}

RowCounts run(const ChipParams& chip, const test::RandomLayer& layer, TrainingStage stage,
              const reduction::Selection& selection) {
    const reduction::Reduction reduction(stage, layer.shape, layer.patterns(), chip.zero_insertion);
    RowWork work;
    work.reduction = &reduction;
    work.stage = stage;
    work.selection = selection;
    work.dense_macs = dense_macs(layer.shape);
    base::TaskPool pool(1);
    return simulate_row(chip, work, pool);
}

// models/MICROARCHITECTURE.md §11: x = (1, 0, 2), w = (3, 4, 0): 3 cycles, 1 multiply.
TEST(Row, WorkedExampleOfTheContractPage) {
    test::RandomLayer layer;
    layer.shape.in_channels = 3;
    layer.x = base::BitTensor(1, 3);
    layer.x.set(0, 0);
    layer.x.set(0, 2);
    layer.weight = {0b011};
    const reduction::Reduction reduction(TrainingStage::feed_forward, layer.shape,
                                         {&layer.x, nullptr, nullptr, &layer.weight, nullptr},
                                         false);
    RowWork work;
    work.reduction = &reduction;
    work.selection = {true, true, false};
    work.dense_macs = dense_macs(layer.shape);
    base::TaskPool pool(1);
    const RowCounts row = simulate_row(smallest_chip(), work, pool);
    EXPECT_EQ(row.cycles, 3u);
    EXPECT_EQ(row.pe_cycles[PeCategory::wait_operand], 1u);
    EXPECT_EQ(row.pe_cycles[PeCategory::mac], 1u);
    EXPECT_EQ(row.pe_cycles[PeCategory::idle], 1u);
    EXPECT_EQ(row.issued, 1u);
    EXPECT_EQ(row.effectual, 1u);
    EXPECT_EQ(row.skipped_input, 1u);
    EXPECT_EQ(row.skipped_weight, 1u);
    EXPECT_EQ(row.skipped_output, 0u);
    // Row bus: 2 values of 8 bits and 8 bitmap bits; column bus the same.
    EXPECT_EQ(row.actions[Action::bus_bit], 2u * (2 * 8 + 8));
    EXPECT_EQ(row.actions[Action::input_buffer_read], 1u);
    EXPECT_EQ(row.actions[Action::fifo_bit_write], 16u);
    EXPECT_EQ(row.actions[Action::operand_buffer_bit_write], 4u * 8);
    EXPECT_EQ(row.actions[Action::operand_buffer_bit_read], 2u * 8);
    EXPECT_EQ(row.actions[Action::and_bit], 8u);
    EXPECT_EQ(row.actions[Action::detector_bit], 8u);
    EXPECT_EQ(row.actions[Action::fifo_bit_clock], 2u * 8 * 1 * 3);
    // Loads: 3 elements: 3 bits + 2 · 8 = 19 bits = 3 bytes each; the result: 1 byte.
    EXPECT_EQ(row.actions[Action::dram_read_byte], 6u);
    EXPECT_EQ(row.actions[Action::dram_write_byte], 1u);
}

// x has 7 elements: ceil(7 / 2) = 4 cycles; 7 · (8 + 1) = 63 bits, 8 bytes.
TEST(Row, TheTransposerRunsBesideTheCores) {
    ChipParams chip = smallest_chip();
    chip.transposer_values_per_cycle = 2;
    RowWork work;
    work.transposed_elements = 7;
    const RowCounts row = row_counts(chip, work, {core::CoreReport{}});
    EXPECT_EQ(row.cycles, 4u);
    EXPECT_EQ(row.pe_cycles[PeCategory::idle], 4u);
    EXPECT_EQ(row.actions[Action::transposer_bit], 63u);
    EXPECT_EQ(row.actions[Action::dram_write_byte], 8u);
}

/// Multiplies, PE cycles and results do not depend on how a row is divided or which mode skips.
TEST(Row, EffectualMultipliesAreTheSameInEveryModeAndPartition) {
    base::Random random(9001);
    for (int trial = 0; trial < 40; ++trial) {
        SCOPED_TRACE(trial);
        const test::RandomLayer layer = test::random_layer(random, test::random_shape(random));
        for (const TrainingStage stage :
             {TrainingStage::feed_forward, TrainingStage::back_propagation,
              TrainingStage::weight_gradient}) {
            std::set<std::uint64_t> effectual;
            for (unsigned mode = 0; mode < 8; ++mode) {
                ChipParams chip;
                chip.core.rows = 3;
                chip.core.columns = 2;
                chip.core.chunk_operands = 16;
                chip.core.tile_chunks = 1 + mode;
                chip.partition = {1 + trial % 2, 1, 2, 1 + trial % 3};
                const RowCounts row =
                    run(chip, layer, stage,
                        {(mode & 1) != 0, (mode & 2) != 0,
                         (mode & 4) != 0 && stage != TrainingStage::feed_forward});
                effectual.insert(row.effectual);
                EXPECT_EQ(row.pe_cycles[PeCategory::mac], row.effectual);
                EXPECT_EQ(row.pe_cycles.total(), chip.processing_elements() * row.cycles);
                EXPECT_EQ(row.issued + row.skipped_input + row.skipped_weight + row.skipped_output,
                          dense_macs(layer.shape));
            }
            EXPECT_EQ(effectual.size(), 1u);
        }
    }
}

TEST(Partition, EveryPartOfTheGridBelongsToOneCore) {
    const PartitionParams partition{2, 3, 4, 5};
    std::set<std::pair<std::int64_t, std::int64_t>> parts;
    for (std::int64_t core = 0; core < partition.cores(); ++core) {
        const reduction::Share share = partition.share_of(core, TrainingStage::feed_forward);
        EXPECT_LT(share.m_part, share.m_parts);
        EXPECT_LT(share.column_part, share.column_parts);
        parts.insert({share.m_part, share.column_part});
    }
    EXPECT_EQ(parts.size(), 120u);
    // Cluster 4 = (cm 1, cn 1); core 7 in it = (km 1, kn 2): α = 1·4 + 1, β = 1·5 + 2.
    const reduction::Share share = partition.share_of(4 * 20 + 7, TrainingStage::feed_forward);
    EXPECT_EQ(share.m_part, 5);
    EXPECT_EQ(share.column_part, 7);
}

TEST(SkipPolicy, DensityPicksTheTwoRolesWithMostZeros) {
    const auto chosen = [](std::uint64_t input, std::uint64_t weight, std::uint64_t output) {
        const RoleZeros zeros{{input, 10}, {weight, 10}, {output, 10}};
        return selection_name(select_roles("adaptive", TrainingStage::weight_gradient, zeros));
    };
    EXPECT_EQ(chosen(1, 2, 3), "weight+output");
    EXPECT_EQ(chosen(3, 2, 1), "input+weight");
    EXPECT_EQ(chosen(3, 1, 2), "input+output");
    EXPECT_EQ(chosen(0, 0, 0), "input+weight");
    EXPECT_EQ(chosen(0, 0, 5), "input+output");
    EXPECT_EQ(chosen(0, 5, 0), "input+weight");
    EXPECT_EQ(chosen(5, 5, 5), "input+weight");
}

// 1/3 against 333333333333333333/10^18: the same double, but not the same fraction.
TEST(SkipPolicy, FractionsAreComparedExactly) {
    const RoleZeros zeros{{333'333'333'333'333'333, 1'000'000'000'000'000'000}, {1, 3}, {1, 3}};
    EXPECT_EQ(selection_name(select_roles("adaptive", TrainingStage::back_propagation, zeros)),
              "weight+output");
}

TEST(SkipPolicy, OutputHasNoPatternInFeedForward) {
    const auto selection = select_roles("input+output", TrainingStage::feed_forward, {});
    EXPECT_EQ(selection_name(selection), "input");
    EXPECT_EQ(pattern_names(selection, TrainingStage::feed_forward), std::vector<std::string>{"x"});
    EXPECT_EQ(pattern_names({true, true, true}, TrainingStage::weight_gradient),
              (std::vector<std::string>{"x", "dy", "weight_keep"}));
    EXPECT_EQ(selection_name(select_roles("output", TrainingStage::feed_forward, {})), "dense");
}

}  // namespace
}  // namespace skipsim::accelerator
