// SPDX-License-Identifier: Apache-2.0
// A port edge by edge, against hand-made times and against the closed form of the fast engine.
#include "models/memory/clocked/port.h"

#include <gtest/gtest.h>

#include <vector>

#include "models/memory/load_port.h"
#include "sim/base/random.h"

namespace skipsim::clocked {
namespace {

struct Arrival {
    std::uint64_t cycle;
    std::uint64_t bytes;
};

/// The cycles in which the loads can be used.
std::vector<std::uint64_t> run(const memory::LoadPortParams& params,
                               const std::vector<Arrival>& arrivals) {
    Port port(params);
    std::vector<std::uint64_t> usable;
    std::size_t next = 0;
    for (std::uint64_t cycle = 0; next < arrivals.size() || !port.is_idle(); ++cycle) {
        usable.insert(usable.end(), port.begin(cycle), cycle);
        for (; next < arrivals.size() && arrivals[next].cycle == cycle; ++next) {
            usable.insert(usable.end(), port.arrive(arrivals[next].bytes), cycle);
        }
    }
    return usable;
}

using Cycles = std::vector<std::uint64_t>;

// 9 bytes, 4 a cycle: transferred in cycles 0 to 2, in the pipeline from edge 3 on: 3 + 10. The
// second load waits for the port (3), not for the first one's latency: 3 + 1 + 10.
TEST(ClockedPort, TransfersFollowEachOtherAndLatencyIsPipelined) {
    EXPECT_EQ(run({4, 10}, {{0, 9}, {1, 4}, {100, 4}}), (Cycles{13, 14, 111}));
}

// Nothing to transfer, no latency: usable in the cycle itself. A load of 0 bytes behind another
// waits for its turn: 5, then both.
TEST(ClockedPort, ALoadMayTakeNoTime) {
    EXPECT_EQ(run({0, 0}, {{3, 1000}, {3, 1}}), (Cycles{3, 3}));
    EXPECT_EQ(run({0, 7}, {{5, 1'000'000}}), (Cycles{12}));
    EXPECT_EQ(run({2, 0}, {{2, 6}, {2, 0}, {6, 0}}), (Cycles{5, 5, 6}));
}

TEST(ClockedPort, CountsAsTheClosedFormSays) {
    base::Random random(3);
    for (int round = 0; round < 2000; ++round) {
        const memory::LoadPortParams params{random.below(6), random.below(9)};
        memory::LoadPort closed(params);
        std::vector<Arrival> arrivals;
        Cycles expected;
        std::uint64_t cycle = 0;
        for (std::uint64_t load = random.below(12) + 1; load > 0; --load) {
            cycle += random.below(7);
            arrivals.push_back({cycle, random.below(20)});
            expected.push_back(closed.request(cycle, arrivals.back().bytes));
        }
        ASSERT_EQ(run(params, arrivals), expected) << "round " << round;
    }
}

}  // namespace
}  // namespace skipsim::clocked
