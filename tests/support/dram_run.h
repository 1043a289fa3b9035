// SPDX-License-Identifier: Apache-2.0
// A small DRAM for tests, and runs of a request stream through one.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "models/memory/dram/dram.h"
#include "sim/base/random.h"
#include "tests/support/dram_checker.h"

namespace skipsim::test {

/// Two ranks of 4 x 2 banks. No two rules have the same length where both could bind.
inline memory::DramParams small_dram() {
    memory::DramParams p;
    p.organisation = {1, 2, 4, 2, 64, 64, 64, 8};
    memory::DramTimings& t = p.timings;
    t.t_rcd_read = 5;
    t.t_rcd_write = 6;
    t.t_rp = 5;
    t.t_ras = 12;
    t.t_rc = 19;
    t.cl = 7;
    t.cwl = 5;
    t.t_ccd_s = 5;
    t.t_ccd_l = 7;
    t.t_rrd_s = 3;
    t.t_rrd_l = 5;
    t.t_faw = 20;
    t.t_wr = 6;
    t.t_wtr_s = 3;
    t.t_wtr_l = 6;
    t.t_rtp = 4;
    t.t_rtw = 2;
    t.t_rtrs = 3;
    t.t_refi = 1000;
    t.t_rfc = 60;
    p.controller.queue_entries = 16;
    p.controller.age_cap = 500;
    return p;
}

/// Organisations of several kinds, each with an open and a closed page.
inline std::vector<memory::DramParams> organisations() {
    std::vector<memory::DramParams> all(5, small_dram());
    all[1].organisation = {2, 1, 1, 8, 64, 64, 16, 16};  // like LPDDR4
    all[2].organisation = {4, 1, 4, 4, 64, 64, 64, 4};   // like HBM2
    all[2].controller.split_command_bus = true;
    all[3].organisation = {1, 4, 4, 4, 64, 64, 64, 8};
    all[3].controller.queue_entries = 64;
    all[3].controller.age_cap = 60;  // nearly every request is older
    all[3].controller.address_order = "rank-row-column-bank-channel-bankgroup";
    all[4].controller.queue_entries = 1;
    const std::size_t open = all.size();
    for (std::size_t i = 0; i < open; ++i) {
        all.push_back(all[i]);
        all.back().controller.page_policy = memory::PagePolicy::closed;
    }
    return all;
}

struct TimedRequest {
    std::uint64_t cycle = 0;
    memory::DramPlace place;
    bool is_write = false;
};

struct DramRun {
    std::vector<memory::DramCommand> trace;
    std::vector<memory::DramCompletion> done;  ///< id = index of the request
    std::vector<std::uint64_t> pushed;         ///< cycle of each request
    memory::DramCounts counts;
    std::uint64_t end = 0;
};

/// Pushes each request in its cycle, or as soon after it as there is room, in order.
inline DramRun run_dram(const memory::DramParams& params, const std::vector<TimedRequest>& requests,
                        bool is_traced = true) {
    DramRun run;
    memory::Dram dram(params);
    dram.record_to(is_traced ? &run.trace : nullptr);
    std::uint64_t now = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const std::uint64_t address = dram.address_map().address(requests[i].place);
        now = std::max(now, requests[i].cycle);
        while (!dram.has_room(now, address)) {
            dram.advance(now, run.done);
            now = dram.next_event_cycle();
        }
        dram.push(now, {i, address, requests[i].is_write});
        run.pushed.push_back(now);
    }
    for (; dram.next_event_cycle() != memory::kNever; dram.advance(now, run.done)) {
        now = std::max(now, dram.next_event_cycle());
    }
    run.end = now;
    run.counts = dram.counts(now);
    return run;
}

/// Rules broken anywhere in the trace.
inline std::set<std::string> broken_rules(const memory::DramParams& params,
                                          const std::vector<memory::DramCommand>& trace,
                                          std::uint64_t end = 0) {
    DramChecker checker(params);
    std::set<std::string> all;
    for (const memory::DramCommand& command : trace) {
        const std::set<std::string> broken = checker.check(command);
        all.insert(broken.begin(), broken.end());
    }
    if (!checker.refreshed_until(end)) {
        all.insert("refresh on time");
    }
    return all;
}

struct StreamMix {
    std::uint64_t requests = 2000;
    std::uint64_t write_percent = 30;
    std::uint64_t same_row_percent = 50;  ///< stay in the row of the request before
    std::uint64_t rows = 4;               ///< drawn from
    std::uint64_t longest_pause = 6;      ///< [cycles] between two requests
    std::uint64_t columns = 8;            ///< drawn from: few, so that addresses repeat
};

inline std::vector<TimedRequest> random_stream(const memory::DramParams& params,
                                               const StreamMix& mix, std::uint64_t seed) {
    base::Random random(seed);
    const memory::DramOrganisation& o = params.organisation;
    const auto below = [&random](std::uint64_t n) {
        return static_cast<std::uint32_t>(random.below(n));
    };
    std::vector<TimedRequest> stream(mix.requests);
    TimedRequest last;
    for (TimedRequest& request : stream) {
        last.cycle += random.below(mix.longest_pause + 1);
        if (random.below(100) >= mix.same_row_percent) {
            last.place = {below(o.channels),        below(o.ranks),  below(o.bank_groups),
                          below(o.banks_per_group), below(mix.rows), 0};
        }
        last.place.column = below(std::min(mix.columns, o.columns / o.burst_length));
        last.is_write = random.below(100) < mix.write_percent;
        request = last;
    }
    return stream;
}

}  // namespace skipsim::test
