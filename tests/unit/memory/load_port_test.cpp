// SPDX-License-Identifier: Apache-2.0
#include "models/memory/load_port.h"

#include <gtest/gtest.h>

namespace skipsim::memory {
namespace {

// ceil(9 / 4) = 3 cycles of transfer, then 10 of latency.
TEST(LoadPort, TransferThenLatency) {
    LoadPort port({4, 10});
    EXPECT_EQ(port.request(0, 9), 13u);
}

// The second load waits for the port (cycle 3), not for the first one's latency.
TEST(LoadPort, LatencyIsPipelined) {
    LoadPort port({4, 10});
    port.request(0, 9);
    EXPECT_EQ(port.request(1, 4), 3u + 1u + 10u);
    EXPECT_EQ(port.request(100, 4), 111u);
}

TEST(LoadPort, UnlimitedBandwidthLeavesTheLatency) {
    LoadPort port({0, 7});
    EXPECT_EQ(port.request(5, 1'000'000), 12u);
}

TEST(LoadPort, ARowStartsCold) {
    LoadPort port({1, 0});
    port.request(0, 50);
    port.start_row();
    EXPECT_EQ(port.request(0, 1), 1u);
}

}  // namespace
}  // namespace skipsim::memory
