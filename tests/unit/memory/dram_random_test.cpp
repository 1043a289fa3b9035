// SPDX-License-Identifier: Apache-2.0
// Random streams: no command breaks a rule, every request completes once and in bounded time,
// requests to one address keep their order, and results do not depend on when the model is asked.
// A controller that believes in timings one cycle shorter than the truth is caught for every rule.
#include <gtest/gtest.h>

#include <map>

#include "tests/support/dram_run.h"

namespace skipsim::memory {
namespace {

using test::organisations;
using test::StreamMix;

std::vector<StreamMix> mixes() {
    return {{},
            {2000, 0, 90, 4, 0, 8},      // reads, mostly in one row
            {2000, 50, 0, 64, 0, 8},     // conflicts
            {2000, 50, 60, 2, 12, 2},    // few addresses
            {2000, 30, 50, 4, 200, 8}};  // long pauses, refreshes between
}

/// Served in order of arrival where the address is the same.
void expect_order_per_address(const std::vector<test::TimedRequest>& stream,
                              const std::vector<DramCommand>& trace) {
    std::map<std::vector<std::uint32_t>, std::uint64_t> last;
    for (const DramCommand& command : trace) {
        if (command.kind == DramCommandKind::activate ||
            command.kind == DramCommandKind::precharge ||
            command.kind == DramCommandKind::refresh) {
            continue;
        }
        const DramPlace& p = stream[command.id].place;
        auto [found, is_new] = last.try_emplace(
            {p.channel, p.rank, p.bank_group, p.bank, p.row, p.column}, command.id);
        EXPECT_TRUE(is_new || found->second < command.id) << command.id;
        found->second = command.id;
    }
}

/// All of the queue is served, oldest first, each with a conflict and a refresh in its way.
std::uint64_t longest_wait(const DramParams& p) {
    const DramTimings& t = p.timings;
    const std::uint64_t one =
        2 * t.t_rc + t.t_faw + t.cl + t.cwl + 2 * p.burst_cycles() + t.t_wr + t.t_rp + t.t_wtr_l;
    return p.controller.age_cap + (p.controller.queue_entries + 1) * (one + 64) +
           4 * p.organisation.ranks * (t.t_rfc + one);
}

TEST(DramRandom, NoRuleIsBrokenAndEveryRequestCompletesOnce) {
    std::uint64_t seed = 1;
    for (const DramParams& params : organisations()) {
        for (const StreamMix& mix : mixes()) {
            SCOPED_TRACE(seed);
            const auto stream = test::random_stream(params, mix, seed++);
            const test::DramRun run = test::run_dram(params, stream);
            EXPECT_EQ(test::broken_rules(params, run.trace, run.end), std::set<std::string>{});
            std::vector<int> times(stream.size(), 0);
            for (const DramCompletion& done : run.done) {
                ++times[done.id];
                EXPECT_LT(done.cycle - run.pushed[done.id], longest_wait(params));
            }
            EXPECT_EQ(times, std::vector<int>(stream.size(), 1));
            expect_order_per_address(stream, run.trace);
        }
    }
}

TEST(DramRandom, ResultsDoNotDependOnWhenTheModelIsAsked) {
    for (const DramParams& params : organisations()) {
        const auto stream = test::random_stream(params, {500, 40, 50, 4, 12, 8}, 7);
        const test::DramRun lazy = test::run_dram(params, stream);
        Dram dram(params);
        std::vector<DramCommand> trace;
        std::vector<DramCompletion> done;
        dram.record_to(&trace);
        std::size_t next = 0;
        std::uint64_t told = 0;  // as next_event_cycle() said in the cycle before
        bool had_room = true;    // of the channel of the next request
        for (std::uint64_t cycle = 0; cycle <= lazy.end; ++cycle) {  // every cycle, advance first
            const std::size_t before = done.size();
            dram.advance(cycle, done);
            const bool is_open =
                next == stream.size() ||
                dram.has_room(cycle, dram.address_map().address(stream[next].place));
            EXPECT_TRUE(cycle >= told || (done.size() == before && (had_room || !is_open)));
            while (next < stream.size() && lazy.pushed[next] == cycle) {
                const std::uint64_t address = dram.address_map().address(stream[next].place);
                ASSERT_TRUE(dram.has_room(cycle, address));
                dram.push(cycle, {next, address, stream[next].is_write});
                ++next;
            }
            static_cast<void>(dram.counts(cycle));
            told = dram.next_event_cycle();
            had_room = next == stream.size() ||
                       dram.has_room(cycle, dram.address_map().address(stream[next].place));
        }
        ASSERT_EQ(done.size(), lazy.done.size());
        for (std::size_t i = 0; i < done.size(); ++i) {
            EXPECT_EQ(done[i].id, lazy.done[i].id);
            EXPECT_EQ(done[i].cycle, lazy.done[i].cycle);
        }
        EXPECT_EQ(trace.size(), lazy.trace.size());
    }
}

TEST(DramRandom, AResetDramRepeatsItself) {
    const DramParams params = test::small_dram();
    Dram dram(params);
    const auto play = [&] {
        std::vector<DramCompletion> done;
        for (std::uint64_t i = 0; i < 16; ++i) {
            dram.push(i * 3, {i, (i * 8192 + i * 64) % params.capacity(), i % 3 == 0});
        }
        dram.advance(5000, done);
        std::vector<std::uint64_t> cycles;
        for (const DramCompletion& completion : done) {
            cycles.push_back(completion.id * 100000 + completion.cycle);
        }
        return cycles;
    };
    const auto first = play();
    dram.reset();
    EXPECT_EQ(first.size(), 16u);
    EXPECT_EQ(play(), first);
}

struct Fault {
    const char* rule;
    std::uint64_t DramTimings::*timing;
};

// The trace of a controller with one timing 1 shorter, held against the true timings.
TEST(DramRandom, ATimingOneCycleShortIsCaughtForEveryRule) {
    const Fault faults[] = {
        {"t_rcd_read", &DramTimings::t_rcd_read},
        {"t_rcd_write", &DramTimings::t_rcd_write},
        {"t_rp", &DramTimings::t_rp},
        {"t_ras", &DramTimings::t_ras},
        {"t_rc", &DramTimings::t_rc},
        {"t_rtw", &DramTimings::cl},
        {"t_wr", &DramTimings::cwl},
        {"t_ccd_s", &DramTimings::t_ccd_s},
        {"t_ccd_l", &DramTimings::t_ccd_l},
        {"t_rrd_s", &DramTimings::t_rrd_s},
        {"t_rrd_l", &DramTimings::t_rrd_l},
        {"t_faw", &DramTimings::t_faw},
        {"t_wr", &DramTimings::t_wr},
        {"t_wtr_s", &DramTimings::t_wtr_s},
        {"t_wtr_l", &DramTimings::t_wtr_l},
        {"t_rtp", &DramTimings::t_rtp},
        {"t_rtw", &DramTimings::t_rtw},
        {"t_rtrs", &DramTimings::t_rtrs},
        {"refresh on time", &DramTimings::t_refi},
        {"t_rfc", &DramTimings::t_rfc},
    };
    for (const Fault& fault : faults) {
        SCOPED_TRACE(fault.rule);
        const DramParams truth = test::small_dram();
        DramParams faulty = truth;
        --(faulty.timings.*fault.timing);
        std::set<std::string> broken;
        for (const StreamMix& mix : mixes()) {
            const auto stream = test::random_stream(truth, mix, 3);
            const auto found = test::broken_rules(truth, test::run_dram(faulty, stream).trace);
            broken.insert(found.begin(), found.end());
        }
        EXPECT_EQ(broken.count(fault.rule), 1u);
    }
}

// Faults of the organisation rather than of a timing.
TEST(DramRandom, AWrongPolicyBusOrRankIsCaught) {
    const DramParams truth = test::small_dram();
    const auto stream = test::random_stream(truth, {}, 3);
    DramParams faulty = truth;
    faulty.controller.page_policy = PagePolicy::closed;
    EXPECT_EQ(test::broken_rules(truth, test::run_dram(faulty, stream).trace).count("policy"), 1u);
    faulty = truth;
    faulty.controller.split_command_bus = true;
    EXPECT_EQ(test::broken_rules(truth, test::run_dram(faulty, stream).trace).count("command bus"),
              1u);
    DramParams bus_bound = truth;  // the burst of 4 cycles is longer than tCCD
    bus_bound.timings.t_ccd_s = 1;
    bus_bound.timings.t_ccd_l = 1;
    faulty = bus_bound;
    faulty.organisation.burst_length = 4;
    EXPECT_EQ(test::broken_rules(bus_bound, test::run_dram(faulty, stream).trace).count("data bus"),
              1u);
    std::vector<DramCommand> trace = test::run_dram(truth, stream).trace;
    const auto second = std::find_if(trace.begin() + 1, trace.end(), [](const DramCommand& c) {
        return c.kind == DramCommandKind::precharge;
    });
    second->kind = DramCommandKind::activate;
    EXPECT_EQ(test::broken_rules(truth, trace).count("closed to activate"), 1u);
}

}  // namespace
}  // namespace skipsim::memory
