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
              const reduction::Selection& selection, OutputMode output_mode = OutputMode::row) {
    const reduction::Reduction reduction(stage, layer.shape, layer.patterns(), chip.zero_insertion);
    RowWork work;
    work.reduction = &reduction;
    work.stage = stage;
    work.selection = selection;
    work.output_mode = output_mode;
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

/// Eight of the sixteen ways to skip, spread over the bits of `mode`.
ChipParams chip_of_mode(unsigned mode, int trial) {
    ChipParams chip;
    chip.core.rows = 3;
    chip.core.columns = 2 + mode % 4;
    chip.core.chunk_operands = trial % 2 == 0 ? 16 : 8;
    chip.core.tile_chunks = 1 + mode % 8;
    chip.core.input_ports = 1 + mode % 3;
    chip.core.private_groups = (mode & 8) != 0;
    chip.core.coarse_runs = (mode & 32) != 0;
    chip.input_port = {static_cast<std::uint64_t>(trial % 3), 7};
    chip.weight_port = {static_cast<std::uint64_t>(trial % 5), 7};
    chip.partition = {1 + trial % 2, 1, 2, 1 + trial % 3};
    return chip;
}

/// Multiplies, PE cycles and results do not depend on how a row is divided or which mode skips.
TEST(Row, EffectualMultipliesAreTheSameInEveryModeAndPartition) {
    base::Random random(9001);
    std::uint64_t coarse = 0;
    for (int trial = 0; trial < 40; ++trial) {
        SCOPED_TRACE(trial);
        const test::RandomLayer layer =
            test::random_coarse_layer(random, test::random_shape(random));
        for (const TrainingStage stage :
             {TrainingStage::feed_forward, TrainingStage::back_propagation,
              TrainingStage::weight_gradient}) {
            std::set<std::uint64_t> effectual;
            for (unsigned mode = 0; mode < 64; ++mode) {
                SCOPED_TRACE(mode);
                const ChipParams chip = chip_of_mode(mode, trial);
                const RowCounts row = run(chip, layer, stage,
                                          {(mode & 1) != 0, (mode & 2) != 0,
                                           (mode & 4) != 0 && stage != TrainingStage::feed_forward},
                                          (mode & 16) != 0 ? OutputMode::packed : OutputMode::row);
                effectual.insert(row.effectual);
                EXPECT_EQ(row.pe_cycles[PeCategory::mac], row.effectual);
                EXPECT_EQ(row.pe_cycles.total(), chip.processing_elements() * row.cycles);
                EXPECT_EQ(row.issued + row.skipped_input + row.skipped_weight + row.skipped_output +
                              row.skipped_coarse,
                          dense_macs(layer.shape));
                coarse += row.skipped_coarse;
            }
            EXPECT_EQ(effectual.size(), 1u);
        }
    }
    EXPECT_GT(coarse, 0u);
}

/// Packed lists hold exactly the needed results; a jumped chunk never holds a non-zero weight.
TEST(Row, PackedComputesWhatIsNeededAndCoarseRunsIssueTheSame) {
    base::Random random(9002);
    for (int trial = 0; trial < 40; ++trial) {
        SCOPED_TRACE(trial);
        const test::RandomLayer layer =
            test::random_coarse_layer(random, test::random_shape(random));
        const TrainingStage stage =
            trial % 2 == 0 ? TrainingStage::back_propagation : TrainingStage::weight_gradient;
        ChipParams chip = chip_of_mode(16, trial);
        const RowCounts packed = run(chip, layer, stage, {true, true, true}, OutputMode::packed);
        EXPECT_EQ(packed.issued, packed.effectual);
        EXPECT_EQ(packed.pe_cycles[PeCategory::ineffectual], 0u);
        const RowCounts fine = run(chip, layer, stage, {false, true, false});
        chip.core.coarse_runs = true;
        const RowCounts coarse = run(chip, layer, stage, {false, true, false});
        EXPECT_EQ(coarse.issued, fine.issued);
        EXPECT_EQ(coarse.skipped_weight + coarse.skipped_coarse, fine.skipped_weight);
        EXPECT_LE(coarse.actions[Action::dram_read_byte], fine.actions[Action::dram_read_byte]);
    }
}

/// Depthwise, 3 × 3 on one pixel each: 4 groups of one column. Separate: 4 blocks, private: one.
/// Chunk 16: one chunk of 9 dense pairs a result, everything else unlimited.
/// Separate: result q uses PE (0, q's column 0): all four run on PE (0, 0). b = q (row bus and
/// column bus, depth 4), s = 1, 10, 19, 28 (9 cycles each), f = 37, d = 37: 38 cycles.
/// Accumulators: result 2 needs d(0) + 1 = 11 <= 19.
/// Private: one step, four receivers, one port: slots 0 … 3, b_p = 0 … 3; PE (0, 3): s = 4, f = 13,
/// d = 13, end 14. Two ports: PE (0, 2), (0, 3) in slot 1: s = 2, f = 11, d = 11, end 12.
TEST(Row, DepthwiseColumnsRunSideBySideOnlyOverAPrivateFeed) {
    test::RandomLayer layer;
    layer.shape.in_channels = 4;
    layer.shape.out_channels = 4;
    layer.shape.groups = 4;
    layer.shape.kernel = {3, 3};
    layer.shape.in_size = {3, 3};
    layer.x = base::BitTensor(1, 36);
    for (std::uint64_t element = 0; element < 36; ++element) {
        layer.x.set(0, element);
    }
    layer.weight = {base::low_bits(36)};
    ChipParams chip;
    chip.core.rows = 1;
    chip.core.columns = 4;
    chip.core.chunk_operands = 16;
    chip.core.fifo_depth_chunks = 4;
    const auto cycles = [&](bool is_private, std::uint32_t ports) {
        chip.core.private_groups = is_private;
        chip.core.input_ports = ports;
        return run(chip, layer, TrainingStage::feed_forward, {true, true, false}).cycles;
    };
    EXPECT_EQ(cycles(false, 1), 38u);
    EXPECT_EQ(cycles(true, 1), 14u);
    EXPECT_EQ(cycles(true, 2), 12u);
    // Every receiver's chunk is read and driven by itself: 4 · (9 · 8 + 16) bits, 2 words each;
    // column buses carry the same bits.
    const RowCounts row = run(chip, layer, TrainingStage::feed_forward, {true, true, false});
    EXPECT_EQ(row.actions[Action::bus_bit], 2u * 4 * 88);
    EXPECT_EQ(row.actions[Action::input_buffer_read], 8u);
    EXPECT_EQ(row.actions[Action::weight_buffer_read], 8u);
    // Input load: 36 elements, 36 + 36 · 8 = 324 bits = 41 bytes, once; so are the weights.
    EXPECT_EQ(row.actions[Action::dram_read_byte], 82u);
}

/// Linear, 24 inputs, 2 outputs, chunk 8: T = 3. Blocks of 8 inputs × 1 output; output 1 has only
/// the last block, so column 1 jumps chunks 0 and 1 and takes chunk 2, the end mark, which is
/// pruned as well. Column 0: nothing pruned, one non-zero weight a chunk; x all ones.
/// 1 × 2 PEs, depth 1, buses unlimited.
/// Chunk 0: row bus and column bus 0: b 0, PE 0: s 1, f 2. Chunk 1: u = s(0) + 1 = 2, b 2, s 3,
/// f 4. Chunk 2: row bus h = 3, u = max(3, s + 1 = 4) = 4, b 4; column bus 0 the same; column bus
/// 1: h = 0, u = 0, b = 0. PE 0: A = 5, f 6. PE 1: p3 = h_row? the row bus serves its own result:
/// no idle; p4 = u_row = 4: wait_sibling 4; A = 5: wait_operand 1; cost 1 (empty), f = 6. d = 6,
/// end 7. PE 0: wait_operand 3 (cycles 0, 2, 4), mac 3. Idle: the drain cycle of both.
TEST(Row, AJumpedChunkIsNotSentAndTheLastOneIs) {
    test::RandomLayer layer;
    layer.shape.in_channels = 24;
    layer.shape.out_channels = 2;
    layer.x = base::BitTensor(1, 24);
    for (std::uint64_t element = 0; element < 24; ++element) {
        layer.x.set(0, element);
    }
    layer.weight = {0x010101};
    layer.coarse_keep = std::make_shared<const std::vector<std::uint64_t>>(
        std::vector<std::uint64_t>{0b010101});  // [input block][output block]
    layer.coarse_runs = {8, 1, layer.coarse_keep.get()};
    ChipParams chip;
    chip.core.rows = 1;
    chip.core.columns = 2;
    chip.core.chunk_operands = 8;
    chip.core.fifo_depth_chunks = 1;
    chip.core.coarse_runs = true;
    const RowCounts row = run(chip, layer, TrainingStage::feed_forward, {false, true, false});
    EXPECT_EQ(row.cycles, 7u);
    EXPECT_EQ(row.pe_cycles[PeCategory::wait_sibling], 4u);
    EXPECT_EQ(row.pe_cycles[PeCategory::wait_operand], 4u);
    EXPECT_EQ(row.pe_cycles[PeCategory::mac], 3u);
    EXPECT_EQ(row.pe_cycles[PeCategory::empty_chunk], 1u);
    EXPECT_EQ(row.pe_cycles[PeCategory::idle], 2u);
    EXPECT_EQ(row.issued, 3u);
    EXPECT_EQ(row.skipped_coarse, 16u);
    EXPECT_EQ(row.skipped_weight, 24u - 3u + 8u);
    EXPECT_EQ(row.actions[Action::sequencer_coarse_bit], 6u);
    // Input: 24 bytes; weights: columns receive 24 and 8: 32 + 3 · 8 = 56 bits = 7 bytes.
    EXPECT_EQ(row.actions[Action::dram_read_byte], 24u + 7u);
    // One column, one chunk a tile: output 1 is a block of its own with one slice that is a tile.
    // Input 4 · 8 bytes, weights 8 + 8 bits three times and 8 bits once: 3 · 2 + 1 bytes.
    ChipParams sliced = chip;
    sliced.core.columns = 1;
    sliced.core.tile_chunks = 1;
    const RowCounts slices = run(sliced, layer, TrainingStage::feed_forward, {false, true, false});
    EXPECT_EQ(slices.skipped_coarse, 16u);
    EXPECT_EQ(slices.skipped_weight, 29u);
    EXPECT_EQ(slices.actions[Action::dram_read_byte], 32u + 7u);
    EXPECT_EQ(slices.actions[Action::sequencer_coarse_bit], 6u);
    // Off: the weight bitmaps of column 1 travel too: 48 + 3 · 8 = 72 bits = 9 bytes.
    chip.core.coarse_runs = false;
    const RowCounts fine = run(chip, layer, TrainingStage::feed_forward, {false, true, false});
    EXPECT_EQ(fine.skipped_coarse, 0u);
    EXPECT_EQ(fine.actions[Action::sequencer_coarse_bit], 0u);
    EXPECT_EQ(fine.actions[Action::dram_read_byte], 24u + 9u);
}

/// BP of a linear layer, 3 samples, 2 input channels, 1 output: columns c with lists (0, 1, 2) and
/// (2); 1 × 2 PEs: results {0, 2}, {1, –}, {2, –}. Chunk 8, one pair each, depth 1, one port.
/// Step 0: receivers PE 0, PE 1: w = 1, u = 0, b = 0 and 1, b_feed = 1; both column buses b = 0.
///   PE 0: A = 1, s 1, f 2, d 2. PE 1: A = 2, s 2, f 3, d 3.
/// Step 1: receiver PE 0: h = 2, u = max(2, s + 1 = 2) = 2, b = 2; column bus 0: h = 1, u = 2, b 2.
///   PE 0: A = 3, f 4, d 4. Step 2: h = 3, u = max(3, 4) = 4, A = 5; d(result 0) + 1 = 3; f 6, d 6.
/// End 7. PE 0 waits for operands in cycles 0, 2, 4; PE 1 in 0 and 1 (its slot).
TEST(Row, PackedColumnsWorkThroughListsOfTheirOwn) {
    test::RandomLayer layer;
    layer.shape.samples = 3;
    layer.shape.in_channels = 2;
    layer.dy = base::BitTensor(3, 1);
    layer.dx_needed = base::BitTensor(3, 2);
    for (std::uint64_t sample = 0; sample < 3; ++sample) {
        layer.dy.set(sample, 0);
        layer.dx_needed.set(sample, 0);
    }
    layer.dx_needed.set(2, 1);
    layer.weight = {0b11};
    layer.weight_keep = {0b11};
    ChipParams chip;
    chip.core.rows = 1;
    chip.core.columns = 2;
    chip.core.chunk_operands = 8;
    chip.core.fifo_depth_chunks = 1;
    chip.core.input_ports = 1;
    const reduction::Selection selection{true, false, true};
    const RowCounts row =
        run(chip, layer, TrainingStage::back_propagation, selection, OutputMode::packed);
    EXPECT_EQ(row.cycles, 7u);
    EXPECT_EQ(row.issued, 4u);
    EXPECT_EQ(row.effectual, 4u);
    EXPECT_EQ(row.skipped_output, 2u);
    EXPECT_EQ(row.pe_cycles[PeCategory::wait_operand], 5u);
    EXPECT_EQ(row.pe_cycles[PeCategory::wait_sibling], 0u);
    EXPECT_EQ(row.pe_cycles[PeCategory::mac], 4u);
    EXPECT_EQ(row.actions[Action::pe_accumulator_write], 4u);
    EXPECT_EQ(row.actions[Action::sequencer_output_bit], 6u);
    // Row mode: three results of both columns: 6 multiplies, 2 in vain.
    EXPECT_EQ(run(chip, layer, TrainingStage::back_propagation, selection).issued, 6u);
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
