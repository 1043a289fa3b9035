// SPDX-License-Identifier: Apache-2.0
// Each timing rule alone: made long enough to be the one that binds, the controller issues the
// second command exactly when the rule allows it, and the checker, which shares no code with the
// controller, calls one cycle earlier illegal for that rule and no other.
#include <gtest/gtest.h>

#include "tests/support/dram_run.h"

namespace skipsim::memory {
namespace {

using Kind = DramCommandKind;
using test::TimedRequest;

DramPlace at(std::uint32_t rank, std::uint32_t group, std::uint32_t bank, std::uint32_t row = 0,
             std::uint32_t column = 0) {
    return {0, rank, group, bank, row, column};
}

struct RuleCase {
    const char* rule;
    void (*change)(DramTimings&);
    std::vector<TimedRequest> requests;
    std::size_t first;       ///< index into the trace
    std::size_t second;      ///< and the command that waits for it
    std::uint64_t distance;  ///< [cycles]
};

// Traces start with the activates of the requests at cycle 0; "later" requests come at 100, when
// their banks have been open for long, so that nothing but the rule binds. Burst 4, CL 7, CWL 5.
const std::vector<RuleCase> kRuleCases{
    {"t_rcd_read", [](DramTimings& t) { t.t_rcd_read = 30; }, {{0, at(0, 0, 0)}}, 0, 1, 30},
    {"t_rcd_write", [](DramTimings& t) { t.t_rcd_write = 30; }, {{0, at(0, 0, 0), true}}, 0, 1, 30},
    // ACT, RD, (100) PRE, ACT
    {"t_rp",
     [](DramTimings& t) { t.t_rp = 30, t.t_rc = 42; },
     {{0, at(0, 0, 0)}, {100, at(0, 0, 0, 1)}},
     2,
     3,
     30},
    // ACT, RD, PRE
    {"t_ras",
     [](DramTimings& t) { t.t_ras = 30, t.t_rc = 40; },
     {{0, at(0, 0, 0)}, {0, at(0, 0, 0, 1)}},
     0,
     2,
     30},
    // ACT, RD, PRE, ACT
    {"t_rc",
     [](DramTimings& t) { t.t_rc = 60; },
     {{0, at(0, 0, 0)}, {0, at(0, 0, 0, 1)}},
     0,
     3,
     60},
    // ACT, ACT, RD, RD, (100) RD, RD
    {"t_ccd_s",
     [](DramTimings& t) { t.t_ccd_s = 20, t.t_ccd_l = 20; },
     {{0, at(0, 0, 0)}, {0, at(0, 1, 0)}, {100, at(0, 0, 0, 0, 1)}, {100, at(0, 1, 0, 0, 1)}},
     4,
     5,
     20},
    {"t_ccd_l",
     [](DramTimings& t) { t.t_ccd_l = 20; },
     {{0, at(0, 0, 0)}, {0, at(0, 0, 1)}, {100, at(0, 0, 0, 0, 1)}, {100, at(0, 0, 1, 0, 1)}},
     4,
     5,
     20},
    // ACT, RD (5 cycles later), ACT
    {"t_rrd_s",
     [](DramTimings& t) { t.t_rrd_s = 18, t.t_rrd_l = 18; },
     {{0, at(0, 0, 0)}, {0, at(0, 1, 0)}},
     0,
     2,
     18},
    {"t_rrd_l",
     [](DramTimings& t) { t.t_rrd_l = 18; },
     {{0, at(0, 0, 0)}, {0, at(0, 0, 1)}},
     0,
     2,
     18},
    // The fifth activate: its index is that of the trace's fifth, after four with reads
    // between.
    {"t_faw",
     [](DramTimings& t) { t.t_faw = 80; },
     {{0, at(0, 0, 0)}, {0, at(0, 1, 0)}, {0, at(0, 2, 0)}, {0, at(0, 3, 0)}, {0, at(0, 0, 1)}},
     0,
     8,
     80},
    // WR ends at 5 + 4 after its command; ACT, WR, PRE
    {"t_wr",
     [](DramTimings& t) { t.t_wr = 30; },
     {{0, at(0, 0, 0), true}, {0, at(0, 0, 0, 1)}},
     1,
     2,
     9 + 30},
    // ACT, ACT, RD, RD, (100) WR, RD
    {"t_wtr_s",
     [](DramTimings& t) { t.t_wtr_s = 30, t.t_wtr_l = 30; },
     {{0, at(0, 0, 0)}, {0, at(0, 1, 0)}, {100, at(0, 0, 0), true}, {101, at(0, 1, 0)}},
     4,
     5,
     9 + 30},
    {"t_wtr_l",
     [](DramTimings& t) { t.t_wtr_l = 30; },
     {{0, at(0, 0, 0)}, {0, at(0, 0, 1)}, {100, at(0, 0, 0), true}, {101, at(0, 0, 1)}},
     4,
     5,
     9 + 30},
    // ACT, RD, PRE
    {"t_rtp",
     [](DramTimings& t) { t.t_rtp = 30; },
     {{0, at(0, 0, 0)}, {0, at(0, 0, 0, 1)}},
     1,
     2,
     30},
    // Read data ends 7 + 4 after its command, write data starts 5 after its own.
    {"t_rtw",
     [](DramTimings& t) { t.t_rtw = 20; },
     {{0, at(0, 0, 0)}, {0, at(0, 1, 0)}, {100, at(0, 0, 0)}, {101, at(0, 1, 0), true}},
     4,
     5,
     11 + 20 - 5},
    {"t_rtrs",
     [](DramTimings& t) { t.t_rtrs = 20; },
     {{0, at(0, 0, 0)}, {0, at(1, 0, 0)}, {100, at(0, 0, 0)}, {101, at(1, 0, 0)}},
     4,
     5,
     4 + 20},
    {"t_rtw",  // another rank as well: the longer of t_rtw and t_rtrs
     [](DramTimings& t) { t.t_rtw = 20; },
     {{0, at(0, 0, 0)}, {0, at(1, 0, 0)}, {100, at(0, 0, 0)}, {101, at(1, 0, 0), true}},
     4,
     5,
     11 + 20 - 5},
    {"data bus",
     [](DramTimings& t) { t.t_ccd_s = 1, t.t_rtrs = 0; },
     {{0, at(0, 0, 0)}, {0, at(0, 1, 0)}, {100, at(0, 0, 0)}, {100, at(0, 1, 0)}},
     4,
     5,
     4},
    // Rank 0 is due at 500: REF, ACT
    {"t_rfc", [](DramTimings& t) { t.t_rfc = 90; }, {{505, at(0, 0, 0)}}, 0, 1, 90},
    // The activate comes one cycle before rank 0 is due, the read must wait: ACT, PRE, REF, …
    {"t_rp",
     [](DramTimings& t) { t.t_rp = 40, t.t_ras = 12, t.t_rc = 52; },
     {{100, at(0, 0, 0)}},
     2,
     3,
     40},
    {"t_rc", [](DramTimings& t) { t.t_rc = 60; }, {{498, at(0, 0, 0)}}, 0, 2, 60},
    {"command bus", [](DramTimings&) {}, {{0, at(0, 0, 0)}, {0, at(1, 0, 0)}}, 0, 1, 1},
};

std::vector<TimedRequest> with_end(std::vector<TimedRequest> requests) {
    if (requests.back().cycle == 100 && requests.size() == 1) {
        requests.push_back({600, at(0, 0, 0)});  // after the refresh that closes the open row
    }
    return requests;
}

TEST(DramRules, EachBindsExactlyAndOneCycleLessIsIllegal) {
    for (const RuleCase& rule : kRuleCases) {
        SCOPED_TRACE(rule.rule);
        DramParams params = test::small_dram();
        rule.change(params.timings);
        std::vector<DramCommand> trace = test::run_dram(params, with_end(rule.requests)).trace;
        ASSERT_GT(trace.size(), rule.second);
        trace.resize(rule.second + 1);
        EXPECT_EQ(trace[rule.second].cycle - trace[rule.first].cycle, rule.distance);
        EXPECT_EQ(test::broken_rules(params, trace), std::set<std::string>{});
        --trace[rule.second].cycle;
        EXPECT_EQ(test::broken_rules(params, trace), std::set<std::string>{rule.rule});
    }
}

// Ranks are due at 500 and 1000, then every 1000 cycles. An idle rank starts in that very cycle.
TEST(DramRules, IdleRanksRefreshInTheCycleInWhichTheyAreDue) {
    const DramParams params = test::small_dram();
    const std::vector<DramCommand> trace = test::run_dram(params, {{2600, at(0, 0, 0)}}).trace;
    std::vector<std::uint64_t> cycles;
    for (const DramCommand& command : trace) {
        if (command.kind == Kind::refresh) {
            cycles.push_back(command.cycle);
        }
    }
    EXPECT_EQ(cycles, (std::vector<std::uint64_t>{500, 1000, 1500, 2000, 2500}));
    std::vector<DramCommand> moved(trace.begin(), trace.begin() + 1);
    moved[0].cycle = 499;
    EXPECT_EQ(test::broken_rules(params, moved), std::set<std::string>{"refresh on time"});
}

// Two hits are left at cycle 499, 1 cycle before the rank is due; only one fits before.
TEST(DramRules, RequestsWaitForARefreshThatIsDue) {
    const DramParams params = test::small_dram();
    const test::DramRun run = test::run_dram(
        params, {{0, at(0, 0, 0)}, {498, at(0, 0, 0, 0, 1)}, {498, at(0, 0, 0, 0, 2)}});
    ASSERT_EQ(run.trace.size(), 7u);  // ACT RD | RD(499) PRE REF ACT RD
    EXPECT_EQ(run.trace[2].cycle, 499u);
    EXPECT_EQ(run.trace[3].cycle, 499u + 4u);           // tRTP
    EXPECT_EQ(run.trace[4].cycle, 503u + 5u);           // tRP
    EXPECT_EQ(run.trace[5].cycle, 508u + 60u);          // tRFC
    EXPECT_EQ(run.done[2].cycle, 568u + 5u + 7u + 4u);  // tRCD + CL + burst
    EXPECT_EQ(test::broken_rules(params, run.trace, run.end), std::set<std::string>{});
}

// An activate and a read share a cycle only if each has its own bus.
TEST(DramRules, SplitCommandBusesCarryARowAndAColumnCommandAtOnce) {
    DramParams params = test::small_dram();
    params.controller.split_command_bus = true;
    // Bank A's read and rank 1's activate are both possible at 1 + 5.
    const std::vector<TimedRequest> requests{{0, at(0, 0, 0)}, {5, at(1, 0, 0)}};
    const std::vector<DramCommand> trace = test::run_dram(params, requests).trace;
    EXPECT_EQ(trace[1].kind, Kind::read);
    EXPECT_EQ(trace[1].cycle, 6u);
    EXPECT_EQ(trace[2].kind, Kind::activate);
    EXPECT_EQ(trace[2].cycle, 6u);
    EXPECT_EQ(test::broken_rules(params, trace), std::set<std::string>{});
    params.controller.split_command_bus = false;
    EXPECT_EQ(test::broken_rules(params, trace), std::set<std::string>{"command bus"});
    EXPECT_EQ(test::run_dram(params, requests).trace[2].cycle, 7u);
}

}  // namespace
}  // namespace skipsim::memory
