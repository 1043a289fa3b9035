// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dma.h"

#include <gtest/gtest.h>

namespace skipsim::memory {
namespace {

DmaParams modelled(std::uint64_t bytes_per_cycle, std::uint64_t outstanding) {
    DmaParams params;
    params.ideal = false;
    params.burst_bytes = 64;
    params.bytes_per_cycle = bytes_per_cycle;
    params.outstanding_bursts = outstanding;
    return params;
}

/// Takes the next burst; its job, 0 if there is none.
std::uint64_t issue(Dma& dma, std::uint64_t cycle) {
    const auto burst = dma.next_burst(cycle);
    if (!burst) {
        return 0;
    }
    dma.issued(*burst, cycle);
    return burst->job;
}

// Bytes 60 to 139 lie in bursts 0, 64 and 128.
TEST(Dma, AJobIsCutAtMultiplesOfTheBurst) {
    Dma dma(modelled(0, 64));
    dma.submit({1, 60, 80, false}, false);
    std::vector<std::uint64_t> addresses;
    std::vector<DmaBurst> bursts;
    while (const auto burst = dma.next_burst(0)) {
        addresses.push_back(burst->address);
        bursts.push_back(*burst);
        dma.issued(*burst, 0);
    }
    EXPECT_EQ(addresses, (std::vector<std::uint64_t>{0, 64, 128}));
    EXPECT_FALSE(dma.completed(bursts[2]));
    EXPECT_FALSE(dma.completed(bursts[0]));
    EXPECT_EQ(dma.completed(bursts[1]), 1u) << "with the last burst, in whatever order";
}

TEST(Dma, BurstsOfForegroundJobsComeFirst) {
    Dma dma(modelled(64, 64));
    dma.submit({1, 0, 128, false}, true);
    EXPECT_EQ(issue(dma, 0), 1u);
    dma.submit({2, 0, 64, false}, false);
    EXPECT_EQ(issue(dma, 1), 2u);
    EXPECT_EQ(issue(dma, 2), 1u);
}

TEST(Dma, APromotedJobGoesOnBehindTheForegroundJobs) {
    Dma dma(modelled(64, 64));
    dma.submit({1, 0, 64, false}, true);
    dma.submit({2, 0, 64, false}, true);
    dma.submit({3, 0, 64, false}, false);
    dma.promote(2);
    EXPECT_EQ(issue(dma, 0), 3u);
    EXPECT_EQ(issue(dma, 1), 2u);
    EXPECT_EQ(issue(dma, 2), 1u);
}

// 128 bytes a cycle: two bursts; 32: one burst takes two cycles.
TEST(Dma, TheRateIsKeptInWholeBursts) {
    Dma wide(modelled(128, 64));
    wide.submit({1, 0, 256, false}, false);
    EXPECT_EQ(issue(wide, 0), 1u);
    EXPECT_EQ(issue(wide, 0), 1u);
    EXPECT_EQ(issue(wide, 0), 0u);
    EXPECT_EQ(issue(wide, 1), 1u);
    Dma narrow(modelled(32, 64));
    narrow.submit({1, 0, 128, false}, false);
    EXPECT_EQ(issue(narrow, 0), 1u);
    EXPECT_EQ(issue(narrow, 1), 0u);
    EXPECT_EQ(issue(narrow, 2), 1u);
}

TEST(Dma, NoMoreBurstsAreUnderWayThanAllowed) {
    Dma dma(modelled(0, 1));
    dma.submit({1, 0, 128, false}, false);
    EXPECT_EQ(issue(dma, 0), 1u);
    EXPECT_EQ(issue(dma, 5), 0u);
    EXPECT_FALSE(dma.completed({1, 0, false}));
    EXPECT_EQ(issue(dma, 6), 1u);
}

// 10 bytes at 4 a cycle: 3 cycles, complete 5 later; the next job begins when the engine is free.
TEST(Dma, AnIdealMemoryTakesJobsWhole) {
    DmaParams params;
    params.ideal_bytes_per_cycle = 4;
    params.ideal_latency_cycles = 5;
    Dma dma(params);
    dma.submit({1, 0, 10, false}, false);
    dma.submit({2, 0, 4, false}, false);
    EXPECT_EQ(dma.next_ideal_job(100)->complete_cycle, 108u);
    EXPECT_FALSE(dma.next_ideal_job(102));
    EXPECT_EQ(dma.next_ideal_job(103)->complete_cycle, 109u);
}

}  // namespace
}  // namespace skipsim::memory
