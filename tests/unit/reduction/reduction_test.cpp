// SPDX-License-Identifier: Apache-2.0
// The address generators against the definition of a convolution, position by position.
#include "models/reduction/reduction.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "models/reduction/tile_sequencer.h"
#include "tests/support/positions.h"
#include "tests/support/random_layer.h"

namespace skipsim::reduction {
namespace {

using test::forward_input;
using test::gradient_input;
using test::Position;
using test::RandomLayer;

/// Gathers the whole of A of one group and compares every position; also the footprint.
void expect_rows(const Phase& phase, std::int64_t group, std::uint32_t chunk,
                 const std::function<Position(std::int64_t, std::int64_t)>& expected) {
    const std::size_t words = (chunk + 63) / 64;
    const auto chunks = static_cast<std::size_t>((phase.k_count + chunk - 1) / chunk);
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(phase.m_count));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        rows[row] = static_cast<std::uint32_t>(row);
    }
    std::vector<std::uint64_t> issue(rows.size() * chunks * words, 0);
    std::vector<std::uint64_t> nonzero = issue;
    Footprint footprint;
    footprint.reset(phase.input->footprint_words());
    phase.input->gather({rows.data(), rows.size(), group, 0, phase.k_count, chunk, false},
                        {issue.data(), nonzero.data(), chunks * words, nullptr}, footprint);
    std::set<std::tuple<std::int64_t, std::int64_t>> distinct;
    std::set<std::tuple<std::int64_t, std::int64_t>> distinct_nonzero;
    for (std::int64_t m = 0; m < phase.m_count; ++m) {
        for (std::int64_t k = 0; k < phase.k_count; ++k) {
            const Position want = expected(m, k);
            const auto chunk_index = static_cast<std::size_t>(k / chunk);
            const std::uint64_t* at =
                issue.data() + (static_cast<std::size_t>(m) * chunks + chunk_index) * words;
            const std::uint64_t* nonzero_at = nonzero.data() + (at - issue.data());
            const auto bit = static_cast<std::uint64_t>(k % chunk);
            ASSERT_EQ(base::test_bit(at, bit), want.in_bounds) << "m " << m << " k " << k;
            ASSERT_EQ(base::test_bit(nonzero_at, bit), want.nonzero) << "m " << m << " k " << k;
            if (want.in_bounds) {
                distinct.insert(want.element);
            }
            if (want.nonzero) {
                distinct_nonzero.insert(want.element);
            }
        }
    }
    const Footprint::Size size = phase.input->footprint_size(footprint);
    EXPECT_EQ(size.elements, distinct.size());
    EXPECT_EQ(size.nonzeros, distinct_nonzero.size());
}

constexpr std::array<std::uint32_t, 4> kChunks{8, 11, 64, 130};

TEST(Reduction, ForwardRowsHoldTheWindowsOfTheInput) {
    base::Random random(7001);
    for (int trial = 0; trial < 60; ++trial) {
        SCOPED_TRACE(trial);
        const RandomLayer layer = test::random_layer(random, test::random_shape(random));
        const Reduction reduction(TrainingStage::feed_forward, layer.shape, layer.patterns(),
                                  false);
        for (std::int64_t group = 0; group < layer.shape.groups; ++group) {
            expect_rows(
                reduction.phases().front(), group, kChunks[trial % 4],
                [&](std::int64_t m, std::int64_t k) { return forward_input(layer, group, m, k); });
        }
    }
}

TEST(Reduction, WeightGradientRowsHoldShiftedImages) {
    base::Random random(7002);
    for (int trial = 0; trial < 60; ++trial) {
        SCOPED_TRACE(trial);
        const RandomLayer layer = test::random_layer(random, test::random_shape(random));
        const Reduction reduction(TrainingStage::weight_gradient, layer.shape, layer.patterns(),
                                  false);
        for (std::int64_t group = 0; group < layer.shape.groups; ++group) {
            expect_rows(
                reduction.phases().front(), group, kChunks[trial % 4],
                [&](std::int64_t m, std::int64_t k) { return gradient_input(layer, group, m, k); });
        }
    }
}

/// Counts, per (sample, input channel, input pixel), the effectual products of BP by walking the
/// forward convolution, and compares with A and B of all phases.
TEST(Reduction, BackwardPhasesHoldEveryProductOfTheForwardPassOnce) {
    base::Random random(7003);
    for (int trial = 0; trial < 60; ++trial) {
        SCOPED_TRACE(trial);
        const bool zero_insertion = trial % 2 == 1;
        const RandomLayer layer = test::random_layer(random, test::random_shape(random));
        const ConvolutionShape& s = layer.shape;
        std::uint64_t expected = 0;
        std::uint64_t expected_needed = 0;
        for (std::int64_t n = 0; n < s.samples; ++n) {
            for (std::int64_t f = 0; f < s.out_channels; ++f) {
                const std::int64_t group = f / s.out_channels_per_group();
                for (std::int64_t pixel = 0; pixel < s.out_pixels(); ++pixel) {
                    if (!layer.dy.test(static_cast<std::uint64_t>(n),
                                       static_cast<std::uint64_t>(f * s.out_pixels() + pixel))) {
                        continue;
                    }
                    for (std::int64_t k = 0; k < s.taps() * s.in_channels_per_group(); ++k) {
                        const std::int64_t m = n * s.out_pixels() + pixel;
                        const Position at = forward_input(layer, group, m, k);
                        const std::int64_t c = k % s.in_channels_per_group();
                        const std::int64_t tap = k / s.in_channels_per_group();
                        const auto weight = static_cast<std::uint64_t>(
                            (f * s.in_channels_per_group() + c) * s.taps() + tap);
                        if (at.in_bounds && base::test_bit(layer.weight.data(), weight)) {
                            ++expected;
                            expected_needed += layer.dx_needed.test(
                                static_cast<std::uint64_t>(n),
                                static_cast<std::uint64_t>(std::get<1>(at.element)));
                        }
                    }
                }
            }
        }
        const Reduction reduction(TrainingStage::back_propagation, s, layer.patterns(),
                                  zero_insertion);
        TilingParams tiling;
        tiling.rows = 2;
        tiling.columns = 3;
        tiling.chunk_operands = kChunks[trial % 4];
        tiling.tile_chunks = 3;
        TileSequencer sequencer(reduction, tiling, {true, true, false}, {}, true);
        std::uint64_t found = 0;
        std::uint64_t found_needed = 0;
        const std::size_t words = (tiling.chunk_operands + 63) / 64;
        for (Tile tile; sequencer.next(tile);) {
            const ColumnOperands& columns = *tile.column_operands;
            for (std::size_t row = 0; row < tile.row_count; ++row) {
                for (std::size_t lane = 0; lane < columns.columns_active; ++lane) {
                    std::uint64_t products = 0;
                    for (std::size_t word = 0; word < tile.chunks * words; ++word) {
                        products += base::count_ones(
                            tile.row_operands->issue[row * tile.chunks * words + word] &
                            columns.issue[word * tiling.lanes + lane]);
                    }
                    found += products;
                    found_needed += tile.needed[row * tiling.lanes + lane] != 0 ? products : 0;
                }
            }
        }
        EXPECT_EQ(found, expected);
        EXPECT_EQ(found_needed, expected_needed);
    }
}

TEST(ConvolutionShape, DenseCountsEveryInBoundsProduct) {
    base::Random random(7004);
    for (int trial = 0; trial < 50; ++trial) {
        const RandomLayer layer = test::random_layer(random, test::random_shape(random));
        const ConvolutionShape& s = layer.shape;
        std::uint64_t expected = 0;
        for (std::int64_t m = 0; m < s.samples * s.out_pixels(); ++m) {
            for (std::int64_t k = 0; k < s.taps() * s.in_channels_per_group(); ++k) {
                expected += forward_input(layer, 0, m, k).in_bounds
                                ? static_cast<std::uint64_t>(s.out_channels)
                                : 0;
            }
        }
        EXPECT_EQ(dense_macs(s), expected);
    }
}

/// 3 rows a result, 2 chunks a result, 5 chunks a tile: 2 results (6 rows) a tile; 8 rows: 6 + 2.
TEST(TileSequencer, TilesHoldWholeResults) {
    ConvolutionShape shape;
    shape.samples = 8;
    shape.in_channels = 16;
    shape.out_channels = 2;
    const Reduction reduction(TrainingStage::feed_forward, shape, {}, false);
    TilingParams tiling;
    tiling.rows = 3;
    tiling.chunk_operands = 8;
    tiling.tile_chunks = 5;
    TileSequencer sequencer(reduction, tiling, {}, {}, true);
    Tile tile;
    ASSERT_TRUE(sequencer.next(tile));
    EXPECT_EQ(tile.row_count, 6u);
    EXPECT_TRUE(tile.loads_weight);
    EXPECT_EQ(tile.row_operands->load_bytes, 6u * 16u);
    EXPECT_EQ(tile.weight_load_bytes, 16u * 2u);
    ASSERT_TRUE(sequencer.next(tile));
    EXPECT_EQ(tile.row_count, 2u);
    EXPECT_FALSE(tile.loads_weight);
    EXPECT_FALSE(sequencer.next(tile));
}

/// 4 chunks a result, 3 chunks a tile: slices of 3 and 1 chunks, each with columns of its own.
TEST(TileSequencer, LongResultsAreCutIntoSlices) {
    ConvolutionShape shape;
    shape.samples = 2;
    shape.in_channels = 32;
    const Reduction reduction(TrainingStage::feed_forward, shape, {}, false);
    TilingParams tiling;
    tiling.rows = 1;
    tiling.chunk_operands = 8;
    tiling.tile_chunks = 3;
    TileSequencer sequencer(reduction, tiling, {}, {}, true);
    Tile tile;
    const std::array<std::uint32_t, 4> chunks{3, 1, 3, 1};
    for (std::size_t number = 0; number < chunks.size(); ++number) {
        ASSERT_TRUE(sequencer.next(tile));
        EXPECT_EQ(tile.chunks, chunks[number]);
        EXPECT_EQ(tile.starts_result, number % 2 == 0);
        EXPECT_EQ(tile.ends_result, number % 2 == 1);
        EXPECT_TRUE(tile.loads_weight);
    }
    EXPECT_FALSE(sequencer.next(tile));
}

/// 4 chunks a result, 3 chunks a tile, 2 results: with psum_spill slice 0 of both, then slice 1 of
/// both; columns are loaded with the first result of a slice.
TEST(TileSequencer, WithPsumSpillSlicesAreOutermost) {
    ConvolutionShape shape;
    shape.samples = 2;
    shape.in_channels = 32;
    const Reduction reduction(TrainingStage::feed_forward, shape, {}, false);
    TilingParams tiling;
    tiling.rows = 1;
    tiling.chunk_operands = 8;
    tiling.tile_chunks = 3;
    tiling.psum_spill = true;
    TileSequencer sequencer(reduction, tiling, {}, {}, true);
    Tile tile;
    const std::array<std::uint32_t, 4> chunks{3, 3, 1, 1};
    for (std::size_t number = 0; number < chunks.size(); ++number) {
        ASSERT_TRUE(sequencer.next(tile));
        EXPECT_EQ(tile.chunks, chunks[number]);
        EXPECT_TRUE(tile.starts_result);
        EXPECT_TRUE(tile.ends_result);
        EXPECT_EQ(tile.completes_result, number >= 2);
        EXPECT_EQ(tile.loads_weight, number % 2 == 0);
        EXPECT_EQ(tile.row_operands->load_bytes, 8u * chunks[number]);
    }
    EXPECT_FALSE(sequencer.next(tile));
}

/// 5 chunks in two parts: 0, 1 and 2, 3, 4 (the last of 2 k values); tiles of 2 chunks.
TEST(TileSequencer, APartOfKIsCutIntoSlicesOfItsOwn) {
    ConvolutionShape shape;
    shape.in_channels = 34;
    const Reduction reduction(TrainingStage::feed_forward, shape, {}, false);
    TilingParams tiling;
    tiling.rows = 1;
    tiling.chunk_operands = 8;
    tiling.tile_chunks = 2;
    const auto loads = [&](std::int64_t part) {
        TileSequencer sequencer(reduction, tiling, {}, {0, 1, 0, 1, part, 2}, true);
        std::vector<std::uint64_t> bytes;
        for (Tile tile; sequencer.next(tile);) {
            bytes.push_back(tile.row_operands->load_bytes);
        }
        return bytes;
    };
    EXPECT_EQ(loads(0), (std::vector<std::uint64_t>{16}));
    EXPECT_EQ(loads(1), (std::vector<std::uint64_t>{16, 2}));
}

/// With role output, an m is dropped only if no column of the block needs it.
TEST(TileSequencer, RowsThatNobodyNeedsAreDropped) {
    ConvolutionShape shape;
    shape.samples = 4;
    shape.in_channels = 2;
    base::BitTensor needed(4, 2);
    needed.set(1, 0);  // sample 1, channel 0
    needed.set(3, 1);
    LayerPatterns patterns;
    patterns.dx_needed = &needed;
    const Reduction reduction(TrainingStage::back_propagation, shape, patterns, false);
    TilingParams tiling;
    TileSequencer both(reduction, tiling, {false, false, true}, {}, true);
    Tile tile;
    ASSERT_TRUE(both.next(tile));
    EXPECT_EQ(tile.row_count, 2u);
    EXPECT_FALSE(both.next(tile));
    EXPECT_EQ(both.output_bits(), 8u);
    tiling.columns = 1;
    TileSequencer single(reduction, tiling, {false, false, true}, {}, true);
    ASSERT_TRUE(single.next(tile));
    EXPECT_EQ(tile.row_count, 1u);
}

TEST(TileSequencer, ColumnBlocksEndAtGroups) {
    ConvolutionShape shape;
    shape.in_channels = 6;
    shape.out_channels = 6;
    shape.groups = 2;
    const Reduction reduction(TrainingStage::feed_forward, shape, {}, false);
    TilingParams tiling;
    tiling.columns = 2;
    TileSequencer sequencer(reduction, tiling, {}, {}, true);
    std::vector<std::uint32_t> blocks;
    for (Tile tile; sequencer.next(tile);) {
        blocks.push_back(tile.column_operands->columns_active);
    }
    EXPECT_EQ(blocks, (std::vector<std::uint32_t>{2, 1, 2, 1}));
}

}  // namespace
}  // namespace skipsim::reduction
