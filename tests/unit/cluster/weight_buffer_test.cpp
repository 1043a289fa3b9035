// SPDX-License-Identifier: Apache-2.0
#include "models/cluster/weight_buffer.h"

#include <gtest/gtest.h>

namespace skipsim::cluster {
namespace {

/// Bursts of 8 bytes, 4 bytes a cycle: 2 cycles each.
WeightBufferParams params(std::uint32_t ports, std::uint32_t banks, std::uint64_t capacity = 0) {
    WeightBufferParams out;
    out.ports = ports;
    out.banks = banks;
    out.capacity_bytes = capacity;
    out.burst_bytes = 8;
    out.port_bytes_per_cycle = 4;
    out.fill_bytes_per_cycle = 16;
    return out;
}

/// A tile of three bursts, asked for by core 0 in cycle 0 and there at once; when it is served.
std::uint64_t three_bursts(std::uint32_t ports, std::uint32_t banks) {
    WeightBuffer buffer(params(ports, banks));
    EXPECT_EQ(buffer.request(0, 0, {7, 24}), Presence::absent);
    buffer.arrived(0, 7);
    std::vector<WeightBuffer::Served> served;
    buffer.advance(100, served);
    EXPECT_EQ(served.size(), 1u);
    return served.front().cycle;
}

// One port: 0-2, 2-4, 4-6. Two ports: bursts 0 and 1 at once, 2 after them; in one bank alone they
// wait for each other.
TEST(WeightBuffer, BurstsTakeAPortAndABank) {
    EXPECT_EQ(three_bursts(1, 4), 6u);
    EXPECT_EQ(three_bursts(2, 4), 4u);
    EXPECT_EQ(three_bursts(3, 4), 2u);
    EXPECT_EQ(three_bursts(3, 1), 6u);
    EXPECT_EQ(three_bursts(3, 2), 4u);
}

// Core 1 asks in cycle 1: burst 0 has started (0-2) and is read again for it; 1 and 2 are joined.
TEST(WeightBuffer, ARequestJoinsBurstsThatAreQueued) {
    WeightBuffer buffer(params(1, 4));
    std::vector<WeightBuffer::Served> served;
    buffer.request(0, 0, {7, 24});
    buffer.arrived(0, 7);
    buffer.advance(1, served);
    EXPECT_EQ(buffer.request(1, 1, {7, 24}), Presence::present);
    buffer.advance(100, served);
    ASSERT_EQ(served.size(), 2u);
    EXPECT_EQ(served[0].core, 0u);
    EXPECT_EQ(served[0].cycle, 6u);
    EXPECT_EQ(served[1].core, 1u);
    EXPECT_EQ(served[1].cycle, 8u);
    EXPECT_EQ(buffer.words_read(), 4u) << "four bursts of a word, not six";
}

// 24 bytes at 16 a cycle: 2 cycles; the second fill follows the first.
TEST(WeightBuffer, FillsFollowEachOtherAndServeAllWhoAsked) {
    WeightBuffer buffer(params(1, 4));
    EXPECT_EQ(buffer.request(0, 0, {7, 24}), Presence::absent);
    EXPECT_EQ(buffer.request(0, 1, {7, 24}), Presence::fetching);
    EXPECT_EQ(buffer.request(0, 2, {9, 24}), Presence::absent);
    EXPECT_EQ(buffer.fill(10, 7), 12u);
    EXPECT_EQ(buffer.fill(10, 9), 14u);
    EXPECT_EQ(buffer.words_written(), 6u);
    buffer.arrived(12, 7);
    std::vector<WeightBuffer::Served> served;
    buffer.advance(100, served);
    ASSERT_EQ(served.size(), 2u);
    EXPECT_EQ(served[0].cycle, 18u);
    EXPECT_EQ(served[1].cycle, 18u) << "one read serves both";
}

TEST(WeightBuffer, TheTileThatWasAskedForLongestAgoMakesRoom) {
    WeightBuffer buffer(params(1, 1, 20));
    std::vector<WeightBuffer::Served> served;
    for (const std::uint64_t key : {1, 2}) {
        buffer.request(0, 0, {key, 8});
        buffer.arrived(0, key);
    }
    buffer.advance(50, served);
    EXPECT_EQ(buffer.request(50, 0, {1, 8}), Presence::present);
    buffer.advance(90, served);
    EXPECT_EQ(buffer.request(90, 0, {3, 8}), Presence::absent);  // 8 + 8 + 8 > 20: 2 goes
    EXPECT_EQ(buffer.request(90, 1, {1, 8}), Presence::present);
}

}  // namespace
}  // namespace skipsim::cluster
