// SPDX-License-Identifier: Apache-2.0
#include "sim/base/bit_tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "sim/base/check.h"

namespace skipsim::base {
namespace {

TEST(BitTensor, EverySampleStartsOnAWord) {
    BitTensor tensor(3, 65);
    EXPECT_EQ(tensor.words_per_sample(), 2U);
    EXPECT_EQ(tensor.sample_words(1) - tensor.sample_words(0), 2);
    tensor.set(1, 64);
    EXPECT_EQ(tensor.sample_words(1)[1], 1U);
    EXPECT_TRUE(tensor.test(1, 64));
    EXPECT_FALSE(tensor.test(0, 64));
    tensor.clear(1, 64);
    EXPECT_EQ(tensor.count_ones(), 0U);
}

TEST(BitTensor, FillLeavesThePaddingZero) {
    for (const std::uint64_t elements : {1U, 63U, 64U, 65U, 128U}) {
        BitTensor tensor(3, elements);
        tensor.fill(true);
        EXPECT_EQ(tensor.count_ones(), 3 * elements);
        EXPECT_EQ(tensor.count_ones(2), elements);
        tensor.fill(false);
        EXPECT_EQ(tensor.count_ones(), 0U);
    }
}

// numpy.packbits([[1,0,0,0,0,0,0,0,0,1,1],[0,1,0,0,0,0,0,1,0,0,1]], axis=1, bitorder="little")
// is [[0x01, 0x06], [0x82, 0x04]]; here each row has a surplus byte and surplus high bits.
TEST(BitTensor, ReadsNumpysLittleBitOrder) {
    const std::vector<std::uint8_t> bytes{0x01, 0xf6, 0xff, 0x82, 0x04, 0xff};
    const BitTensor tensor = BitTensor::from_packed_bytes(2, 11, bytes.data(), 3);
    EXPECT_EQ(tensor.sample_words(0)[0], 0x601U);
    EXPECT_EQ(tensor.sample_words(1)[0], 0x482U);
    BitTensor expected(2, 11);
    for (const std::uint64_t element : {0U, 9U, 10U}) {
        expected.set(0, element);
    }
    for (const std::uint64_t element : {1U, 7U, 10U}) {
        expected.set(1, element);
    }
    EXPECT_EQ(tensor, expected);
    expected.set(0, 1);
    EXPECT_NE(tensor, expected);
}

TEST(BitTensor, RejectsRowsThatAreTooShort) {
    const std::vector<std::uint8_t> bytes(2, 0);
    EXPECT_THROW(BitTensor::from_packed_bytes(2, 9, bytes.data(), 1), InternalError);
}

TEST(BitTensor, EmptyTensorsHaveNoOnes) {
    BitTensor tensor(0, 100);
    tensor.fill(true);
    EXPECT_EQ(tensor.count_ones(), 0U);
    BitTensor no_elements(5, 0);
    no_elements.fill(true);
    EXPECT_EQ(no_elements.count_ones(), 0U);
}

TEST(BitTensor, AbsurdSizesAreRefusedBeforeAllocating) {
    constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
    EXPECT_THROW(BitTensor(kHuge, 65), std::length_error);
}

}  // namespace
}  // namespace skipsim::base
