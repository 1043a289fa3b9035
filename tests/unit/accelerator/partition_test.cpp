// SPDX-License-Identifier: Apache-2.0
// Parts of k and partial sums that leave the array: models/MICROARCHITECTURE.md §4, §6 and §8.
#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <set>
#include <tuple>

#include "models/accelerator/row.h"
#include "tests/support/random_layer.h"

namespace skipsim::accelerator {
namespace {

using base::Action;
using base::PeCategory;
using reduction::ConvolutionShape;
using reduction::TrainingStage;

constexpr TrainingStage kForward = TrainingStage::feed_forward;
constexpr TrainingStage kWeightGradient = TrainingStage::weight_gradient;

/// Cores of 1 PE, chunk 8, depth 1, tiles of one chunk, everything else unlimited.
ChipParams small_chip() {
    ChipParams chip;
    chip.core.rows = 1;
    chip.core.columns = 1;
    chip.core.chunk_operands = 8;
    chip.core.fifo_depth_chunks = 1;
    chip.core.tile_chunks = 1;
    return chip;
}

RowCounts run(const ChipParams& chip, const ConvolutionShape& shape,
              const reduction::LayerPatterns& patterns, TrainingStage stage,
              const reduction::Selection& selection) {
    const reduction::Reduction reduction(stage, shape, patterns, false);
    RowWork work;
    work.reduction = &reduction;
    work.stage = stage;
    work.selection = selection;
    work.dense_macs = dense_macs(shape);
    base::TaskPool pool(1);
    return simulate_row(chip, work, pool);
}

TEST(PartitionOfK, NumbersCoresWithKInnermost) {
    const PartitionParams partition{2, 1, 1, 3, 2, 2, false};
    ASSERT_EQ(partition.clusters(), 4);
    ASSERT_EQ(partition.cores_per_cluster(), 6);
    // Cluster 3 = (cm 1, cn 0, ck 1); core 5 in it = (km 0, kn 2, kk 1).
    const reduction::Share share = partition.share_of(3 * 6 + 5, kForward);
    EXPECT_EQ(share.m_part, 1);
    EXPECT_EQ(share.column_part, 2);
    EXPECT_EQ(share.k_part, 3);
    EXPECT_EQ(share.k_parts, 4);
    // Cluster 2 = (cm 1, cn 0, ck 0): part 0·2 + 1 of k.
    EXPECT_EQ(partition.share_of(2 * 6 + 5, kForward).k_part, 1);
}

TEST(PartitionOfK, EveryPartOfTheGridBelongsToOneCore) {
    for (const bool swapped : {false, true}) {
        const PartitionParams partition{2, 3, 2, 1, 2, 3, swapped};
        std::set<std::tuple<std::int64_t, std::int64_t, std::int64_t>> parts;
        for (std::int64_t core = 0; core < partition.cores(); ++core) {
            const reduction::Share share = partition.share_of(core, kWeightGradient);
            EXPECT_EQ(share.m_parts, swapped ? 6 : 4);
            EXPECT_EQ(share.k_parts, swapped ? 4 : 6);
            EXPECT_LT(share.m_part, share.m_parts);
            EXPECT_LT(share.k_part, share.k_parts);
            parts.insert({share.m_part, share.column_part, share.k_part});
        }
        EXPECT_EQ(parts.size(), 72u);
    }
}

TEST(PartitionOfK, PartsOfMAndKChangePlacesInTheWeightGradientOnly) {
    const PartitionParams partition{4, 1, 1, 1, 1, 2, true};
    EXPECT_EQ(partition.share_of(5, kForward).m_part, 2);
    EXPECT_EQ(partition.share_of(5, kForward).k_part, 1);
    EXPECT_EQ(partition.share_of(5, kWeightGradient).m_part, 1);
    EXPECT_EQ(partition.share_of(5, kWeightGradient).m_parts, 2);
    EXPECT_EQ(partition.share_of(5, kWeightGradient).k_part, 2);
    EXPECT_EQ(partition.share_of(5, kWeightGradient).k_parts, 4);
}

// K = 16, two cores with one dense chunk each: u = b = 0, A = s = 1, cost 8, f = d = 9, core
// end 10. Two partial sums of one result: 1 addition, 8 bytes at 3 a cycle: 3 cycles. Row: 13.
TEST(PartitionOfK, AggregationStartsWhenTheLastCoreHasEnded) {
    ChipParams chip = small_chip();
    chip.partition.core_k = 2;
    chip.aggregation = {1, 3, 5};
    ConvolutionShape shape;
    shape.in_channels = 16;
    const RowCounts row = run(chip, shape, {}, kForward, {});
    EXPECT_EQ(row.core_end_cycles, (std::vector<std::uint64_t>{10, 10}));
    EXPECT_EQ(row.aggregation_cycles, 3u);
    EXPECT_EQ(row.cycles, 13u);
    // Each PE: wait_operand 1, mac 8, idle 4.
    EXPECT_EQ(row.pe_cycles[PeCategory::mac], 16u);
    EXPECT_EQ(row.pe_cycles[PeCategory::idle], 8u);
    EXPECT_EQ(row.actions[Action::pe_accumulator_write], 2u);
    EXPECT_EQ(row.actions[Action::output_buffer_write], 2u);
    EXPECT_EQ(row.actions[Action::aggregation_add], 1u);
    EXPECT_EQ(row.actions[Action::aggregation_read], 2u);
    EXPECT_EQ(row.actions[Action::aggregation_write], 2u);
    // Loads: 8 bytes of A and of B a core; 3 of 8 bytes spilled; one result of one byte.
    EXPECT_EQ(row.actions[Action::dram_read_byte], 32u + 3u);
    EXPECT_EQ(row.actions[Action::dram_write_byte], 1u + 3u);
}

// K = 20, T = 3. Two parts: chunk 0 | chunks 1, 2 (8 | 12 k). Four parts: none | 0 | 1 | 2: three
// partial sums, 2 additions, and the first core never works.
TEST(PartitionOfK, PartsAreWholeChunksAndMayBeEmpty) {
    ChipParams chip = small_chip();
    ConvolutionShape shape;
    shape.in_channels = 20;
    chip.partition.core_k = 2;
    RowCounts row = run(chip, shape, {}, kForward, {});
    // Part 0: f = 1 + 8, end 10. Part 1: chunk of 8, f = 9; the next was sent at 2, f = 13, end 14.
    EXPECT_EQ(row.core_end_cycles, (std::vector<std::uint64_t>{10, 14}));
    EXPECT_EQ(row.issued, 20u);
    EXPECT_EQ(row.actions[Action::aggregation_add], 1u);
    chip.partition.core_k = 4;
    row = run(chip, shape, {}, kForward, {});
    EXPECT_EQ(row.core_end_cycles, (std::vector<std::uint64_t>{0, 10, 10, 6}));
    EXPECT_EQ(row.issued, 20u);
    EXPECT_EQ(row.actions[Action::aggregation_add], 2u);
    EXPECT_EQ(row.actions[Action::dram_write_byte], 1u);
}

// K = 8, T = 1: of two parts only the second has the chunk, so nothing is added.
TEST(PartitionOfK, AResultThatOneCoreHoldsAloneIsNoPartialSum) {
    ChipParams chip = small_chip();
    chip.partition.cluster_k = 2;
    chip.aggregation = {1, 1, 1};
    ConvolutionShape shape;
    shape.in_channels = 8;
    const RowCounts row = run(chip, shape, {}, kForward, {});
    EXPECT_EQ(row.cycles, 10u);
    EXPECT_EQ(row.actions[Action::aggregation_add], 0u);
    EXPECT_EQ(row.actions[Action::aggregation_write], 0u);
}

/// 4 rows, 1 column, one result of 4 samples, 3 chunks, every x zero, tiles of one chunk.
RowCounts zeros_in_slices(bool psum_spill) {
    ChipParams chip = small_chip();
    chip.core.rows = 4;
    chip.core.fifo_depth_chunks = 4;
    chip.core.psum_spill = psum_spill;
    ConvolutionShape shape;
    shape.samples = 4;
    shape.in_channels = 24;
    const base::BitTensor zeros(4, 24);
    return run(chip, shape, {&zeros, nullptr, nullptr, nullptr, nullptr}, kForward,
               {true, false, false});
}

// Chunks start at 1, 2, 3 and cost a cycle; f = 4, d = 4, 5, 6, 7: end 8.
TEST(PsumSpill, WithoutItPartialSumsStayInTheArray) {
    const RowCounts row = zeros_in_slices(false);
    EXPECT_EQ(row.cycles, 8u);
    EXPECT_EQ(row.actions[Action::pe_accumulator_write], 4u);
    EXPECT_EQ(row.actions[Action::output_buffer_read], 0u);
}

// Slice 0: f = 2, d = 2, 3, 4, 5. Slice 1: s = 2, f = 3, d = 6, 7, 8, 9. Slice 2: requested at
// release 2, u = 2, A = 3, and its accumulator is free after d of slice 0: s = 3, 4, 5, 6 (6 cycles
// of wait_drain); d = 10, 11, 12, 13: end 14.
TEST(PsumSpill, EverySliceIsDrainedLikeAResult) {
    const RowCounts row = zeros_in_slices(true);
    EXPECT_EQ(row.cycles, 14u);
    EXPECT_EQ(row.pe_cycles[PeCategory::wait_drain], 6u);
    EXPECT_EQ(row.actions[Action::pe_accumulator_write], 12u);
    EXPECT_EQ(row.actions[Action::output_buffer_write], 12u);
    EXPECT_EQ(row.actions[Action::output_buffer_read], 8u);  // before slices 1 and 2
    EXPECT_EQ(row.actions[Action::dram_write_byte], 4u);     // four results of one byte
}

std::uint64_t results_of(const RowCounts& row) {
    return row.actions[Action::pe_accumulator_write] - row.actions[Action::output_buffer_read] -
           row.actions[Action::aggregation_add];
}

/// Multiplies and results are those of the layer, whatever the parts and the order of the slices.
TEST(PartitionOfK, MultipliesAndResultsDoNotDependOnThePartition) {
    base::Random random(9107);
    for (int trial = 0; trial < 60; ++trial) {
        SCOPED_TRACE(trial);
        const test::RandomLayer layer = test::random_layer(random, test::random_shape(random));
        const auto stage = static_cast<TrainingStage>(trial % 3);
        const reduction::Selection selection{random.below(2) == 0, random.below(2) == 0, false};
        const reduction::Reduction reduction(stage, layer.shape, layer.patterns(), false);
        std::uint64_t results = 0;
        for (const reduction::Phase& phase : reduction.phases()) {
            results += static_cast<std::uint64_t>(phase.m_count * reduction.column_count());
        }
        const RowCounts whole = run(small_chip(), layer.shape, layer.patterns(), stage, selection);
        EXPECT_EQ(results_of(whole), results);
        for (int variant = 0; variant < 4; ++variant) {
            ChipParams chip = small_chip();
            const auto part = [&random] { return test::pick(random, 1, 3); };
            chip.core.rows = static_cast<std::uint32_t>(part());
            chip.core.columns = static_cast<std::uint32_t>(part());
            chip.core.tile_chunks = static_cast<std::uint32_t>(part());
            chip.core.psum_spill = random.below(2) == 0;
            chip.partition = {part(), part(), part(), part(), part(), part(), variant % 2 == 0};
            const RowCounts row = run(chip, layer.shape, layer.patterns(), stage, selection);
            EXPECT_EQ(row.issued, whole.issued);
            EXPECT_EQ(row.effectual, whole.effectual);
            EXPECT_EQ(row.skipped_input, whole.skipped_input);
            EXPECT_EQ(row.skipped_weight, whole.skipped_weight);
            EXPECT_EQ(results_of(row), results);
            EXPECT_EQ(row.pe_cycles.total(), chip.processing_elements() * row.cycles);
        }
    }
}

/// With role output, which m are dropped depends on the blocks of columns alone.
TEST(PartitionOfK, PartsOfKDropTheSameRows) {
    base::Random random(9108);
    for (int trial = 0; trial < 40; ++trial) {
        SCOPED_TRACE(trial);
        const test::RandomLayer layer = test::random_layer(random, test::random_shape(random));
        const auto stage =
            trial % 2 == 0 ? TrainingStage::back_propagation : TrainingStage::weight_gradient;
        ChipParams chip = small_chip();
        chip.core.columns = 2;
        chip.partition.core_m = 2;
        const RowCounts whole =
            run(chip, layer.shape, layer.patterns(), stage, {true, false, true});
        chip.partition.cluster_k = 3;
        chip.core.psum_spill = true;
        const RowCounts parts =
            run(chip, layer.shape, layer.patterns(), stage, {true, false, true});
        EXPECT_EQ(parts.issued, whole.issued);
        EXPECT_EQ(parts.effectual, whole.effectual);
        EXPECT_EQ(parts.skipped_output, whole.skipped_output);
        EXPECT_EQ(results_of(parts), results_of(whole));
    }
}

}  // namespace
}  // namespace skipsim::accelerator
