// SPDX-License-Identifier: Apache-2.0
// Private blocks, packed lists and coarse runs: what the sequencer gives out, against the rules of
// models/MICROARCHITECTURE.md §4 and §5 written down a second time, position by position.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "models/reduction/tile_sequencer.h"
#include "tests/support/positions.h"
#include "tests/support/random_layer.h"

namespace skipsim::reduction {
namespace {

using test::pick;
using test::Position;
using test::RandomLayer;

/// A layer in FF or WG as the page describes it.
struct Work {
    const RandomLayer& layer;
    TrainingStage stage;
    TilingParams params;
    Selection selection;
    std::int64_t m_count = 0;
    std::int64_t k_count = 0;

    [[nodiscard]] bool is_forward() const { return stage == TrainingStage::feed_forward; }
    [[nodiscard]] std::int64_t group(std::int64_t n) const {
        return n / layer.shape.out_channels_per_group();
    }
    [[nodiscard]] Position a(std::int64_t m, std::int64_t k, std::int64_t n) const {
        return is_forward() ? test::forward_input(layer, group(n), m, k)
                            : test::gradient_input(layer, group(n), m, k);
    }
    [[nodiscard]] std::uint64_t weight_index(std::int64_t f, std::int64_t inner) const {
        const std::int64_t channels = layer.shape.in_channels_per_group();
        return static_cast<std::uint64_t>((f * channels + inner % channels) * layer.shape.taps() +
                                          inner / channels);
    }
    [[nodiscard]] bool b(std::int64_t k, std::int64_t n) const {
        if (is_forward()) {
            return base::test_bit(layer.weight.data(), weight_index(n, k));
        }
        const std::int64_t pixels = layer.shape.out_pixels();
        return layer.dy.test(static_cast<std::uint64_t>(k / pixels),
                             static_cast<std::uint64_t>(n * pixels + k % pixels));
    }
    [[nodiscard]] bool is_needed(std::int64_t m, std::int64_t n) const {
        return is_forward() || base::test_bit(layer.weight_keep.data(), weight_index(n, m));
    }
    [[nodiscard]] std::int64_t chunks() const {
        return (k_count + params.chunk_operands - 1) / params.chunk_operands;
    }
    [[nodiscard]] bool jumps(std::int64_t chunk, std::int64_t n) const {
        if (!params.coarse_runs || !selection.weight || !is_forward() || chunk + 1 == chunks()) {
            return false;
        }
        const CoarseRuns& runs = layer.coarse_runs;
        const std::int64_t channels = layer.shape.in_channels_per_group();
        const std::int64_t in_blocks = (channels + runs.coarse_in - 1) / runs.coarse_in;
        const std::int64_t out_blocks =
            (layer.shape.out_channels + runs.coarse_out - 1) / runs.coarse_out;
        for (std::int64_t at = 0; at < params.chunk_operands; ++at) {
            const std::int64_t k = chunk * params.chunk_operands + at;
            const std::int64_t block =
                (k / channels * in_blocks + k % channels / runs.coarse_in) * out_blocks +
                n / runs.coarse_out;
            if (base::test_bit(runs.keep->data(), static_cast<std::uint64_t>(block))) {
                return false;
            }
        }
        return true;
    }
};

/// The lists of m of a block's columns, and whether it is private.
struct Block {
    std::int64_t first = 0;
    std::int64_t columns = 0;
    bool is_private = false;
    std::vector<std::vector<std::int64_t>> lists;

    [[nodiscard]] std::size_t longest() const {
        std::size_t rows = 0;
        for (const auto& list : lists) {
            rows = std::max(rows, list.size());
        }
        return rows;
    }
};

std::vector<Block> blocks_of(const Work& work) {
    std::vector<Block> blocks;
    const std::int64_t columns = work.layer.shape.out_channels;
    for (std::int64_t first = 0; first < columns;) {
        Block block;
        block.first = first;
        while (first + block.columns < columns && block.columns < work.params.columns &&
               (work.params.private_groups ||
                work.group(first + block.columns) == work.group(first))) {
            ++block.columns;
        }
        const bool packed = work.selection.output && work.params.packed_output;
        block.is_private = packed || work.group(first) != work.group(first + block.columns - 1);
        for (std::int64_t column = 0; column < block.columns; ++column) {
            block.lists.emplace_back();
            for (std::int64_t m = 0; m < work.m_count; ++m) {
                bool wanted = !work.selection.output;
                for (std::int64_t other = 0; other < block.columns; ++other) {
                    wanted |= (!packed || other == column) && work.is_needed(m, first + other);
                }
                if (wanted) {
                    block.lists.back().push_back(m);
                }
            }
        }
        first += block.columns;
        blocks.push_back(block);
    }
    return blocks;
}

/// Rows first_row … of a block in chunks first … end - 1: a tile, or a slice that may be none.
struct Piece {
    std::size_t block;
    std::size_t first_row;
    std::size_t rows;
    std::int64_t first;
    std::int64_t end;
};

std::vector<Piece> pieces_of(const Work& work, const std::vector<Block>& blocks) {
    std::vector<Piece> pieces;
    const std::int64_t most = work.params.tile_chunks;
    for (std::size_t number = 0; number < blocks.size(); ++number) {
        const std::size_t results =
            work.chunks() <= most ? static_cast<std::size_t>(most / work.chunks()) : 1;
        const std::size_t step = results * work.params.rows;
        const std::size_t longest = blocks[number].longest();
        for (std::size_t row = 0; row < longest; row += step) {
            for (std::int64_t chunk = 0; chunk < work.chunks(); chunk += most) {
                pieces.push_back({number, row, std::min(step, longest - row), chunk,
                                  std::min(work.chunks(), chunk + most)});
            }
        }
    }
    return pieces;
}

struct Load {
    std::uint64_t elements = 0;
    std::uint64_t nonzeros = 0;
    [[nodiscard]] std::uint64_t bytes(bool compressed, std::uint64_t width) const {
        return ((compressed ? elements + nonzeros * width : elements * width) + 7) / 8;
    }
};

/// What a piece loads and computes.
struct Expected {
    Load input;
    Load weight;
    std::uint64_t pairs = 0;   // in bounds
    std::uint64_t values = 0;  // of those, A counts for issuing
    bool has_receiver = false;
};

Expected expected_of(const Work& work, const Block& block, const Piece& piece) {
    Expected out;
    std::set<std::tuple<std::int64_t, std::int64_t>> elements;
    std::set<std::tuple<std::int64_t, std::int64_t>> nonzero;
    for (std::int64_t column = 0; column < block.columns; ++column) {
        const auto& list = block.lists[static_cast<std::size_t>(column)];
        const std::int64_t n = block.first + column;
        for (std::int64_t k = piece.first * work.params.chunk_operands;
             k < std::min(work.k_count, piece.end * work.params.chunk_operands); ++k) {
            const bool jumped = work.jumps(k / work.params.chunk_operands, n);
            const std::size_t end = std::min(list.size(), piece.first_row + piece.rows);
            for (std::size_t row = piece.first_row; row < end; ++row) {
                const Position at = work.a(list[row], k, n);
                out.pairs += at.in_bounds ? 1 : 0;
                out.values += work.selection.input ? at.nonzero : at.in_bounds;
                if (!jumped && at.in_bounds) {
                    elements.insert(at.element);
                }
                if (!jumped && at.nonzero) {
                    nonzero.insert(at.element);
                }
            }
            if (!jumped && piece.first_row < list.size()) {
                out.has_receiver = true;
                out.weight.elements += 1;
                out.weight.nonzeros += work.b(k, n) ? 1 : 0;
            }
        }
    }
    out.input = {elements.size(), nonzero.size()};
    return out;
}

void expect_places(const Work& work, const Block& block, const Piece& piece, const Tile& tile) {
    const std::uint32_t words = (work.params.chunk_operands + 63) / 64;
    for (std::size_t row = 0; row < piece.rows; ++row) {
        for (std::int64_t column = 0; column < block.columns; ++column) {
            const auto& list = block.lists[static_cast<std::size_t>(column)];
            const std::size_t lane = static_cast<std::size_t>(column);
            const std::uint32_t place = tile.is_private ? tile.place[row * work.params.lanes + lane]
                                                        : static_cast<std::uint32_t>(row);
            ASSERT_EQ(place != kNoPlace, piece.first_row + row < list.size());
            for (std::int64_t at = 0;
                 place != kNoPlace && at < tile.chunks * work.params.chunk_operands; ++at) {
                const std::int64_t k = piece.first * work.params.chunk_operands + at;
                const std::int64_t in_tile = at / work.params.chunk_operands;
                const std::size_t word = static_cast<std::size_t>(in_tile) * words;
                const auto bit = static_cast<std::uint64_t>(at % work.params.chunk_operands);
                const Position want =
                    k < work.k_count ? work.a(list[piece.first_row + row], k, block.first + column)
                                     : Position{};
                ASSERT_EQ(
                    base::test_bit(
                        tile.row_operands->issue.data() + place * tile.chunks * words + word, bit),
                    work.selection.input ? want.nonzero : want.in_bounds);
                const auto& jumped = tile.column_operands->jumped;
                ASSERT_EQ(
                    !jumped.empty() &&
                        jumped[static_cast<std::size_t>(in_tile) * work.params.lanes + lane] != 0,
                    work.jumps(piece.first + in_tile, block.first + column));
            }
        }
    }
}

/// Counts what the trials met, so that the test cannot pass by meeting nothing.
struct Met {
    int private_tiles = 0;
    int ragged_tiles = 0;
    int jumped_tiles = 0;
    int left_out_slices = 0;
    int kept_weights = 0;
};

void expect_tiles(const Work& work, const Reduction& reduction, Met& met) {
    const std::vector<Block> blocks = blocks_of(work);
    TileSequencer sequencer(reduction, work.params, work.selection, {}, true);
    std::uint64_t left_out_pairs = 0;
    std::uint64_t left_out_values = 0;
    std::tuple<std::size_t, std::int64_t> loaded{blocks.size(), 0};
    Tile tile;
    for (const Piece& piece : pieces_of(work, blocks)) {
        const Block& block = blocks[piece.block];
        const Expected expected = expected_of(work, block, piece);
        if (!expected.has_receiver) {
            left_out_pairs += expected.pairs;
            left_out_values += expected.values;
            ++met.left_out_slices;
            continue;
        }
        ASSERT_TRUE(sequencer.next(tile));
        ASSERT_EQ(tile.is_private, block.is_private);
        ASSERT_EQ(tile.row_count, piece.rows);
        ASSERT_EQ(tile.chunks, piece.end - piece.first);
        ASSERT_EQ(tile.column_operands->columns_active, block.columns);
        ASSERT_EQ(tile.ends_result, piece.end == work.chunks());
        ASSERT_EQ(tile.in_bounds_pairs, expected.pairs);
        ASSERT_EQ(tile.row_operands->load_bytes,
                  expected.input.bytes(work.selection.input, work.params.operand_width_bits));
        const std::tuple<std::size_t, std::int64_t> here{piece.block, piece.first};
        ASSERT_EQ(tile.loads_weight, here != loaded);
        ASSERT_EQ(tile.weight_load_bytes,
                  here == loaded ? 0
                                 : expected.weight.bytes(work.selection.weight,
                                                         work.params.operand_width_bits));
        met.kept_weights += here == loaded ? 1 : 0;
        loaded = here;
        expect_places(work, block, piece, tile);
        met.private_tiles += tile.is_private ? 1 : 0;
        met.ragged_tiles += std::count(tile.place.begin(), tile.place.end(), kNoPlace) != 0 ? 1 : 0;
        met.jumped_tiles += tile.column_operands->jumped.empty() ? 0 : 1;
    }
    ASSERT_FALSE(sequencer.next(tile));
    EXPECT_EQ(sequencer.left_out_pairs(), left_out_pairs);
    EXPECT_EQ(sequencer.left_out_values(), left_out_values);
}

TEST(UnevenTiles, HoldWhatTheRulesSayPositionByPosition) {
    base::Random random(7100);
    Met met;
    for (int trial = 0; trial < 400 && !::testing::Test::HasFailure(); ++trial) {
        SCOPED_TRACE(trial);
        const RandomLayer layer = test::random_coarse_layer(random, test::random_shape(random));
        const auto stage =
            trial % 2 == 0 ? TrainingStage::feed_forward : TrainingStage::weight_gradient;
        const Reduction reduction(stage, layer.shape, layer.patterns(), false);
        Work work{layer, stage, {}, {}, 0, 0};
        work.m_count = reduction.phases().front().m_count;
        work.k_count = reduction.phases().front().k_count;
        work.params.rows = static_cast<std::uint32_t>(pick(random, 1, 4));
        work.params.columns = static_cast<std::uint32_t>(pick(random, 1, 9));
        work.params.lanes = (work.params.columns + 7) / 8 * 8;
        work.params.chunk_operands = random.below(2) == 0 ? 8 : 11;
        work.params.tile_chunks = static_cast<std::uint32_t>(pick(random, 1, 6));
        work.params.private_groups = random.below(2) == 0;
        work.params.packed_output = random.below(2) == 0;
        work.params.coarse_runs = random.below(4) != 0;
        work.selection = {random.below(2) == 0, random.below(3) != 0,
                          trial % 2 == 1 && random.below(3) != 0};
        expect_tiles(work, reduction, met);
    }
    EXPECT_GT(met.private_tiles, 100);
    EXPECT_GT(met.ragged_tiles, 100);
    EXPECT_GT(met.jumped_tiles, 100);
    EXPECT_GT(met.left_out_slices, 20);
    EXPECT_GT(met.kept_weights, 100);
}

}  // namespace
}  // namespace skipsim::reduction
