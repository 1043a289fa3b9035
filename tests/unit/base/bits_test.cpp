// SPDX-License-Identifier: Apache-2.0
#include "sim/base/bits.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "sim/base/random.h"

namespace skipsim::base {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

TEST(Bits, LowBitsCoversBothEnds) {
    EXPECT_EQ(low_bits(0), 0U);
    EXPECT_EQ(low_bits(1), 1U);
    EXPECT_EQ(low_bits(63), kAll >> 1U);
    EXPECT_EQ(low_bits(64), kAll);
}

TEST(Bits, CeilDivideRoundsUpWithoutOverflow) {
    EXPECT_EQ(ceil_divide(0, 7), 0U);
    EXPECT_EQ(ceil_divide(7, 7), 1U);
    EXPECT_EQ(ceil_divide(8, 7), 2U);
    EXPECT_EQ(ceil_divide(kAll, 2), std::uint64_t{1} << 63U);
    EXPECT_EQ(words_for_bits(64), 1U);
    EXPECT_EQ(words_for_bits(65), 2U);
}

TEST(Bits, LowestOneFindsTheFirstBit) {
    EXPECT_EQ(lowest_one(0), 0U);
    EXPECT_EQ(lowest_one(0b1011000), 0b1000U);
    EXPECT_EQ(lowest_one_index(0b1011000), 3U);
    EXPECT_EQ(lowest_one_index(std::uint64_t{1} << 63U), 63U);
}

TEST(Bits, SetAndClearTouchOneBitOnly) {
    std::vector<std::uint64_t> words(2, 0);
    set_bit(words.data(), 64);
    set_bit(words.data(), 63);
    EXPECT_EQ(words[0], std::uint64_t{1} << 63U);
    EXPECT_EQ(words[1], 1U);
    clear_bit(words.data(), 64);
    EXPECT_FALSE(test_bit(words.data(), 64));
    EXPECT_TRUE(test_bit(words.data(), 63));
}

TEST(Bits, ReadBitsEqualsBitByBitReading) {
    Random random(11);
    std::vector<std::uint64_t> words(4);
    for (std::uint64_t& word : words) {
        word = random.next();
    }
    for (std::uint64_t first = 0; first < 192; ++first) {
        for (const std::uint64_t count : {1U, 7U, 32U, 63U, 64U}) {
            std::uint64_t expected = 0;
            for (std::uint64_t i = 0; i < count; ++i) {
                expected |= std::uint64_t{test_bit(words.data(), first + i)} << i;
            }
            ASSERT_EQ(read_bits(words.data(), first, count), expected) << first << " " << count;
        }
    }
}

TEST(Bits, BitStringEqualsAVectorOfBools) {
    Random random(12);
    const std::vector<std::uint64_t> source{random.next(), random.next(), random.next()};
    BitString bits;
    std::vector<bool> reference;
    for (int step = 0; step < 400; ++step) {
        const std::uint64_t count = random.below(65);
        switch (random.below(4)) {
            case 0: {
                const std::uint64_t word = random.next();
                bits.append(word, count);
                for (std::uint64_t i = 0; i < count; ++i) {
                    reference.push_back(((word >> i) & 1U) != 0);
                }
                break;
            }
            case 1: {
                const std::uint64_t first = random.below(60);
                bits.append_from(source.data(), first, 2 * count);
                for (std::uint64_t i = 0; i < 2 * count; ++i) {
                    reference.push_back(test_bit(source.data(), first + i));
                }
                break;
            }
            case 2:
                bits.append_zeros(count);
                reference.insert(reference.end(), count, false);
                break;
            default:
                bits.append_ones(2 * count);
                reference.insert(reference.end(), 2 * count, true);
        }
    }
    ASSERT_EQ(bits.size(), reference.size());
    std::uint64_t ones = 0;
    for (std::uint64_t i = 0; i < bits.size(); ++i) {
        ASSERT_EQ(test_bit(bits.words().data(), i), reference[i]) << "bit " << i;
        ones += reference[i] ? 1 : 0;
    }
    // Equal only if the bits beyond the end are 0.
    EXPECT_EQ(count_ones(bits.words().data(), bits.words().size()), ones);
    bits.clear();
    EXPECT_EQ(bits.size(), 0U);
    bits.append(1, 1);
    EXPECT_EQ(bits.words().front(), 1U);
}

}  // namespace
}  // namespace skipsim::base
