// SPDX-License-Identifier: Apache-2.0
// The array's part of the worked examples of models/MICROARCHITECTURE.md §11 and §19, clocked:
// exact cycles and categories, as the page derives them.
#include "models/core/clocked/array.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/clocked_tiles.h"

namespace skipsim::clocked {
namespace {

using base::Action;
using base::PeCategory;
using base::PeCycles;
using test::add_result;
using test::ArrayDriver;
using test::ArrayRun;
using test::chunk_of;
using test::ChunkOperands;
using test::ChunkPointer;
using test::Operands;
using test::result_of;
using test::Sums;

using Categories = std::vector<std::pair<PeCategory, std::uint64_t>>;

void expect_categories(const PeCycles& cycles, const Categories& expected) {
    PeCycles wanted;
    for (const auto& [category, count] : expected) {
        wanted[category] = count;
    }
    for (std::size_t index = 0; index < base::kPeCategoryCount; ++index) {
        const auto category = static_cast<PeCategory>(index);
        EXPECT_EQ(cycles[category], wanted[category]) << base::kPeCategoryNames[index];
    }
}

core::CoreParams params_of(std::uint32_t rows, std::uint32_t columns, std::uint32_t depth,
                           std::uint32_t chunk = 8) {
    core::CoreParams params;
    params.rows = rows;
    params.columns = columns;
    params.chunk_operands = chunk;
    params.fifo_depth_chunks = depth;
    return params;
}

/// x = (1, 0, 2) against w = (3, 4, 0), of which `w` holds another pattern in one example.
TileWork small_tile(const core::CoreParams& params, bool is_skipped, std::uint64_t number = 0,
                    std::uint64_t w = 0b011) {
    TileWork tile;
    tile.number = number;
    const std::vector<float> x_values =
        is_skipped ? std::vector<float>{1, 2} : std::vector<float>{1, 0, 2};
    const std::vector<float> w_values = !is_skipped  ? std::vector<float>{3, 4, 0}
                                        : w == 0b011 ? std::vector<float>{3, 4}
                                                     : std::vector<float>{4};
    add_result(tile, params, result_of(params, number, 1, 1),
               {{{chunk_of(0b111, 0b101, is_skipped, x_values)},
                 {chunk_of(0b111, w, is_skipped, w_values)}}});
    return tile;
}

ArrayRun run_tiles(const core::CoreParams& params, std::vector<TileWork> tiles,
                   std::vector<Operands> operands = {}, Sums* sums = nullptr,
                   bool is_skipped = true) {
    Array array(params);
    array.start_row(is_skipped, is_skipped, sums);
    return ArrayDriver(array, std::move(tiles), std::move(operands)).run();
}

// §11: A = 1, f = 2, d = 2, core end 3. fp8: 2 values of A and a bitmap of 8 bits: 24 bits, one
// word; the same for B.
TEST(ClockedArray, TheWorkedExampleTakesThreeCycles) {
    const core::CoreParams params = params_of(1, 1, 1);
    Sums sums;
    const ArrayRun run = run_tiles(params, {small_tile(params, true)}, {}, &sums);
    EXPECT_EQ(run.release, std::vector<std::uint64_t>{2});
    EXPECT_EQ(run.drained, std::vector<std::uint64_t>{3});
    EXPECT_EQ(run.end, 3u);
    expect_categories(run.counts.pe_cycles,
                      {{PeCategory::wait_operand, 1}, {PeCategory::mac, 1}, {PeCategory::idle, 1}});
    EXPECT_EQ(run.counts.issued, 1u);
    EXPECT_EQ(run.counts.effectual, 1u);
    EXPECT_EQ(run.counts.skipped_input, 1u);
    EXPECT_EQ(run.counts.skipped_weight_fine, 1u);
    EXPECT_EQ((sums.sums[{0, 0, 0}]), 3.0F);
    base::ActionCounts actions;
    actions[Action::bus_bit] = 48;
    actions[Action::input_buffer_read] = 1;
    actions[Action::weight_buffer_read] = 1;
    actions[Action::fifo_bit_write] = 16;
    actions[Action::fifo_bit_read] = 16;
    actions[Action::operand_buffer_bit_write] = 32;
    actions[Action::operand_buffer_bit_read] = 16;
    actions[Action::and_bit] = 8;
    actions[Action::detector_bit] = 8;
    actions[Action::pe_mac] = 1;
    actions[Action::pe_accumulator_write] = 1;
    actions[Action::output_buffer_write] = 1;
    EXPECT_EQ(run.counts.actions, actions);
}

// Three pairs issued, one effectual: cost 3, f = 4, d = 4.
TEST(ClockedArray, DenseChunksAreIneffectualWhereAnOperandIsZero) {
    const core::CoreParams params = params_of(1, 1, 1);
    Sums sums;
    const ArrayRun run = run_tiles(params, {small_tile(params, false)}, {}, &sums, false);
    EXPECT_EQ(run.end, 5u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_operand, 1},
                                             {PeCategory::mac, 1},
                                             {PeCategory::ineffectual, 2},
                                             {PeCategory::idle, 1}});
    EXPECT_EQ((sums.sums[{0, 0, 0}]), 3.0F);
    EXPECT_EQ(run.counts.actions[Action::fifo_bit_write], 0u);
    EXPECT_EQ(run.counts.actions[Action::and_bit], 0u);
    EXPECT_EQ(run.counts.actions[Action::detector_bit], 0u);
}

TEST(ClockedArray, AChunkWithoutPairsCostsACycle) {
    const core::CoreParams params = params_of(1, 1, 1);
    Sums sums;
    const ArrayRun run = run_tiles(params, {small_tile(params, true, 0, 0b010)}, {}, &sums);
    EXPECT_EQ(run.end, 3u);
    expect_categories(
        run.counts.pe_cycles,
        {{PeCategory::wait_operand, 1}, {PeCategory::empty_chunk, 1}, {PeCategory::idle, 1}});
    EXPECT_EQ((sums.sums[{0, 0, 0}]), 0.0F);
}

// R_memory = 8, R_weight = 5; u = b = 8, A = 9, f = 10, d = 10.
TEST(ClockedArray, WaitsForTheInputOfATile) {
    const core::CoreParams params = params_of(1, 1, 1);
    const ArrayRun run = run_tiles(params, {small_tile(params, true)}, {{8, 5}});
    EXPECT_EQ(run.end, 11u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_memory, 8},
                                             {PeCategory::wait_operand, 1},
                                             {PeCategory::mac, 1},
                                             {PeCategory::idle, 1}});
}

// R_memory = 0, R_weight = 3; u = b = 3, A = 4, f = 5, d = 5.
TEST(ClockedArray, WaitsForTheWeightOfATile) {
    const core::CoreParams params = params_of(1, 1, 1);
    const ArrayRun run = run_tiles(params, {small_tile(params, true)}, {{0, 3}});
    EXPECT_EQ(run.end, 6u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_weight, 3},
                                             {PeCategory::wait_operand, 1},
                                             {PeCategory::mac, 1},
                                             {PeCategory::idle, 1}});
}

// "stream": tile 0 R = 5 and 11: u = b = 11, A = 12, f = 13; tile 1 R = 8: u = max(12, 12 + 1) =
// 13, A = 14, f = 15, d = 15.
TEST(ClockedArray, TilesFollowEachOtherWithoutAGap) {
    const core::CoreParams params = params_of(1, 1, 1);
    const ArrayRun run = run_tiles(params, {small_tile(params, true), small_tile(params, true, 1)},
                                   {{5, 11}, {8, 11}});
    EXPECT_EQ(run.release, (std::vector<std::uint64_t>{13, 15}));
    EXPECT_EQ(run.drained, (std::vector<std::uint64_t>{14, 16}));
    EXPECT_EQ(run.end, 16u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_memory, 5},
                                             {PeCategory::wait_weight, 6},
                                             {PeCategory::wait_operand, 2},
                                             {PeCategory::mac, 2},
                                             {PeCategory::idle, 1}});
}

// "output buffer": R_memory = 13, 16, 35. Tile 2 is handed over at 21 = release(0); the PE is
// free at 23 and waits 12 cycles for it.
TEST(ClockedArray, WaitsForATileThatIsNotRequestedYet) {
    const core::CoreParams params = params_of(1, 1, 1);
    const ArrayRun run = run_tiles(
        params,
        {small_tile(params, true), small_tile(params, true, 1), small_tile(params, true, 2)},
        {{13, 19}, {16, 19}, {35, 0}});
    EXPECT_EQ(run.release, (std::vector<std::uint64_t>{21, 23, 37}));
    EXPECT_EQ(run.end, 38u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_memory, 25},
                                             {PeCategory::wait_weight, 6},
                                             {PeCategory::wait_operand, 3},
                                             {PeCategory::mac, 3},
                                             {PeCategory::idle, 1}});
}

// "wait_sibling": 1 x 2 PEs, 24 inputs, all ones; column 0 has one non-zero a chunk, column 1
// eight: f = 2, 4, 12 and 9, 17, 25; d = 12 and 25.
TEST(ClockedArray, ASlowSiblingHoldsTheRowBus) {
    const core::CoreParams params = params_of(1, 2, 1);
    TileWork tile;
    const ChunkOperands chunk{{chunk_of(0xff, 0xff, true)},
                              {chunk_of(0xff, 0x01, true), chunk_of(0xff, 0xff, true)}};
    add_result(tile, params, result_of(params, 0, 1, 2), {chunk, chunk, chunk});
    const ArrayRun run = run_tiles(params, {tile});
    EXPECT_EQ(run.end, 26u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_operand, 4},
                                             {PeCategory::mac, 27},
                                             {PeCategory::wait_sibling, 6},
                                             {PeCategory::idle, 15}});
}

// "wait_drain": 2 x 1 PEs, depth 4; results of 2, 1, 2, 1 rows, every chunk costs 1. Core end 8.
TEST(ClockedArray, BothAccumulatorsCanBeTaken) {
    const core::CoreParams params = params_of(2, 1, 4);
    const ChunkOperands chunk{{chunk_of(1, 1, true), chunk_of(1, 1, true)}, {chunk_of(1, 1, true)}};
    TileWork tile;
    for (std::uint64_t number = 0; number < 4; ++number) {
        add_result(tile, params, result_of(params, number, number % 2 == 0 ? 2 : 1, 1), {chunk});
    }
    const ArrayRun run = run_tiles(params, {tile});
    EXPECT_EQ(run.end, 8u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_operand, 3},
                                             {PeCategory::mac, 6},
                                             {PeCategory::wait_drain, 1},
                                             {PeCategory::idle, 6}});
}

// §6.1: 2 x 2 PEs, 2 input ports, 2 values a cycle; PE 3 has no place, PE 0 gets 4 values: every
// slot takes 2 cycles. Step 0: u = 0, PEs 0 and 1 have it at 2, PE 2 at 4; step 1: h = 4, u = 4:
// at 6, 6 and 8. Every pair costs 1: f = 3, 7; 3, 7; 5, 9; d = 7, 7, 9. PEs 0 and 1 wait in cycle
// 3 for the feed to begin: wait_sibling. wait_operand 2 + 2, 2 + 2, 4 + 3.
TEST(ClockedArray, TheFeedSendsInFixedSlots) {
    core::CoreParams params = params_of(2, 2, 2);
    params.input_ports = 2;
    params.bus_values = 2;
    auto result = result_of(params, 0, 2, 2);
    result->is_private = true;
    result->m[3] = ResultWork::kNoPlace;
    const ChunkPointer one = chunk_of(0xff, 0x01, true);
    const ChunkOperands chunk{
        {chunk_of(0xff, 0x0f, true), one, chunk_of(0xff, 0x81, true), nullptr}, {one, one}};
    TileWork tile;
    add_result(tile, params, result, {chunk, chunk});
    const ArrayRun run = run_tiles(params, {tile});
    EXPECT_EQ(run.end, 10u);
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_operand, 15},
                                             {PeCategory::wait_sibling, 2},
                                             {PeCategory::mac, 6},
                                             {PeCategory::idle, 17}});
    // No reuse between ports: 2 steps of (4 + 1 + 2) values and 3 bitmaps, 3 words; two columns of
    // 1 value and a bitmap.
    EXPECT_EQ(run.counts.actions[Action::bus_bit], 2u * (7 * 8 + 3 * 8) + 2u * 2 * (8 + 8));
    EXPECT_EQ(run.counts.actions[Action::input_buffer_read], 6u);
}

// 8 values at 3 a cycle take 3 cycles, 8 bits of a bitmap at 2 a cycle take 4: b = 3, A = 4, f
// = 12.
TEST(ClockedArray, TheSlowerOfValuesAndBitmapDecidesTheBus) {
    core::CoreParams params = params_of(1, 1, 1);
    params.bus_values = 3;
    params.bus_bits = 2;
    const ChunkPointer full = chunk_of(0xff, 0xff, true);
    TileWork tile;
    add_result(tile, params, result_of(params, 0, 1, 1), {{{full}, {full}}});
    const ArrayRun run = run_tiles(params, {tile});
    EXPECT_EQ(run.end, 13u);
    expect_categories(run.counts.pe_cycles,
                      {{PeCategory::wait_operand, 4}, {PeCategory::mac, 8}, {PeCategory::idle, 1}});
}

// 8 pairs, 3 a cycle, take 3 cycles, all but the last of 3; 8 bits, 2 a cycle, are scanned in 4: f
// = 5.
TEST(ClockedArray, TheSlowerOfPairsAndScanDecidesTheChunk) {
    core::CoreParams params = params_of(1, 1, 1);
    params.issue_width_pairs = 3;
    params.scan_bits = 2;
    const ChunkPointer full = chunk_of(0xff, 0xff, true);
    TileWork tile;
    add_result(tile, params, result_of(params, 0, 1, 1), {{{full}, {full}}});
    const ArrayRun run = run_tiles(params, {tile});
    EXPECT_EQ(run.release, std::vector<std::uint64_t>{5});
    expect_categories(run.counts.pe_cycles, {{PeCategory::wait_operand, 1},
                                             {PeCategory::mac, 3},
                                             {PeCategory::empty_chunk, 1},
                                             {PeCategory::idle, 1}});
    EXPECT_EQ(run.counts.issued, 8u);
}

// Chunk 0 costs 8: s = 1, f = 9. Depth 1: u(1) = max(1, s + 1) = 2, b = 2: chunk 1 is there at 9.
// Were the slot freed when chunk 0 is finished, chunk 1 would come at 11.
TEST(ClockedArray, ASlotIsFreedWhenItsChunkStarts) {
    const core::CoreParams params = params_of(1, 1, 1);
    const ChunkPointer full = chunk_of(0xff, 0xff, true);
    const ChunkPointer one = chunk_of(0xff, 0x01, true);
    TileWork tile;
    add_result(tile, params, result_of(params, 0, 1, 1), {{{full}, {full}}, {{one}, {one}}});
    const ArrayRun run = run_tiles(params, {tile});
    EXPECT_EQ(run.release, std::vector<std::uint64_t>{10});
    EXPECT_EQ(run.counts.pe_cycles[PeCategory::wait_operand], 1u);
}

// 1 x 2 PEs, depth 4: result 0 (3 chunks) has no place for PE 1. The row bus serves it in cycles 0
// to 2: PE 1 is idle, until the row bus sends result 1 in cycle 3: A = 4, f = 5.
TEST(ClockedArray, APeIsIdleWhileItsBusServesResultsWithoutIt) {
    const core::CoreParams params = params_of(1, 2, 4);
    const ChunkPointer one = chunk_of(0xff, 0x01, true);
    TileWork tile;
    const ChunkOperands narrow{{one}, {one, nullptr}};
    add_result(tile, params, result_of(params, 0, 1, 1), {narrow, narrow, narrow});
    add_result(tile, params, result_of(params, 1, 1, 2), {{{one}, {one, one}}});
    const ArrayRun run = run_tiles(params, {tile});
    EXPECT_EQ(run.end, 6u);
    // PE 0: wait_operand 1, mac 4, idle 1; PE 1: idle 3, wait_operand 1, mac 1, idle 1.
    expect_categories(run.counts.pe_cycles,
                      {{PeCategory::wait_operand, 2}, {PeCategory::mac, 5}, {PeCategory::idle, 5}});
}

// Slice 0 of a result drains while slice 1 is at work: its sum has to come along all the same.
TEST(ClockedArray, ASliceGoesOnWithTheSumOfTheOneBefore) {
    const core::CoreParams params = params_of(1, 1, 2);
    std::vector<TileWork> tiles(2);
    for (std::uint64_t slice = 0; slice < 2; ++slice) {
        auto result = result_of(params, slice, 1, 1);
        result->completes = slice == 1;
        result->continues[0] = slice == 1 ? 1 : 0;
        const float x = slice == 0 ? 5.0F : 7.0F;
        add_result(tiles[slice], params, result,
                   {{{chunk_of(1, 1, true, {x})}, {chunk_of(1, 1, true, {2.0F})}}});
    }
    Array array(params);
    Sums sums;
    array.start_row(true, true, &sums);
    const ArrayRun run = ArrayDriver(array, tiles, {}).run();
    EXPECT_EQ((sums.sums[{0, 0, 0}]), 24.0F);
    EXPECT_EQ(sums.drained, 2u);
    EXPECT_EQ(array.results_of_phase(0), 1u);
    EXPECT_EQ(array.results_left(0), 0u);
    EXPECT_EQ(array.results_left(1), 1u);
    EXPECT_EQ(run.counts.actions[Action::output_buffer_read], 1u);
    EXPECT_EQ(run.counts.actions[Action::output_buffer_write], 2u);
}

// §11 watched: the chunk is in both FIFOs after cycle 0, at work (and done) after cycle 1, drained
// in cycle 2.
TEST(ClockedArray, SignalsFollowTheArray) {
    const core::CoreParams params = params_of(1, 1, 1);
    Array array(params);
    std::map<std::string, const std::uint32_t*> signals;
    array.watch([&signals](const std::string& name, const std::uint32_t& value, unsigned) {
        signals[name] = &value;
    });
    array.start_row(true, true, nullptr);
    array.add_tile(small_tile(params, true));
    array.end_of_list();
    array.input_is_there(0);
    array.weight_is_there(0);
    const std::vector<std::string> names{"row_bus_0.is_sending", "pe_0_0.row_level",
                                         "pe_0_0.column_level",  "pe_0_0.chunks_started",
                                         "pe_0_0.accumulators",  "drain_0.is_busy"};
    const std::vector<std::vector<std::uint32_t>> expected{
        {1, 1, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 0}, {0, 0, 0, 1, 0, 1}};
    for (const std::vector<std::uint32_t>& cycle : expected) {
        EXPECT_TRUE(array.step());
        for (std::size_t signal = 0; signal < names.size(); ++signal) {
            EXPECT_EQ(*signals.at(names[signal]), cycle[signal]) << names[signal];
        }
    }
    EXPECT_TRUE(array.is_empty());
    EXPECT_FALSE(array.step());
}

}  // namespace
}  // namespace skipsim::clocked
