// SPDX-License-Identifier: Apache-2.0
// Which of several possible commands is issued: each tie and each exception of the page's "Order".
// Small DRAM: tRCD 5, tRP 5, tRAS 12, CL 7, CWL 5, burst 4, tCCD_L 7, tRTP 4, tRTW 2.
#include <gtest/gtest.h>

#include "tests/support/dram_run.h"

namespace skipsim::memory {
namespace {

using Kind = DramCommandKind;
using test::TimedRequest;

DramPlace bank(std::uint32_t rank, std::uint32_t group, std::uint32_t row = 0,
               std::uint32_t column = 0) {
    return {0, rank, group, 0, row, column};
}

/// "500 refresh": the commands from `first` on.
std::vector<std::pair<std::uint64_t, Kind>> commands(const test::DramRun& run, std::size_t first) {
    std::vector<std::pair<std::uint64_t, Kind>> list;
    for (std::size_t i = first; i < run.trace.size(); ++i) {
        list.emplace_back(run.trace[i].cycle, run.trace[i].kind);
    }
    return list;
}

using List = std::vector<std::pair<std::uint64_t, Kind>>;

// ACT and RD at first; at 101 a read to the open row and an older request's activate are possible.
TEST(DramOrder, AColumnCommandGoesBeforeAnOlderRequestsActivate) {
    const test::DramRun run = test::run_dram(
        test::small_dram(), {{0, bank(0, 0)}, {100, bank(0, 1)}, {100, bank(0, 0, 0, 1)}});
    EXPECT_EQ(commands(run, 2),
              (List{{101, Kind::read}, {102, Kind::activate}, {107, Kind::read}}));
}

// Two activates are possible at 1, tRRD_S does not bind across ranks: the older request first.
TEST(DramOrder, OfTwoActivatesTheOlderRequestsGoesFirst) {
    const test::DramRun run =
        test::run_dram(test::small_dram(), {{0, bank(1, 0)}, {0, bank(0, 0)}});
    EXPECT_EQ(run.trace[0].place.rank, 1u);
    EXPECT_EQ(run.trace[1].place.rank, 0u);
    EXPECT_EQ(run.trace[1].cycle, 2u);
}

// Rank 0 is due at 500, at which rank 1's read is possible too.
TEST(DramOrder, ADueRefreshGoesBeforeAReadOfAnotherRank) {
    const test::DramRun run =
        test::run_dram(test::small_dram(), {{0, bank(1, 0)}, {499, bank(1, 0, 0, 1)}});
    EXPECT_EQ(commands(run, 2), (List{{500, Kind::refresh}, {501, Kind::read}}));
}

// Row 1 is wanted by the older request, but row 0 still has a hit: RD at 101, then PRE (tRTP).
TEST(DramOrder, ARowWithHitsIsNotClosed) {
    const test::DramRun run = test::run_dram(
        test::small_dram(), {{0, bank(0, 0)}, {100, bank(0, 0, 1)}, {100, bank(0, 0, 0, 1)}});
    EXPECT_EQ(
        commands(run, 2),
        (List{
            {101, Kind::read}, {105, Kind::precharge}, {110, Kind::activate}, {115, Kind::read}}));
}

// After a read at 101 the next read is possible at 108, a write at 101 + 7 + 4 + 2 - 5 = 109.
TEST(DramOrder, AReadPassesAnOlderWriteUnlessItIsToTheSameAddress) {
    for (const std::uint32_t column : {1u, 2u}) {
        const test::DramRun run =
            test::run_dram(test::small_dram(), {{0, bank(0, 0)},
                                                {100, bank(0, 0, 0, 3)},
                                                {100, bank(0, 0, 0, 1), true},
                                                {100, bank(0, 0, 0, column)}});
        if (column == 2) {
            EXPECT_EQ(run.trace[3].kind, Kind::read);
            EXPECT_EQ(run.trace[3].cycle, 108u);
        } else {
            EXPECT_EQ(run.trace[3].kind, Kind::write);
            EXPECT_EQ(run.trace[3].cycle, 109u);
        }
    }
}

// One bank, and hits all the time from cycle 6 on, every 7 cycles: … 496, 503 … Request 1, pushed
// at cycle 1, wants another row. From 1 + age_cap on it alone is served: with a cap of 500, PRE at
// 501; with 502, PRE at 503, in place of the read that would be possible then.
TEST(DramOrder, TheAgeCapEndsStarvation) {
    DramParams params = test::small_dram();
    std::vector<TimedRequest> stream{{0, bank(0, 0, 1)}, {1, bank(0, 0, 2)}};
    for (std::uint32_t i = 0; i < 400; ++i) {
        stream.push_back({0, bank(0, 0, 1, i % 8)});
    }
    params.timings.t_refi = 100000;
    for (const auto& [cap, precharge] : {std::pair{500u, 501u}, std::pair{502u, 503u}}) {
        params.controller.age_cap = cap;
        for (const DramCompletion& done : test::run_dram(params, stream).done) {
            if (done.id == 1) {
                EXPECT_EQ(done.cycle, precharge + 5 + 5 + 7 + 4);
            }
        }
    }
    params.controller.age_cap = 100000;
    EXPECT_EQ(test::run_dram(params, stream).done.back().id, 1u);
}

// A completion of cycle 17 that nobody fetched yet is still the next event at cycle 17 and later.
TEST(DramOrder, AnEventIsAnnouncedUntilItIsFetched) {
    Dram dram(test::small_dram());
    std::vector<DramCompletion> done;
    dram.push(0, {1, 0, false});
    EXPECT_TRUE(dram.has_room(17, 0));
    EXPECT_EQ(dram.next_event_cycle(), 17u);
    dram.advance(17, done);
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(done[0].cycle, 17u);
    EXPECT_EQ(dram.next_event_cycle(), kNever);
}

// Row open at 100: a write is issued at 101 and done at 101 + 5 + 4; with nothing in between asked.
TEST(DramOrder, TheNextEventOfALoneWriteIsItsCompletion) {
    Dram dram(test::small_dram());
    std::vector<DramCompletion> done;
    dram.push(0, {1, 0, false});
    dram.advance(50, done);
    dram.push(100, {2, 0, true});
    EXPECT_EQ(dram.next_event_cycle(), 110u);
    dram.advance(110, done);
    EXPECT_EQ(done.back().cycle, 110u);
}

}  // namespace
}  // namespace skipsim::memory
