// SPDX-License-Identifier: Apache-2.0
// The pieces below the reader: filters, float16, random patterns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "sim/trace/chunk_filters.h"
#include "sim/trace/hdf5_data.h"
#include "sim/trace/synth_patterns.h"

namespace skipsim::trace {
namespace {

TEST(Fletcher32, WorkedByHand) {
    // Words 0x0102, 0x0304: sums 0x0406 and 0x0102 + 0x0406 = 0x0508.
    const std::uint8_t even[] = {1, 2, 3, 4};
    EXPECT_EQ(fletcher32(even, 4), 0x05080406U);
    // A third, odd byte counts as the high half of a word: 0x0102 + 0x0300 = 0x0402, then 0x0504.
    EXPECT_EQ(fletcher32(even, 3), 0x05040402U);
}

TEST(Fletcher32, WrongOrMissingChecksumIsRefused) {
    std::vector<std::uint8_t> data{1, 2, 3, 4, 0x06, 0x04, 0x08, 0x05};
    EXPECT_TRUE(undo_fletcher32(data));
    EXPECT_EQ(data.size(), 4U);
    data = {1, 2, 3, 5, 0x06, 0x04, 0x08, 0x05};
    EXPECT_FALSE(undo_fletcher32(data));
    data = {1, 2};
    EXPECT_FALSE(undo_fletcher32(data));
}

TEST(Shuffle, BytesOfAnElementComeTogetherAndALooseEndStays) {
    std::vector<std::uint8_t> data{1, 3, 5, 2, 4, 6, 99};
    undo_shuffle(data, 2);
    EXPECT_THAT(data, testing::ElementsAre(1, 2, 3, 4, 5, 6, 99));
}

TEST(Half, EveryHalfSurvivesTheRoundTrip) {
    for (std::uint32_t half = 0; half < 65536; ++half) {
        const float value = half_to_float(static_cast<std::uint16_t>(half));
        if (!std::isnan(value)) {
            ASSERT_EQ(float_to_half(value), half);
        }
    }
    EXPECT_EQ(half_to_float(0x3C00), 1.0F);
    EXPECT_EQ(half_to_float(0xC000), -2.0F);
    EXPECT_EQ(half_to_float(0x0001), std::ldexp(1.0F, -24));
    EXPECT_EQ(half_to_float(0x7BFF), 65504.0F);
    EXPECT_TRUE(std::isinf(half_to_float(0x7C00)));
}

TEST(ChannelDensities, KeepTheMeanAndStayShares) {
    base::Random random(5);
    for (const double density : {0.0, 0.1, 0.5, 0.9, 1.0}) {
        const auto densities = channel_densities(33, density, 1.0, random);
        EXPECT_NEAR(std::accumulate(densities.begin(), densities.end(), 0.0) / 33, density, 1e-12);
        for (const double one : densities) {
            EXPECT_GE(one, -1e-12);
            EXPECT_LE(one, 1.0 + 1e-12);
        }
    }
    const auto spread = channel_densities(3, 0.25, 1.0, random);
    EXPECT_THAT(spread,
                testing::UnorderedElementsAre(testing::DoubleEq(0.0), testing::DoubleEq(0.25),
                                              testing::DoubleEq(0.5)));
}

TEST(RandomPattern, HasTheDensityItWasAskedFor) {
    base::Random random(6);
    for (const PatternKind kind :
         {PatternKind::kBernoulli, PatternKind::kChannel, PatternKind::kCoarse}) {
        PatternSpec spec;
        spec.density = 0.3;
        spec.kind = kind;
        spec.spread = 1.0;
        spec.block_channels = 2;
        spec.block_height = spec.block_width = 3;
        const Shape shape{32, 16, 16};
        const auto densities = channel_densities(32, spec.density, spec.spread, random);
        const auto pattern = random_pattern(spec, shape, 8, densities, random);
        // 65,536 elements in at least 4,608 independent blocks: four sigma are 0.027.
        EXPECT_NEAR(static_cast<double>(pattern.count_ones()) / 65536.0, 0.3, 0.03);
    }
}

TEST(RandomPattern, CoarseBlocksAreAllOneOrAllZero) {
    base::Random random(7);
    PatternSpec spec;
    spec.density = 0.5;
    spec.kind = PatternKind::kCoarse;
    spec.block_channels = 2;
    spec.block_height = 2;
    spec.block_width = 3;
    const Shape shape{4, 4, 6};
    const auto pattern = random_pattern(spec, shape, 3, {}, random);
    for (std::uint64_t n = 0; n < 3; ++n) {
        for (std::uint64_t e = 0; e < 96; ++e) {
            const std::uint64_t c = e / 24 / 2 * 2;
            const std::uint64_t y = e / 6 % 4 / 2 * 2;
            const std::uint64_t x = e % 6 / 3 * 3;
            ASSERT_EQ(pattern.test(n, e), pattern.test(n, c * 24 + y * 6 + x)) << e;
        }
    }
}

TEST(RandomWeight, NonzeroWeightsAreKeptWeightsInKeptBlocks) {
    base::Random random(8);
    WeightSpec spec;
    spec.keep = 0.5;
    spec.density = 0.4;
    spec.kind = PatternKind::kCoarse;
    spec.coarse_in = 3;
    spec.coarse_out = 4;
    const Shape shape{32, 16, 3, 3};
    const WeightPattern pattern = random_weight(spec, shape, random);
    ASSERT_TRUE(pattern.has_coarse);
    EXPECT_EQ(pattern.coarse.blocks, (Shape{3, 3, 6, 8}));
    std::uint64_t nonzero = 0;
    for (std::uint64_t e = 0; e < 4608; ++e) {
        const std::uint64_t tap = e % 9;
        const std::uint64_t in = e / 9 % 16;
        const std::uint64_t out = e / 144;
        const bool is_kept = base::test_bit(pattern.keep.data(), e);
        ASSERT_EQ(is_kept,
                  base::test_bit(pattern.coarse.keep.data(), (tap * 6 + in / 3) * 8 + out / 4));
        const bool is_nonzero = base::test_bit(pattern.nonzero.data(), e);
        ASSERT_TRUE(is_kept || !is_nonzero);
        nonzero += is_nonzero ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(nonzero) / 4608.0, 0.4, 0.1);  // 432 blocks: 4 sigma
}

}  // namespace
}  // namespace skipsim::trace
