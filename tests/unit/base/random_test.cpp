// SPDX-License-Identifier: Apache-2.0
#include "sim/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>

#include "sim/base/check.h"

namespace skipsim::base {
namespace {

// From a separate transcription of both published algorithms in Python, seeds 0 and 12345.
TEST(Random, GivesThePublishedSequence) {
    Random zero(0);
    for (const std::uint64_t expected :
         {0x99ec5f36cb75f2b4U, 0xbf6e1f784956452aU, 0x1a5f849d4933e6e0U, 0x6aa594f1262d2d2cU}) {
        EXPECT_EQ(zero.next(), expected);
    }
    Random other(12345);
    for (const std::uint64_t expected :
         {0xbe6a36374160d49bU, 0x214aaa0637a688c6U, 0xf69d16de9954d388U, 0x0c60048c4e96e033U}) {
        EXPECT_EQ(other.next(), expected);
    }
}

TEST(Random, UnitStaysBelowOneWithTheRightMeanAndVariance) {
    Random random(3);
    constexpr int kDraws = 100000;
    double sum = 0.0;
    double squares = 0.0;
    for (int i = 0; i < kDraws; ++i) {
        const double value = random.uniform_unit();
        ASSERT_GE(value, 0.0);
        ASSERT_LT(value, 1.0);
        sum += value;
        squares += value * value;
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, 0.5, 0.005);  // 5 standard errors of 0.00091
    EXPECT_NEAR(squares / kDraws - mean * mean, 1.0 / 12.0, 0.002);
}

TEST(Random, BelowHitsEveryValueEquallyOften) {
    Random random(4);
    std::array<int, 7> hits{};
    for (int i = 0; i < 70000; ++i) {
        ++hits.at(random.below(7));
    }
    for (const int count : hits) {
        EXPECT_NEAR(count, 10000, 500);  // 5 standard deviations of 93
    }
    EXPECT_EQ(random.below(1), 0U);
    EXPECT_THROW(random.below(0), InternalError);
}

// With n = 3 * 2^62 a plain 128-bit multiply without rejection gives a third of the values twice
// the share of the others: multiples of 3 would come up in one half of the draws.
TEST(Random, BelowHasNoBiasForLargeRanges) {
    Random random(5);
    constexpr std::uint64_t kRange = std::uint64_t{3} << 62U;
    int multiples = 0;
    for (int i = 0; i < 30000; ++i) {
        multiples += random.below(kRange) % 3 == 0 ? 1 : 0;
    }
    EXPECT_NEAR(multiples, 10000, 500);
}

TEST(Random, NormalHasUnitVarianceAndTails) {
    Random random(6);
    constexpr int kDraws = 100000;
    double sum = 0.0;
    double squares = 0.0;
    int beyond_two = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double value = random.normal();
        sum += value;
        squares += value * value;
        beyond_two += std::abs(value) > 2.0 ? 1 : 0;
    }
    EXPECT_NEAR(sum / kDraws, 0.0, 0.016);  // 5 standard errors of 0.0032
    EXPECT_NEAR(squares / kDraws, 1.0, 0.023);
    EXPECT_NEAR(beyond_two, 4550, 330);  // 2 (1 - Phi(2)) = 0.0455
}

}  // namespace
}  // namespace skipsim::base
