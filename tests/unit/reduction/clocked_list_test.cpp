// SPDX-License-Identifier: Apache-2.0
// The clocked engine's list on cases small enough to be written down from the tables of
// models/MICROARCHITECTURE.md §2 to §5 and §15.1.
#include "models/reduction/clocked/work_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/reduction/clocked/result_tensor.h"

namespace skipsim::clocked {
namespace {

using reduction::ConvolutionShape;
using reduction::TrainingStage;
using testing::ElementsAre;
using testing::IsEmpty;

OperandTensor tensor(const std::vector<float>& values) {
    OperandTensor operand;
    operand.values = values;
    for (const float value : values) {
        operand.nonzero.push_back(value != 0.0F ? 1 : 0);
    }
    return operand;
}

OperandTensor ones(std::size_t elements) {
    return tensor(std::vector<float>(elements, 1.0F));
}

RowTask linear(TrainingStage stage, std::int64_t samples, std::int64_t in, std::int64_t out) {
    RowTask task;
    task.stage = stage;
    task.shape.samples = samples;
    task.shape.in_channels = in;
    task.shape.out_channels = out;
    task.selection = {true, true, false};
    return task;
}

/// One line of pixels.
ConvolutionShape line(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                      std::int64_t padding) {
    ConvolutionShape shape;
    shape.in_size.horizontal = in;
    shape.out_size.horizontal = out;
    shape.kernel.horizontal = kernel;
    shape.stride.horizontal = stride;
    shape.padding.horizontal = padding;
    return shape;
}

ListParams array(std::uint32_t rows, std::uint32_t columns) {
    ListParams params;
    params.rows = rows;
    params.columns = columns;
    params.chunk_operands = 8;
    params.tile_chunks = 4;
    return params;
}

struct Listed {
    std::vector<TileWork> tiles;
    ListCounts counts;
};

Listed list_of(const RowTask& task, const ListParams& params, const reduction::Share& share = {}) {
    const ColumnOrder order = column_order(task, params, share.column_parts);
    WorkList list(task, params, order, share);
    Listed listed;
    TileWork tile;
    while (list.next(tile)) {
        listed.tiles.push_back(tile);
    }
    listed.counts = list.counts();
    return listed;
}

/// The layer of §11.
RowTask worked_example() {
    RowTask task = linear(TrainingStage::feed_forward, 1, 3, 1);
    task.input = tensor({1, 0, 2});
    task.weight = tensor({3, 4, 0});
    return task;
}

TEST(ClockedList, SendsNonZerosOfSelectedRoles) {
    const Listed listed = list_of(worked_example(), array(1, 1));
    ASSERT_EQ(listed.tiles.size(), 1U);
    const TileWork& tile = listed.tiles[0];
    ASSERT_EQ(tile.chunks.size(), 1U);
    const OperandChunk& a = *tile.chunks[0].input.at(0);
    const OperandChunk& b = *tile.chunks[0].weight.at(0);
    EXPECT_THAT(a.in_bounds, ElementsAre(0b111U));
    EXPECT_THAT(a.sent, ElementsAre(0b101U));
    EXPECT_THAT(a.values, ElementsAre(1, 2));
    EXPECT_THAT(b.sent, ElementsAre(0b011U));
    EXPECT_THAT(b.values, ElementsAre(3, 4));
    // §19: bitmap and non-zeros, 3 + 2 · 8 = 19 bits each.
    EXPECT_EQ(tile.input_bytes, 3U);
    EXPECT_EQ(tile.weight_bytes, 3U);
    const PeChunk& pe = tile.chunks[0].pes.at(0);
    EXPECT_TRUE(pe.receives && pe.starts && pe.ends);
}

TEST(ClockedList, SendsEverythingInBoundsOfOtherRoles) {
    RowTask task = worked_example();
    task.selection = {false, false, false};
    task.shape = line(3, 3, 3, 1, 1);  // q = 0 reads pixels -1, 0, 1
    const Listed listed = list_of(task, array(3, 1));
    const ChunkWork& chunk = listed.tiles.at(0).chunks.at(0);
    EXPECT_THAT(chunk.input[0]->sent, ElementsAre(0b110U));
    EXPECT_THAT(chunk.input[0]->nonzero, ElementsAre(0b010U));
    EXPECT_THAT(chunk.input[0]->values, ElementsAre(1, 0));
    EXPECT_THAT(chunk.weight[0]->sent, ElementsAre(0b111U));
    EXPECT_EQ(listed.tiles[0].input_bytes, 3U);  // 7 positions, but 3 elements
}

TEST(ClockedList, CutsStridedBackPropagationIntoPhases) {
    // 2 pixels, 1 output pixel, taps s = 0, 1, 2 at w = s - 1. Phase 0: pixel 0, tap 1. Phase 1:
    // pixel 1, taps 0 (of output pixel 1, which is not there) and 2.
    RowTask task;
    task.stage = TrainingStage::back_propagation;
    task.shape = line(2, 1, 3, 2, 1);
    task.input = tensor({5});
    task.weight = tensor({1, 2, 3});
    const Listed listed = list_of(task, array(1, 1));
    ASSERT_EQ(listed.tiles.size(), 2U);
    EXPECT_EQ(listed.tiles[0].phase, 0U);
    EXPECT_THAT(listed.tiles[0].chunks[0].weight[0]->values, ElementsAre(2));
    EXPECT_EQ(listed.tiles[1].phase, 1U);
    EXPECT_THAT(listed.tiles[1].chunks[0].weight[0]->values, ElementsAre(1, 3));
    EXPECT_THAT(listed.tiles[1].chunks[0].input[0]->in_bounds, ElementsAre(0b10U));

    task.zero_insertion = true;
    const Listed inserted = list_of(task, array(2, 1));
    ASSERT_EQ(inserted.tiles.size(), 1U);
    EXPECT_THAT(inserted.tiles[0].chunks[0].input[0]->in_bounds, ElementsAre(0b010U));
    EXPECT_THAT(inserted.tiles[0].chunks[0].input[1]->in_bounds, ElementsAre(0b100U));
}

TEST(ClockedList, AddressesWeightGradientsByColumnModStride) {
    // 5 columns lie as 0 2 4 1 3. Tap 0 reads columns 0 and 2, tap 1 columns 1 and 3.
    RowTask task;
    task.stage = TrainingStage::weight_gradient;
    task.shape = line(5, 2, 2, 2, 0);
    task.input = ones(5);
    task.weight = ones(2);
    ListParams params = array(1, 1);
    params.tile_chunks = 1;
    params.operand_width_bits = 16;
    const Listed listed = list_of(task, params);
    ASSERT_EQ(listed.tiles.size(), 2U);
    EXPECT_EQ(listed.tiles[0].input_first_byte, 0U);
    EXPECT_EQ(listed.tiles[1].input_first_byte, 3U * 2);
    EXPECT_TRUE(listed.tiles[0].loads_weight);
    EXPECT_FALSE(listed.tiles[1].loads_weight);  // the same block, the same slice
}

/// BP of 2 samples, 2 inputs, 3 outputs; dx of sample 0 is needed at input 1, of sample 1 at both.
RowTask half_needed() {
    RowTask task = linear(TrainingStage::back_propagation, 2, 2, 3);
    task.input = ones(6);
    task.weight = ones(6);
    task.needed = {0, 1, 1, 1};
    task.selection.output = true;
    return task;
}

TEST(ClockedList, GivesPackedColumnsListsOfTheirOwn) {
    RowTask task = half_needed();
    task.packs_output = true;
    const Listed listed = list_of(task, array(1, 2));
    ASSERT_EQ(listed.tiles.size(), 1U);
    ASSERT_EQ(listed.tiles[0].chunks.size(), 2U);
    const ChunkWork& first = listed.tiles[0].chunks[0];
    const ChunkWork& second = listed.tiles[0].chunks[1];
    EXPECT_TRUE(first.result->is_private);
    EXPECT_THAT(first.result->m, ElementsAre(1, 0));
    EXPECT_THAT(second.result->m, ElementsAre(ResultWork::kNoPlace, 1));
    EXPECT_EQ(second.input[0], nullptr);
    EXPECT_EQ(second.weight[0], nullptr);
    EXPECT_EQ(second.input[1], first.input[0]);  // sample 1, the same chunk
    EXPECT_EQ(listed.counts.output_bits, 4U);
    EXPECT_EQ(listed.counts.skipped_output, 3U);  // 3 products of sample 0, input 0
}

TEST(ClockedList, DropsRowsThatNoColumnNeeds) {
    RowTask task = half_needed();
    EXPECT_EQ(list_of(task, array(1, 2)).counts.skipped_output, 0U);
    task.needed = {0, 0, 1, 0};
    const Listed listed = list_of(task, array(1, 2));
    ASSERT_EQ(listed.tiles.size(), 1U);
    ASSERT_EQ(listed.tiles[0].chunks.size(), 1U);
    EXPECT_THAT(listed.tiles[0].chunks[0].result->m, ElementsAre(1, 1));
    EXPECT_THAT(listed.tiles[0].chunks[0].result->is_needed, ElementsAre(1, 0));
    EXPECT_EQ(listed.counts.skipped_output, 6U);
    task.needed = {0, 0, 0, 0};
    EXPECT_THAT(list_of(task, array(1, 2)).tiles, IsEmpty());
}

/// 24 inputs in 3 chunks, 2 outputs; blocks of 8 inputs: output 0 keeps the first, output 1 the
/// last. Input 8 is zero.
RowTask coarse() {
    RowTask task = linear(TrainingStage::feed_forward, 1, 24, 2);
    task.input = ones(24);
    task.input.nonzero[8] = 0;
    task.input.values[8] = 0;
    task.weight = ones(48);
    for (std::size_t input = 0; input < 24; ++input) {
        for (std::size_t output = 0; output < 2; ++output) {
            const bool keeps = output == 0 ? input < 8 : input >= 16;
            task.weight.nonzero[output * 24 + input] = keeps ? 1 : 0;
            task.weight.values[output * 24 + input] = keeps ? 1.0F : 0.0F;
        }
    }
    task.coarse = {8, 1, {1, 0, 0, 0, 0, 1}};
    return task;
}

ListParams coarse_array(bool spills) {
    ListParams params = array(1, 2);
    params.coarse_runs = true;
    params.psum_spill = spills;
    params.tile_chunks = spills ? 1 : 4;
    return params;
}

TEST(ClockedList, JumpsPrunedChunksButTheLast) {
    const Listed listed = list_of(coarse(), coarse_array(false));
    ASSERT_EQ(listed.tiles.size(), 1U);
    const TileWork& tile = listed.tiles[0];
    ASSERT_EQ(tile.chunks.size(), 2U);  // both columns jump chunk 1
    const ChunkWork& first = tile.chunks[0];
    const ChunkWork& last = tile.chunks[1];
    EXPECT_TRUE(first.pes[0].receives && first.pes[0].starts && !first.pes[0].ends);
    EXPECT_FALSE(first.pes[1].receives);
    EXPECT_EQ(first.weight[1], nullptr);
    EXPECT_TRUE(last.pes[0].receives && !last.pes[0].starts && last.pes[0].ends);
    EXPECT_TRUE(last.pes[1].receives && last.pes[1].starts && last.pes[1].ends);
    EXPECT_EQ(listed.counts.coarse_bits, 6U);
    EXPECT_EQ(listed.counts.skipped_jumped_input, 2U);         // input 8, twice
    EXPECT_EQ(listed.counts.skipped_weight_coarse, 8U + 14U);  // chunk 0 once, chunk 1 twice
    EXPECT_EQ(tile.input_bytes, (16U + 16U * 8) / 8);          // chunks 0 and 2
    EXPECT_EQ(tile.weight_bytes, (24U + 16U * 8) / 8);  // two chunks and one, of them 16 not zero
}

TEST(ClockedList, SpillsSliceBySliceAndContinuesWhatTookPart) {
    RowTask task = coarse();
    task.shape.samples = 2;
    task.input = ones(48);
    const Listed listed = list_of(task, coarse_array(true));
    // Slice 0 of both results, no slice 1, slice 2 of both.
    ASSERT_EQ(listed.tiles.size(), 4U);
    for (std::size_t tile = 0; tile < 4; ++tile) {
        const ChunkWork& chunk = listed.tiles[tile].chunks.at(0);
        const bool is_last = tile >= 2;
        EXPECT_EQ(chunk.result->number, tile);
        EXPECT_THAT(chunk.result->m, ElementsAre(tile % 2, tile % 2));
        EXPECT_EQ(chunk.result->completes, is_last);
        EXPECT_THAT(chunk.result->continues, ElementsAre(is_last ? 1 : 0, 0));
        EXPECT_EQ(listed.tiles[tile].loads_weight, tile % 2 == 0);
        EXPECT_TRUE(chunk.pes[0].starts && chunk.pes[0].ends);
        EXPECT_EQ(chunk.pes[1].receives, is_last);
        EXPECT_EQ(chunk.pes[1].ends, is_last);
    }
    EXPECT_EQ(listed.tiles[3].weight_first_byte, 16U);
    EXPECT_EQ(listed.counts.skipped_weight_coarse, 2U * (8 + 16));
}

TEST(ClockedList, KeepsSumsInTheArrayAcrossSlices) {
    RowTask task = linear(TrainingStage::feed_forward, 2, 24, 1);
    task.input = ones(48);
    task.weight = ones(24);
    ListParams params = array(1, 1);
    params.tile_chunks = 2;
    const Listed listed = list_of(task, params);
    ASSERT_EQ(listed.tiles.size(), 4U);  // slices 0 and 1 of sample 0, then of sample 1
    EXPECT_EQ(listed.tiles[0].chunks[0].result, listed.tiles[1].chunks[0].result);
    EXPECT_NE(listed.tiles[1].chunks[0].result, listed.tiles[2].chunks[0].result);
    EXPECT_TRUE(listed.tiles[0].chunks[0].pes[0].starts);
    EXPECT_FALSE(listed.tiles[0].chunks[1].pes[0].ends);
    EXPECT_FALSE(listed.tiles[1].chunks[0].pes[0].starts);
    EXPECT_TRUE(listed.tiles[1].chunks[0].pes[0].ends);
    EXPECT_TRUE(listed.tiles[2].loads_weight);
}

TEST(ClockedList, FeedsGroupsOfAPrivateBlockApart) {
    RowTask task = linear(TrainingStage::feed_forward, 1, 2, 2);
    task.shape.groups = 2;
    task.input = tensor({3, 4});
    task.weight = tensor({5, 6});
    ListParams params = array(1, 2);
    EXPECT_EQ(list_of(task, params).tiles.size(), 2U);
    params.private_groups = true;
    const Listed listed = list_of(task, params);
    ASSERT_EQ(listed.tiles.size(), 1U);
    const ChunkWork& chunk = listed.tiles[0].chunks.at(0);
    EXPECT_TRUE(chunk.result->is_private);
    EXPECT_THAT(chunk.input.at(0)->values, ElementsAre(3));
    EXPECT_THAT(chunk.input.at(1)->values, ElementsAre(4));
    EXPECT_THAT(chunk.weight.at(1)->values, ElementsAre(6));
}

TEST(ClockedList, IsEmptyWithoutAChunkOfK) {
    RowTask task = coarse();
    task.selection.output = true;
    reduction::Share share;
    share.k_parts = 4;
    const Listed listed = list_of(task, coarse_array(false), share);  // ⌊1 · 3 / 4⌋ = 0 chunks
    EXPECT_THAT(listed.tiles, IsEmpty());
    EXPECT_EQ(listed.counts.coarse_bits, 0U);
    EXPECT_EQ(listed.counts.skipped_output, 0U);
}

TEST(ClockedList, DealsColumnsThereAndBack) {
    RowTask task = linear(TrainingStage::feed_forward, 1, 3, 5);
    task.input = ones(3);
    // Work 1, 3, 2, 3, 0: sorted 1 3 2 0 4. Part 0 has room for 2 columns, part 1 for 3: 1 | 3, 2 |
    // 0, (none) | 4.
    task.weight = tensor({1, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0});
    task.balances = true;
    const ListParams params = array(1, 1);
    const ColumnOrder order = column_order(task, params, 2);
    ASSERT_EQ(order.columns.size(), 1U);
    EXPECT_THAT(order.columns[0], ElementsAre(1, 0, 3, 2, 4));
    EXPECT_EQ(order.bits, 15U);
    EXPECT_EQ(order.compares, 15U);  // 5 · ⌈log2 5⌉
    task.selection.weight = false;
    EXPECT_THAT(column_order(task, params, 2).columns[0], ElementsAre(0, 1, 2, 3, 4));
}

TEST(ClockedResults, AddPartsInTheOrderOfTheCores) {
    RowTask task = worked_example();
    ResultTensor results(task, 3);
    EXPECT_EQ(results.finish().is_computed[0], 0);
    results.drain(2, 0, 0, 0, 1.0F);
    results.drain(0, 0, 0, 0, 7.0F);
    results.drain(0, 0, 0, 0, 1e8F);  // in place of the 7
    results.drain(1, 0, 0, 0, -99999992.0F);
    EXPECT_EQ(results.partial(0, 0, 0, 0), 1e8F);
    EXPECT_EQ(results.finish().values[0], 9.0F);  // 8 if the 1 were added to 1e8
    EXPECT_EQ(results.finish().is_computed[0], 1);
}

}  // namespace
}  // namespace skipsim::clocked
