// SPDX-License-Identifier: Apache-2.0
// Whoever multiplies and adds exactly what the list delivers gets the convolution.
#include <gtest/gtest.h>

#include "models/reduction/clocked/result_tensor.h"
#include "models/reduction/clocked/work_list.h"
#include "tests/support/clocked_rows.h"

namespace skipsim::clocked {
namespace {

bool bit_of(const std::vector<std::uint64_t>& words, std::size_t position) {
    return (words[position / 64] >> (position % 64) & 1) != 0;
}

/// Multiplies by what became of them.
struct Multiplies {
    std::uint64_t issued = 0;
    std::uint64_t skipped_input = 0;
    std::uint64_t skipped_fine = 0;
    std::uint64_t left_out = 0;  ///< by the list

    [[nodiscard]] std::uint64_t all() const {
        return issued + skipped_input + skipped_fine + left_out;
    }
};

/// What a processing element holds.
struct Accumulator {
    float sum = 0;
    bool is_open = false;
    std::uint64_t result = 0;  ///< its number
};

/// Does at once what an array does clock by clock.
class Worker {
public:
    Worker(const ListParams& params, std::size_t core, ResultTensor& results, Multiplies& count)
        : params_(params),
          core_(core),
          results_(results),
          count_(count),
          pes_(std::size_t{params.rows} * params.columns) {}

    void work(const TileWork& tile) {
        for (const ChunkWork& chunk : tile.chunks) {
            bool is_received = false;
            for (std::size_t pe = 0; pe < pes_.size(); ++pe) {
                is_received |= chunk.pes[pe].receives;
                if (chunk.pes[pe].receives) {
                    take(chunk, pe);
                } else {
                    EXPECT_FALSE(chunk.pes[pe].starts || chunk.pes[pe].ends);
                }
            }
            EXPECT_TRUE(is_received);
        }
    }

    [[nodiscard]] bool is_empty() const {
        for (const Accumulator& pe : pes_) {
            if (pe.is_open) {
                return false;
            }
        }
        return true;
    }

private:
    void take(const ChunkWork& chunk, std::size_t pe) {
        const ResultWork& result = *chunk.result;
        const std::size_t column = pe % params_.columns;
        ASSERT_TRUE(result.has_place(pe));
        Accumulator& accumulator = pes_[pe];
        ASSERT_EQ(chunk.pes[pe].starts, !accumulator.is_open);
        if (chunk.pes[pe].starts) {
            accumulator.is_open = true;
            accumulator.result = result.number;
            accumulator.sum =
                result.continues[pe] != 0
                    ? results_.partial(core_, result.phase, result.m[pe], result.column[column])
                    : 0.0F;
        }
        ASSERT_EQ(accumulator.result, result.number);
        const auto& a = chunk.input[result.is_private ? pe : pe / params_.columns];
        const auto& b = chunk.weight[column];
        ASSERT_TRUE(a != nullptr && b != nullptr);
        accumulator.sum += product(*a, *b);
        if (chunk.pes[pe].ends) {
            accumulator.is_open = false;
            results_.drain(core_, result.phase, result.m[pe], result.column[column],
                           accumulator.sum);
        }
    }

    float product(const OperandChunk& a, const OperandChunk& b) {
        float sum = 0;
        std::size_t a_value = 0;
        std::size_t b_value = 0;
        for (std::size_t position = 0; position < params_.chunk_operands; ++position) {
            const bool in_bounds = bit_of(a.in_bounds, position);
            const bool sends_a = bit_of(a.sent, position);
            const bool sends_b = bit_of(b.sent, position);
            EXPECT_TRUE(!in_bounds || bit_of(b.in_bounds, position));
            if (sends_a && sends_b) {
                sum += a.values.at(a_value) * b.values.at(b_value);
                ++count_.issued;
            } else if (in_bounds) {
                ++(sends_a ? count_.skipped_fine : count_.skipped_input);
            }
            a_value += sends_a ? 1 : 0;
            b_value += sends_b ? 1 : 0;
        }
        EXPECT_EQ(a_value, a.sent_count);
        EXPECT_EQ(a_value, a.values.size());
        EXPECT_EQ(b_value, b.values.size());
        return sum;
    }

    const ListParams& params_;
    std::size_t core_;
    ResultTensor& results_;
    Multiplies& count_;
    std::vector<Accumulator> pes_;
};

void work_through(const test::RandomRow& row, ResultTensor& results, Multiplies& count) {
    const std::vector<reduction::Share> shares = test::all_shares(row.parts);
    const ColumnOrder order = column_order(row.task, row.params, row.parts.column_parts);
    for (std::size_t core = 0; core < shares.size(); ++core) {
        WorkList list(row.task, row.params, order, shares[core]);
        Worker worker(row.params, core, results, count);
        TileWork tile;
        for (std::uint64_t number = 0; list.next(tile); ++number) {
            ASSERT_EQ(tile.number, number);
            ASSERT_FALSE(tile.chunks.empty());
            worker.work(tile);
        }
        EXPECT_TRUE(worker.is_empty());
        const ListCounts& counts = list.counts();
        count.left_out +=
            counts.skipped_output + counts.skipped_jumped_input + counts.skipped_weight_coarse;
    }
}

class ClockedSums : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ClockedSums, AreThoseOfTheConvolution) {
    base::Random random(GetParam());
    for (int round = 0; round < 150; ++round) {
        const test::RandomRow row = test::random_row(random);
        SCOPED_TRACE(round);
        ResultTensor results(row.task, test::all_shares(row.parts).size());
        Multiplies count;
        work_through(row, results, count);
        ASSERT_EQ(count.all(), reduction::dense_macs(row.task.shape));

        const ResultValues sums = results.finish();
        const test::DirectSums direct = test::direct_sums(row.task);
        const bool drops = row.task.selection.output && !row.task.needed.empty();
        ASSERT_EQ(sums.values.size(), direct.values.size());
        for (std::size_t element = 0; element < sums.values.size(); ++element) {
            const bool needed = row.task.needed.empty() || row.task.needed[element] != 0;
            if (sums.is_computed[element] != 0) {
                ASSERT_EQ(sums.values[element], direct.values[element]) << element;
                ASSERT_TRUE(needed || !drops || !row.task.packs_output);
            } else {
                ASSERT_EQ(sums.values[element], 0.0F);
                ASSERT_TRUE((drops && !needed) || direct.products[element] == 0) << element;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Random, ClockedSums, testing::Range<std::uint64_t>(0, 25));

}  // namespace
}  // namespace skipsim::clocked
