// SPDX-License-Identifier: Apache-2.0
// Hand-worked cases of the PE array. Every expected cycle is derived from the rules of
// models/MICROARCHITECTURE.md §6 in the comment above it.
#include "models/core/pe_array.h"

#include <gtest/gtest.h>

#include <memory>

namespace skipsim::core {
namespace {

using base::PeCategory;

constexpr std::uint64_t kNobody = 0;

/// A tile whose rows and columns are given chunk by chunk, chunk of 8, one column.
reduction::Tile tile_of(const CoreParams& params, const std::vector<std::uint64_t>& row_words,
                        std::uint32_t rows, const std::vector<std::uint64_t>& column_words) {
    reduction::Tile tile;
    tile.chunks = static_cast<std::uint32_t>(column_words.size());
    tile.row_count = rows;
    auto row_operands = std::make_shared<reduction::RowOperands>();
    row_operands->issue = row_words;
    tile.row_operands = row_operands;
    auto columns = std::make_shared<reduction::ColumnOperands>();
    columns->columns_active = 1;
    columns->chunks = tile.chunks;
    columns->issue.assign(column_words.size() * params.lanes(), 0);
    for (std::size_t chunk = 0; chunk < column_words.size(); ++chunk) {
        columns->issue[chunk * params.lanes()] = column_words[chunk];
    }
    tile.column_operands = columns;
    return tile;
}

CoreParams one_pe(std::uint32_t depth) {
    CoreParams params;
    params.rows = 1;
    params.columns = 1;
    params.chunk_operands = 8;
    params.fifo_depth_chunks = depth;
    return params;
}

// b = 0, A = 1, s = 1, cost 3, f = 4, d = 4, end 5.
TEST(PeArray, OneChunkCostsItsPairsPlusTransferPlusDrain) {
    PeArray array(one_pe(1));
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(array.params(), {0b10110}, 1, {0b11111}), 0, 0), 4u);
    EXPECT_EQ(array.end_cycle(), 5u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::mac], 3u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::wait_operand], 1u);
}

// Chunk 0: b 0, s 1, f 4. Chunk 1 (depth 1): u = max(1, s(0) + 1 = 2) = 2, b 2, A = max(4, 3) = 4:
// no wait; cost 1 (empty), f 5. Freed at start, not at finish: freed at finish would give u = 5.
TEST(PeArray, FifoEntryIsFreeOnceItsChunkHasStarted) {
    PeArray array(one_pe(1));
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(array.params(), {0b111, 0}, 1, {0b111, 0b1}), 0, 0), 5u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::empty_chunk], 1u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::wait_operand], 1u);
}

// Three empty chunks, depth 1: s(0) = 1, u(1) = 2, b 2, s(1) = 3, u(2) = 4, s(2) = 5, f 6: each
// chunk waits a cycle for the register; the bus waits for the FIFO, but no sibling is involved
// since the PE is idle only in the cycles u … b: wait_operand 1 + 1 + 1.
TEST(PeArray, DepthOneHalvesTheRateOfEmptyChunks) {
    PeArray array(one_pe(1));
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(array.params(), {0, 0, 0}, 1, {0, 0, 0}), 0, 0), 6u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::empty_chunk], 3u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::wait_operand], 3u);
}

// Rows 0 and 1 share the column bus, depth 1. Row 0: 8 pairs then 1; row 1: 1 pair then 1.
// Chunk 0: both s = 1; f0 = 9, f1 = 2. Chunk 1: u = max(1, 1 + 1) = 2 on all buses, b 2; row 0:
// A = 9, s 9, f 10; row 1: A = max(2, 3) = 3, s 3, f 4. Chunk 2: column u = max(s0 + 1 = 10, 4) =
// 10, row bus 1 u = 4. Row 1 waits from 4: sibling 4 … 9 = 6 cycles, operand cycle 10, s = 11,
// f 12. Row 0: f 10, A = 11, operand 1 (cycle 10), f 12.
TEST(PeArray, FullFifoOfASiblingHoldsTheColumnBus) {
    CoreParams params = one_pe(1);
    params.rows = 2;
    PeArray array(params);
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(params, {0xFF, 1, 1, 1, 1, 1}, 2, {0xFF, 1, 1}), 0, 0), 12u);
    const base::PeCycles& cycles = array.counts().pe_cycles;
    EXPECT_EQ(cycles[PeCategory::wait_sibling], 6u);
    // first chunk: 1 each; row 1 before chunk 1: cycle 2; before chunk 2: 1 each.
    EXPECT_EQ(cycles[PeCategory::wait_operand], 5u);
    EXPECT_EQ(cycles[PeCategory::mac], 8u + 1u + 1u + 1u + 1u + 1u);
}

// Payload: 4 values at 2 a cycle = 2 cycles. b = 0 + 2 - 1 = 1, A = 2.
TEST(PeArray, PayloadOccupiesTheBus) {
    CoreParams params = one_pe(2);
    params.bus_values = 2;
    PeArray array(params);
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(params, {0b1111}, 1, {0b1}), 0, 0), 2u + 1u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::wait_operand], 2u);
}

// 8 bitmap bits at 3 a cycle = 3 cycles, unless the role's bitmap does not travel.
TEST(PeArray, BitmapOccupiesTheBusOnlyWhereItTravels) {
    CoreParams params = one_pe(2);
    params.bus_bits = 3;
    PeArray array(params);
    array.start_row({true, false});
    EXPECT_EQ(array.run_tile(tile_of(params, {0b1}, 1, {0b1}), 0, 0), 3u + 1u);
    array.start_row({false, false});
    EXPECT_EQ(array.run_tile(tile_of(params, {0b1}, 1, {0b1}), 0, 0), 1u + 1u);
}

// R_memory 5, R_weight 9: u = 9, b 9, s = 10.
TEST(PeArray, MemoryComesBeforeWeightInTheCategories) {
    PeArray array(one_pe(1));
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(array.params(), {1}, 1, {1}), 5, 9), 11u);
    const base::PeCycles& cycles = array.counts().pe_cycles;
    EXPECT_EQ(cycles[PeCategory::wait_memory], 5u);
    EXPECT_EQ(cycles[PeCategory::wait_weight], 4u);
    EXPECT_EQ(cycles[PeCategory::wait_operand], 1u);
}

// Four rows, one column, results of one empty chunk each, depth 8. Result 0: all s 1, f 2; drains
// d = 2, 3, 4, 5. Result 1: s 2, f 3; d = 6, 7, 8, 9. Result 2: the bus delivers at A = 3, but the
// accumulator of result 0 is free only after its drain: s = 3, 4, 5, 6 (d + 1). Waits 0 + 1 + 2
// + 3.
TEST(PeArray, ThirdResultWaitsForTheDrainOfTheFirst) {
    CoreParams params = one_pe(8);
    params.rows = 4;
    PeArray array(params);
    array.start_row({true, true});
    array.run_tile(tile_of(params, std::vector<std::uint64_t>(12, 0), 12, {0}), 0, 0);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::wait_drain], 6u);
    // Result 2: f = 4, 5, 6, 7; d = 10, 11, 12, 13.
    EXPECT_EQ(array.end_cycle(), 14u);
    EXPECT_EQ(array.counts().results, 12u);
}

// issue width 2: ceil(3 / 2) = 2 cycles. scan width 3: ceil(8 / 3) = 3 cycles: 2 issue, 1 scans.
TEST(PeArray, ScanWidthBoundsAChunkFromBelow) {
    CoreParams params = one_pe(1);
    params.issue_width_pairs = 2;
    params.scan_bits = 3;
    PeArray array(params);
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(params, {0b111}, 1, {0b111}), 0, 0), 1u + 3u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::mac], 2u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::empty_chunk], 1u);
}

// Issued 3, effectual 1 (mode without a pattern): mac 1, ineffectual 2.
TEST(PeArray, IneffectualIsWhatWasIssuedInVain) {
    PeArray array(one_pe(1));
    array.start_row({false, false});
    reduction::Tile tile = tile_of(array.params(), {0b111}, 1, {0b111});
    auto rows = std::make_shared<reduction::RowOperands>(*tile.row_operands);
    rows->nonzero = {0b011};
    tile.row_operands = rows;
    auto columns = std::make_shared<reduction::ColumnOperands>(*tile.column_operands);
    columns->nonzero = columns->issue;
    columns->nonzero[0] = 0b110;
    tile.column_operands = columns;
    array.run_tile(tile, 0, 0);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::mac], 1u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::ineffectual], 2u);
    EXPECT_EQ(array.counts().issued, 3u);
    EXPECT_EQ(array.counts().effectual, 1u);
}

TEST(PeArray, AResultNobodyNeedsHasNothingEffectual) {
    PeArray array(one_pe(1));
    array.start_row({true, true});
    reduction::Tile tile = tile_of(array.params(), {0b111}, 1, {0b111});
    tile.needed.assign(array.params().lanes(), kNobody);
    array.run_tile(tile, 0, 0);
    EXPECT_EQ(array.counts().effectual, 0u);
    EXPECT_EQ(array.counts().pe_cycles[PeCategory::ineffectual], 3u);
}

// Two rows, depth 1, chunks of 3 pairs. Tile 0 has one row (row 0): b 0, s 1, f 4. Tile 1 has two
// rows. Column: h = 1, u = max(1, s0 + 1 = 2) = 2, b 2. Row bus 1: h = 0, u = 0, b = 0. PE 1: f =
// 0; idle until h_column = 1 (cycle 0: the column bus serves a result in which it has no place),
// sibling cycle 1 (row 0's FIFO is full), operand cycle 2, s = 3, f 6. PE 0: A = 4, f 7.
TEST(PeArray, APeWithoutAPlaceIsIdleWhileItsBusServesOthers) {
    CoreParams params = one_pe(1);
    params.rows = 2;
    PeArray array(params);
    array.start_row({true, true});
    EXPECT_EQ(array.run_tile(tile_of(params, {0b111}, 1, {0b111}), 0, 0), 4u);
    EXPECT_EQ(array.run_tile(tile_of(params, {0b111, 0b111}, 2, {0b111}), 0, 0), 7u);
    const base::PeCycles& cycles = array.counts().pe_cycles;
    EXPECT_EQ(cycles[PeCategory::idle], 1u);
    EXPECT_EQ(cycles[PeCategory::wait_sibling], 1u);
    EXPECT_EQ(cycles[PeCategory::wait_operand], 1u + 1u);
}

TEST(PeArray, NamesEveryBrokenRuleAtOnce) {
    CoreParams params;
    params.rows = 0;
    params.chunk_operands = 513;
    try {
        const PeArray array(params);
        FAIL() << "accepted";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(),
                     "core.rows = 0, must be 1..128; core.chunk_operands = 513, must be 8..512");
    }
}

}  // namespace
}  // namespace skipsim::core
