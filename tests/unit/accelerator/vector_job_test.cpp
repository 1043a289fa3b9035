// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_job.h"

#include <gtest/gtest.h>

namespace skipsim::accelerator {
namespace {

TEST(VectorJob, AsManyBlocksAsTheLongestStreamHas) {
    EXPECT_EQ(block_count({}, {}, 64), 1u);
    EXPECT_EQ(block_count({{0, 64}}, {{0, 65}}, 64), 2u);
}

// 10 bytes and 7 cycles in 3 blocks: 0-2, 3-5, 6-9; 2, 2 and 3 cycles.
TEST(VectorJob, BlocksAddUpToThePass) {
    VectorStep step;
    step.cycles = 7;
    step.blocks = 3;
    const VectorStream stream{100, 10};
    EXPECT_EQ(step.part(stream, 0).bytes, 3u);
    EXPECT_EQ(step.part(stream, 2).address, 106u);
    EXPECT_EQ(step.part(stream, 2).bytes, 4u);
    EXPECT_EQ(step.cycles_of(0), 2u);
    EXPECT_EQ(step.cycles_of(1), 2u);
    EXPECT_EQ(step.cycles_of(2), 3u);
}

// 2^62 bytes: the product with the number of the block does not overflow.
TEST(VectorJob, HugeAmountsAreCutExactly) {
    VectorStep step;
    step.blocks = 1'000'003;
    const std::uint64_t amount = std::uint64_t{1} << 62U;
    EXPECT_EQ(step.part_begin(amount, step.blocks), amount);
    EXPECT_EQ(step.part_begin(amount, 0), 0u);
}

}  // namespace
}  // namespace skipsim::accelerator
