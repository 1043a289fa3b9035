// SPDX-License-Identifier: Apache-2.0
// Latency and bandwidth of the three shipped memories, one channel, in closed form: each stream's
// figure is derived below from the timings and holds exactly. models/memory/dram/README.md has the
// table; the last test holds its rows against these runs.
//
// Except in the stream with refreshes tREFI is far away, so that none disturbs.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "tests/support/dram_files.h"
#include "tests/support/dram_run.h"

namespace skipsim::memory {
namespace {

using test::DramRun;
using test::TimedRequest;

const char* const kMemories[] = {"lpddr4-3200", "ddr4-2400", "hbm2"};
constexpr std::uint64_t kFar = kMaxDramTiming;

DramParams without_refresh(const char* name) {
    DramParams params = test::dram_params(test::shipped_memory(name));
    params.organisation.channels = 1;
    params.timings.t_refi = kFar;
    return params;
}

DramRun run(const DramParams& params, const std::vector<TimedRequest>& stream) {
    DramRun result = test::run_dram(params, stream);
    EXPECT_EQ(test::broken_rules(params, result.trace, result.end), std::set<std::string>{});
    EXPECT_EQ(result.done.size(), stream.size());
    return result;
}

std::uint32_t row_bursts(const DramParams& params) {
    return static_cast<std::uint32_t>(params.organisation.columns /
                                      params.organisation.burst_length);
}

/// Reads of one row of one bank; its columns over and over.
std::vector<TimedRequest> hits_in_one_bank(const DramParams& params, std::size_t count) {
    std::vector<TimedRequest> stream(count);
    for (std::size_t i = 0; i < count; ++i) {
        stream[i].place.column = static_cast<std::uint32_t>(i % row_bursts(params));
    }
    return stream;
}

/// Neighbours in the stream lie in different bank groups; with `new_rows` no row comes twice.
std::vector<TimedRequest> over_banks(const DramParams& params, std::size_t count, bool new_rows) {
    const auto groups = static_cast<std::uint32_t>(params.organisation.bank_groups);
    const auto banks = static_cast<std::uint32_t>(params.organisation.banks_per_group);
    std::vector<TimedRequest> stream(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        DramPlace& place = stream[i].place;
        place.bank_group = i % groups;
        place.bank = i / groups % banks;
        const std::uint32_t round = i / (groups * banks);
        place.row = new_rows ? round : 0;
        place.column = new_rows ? 0 : round % row_bursts(params);
    }
    return stream;
}

/// One bank, each request another row.
std::vector<TimedRequest> conflicts_in_one_bank(std::size_t count, bool is_write) {
    std::vector<TimedRequest> stream(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        stream[i].place.row = i;
        stream[i].is_write = is_write;
    }
    return stream;
}

/// Cycles from completion `first` to the one `count` later.
std::uint64_t span(const DramRun& result, std::size_t first, std::size_t count) {
    return result.done[first + count].cycle - result.done[first].cycle;
}

struct Latencies {
    std::uint64_t closed = 0;
    std::uint64_t hit = 0;
    std::uint64_t conflict = 0;
};

Latencies latencies(const DramParams& params) {
    const DramRun result =
        run(params, {{0, {}, false}, {1000, {}, false}, {2000, {0, 0, 0, 0, 1, 0}, false}});
    return {result.done[0].cycle, result.done[1].cycle - 1000, result.done[2].cycle - 2000};
}

// Looked at one cycle after it was pushed; then PRE, ACT, RD as far as needed, CL, burst.
TEST(DramStreams, LatencyOfALoneRead) {
    for (const char* name : kMemories) {
        SCOPED_TRACE(name);
        const DramParams p = without_refresh(name);
        const DramTimings& t = p.timings;
        const Latencies found = latencies(p);
        EXPECT_EQ(found.hit, 1 + t.cl + p.burst_cycles());
        EXPECT_EQ(found.closed, t.t_rcd_read + found.hit);
        EXPECT_EQ(found.conflict, t.t_rp + found.closed);
    }
}

// Reads of one bank follow each other tCCD_L apart, or a burst if that is longer.
TEST(DramStreams, HitsInOneBankAreBoundByTccdL) {
    for (const char* name : kMemories) {
        SCOPED_TRACE(name);
        const DramParams p = without_refresh(name);
        const DramRun result = run(p, hits_in_one_bank(p, 500));
        const std::uint64_t interval = std::max(p.timings.t_ccd_l, p.burst_cycles());
        EXPECT_EQ(result.done.back().cycle,
                  1 + p.timings.t_rcd_read + 499 * interval + p.timings.cl + p.burst_cycles());
    }
}

// With other bank groups between, tCCD_S or the burst; the first rows are open after 300 reads.
TEST(DramStreams, HitsOverBankGroupsFillTheDataBus) {
    for (const char* name : kMemories) {
        SCOPED_TRACE(name);
        const DramParams p = without_refresh(name);
        const DramRun result = run(p, over_banks(p, 1000, false));
        const std::uint64_t interval = std::max(p.timings.t_ccd_s, p.burst_cycles());
        EXPECT_EQ(span(result, 300, 600), 600 * interval);
    }
}

// ACT to ACT: tRC; or ACT, tRCD, RD, tRTP, PRE, tRP, ACT if that is longer. With writes, CWL, burst
// and tWR take the place of tRTP.
TEST(DramStreams, ConflictsInOneBankAreBoundByTrc) {
    for (const char* name : kMemories) {
        SCOPED_TRACE(name);
        const DramParams p = without_refresh(name);
        const DramTimings& t = p.timings;
        const DramRun reads = run(p, conflicts_in_one_bank(100, false));
        EXPECT_EQ(span(reads, 10, 80), 80 * std::max(t.t_rc, t.t_rcd_read + t.t_rtp + t.t_rp));
        const DramRun writes = run(p, conflicts_in_one_bank(100, true));
        const std::uint64_t recovery = t.cwl + p.burst_cycles() + t.t_wr;
        EXPECT_EQ(span(writes, 10, 80), 80 * std::max(t.t_rc, t.t_rcd_write + recovery + t.t_rp));
    }
}

// A new row for every read, over all banks, rows closed by the reads: four activates every tFAW or
// four tRRD_S, whichever is longer. Every bank is asked again no sooner than tRC.
TEST(DramStreams, ConflictsOverBanksAreBoundByTfaw) {
    for (const char* name : kMemories) {
        SCOPED_TRACE(name);
        DramParams p = without_refresh(name);
        p.controller.page_policy = PagePolicy::closed;
        const DramTimings& t = p.timings;
        const std::uint64_t four = std::max(t.t_faw, 4 * t.t_rrd_s);
        ASSERT_GE(p.organisation.bank_groups * p.organisation.banks_per_group / 4 * four, t.t_rc);
        const DramRun result = run(p, over_banks(p, 1000, true));
        EXPECT_EQ(span(result, 300, 600), 150 * four);
    }
}

// Requests to one address keep their order, so writes and reads alternate. WR to RD: CWL, burst,
// tWTR_L. RD to WR: write data tRTW behind the read's, CL + burst + tRTW - CWL.
TEST(DramStreams, AlternatingWritesAndReadsPayBothTurnarounds) {
    for (const char* name : kMemories) {
        SCOPED_TRACE(name);
        const DramParams p = without_refresh(name);
        const DramTimings& t = p.timings;
        std::vector<TimedRequest> stream(400);
        for (std::size_t i = 0; i < stream.size(); ++i) {
            stream[i].is_write = i % 2 == 0;
        }
        const DramRun result = run(p, stream);
        const std::uint64_t to_read = t.cwl + p.burst_cycles() + t.t_wtr_l;
        const std::uint64_t to_write = t.cl + p.burst_cycles() + t.t_rtw - t.cwl;
        EXPECT_EQ(span(result, 10, 300), 150 * (to_read + to_write));
    }
}

/// Reads between refreshes m and m + 1 of a stream of hits in one bank, and the cycle of the last.
struct Period {
    std::uint64_t reads = 0;
    std::uint64_t last = 0;
};

// From due time d: PRE at d or tRTP after the last read, then tRP, REF, tRFC, ACT, tRCD, and reads
// every interval until the next due time, d + tREFI - 1 at the latest.
Period period_after(const DramParams& p, std::uint64_t due, std::uint64_t last_read) {
    const DramTimings& t = p.timings;
    const std::uint64_t interval = std::max(t.t_ccd_l, p.burst_cycles());
    const std::uint64_t precharge = std::max(due, last_read + t.t_rtp);
    const std::uint64_t first = precharge + t.t_rp + t.t_rfc + t.t_rcd_read;
    const std::uint64_t more = (due + t.t_refi - 1 - first) / interval;
    return {more + 1, first + more * interval};
}

TEST(DramStreams, RefreshTakesTrfcAndTheReopeningOutOfEveryTrefi) {
    for (const char* name : kMemories) {
        SCOPED_TRACE(name);
        DramParams p = without_refresh(name);
        p.timings.t_refi = test::shipped_memory(name).timings.t_refi;
        const DramTimings& t = p.timings;
        const std::uint64_t interval = std::max(t.t_ccd_l, p.burst_cycles());
        const DramRun result = run(p, hits_in_one_bank(p, 10 * t.t_refi / interval));
        std::vector<std::uint64_t> reads(1);
        std::uint64_t last_read = 0;
        for (const DramCommand& command : result.trace) {
            if (command.kind == DramCommandKind::refresh) {
                reads.push_back(0);
            }
            reads.back() += command.kind == DramCommandKind::read;
            if (reads.size() == 1 && command.kind == DramCommandKind::read) {
                last_read = command.cycle;
            }
        }
        ASSERT_GT(reads.size(), 9u);
        for (std::uint64_t m = 1; m < 9; ++m) {
            const Period expected = period_after(p, m * t.t_refi, last_read);
            EXPECT_EQ(reads[m], expected.reads) << m;
            last_read = expected.last;
        }
    }
}

std::string row(const char* title, const std::vector<std::string>& cells) {
    std::string line = std::string("| ") + title;
    for (const std::string& cell : cells) {
        line += " | " + cell;
    }
    return line + " |";
}

/// "8.00 (6.40)": cycles a request, GB/s of a channel.
std::string rate(const char* name, const DramParams& p, std::uint64_t cycles,
                 std::uint64_t requests) {
    const double interval = static_cast<double>(cycles) / static_cast<double>(requests);
    const double mhz = static_cast<double>(test::shipped_memory(name).clock_mhz);
    char text[64];
    std::snprintf(text, sizeof text, "%.2f (%.2f)", interval,
                  static_cast<double>(p.burst_bytes()) * mhz / 1000 / interval);
    return text;
}

std::vector<std::string> table_of(const char* name) {
    const DramParams p = without_refresh(name);
    DramParams closed = p;
    closed.controller.page_policy = PagePolicy::closed;
    DramParams real = p;
    real.timings.t_refi = test::shipped_memory(name).timings.t_refi;
    const Latencies lone = latencies(p);
    const auto rate_of = [&](const DramRun& result, std::size_t first, std::size_t count) {
        return rate(name, p, span(result, first, count), count);
    };
    std::vector<TimedRequest> alternating(400);
    for (std::size_t i = 0; i < alternating.size(); ++i) {
        alternating[i].is_write = i % 2 == 0;
    }
    return {std::to_string(lone.hit),
            std::to_string(lone.closed),
            std::to_string(lone.conflict),
            rate_of(run(p, over_banks(p, 1000, false)), 300, 600),
            rate_of(run(real, over_banks(p, 20000, false)), 1000, 18000),
            rate_of(run(p, hits_in_one_bank(p, 500)), 10, 480),
            rate_of(run(p, conflicts_in_one_bank(100, false)), 10, 80),
            rate_of(run(p, conflicts_in_one_bank(100, true)), 10, 80),
            rate_of(run(closed, over_banks(p, 1000, true)), 300, 600),
            rate_of(run(p, alternating), 10, 300)};
}

TEST(DramStreams, TheTableOfThePageIsWhatIsMeasured) {
    const char* const titles[] = {"lone read, row open",
                                  "lone read, bank closed",
                                  "lone read, other row open",
                                  "hits over all banks",
                                  "hits over all banks, with refreshes",
                                  "hits in one bank",
                                  "conflicts in one bank, reads",
                                  "conflicts in one bank, writes",
                                  "conflicts over all banks, closed page",
                                  "write, read, write, … at one address"};
    std::vector<std::vector<std::string>> columns;
    for (const char* name : kMemories) {
        columns.push_back(table_of(name));
    }
    std::ifstream stream(std::string(SKIPSIM_SOURCE_DIR) + "/models/memory/dram/README.md");
    std::ostringstream page;
    page << stream.rdbuf();
    for (std::size_t i = 0; i < columns[0].size(); ++i) {
        const std::string line = row(titles[i], {columns[0][i], columns[1][i], columns[2][i]});
        EXPECT_NE(page.str().find(line), std::string::npos) << line;
    }
}

}  // namespace
}  // namespace skipsim::memory
