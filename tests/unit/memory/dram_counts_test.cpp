// SPDX-License-Identifier: Apache-2.0
// Commands and background cycles, counted again from the trace; idle time that is skipped.
#include <gtest/gtest.h>

#include <map>

#include "tests/support/dram_run.h"

namespace skipsim::memory {
namespace {

using test::organisations;

/// Counted again from the trace.
DramCounts recount(const DramParams& params, const std::vector<DramCommand>& trace,
                   std::uint64_t end) {
    using Kind = DramCommandKind;
    DramCounts counts;
    const DramTimings& t = params.timings;
    std::map<std::vector<std::uint32_t>, std::uint64_t> opened;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<bool>> is_active;
    for (std::uint32_t c = 0; c < params.organisation.channels; ++c) {
        for (std::uint32_t r = 0; r < params.organisation.ranks; ++r) {
            is_active[{c, r}].resize(end + 1);
        }
    }
    const auto mark = [&](const DramPlace& p, std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t cycle = from; cycle < std::min(to, end + 1); ++cycle) {
            is_active[{p.channel, p.rank}][cycle] = true;
        }
    };
    for (const DramCommand& c : trace) {
        const std::vector<std::uint32_t> bank{c.place.channel, c.place.rank, c.place.bank_group,
                                              c.place.bank};
        const bool is_read = c.kind == Kind::read || c.kind == Kind::read_precharge;
        const bool is_write = c.kind == Kind::write || c.kind == Kind::write_precharge;
        counts.activates += c.kind == Kind::activate;
        counts.precharges += c.kind == Kind::precharge;
        counts.auto_precharges += c.kind == Kind::read_precharge || c.kind == Kind::write_precharge;
        counts.reads += is_read;
        counts.writes += is_write;
        counts.refreshes += c.kind == Kind::refresh;
        if (c.kind == Kind::activate) {
            opened[bank] = c.cycle;
        } else if (c.kind == Kind::precharge) {
            mark(c.place, opened[bank], c.cycle);
            opened.erase(bank);
        } else if (c.kind == Kind::read_precharge || c.kind == Kind::write_precharge) {
            const std::uint64_t after =
                is_read ? t.t_rtp : t.cwl + params.organisation.burst_length / 2 + t.t_wr;
            mark(c.place, opened[bank], std::max(opened[bank] + t.t_ras, c.cycle + after));
            opened.erase(bank);
        }
    }
    for (const auto& [bank, from] : opened) {
        mark({bank[0], bank[1], bank[2], bank[3], 0, 0}, from, end + 1);
    }
    for (const auto& [rank, cycles] : is_active) {
        for (const bool active : cycles) {
            ++(active ? counts.active_standby : counts.precharge_standby);
        }
    }
    return counts;
}

void expect_equal(const DramCounts& a, const DramCounts& b) {
    EXPECT_EQ(a.activates, b.activates);
    EXPECT_EQ(a.precharges, b.precharges);
    EXPECT_EQ(a.auto_precharges, b.auto_precharges);
    EXPECT_EQ(a.reads, b.reads);
    EXPECT_EQ(a.writes, b.writes);
    EXPECT_EQ(a.refreshes, b.refreshes);
    EXPECT_EQ(a.active_standby, b.active_standby);
    EXPECT_EQ(a.precharge_standby, b.precharge_standby);
}

// Without a trace, refreshes of idle ranks are counted at once; with one, each is a command.
// Streams with long, middling and short pauses.
TEST(DramCounts, TheyAreThoseOfTheTraceAndIdleTimeIsSkippedExactly) {
    for (const DramParams& params : organisations()) {
        for (const test::StreamMix& mix :
             {test::StreamMix{60, 40, 50, 4, 3000, 8}, test::StreamMix{400, 40, 50, 4, 300, 8},
              test::StreamMix{400, 40, 50, 4, 12, 8}}) {
            const auto stream = test::random_stream(params, mix, 11);
            const test::DramRun traced = test::run_dram(params, stream);
            const test::DramRun plain = test::run_dram(params, stream, false);
            expect_equal(traced.counts, recount(params, traced.trace, traced.end));
            expect_equal(traced.counts, plain.counts);
            ASSERT_EQ(traced.done.size(), plain.done.size());
            for (std::size_t i = 0; i < plain.done.size(); ++i) {
                ASSERT_EQ(traced.done[i].id, plain.done[i].id);
                ASSERT_EQ(traced.done[i].cycle, plain.done[i].cycle);
            }
        }
    }
}

// Every rank is refreshed floor((10^12 - first due) / 1000) + 1 = 10^9 times.
TEST(DramCounts, IdleTimeCostsNothing) {
    for (const DramParams& params : organisations()) {
        Dram idle(params);
        const std::uint64_t ranks = params.organisation.channels * params.organisation.ranks;
        const DramCounts counts = idle.counts(1'000'000'000'000);
        EXPECT_EQ(counts.refreshes, ranks * 1'000'000'000);
        EXPECT_EQ(counts.precharge_standby, ranks * 1'000'000'000'001);
        EXPECT_EQ(counts.active_standby, 0u);
    }
}

// Closed page. ACT 491, RD 496; the bank closes itself at 503 (tRAS), may be refreshed from 510 on
// (tRC), though rank 0 is due at 500. The next request waits for the end of that refresh, 570.
TEST(DramCounts, ASkippedRefreshWaitsForABankThatClosesItself) {
    DramParams params = test::small_dram();
    params.controller.page_policy = PagePolicy::closed;
    const std::vector<test::TimedRequest> stream{{490, {}, false}, {515, {}, false}};
    for (const bool is_traced : {true, false}) {
        const test::DramRun run = test::run_dram(params, stream, is_traced);
        EXPECT_EQ(run.done[1].cycle, 570u + 5 + 7 + 4);
    }
}

}  // namespace
}  // namespace skipsim::memory
