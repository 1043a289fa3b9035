// SPDX-License-Identifier: Apache-2.0
// The clocked engine's list and the fast engine's sequencer were written apart from the same page:
// on random rows they give out the same tiles, bit by bit and byte by byte.
#include <gtest/gtest.h>

#include <memory>

#include "models/core/balancer.h"
#include "models/reduction/clocked/work_list.h"
#include "models/reduction/tile_sequencer.h"
#include "tests/support/clocked_rows.h"

namespace skipsim::clocked {
namespace {

using reduction::Reduction;
using reduction::Tile;
using reduction::TileSequencer;
using reduction::TilingParams;

std::uint64_t ones(const std::vector<std::uint64_t>& words) {
    return base::count_ones(words.data(), words.size());
}

/// The row as the fast engine sees it.
struct FastRow {
    explicit FastRow(const test::RandomRow& row) : selection(row.task.selection) {
        reduction::LayerPatterns patterns = row.layer.patterns();
        patterns.x = row.known.x ? patterns.x : nullptr;
        patterns.dy = row.known.dy ? patterns.dy : nullptr;
        patterns.weight = row.known.weight ? patterns.weight : nullptr;
        patterns.dx_needed = row.known.needed ? patterns.dx_needed : nullptr;
        patterns.weight_keep = row.known.needed ? patterns.weight_keep : nullptr;
        what = std::make_unique<Reduction>(row.task.stage, row.task.shape, patterns,
                                           row.task.zero_insertion);
        const ListParams& list = row.params;
        params.rows = list.rows;
        params.columns = list.columns;
        params.lanes = (list.columns + 7) / 8 * 8;
        params.chunk_operands = list.chunk_operands;
        params.tile_chunks = list.tile_chunks;
        params.operand_width_bits = list.operand_width_bits;
        params.psum_spill = list.psum_spill;
        params.private_groups = list.private_groups;
        params.packed_output = row.task.packs_output;
        params.coarse_runs = list.coarse_runs;
        // In FF role output does nothing.
        selection.output &= row.task.stage != reduction::TrainingStage::feed_forward;
        if (row.task.balances && selection.weight && row.task.shape.groups == 1) {
            balancer = core::balance(*what, jumps(), row.parts.column_parts, list.columns);
        }
    }

    [[nodiscard]] core::JumpPatterns jumps() const {
        core::JumpPatterns patterns;
        if (!params.coarse_runs || !what->has_coarse_runs()) {
            return patterns;
        }
        const std::int64_t size = params.chunk_operands;
        for (const reduction::Phase& phase : what->phases()) {
            patterns.emplace_back();
            const std::int64_t chunks = (phase.k_count + size - 1) / size;
            for (std::int64_t column = 0; column < what->column_count(); ++column) {
                std::vector<bool> jumped(static_cast<std::size_t>(chunks), false);
                for (std::int64_t chunk = 0; chunk + 1 < chunks; ++chunk) {
                    jumped[static_cast<std::size_t>(chunk)] =
                        !reduction::any_one(phase.runs, column, chunk * size, (chunk + 1) * size);
                }
                patterns.back().push_back(std::move(jumped));
            }
        }
        return patterns;
    }

    std::unique_ptr<Reduction> what;
    TilingParams params;
    reduction::Selection selection;
    core::BalancerWork balancer;
};

/// Goes through a tile of either engine side by side.
class TileComparison {
public:
    TileComparison(const test::RandomRow& row, const FastRow& fast, const Tile& tile,
                   const TileWork& work)
        : params_(row.params), fast_(fast), tile_(tile), work_(work) {}

    void run() {
        compare_loads();
        const std::size_t results = base::ceil_divide(tile_.row_count, params_.rows);
        for (std::size_t result = 0; result < results; ++result) {
            for (std::size_t chunk = 0; chunk < tile_.chunks; ++chunk) {
                compare_chunk(result, chunk);
            }
        }
        EXPECT_EQ(next_, work_.chunks.size());
    }

    [[nodiscard]] std::uint64_t delivered() const { return delivered_; }

private:
    void compare_loads() const {
        EXPECT_EQ(work_.phase, tile_.phase);
        EXPECT_EQ(work_.input_bytes, tile_.row_operands->load_bytes);
        EXPECT_EQ(work_.input_first_byte, tile_.row_operands->first_byte);
        EXPECT_EQ(work_.loads_weight, tile_.loads_weight);
        EXPECT_EQ(work_.weight_bytes, tile_.weight_load_bytes);
        EXPECT_EQ(work_.weight_first_byte, tile_.weight_first_byte);
    }

    /// Row of the fast engine's operands that a PE works on, or kNoPlace.
    [[nodiscard]] std::uint32_t gathered_row(std::size_t result, std::size_t pe) const {
        const std::size_t row = result * params_.rows + pe / params_.columns;
        const std::size_t column = pe % params_.columns;
        if (row >= tile_.row_count || column >= tile_.column_operands->columns_active) {
            return reduction::kNoPlace;
        }
        return tile_.is_private ? tile_.place[row * fast_.params.lanes + column]
                                : static_cast<std::uint32_t>(row);
    }

    [[nodiscard]] bool is_jumped(std::size_t chunk, std::size_t column) const {
        const std::vector<std::uint64_t>& jumped = tile_.column_operands->jumped;
        return !jumped.empty() && jumped[chunk * fast_.params.lanes + column] != 0;
    }

    void compare_chunk(std::size_t result, std::size_t chunk) {
        const std::size_t pes = std::size_t{params_.rows} * params_.columns;
        bool is_received = false;
        for (std::size_t pe = 0; pe < pes; ++pe) {
            is_received |= gathered_row(result, pe) != reduction::kNoPlace &&
                           !is_jumped(chunk, pe % params_.columns);
        }
        if (!is_received) {
            return;
        }
        ASSERT_LT(next_, work_.chunks.size());
        const ChunkWork& mine = work_.chunks[next_++];
        EXPECT_EQ(mine.result->is_private, tile_.is_private);
        EXPECT_EQ(mine.result->completes, !params_.psum_spill || tile_.completes_result);
        EXPECT_EQ(mine.result->block_columns, tile_.column_operands->columns_active);
        EXPECT_EQ(mine.result->phase, tile_.phase);
        for (std::size_t pe = 0; pe < pes; ++pe) {
            const std::uint32_t row = gathered_row(result, pe);
            const std::size_t column = pe % params_.columns;
            const bool has_place = row != reduction::kNoPlace;
            ASSERT_EQ(mine.result->has_place(pe), has_place);
            ASSERT_EQ(mine.pes[pe].receives, has_place && !is_jumped(chunk, column));
            if (has_place) {
                compare_needed(mine, result, pe);
            }
            if (mine.pes[pe].receives) {
                compare_operands(mine, pe, row, chunk);
            }
        }
    }

    void compare_needed(const ChunkWork& mine, std::size_t result, std::size_t pe) const {
        const std::size_t row = result * params_.rows + pe / params_.columns;
        const bool needed = tile_.needed.empty() ||
                            tile_.needed[row * fast_.params.lanes + pe % params_.columns] != 0;
        EXPECT_EQ(mine.result->is_needed[pe] != 0, needed);
    }

    void compare_operands(const ChunkWork& mine, std::size_t pe, std::uint32_t row,
                          std::size_t chunk) {
        const std::size_t column = pe % params_.columns;
        const OperandChunk& a = *mine.input[tile_.is_private ? pe : pe / params_.columns];
        const OperandChunk& b = *mine.weight[column];
        const auto& rows = *tile_.row_operands;
        const auto& columns = *tile_.column_operands;
        const std::size_t words = (params_.chunk_operands + 63) / 64;
        for (std::size_t word = 0; word < words; ++word) {
            const std::size_t at = (row * tile_.chunks + chunk) * words + word;
            EXPECT_EQ(a.sent[word], rows.issue[at]);
            EXPECT_EQ(a.nonzero[word], rows.nonzero.empty() ? rows.issue[at] : rows.nonzero[at]);
            const std::size_t of_column = (chunk * words + word) * fast_.params.lanes + column;
            EXPECT_EQ(b.sent[word], columns.issue[of_column]);
            EXPECT_EQ(b.nonzero[word], columns.nonzero.empty() ? columns.issue[of_column]
                                                               : columns.nonzero[of_column]);
        }
        delivered_ += ones(a.in_bounds);
    }

    const ListParams& params_;
    const FastRow& fast_;
    const Tile& tile_;
    const TileWork& work_;
    std::size_t next_ = 0;
    std::uint64_t delivered_ = 0;  ///< [multiplies] in bounds, of all receivers
};

void compare_core(const test::RandomRow& row, const FastRow& fast, const ColumnOrder& order,
                  const reduction::Share& share) {
    WorkList list(row.task, row.params, order, share);
    TileSequencer sequencer(*fast.what, fast.params, fast.selection, share, true);
    Tile tile;
    TileWork work;
    std::uint64_t in_bounds = 0;
    std::uint64_t mine = 0;
    while (sequencer.next(tile)) {
        ASSERT_TRUE(list.next(work));
        // With both roles selected the fast engine keeps no second bitmap: issue is non-zero.
        TileComparison comparison(row, fast, tile, work);
        comparison.run();
        if (testing::Test::HasFailure()) {
            return;
        }
        in_bounds += tile.in_bounds_pairs;
        mine += comparison.delivered();
    }
    ASSERT_FALSE(list.next(work));
    const ListCounts& counts = list.counts();
    EXPECT_EQ(counts.output_bits, sequencer.output_bits());
    EXPECT_EQ(counts.coarse_bits, sequencer.coarse_bits());
    EXPECT_EQ(mine + counts.skipped_jumped_input + counts.skipped_weight_coarse,
              in_bounds + sequencer.left_out_pairs());
}

std::string describe(const test::RandomRow& row, int round) {
    const RowTask& task = row.task;
    const ListParams& params = row.params;
    std::string text = "round " + std::to_string(round);
    text += " stage " + std::to_string(static_cast<int>(task.stage));
    text += " groups " + std::to_string(task.shape.groups);
    text += " input " + std::to_string(task.selection.input);
    text += " weight " + std::to_string(task.selection.weight);
    text += " output " + std::to_string(task.selection.output);
    text += " packed " + std::to_string(task.packs_output);
    text += " spill " + std::to_string(params.psum_spill);
    text += " private " + std::to_string(params.private_groups);
    text += " coarse " + std::to_string(params.coarse_runs && !task.coarse.keep.empty());
    text += " zero insertion " + std::to_string(task.zero_insertion);
    return text;
}

class ClockedTiles : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ClockedTiles, AreThoseOfTheSequencer) {
    base::Random random(1000 + GetParam());
    for (int round = 0; round < 150; ++round) {
        const test::RandomRow row = test::random_row(random);
        SCOPED_TRACE(describe(row, round));
        const FastRow fast(row);
        const ColumnOrder order = column_order(row.task, row.params, row.parts.column_parts);
        ASSERT_EQ(order.bits, fast.balancer.bits);
        ASSERT_EQ(order.compares, fast.balancer.compares);
        ASSERT_EQ(order.columns.size(), fast.what->phases().size());
        for (const reduction::Share& share : test::all_shares(row.parts)) {
            compare_core(row, fast, order, share);
            if (HasFailure()) {
                return;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Random, ClockedTiles, testing::Range<std::uint64_t>(0, 25));

}  // namespace
}  // namespace skipsim::clocked
