// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/aggregation.h"

#include <gtest/gtest.h>

#include "sim/base/check.h"

namespace skipsim::accelerator {
namespace {

// Two phases. Phase 0: four cores in two pairs that share k; 3 + 3 partial sums of one pair, 5 + 5
// of the other: 16 partial sums of 8 results. Phase 1 has one chunk, which only cores 1 and 3 hold:
// 2 + 4 results, none of them shared.
TEST(PartialSums, OnlyPhasesWhoseKIsSplitHavePartialSums) {
    const PartialSums sums = partial_sums({{3}, {3, 2}, {5}, {5, 4}}, {2, 1});
    EXPECT_EQ(sums.partial_sums, 16u);
    EXPECT_EQ(sums.shared_results, 8u);
    EXPECT_EQ(sums.results, 14u);
}

TEST(PartialSums, AMissingPartialSumIsABug) {
    EXPECT_THROW(partial_sums({{3}, {2}}, {2}), base::InternalError);
}

// 12 partial sums of 4 results, 32 bits each: 8 additions, 48 bytes.
constexpr PartialSums kTwelve{12, 4, 4};

TEST(Aggregation, UnlimitedTakesNoCyclesAndSpillsNothing) {
    const AggregationWork work = aggregate({}, kTwelve, 32);
    EXPECT_EQ(work.cycles, 0u);
    EXPECT_EQ(work.adds, 8u);
    EXPECT_EQ(work.words, 12u);
    EXPECT_EQ(work.spill_bytes, 0u);
}

TEST(Aggregation, TheSlowerOfAdditionsAndBytesDecides) {
    EXPECT_EQ(aggregate({3, 0, 0}, kTwelve, 32).cycles, 3u);   // ceil(8 / 3)
    EXPECT_EQ(aggregate({0, 5, 0}, kTwelve, 32).cycles, 10u);  // ceil(48 / 5)
    EXPECT_EQ(aggregate({3, 5, 0}, kTwelve, 32).cycles, 10u);
    EXPECT_EQ(aggregate({1, 48, 0}, kTwelve, 32).cycles, 8u);
    EXPECT_EQ(aggregate({0, 5, 0}, kTwelve, 16).cycles, 5u);  // ceil(24 / 5)
}

TEST(Aggregation, WhatTheBufferCannotHoldIsSpilled) {
    EXPECT_EQ(aggregate({0, 0, 47}, kTwelve, 32).spill_bytes, 1u);
    EXPECT_EQ(aggregate({0, 0, 48}, kTwelve, 32).spill_bytes, 0u);
    EXPECT_EQ(aggregate({0, 0, 1}, {}, 32).spill_bytes, 0u);
}

}  // namespace
}  // namespace skipsim::accelerator
