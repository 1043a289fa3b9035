// SPDX-License-Identifier: Apache-2.0
// The clocked array against the recurrences of models/MICROARCHITECTURE.md §6, §6.1, §7 and the
// counts of §9, on random cores and tiles: every edge, every category, every action, every sum.
#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "models/core/clocked/array.h"
#include "tests/support/clocked_recurrence.h"
#include "tests/support/clocked_tiles.h"
#include "tests/support/random_tiles.h"

namespace skipsim::clocked {
namespace {

using base::Action;
using test::RandomTiles;

constexpr std::uint64_t kCases = 3000;

/// §9, from the list alone.
base::ActionCounts actions_of(const RandomTiles& work, std::uint64_t issued) {
    const std::uint64_t chunk = work.params.chunk_operands;
    const std::uint64_t width = work.params.operand_width_bits;
    const std::uint64_t z_row = work.input_role ? chunk : 0;
    const std::uint64_t z_column = work.weight_role ? chunk : 0;
    base::ActionCounts actions;
    const auto send = [&](const OperandChunk& operand, std::uint64_t z, Action read) {
        const std::uint64_t bits = operand.sent_count * width + z;
        actions[Action::bus_bit] += bits;
        actions[read] += (bits + 63) / 64;
    };
    for (const TileWork& tile : work.tiles) {
        for (const ChunkWork& at : tile.chunks) {
            std::vector<bool> row_sends(work.params.rows);
            std::vector<bool> column_sends(work.params.columns);
            for (std::size_t pe = 0; pe < at.pes.size(); ++pe) {
                if (!at.pes[pe].receives) {
                    continue;
                }
                const std::size_t row = pe / work.params.columns;
                const std::size_t column = pe % work.params.columns;
                const bool is_private = at.result->is_private;
                const OperandChunk& a = *at.input[is_private ? pe : row];
                const OperandChunk& b = *at.weight[column];
                if (is_private || !row_sends[row]) {
                    send(a, z_row, Action::input_buffer_read);
                }
                if (!column_sends[column]) {
                    send(b, z_column, Action::weight_buffer_read);
                }
                row_sends[row] = column_sends[column] = true;
                actions[Action::fifo_bit_write] += z_row + z_column;
                actions[Action::fifo_bit_read] += z_row + z_column;
                actions[Action::operand_buffer_bit_write] += (a.sent_count + b.sent_count) * width;
                actions[Action::and_bit] += z_row != 0 && z_column != 0 ? chunk : 0;
                actions[Action::detector_bit] += z_row != 0 || z_column != 0 ? chunk : 0;
                actions[Action::pe_accumulator_write] += at.pes[pe].ends ? 1 : 0;
                actions[Action::output_buffer_write] += at.pes[pe].ends ? 1 : 0;
                actions[Action::output_buffer_read] +=
                    at.pes[pe].starts && at.result->continues[pe] != 0 ? 1 : 0;
            }
        }
    }
    actions[Action::operand_buffer_bit_read] = 2 * issued * width;
    actions[Action::pe_mac] = issued;
    return actions;
}

/// Every sum in the order of its positions, in FP32.
std::map<std::tuple<std::uint32_t, std::int64_t, std::int64_t>, float> sums_of(
    const RandomTiles& work) {
    std::map<std::tuple<std::uint32_t, std::int64_t, std::int64_t>, float> sums;
    for (const TileWork& tile : work.tiles) {
        for (const ChunkWork& at : tile.chunks) {
            for (std::size_t pe = 0; pe < at.pes.size(); ++pe) {
                if (!at.pes[pe].receives) {
                    continue;
                }
                const std::size_t column = pe % work.params.columns;
                const OperandChunk& a =
                    *at.input[at.result->is_private ? pe : pe / work.params.columns];
                const OperandChunk& b = *at.weight[column];
                float& sum = sums[{at.result->phase, at.result->m[pe], at.result->column[column]}];
                std::size_t in_a = 0;
                std::size_t in_b = 0;
                for (std::uint32_t k = 0; k < work.params.chunk_operands; ++k) {
                    const bool has_a = base::test_bit(a.sent.data(), k);
                    const bool has_b = base::test_bit(b.sent.data(), k);
                    if (has_a && has_b) {
                        sum += a.values[in_a] * b.values[in_b];
                    }
                    in_a += has_a ? 1 : 0;
                    in_b += has_b ? 1 : 0;
                }
            }
        }
    }
    return sums;
}

void expect_equal(const RandomTiles& work, const test::ArrayRun& run,
                  const test::ArrayRun& expected) {
    EXPECT_EQ(run.release, expected.release);
    EXPECT_EQ(run.drained, expected.drained);
    EXPECT_EQ(run.end, expected.end);
    for (std::size_t index = 0; index < base::kPeCategoryCount; ++index) {
        const auto category = static_cast<base::PeCategory>(index);
        EXPECT_EQ(run.counts.pe_cycles[category], expected.counts.pe_cycles[category])
            << base::kPeCategoryNames[index];
    }
    EXPECT_EQ(run.counts.issued, expected.counts.issued);
    EXPECT_EQ(run.counts.effectual, expected.counts.effectual);
    EXPECT_EQ(run.counts.skipped_input, expected.counts.skipped_input);
    EXPECT_EQ(run.counts.skipped_weight_fine, expected.counts.skipped_weight_fine);
    const base::ActionCounts actions = actions_of(work, expected.counts.issued);
    for (const auto& description : base::action_catalogue()) {
        EXPECT_EQ(run.counts.actions[description.action], actions[description.action])
            << description.name;
    }
}

TEST(ClockedFuzz, EveryEdgeCategoryActionAndSumIsThatOfThePage) {
    for (std::uint64_t seed = 0; seed < kCases && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const RandomTiles work(seed);
        test::ClockedRecurrence recurrence(work.params, work.input_role, work.weight_role);
        const test::ArrayRun expected = recurrence.run(work.tiles, work.operands);
        test::Sums sums;
        Array array(work.params);
        array.start_row(work.input_role, work.weight_role, &sums);
        const test::ArrayRun run = test::ArrayDriver(array, work.tiles, work.operands).run();
        expect_equal(work, run, expected);
        EXPECT_EQ(sums.sums, sums_of(work));
        EXPECT_EQ(sums.drained, run.counts.actions[Action::output_buffer_write]);
    }
}

}  // namespace
}  // namespace skipsim::clocked
