// SPDX-License-Identifier: Apache-2.0
// The DMA engine on the clock before a DRAM that has a clock of its own. Timings of the small DRAM:
// tRCD 5, CL 7, burst 4, tCCD_L 7: two bursts handed over at memory edge 0 are activated at 1 and
// read at 6 and 13; their data is complete at 17 and 24.
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <string>
#include <vector>

#include "models/memory/clocked/dma_engine_module.h"
#include "models/memory/dma_module.h"
#include "models/memory/dram/dram_module.h"
#include "sim/base/random.h"
#include "tests/support/clocked_script.h"
#include "tests/support/dram_run.h"

namespace skipsim::clocked {
namespace {

using Events = test::ClockedScript::Events;

memory::DmaParams modelled() {
    memory::DmaParams params;
    params.ideal = false;
    return params;
}

memory::DramParams dram_with(std::uint32_t queue_entries) {
    memory::DramParams params = test::small_dram();
    params.controller.queue_entries = queue_entries;
    return params;
}

struct Bench {
    kernel::PhasedClock clock;
    DmaEngineModule dma;
    memory::DramModule dram;
    test::ClockedScript script;

    /// Periods in ps.
    Bench(std::uint64_t core_period, std::uint64_t memory_period, std::uint64_t crossing,
          std::uint32_t queue_entries = 16)
        : clock("clock", core_period),
          dma("dma", modelled(), crossing, clock),
          dram("dram", dram_with(queue_entries), memory_period),
          script("script", clock) {
        dma.dram_socket.bind(dram.socket);
        script.keeps_alive = false;
    }
    /// When two reads of a burst each, submitted in cycle 0, are complete.
    Events two_bursts() {
        script.at(0, [this] {
            dma.submit(0, {0, 64, false}, false, script.note("first"));
            dma.submit(0, {64, 64, false}, false, script.note("second"));
        });
        script.run_until(100);
        return script.events;
    }
};

// The last cycle in which something moves is 24; without the DRAM's own time cycles 1 to 16 would
// have been taken for a deadlock.
TEST(ClockedDmaModule, DataCountsAtTheEdgeAtWhichItIsComplete) {
    Bench bench(10, 10, 0);
    EXPECT_EQ(bench.two_bursts(), (Events{{"first", 17}, {"second", 24}}));
    EXPECT_TRUE(bench.clock.is_dead());
    EXPECT_EQ(bench.clock.cycle(), 26U);
}

TEST(ClockedDmaModule, DataCrossesToTheCoreClock) {
    EXPECT_EQ(Bench(10, 10, 2).two_bursts(), (Events{{"first", 19}, {"second", 26}}));
}

// 170 and 240 ps with a core period of 25 ps: 6.8 and 9.6.
TEST(ClockedDmaModule, DataBetweenTwoEdgesCountsAtTheNext) {
    EXPECT_EQ(Bench(25, 10, 1).two_bursts(), (Events{{"first", 8}, {"second", 11}}));
}

// A memory period of 25 ps, core period 10: 425 and 600 ps.
TEST(ClockedDmaModule, TheDramMayBeTheSlowerOne) {
    EXPECT_EQ(Bench(10, 25, 0).two_bursts(), (Events{{"first", 43}, {"second", 60}}));
}

// Handed over in cycle 0: bursts 0 and 1 enter the queue at memory edge 0, so ACT at 1, reads at 6
// and, tCCD_L later, 13. Burst 2 waits until an entry is free, at edge 6, burst 3 from then until
// edge 13: blocked in cycles 0 to 12. Reads at 6, 13, 20, 27, the last one complete at
// 27 + 7 + 4 = 38: 38 cycles, 13 of them blocked.
TEST(ClockedDmaModule, WaitingForTheDramIsNotWorking) {
    Bench bench(10, 10, 0, 2);
    bench.script.at(0, [&bench] {
        bench.dma.submit(0, {0, 256, false}, false, bench.script.note("job"));
    });
    bench.script.run_until(100);
    EXPECT_EQ(bench.script.events, (Events{{"job", 38}}));
    EXPECT_EQ(bench.dma.blocked_cycles(), 13U);
    EXPECT_EQ(bench.dma.busy_cycles(), 25U);
}

/// Answers when it is told to.
struct PatientDram final : sc_core::sc_module {
    tlm_utils::simple_target_socket<PatientDram> socket{"socket"};
    tlm::tlm_generic_payload* burst = nullptr;

    explicit PatientDram(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
        socket.register_nb_transport_fw(this, &PatientDram::take);
    }
    tlm::tlm_sync_enum take(tlm::tlm_generic_payload& payload, tlm::tlm_phase&, sc_core::sc_time&) {
        burst = &payload;
        return tlm::TLM_ACCEPTED;
    }
    void answer(tlm::tlm_phase phase) {
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        burst->set_response_status(tlm::TLM_OK_RESPONSE);
        socket->nb_transport_bw(*burst, phase, delay);
    }
};

// An answer at the time of an edge belongs to the cycle that begins with it also when the clock was
// first: the burst enters in cycle 3, its data counts in 5. Blocked 0 to 2.
TEST(ClockedDmaModule, AnAnswerAfterTheClockAtTheSameTimeBelongsToThatCycle) {
    kernel::PhasedClock clock("clock", 10);
    test::ClockedScript script("script", clock);
    DmaEngineModule dma("dma", modelled(), 0, clock);
    PatientDram dram("dram");
    dma.dram_socket.bind(dram.socket);
    script.at(0, [&] { dma.submit(0, {0, 64, false}, false, script.note("job")); });
    script.at(3, [&] { dram.answer(tlm::END_REQ); });
    script.at(5, [&] { dram.answer(tlm::BEGIN_RESP); });
    script.run_until(20);
    EXPECT_EQ(script.events, (Events{{"job", 5}}));
    EXPECT_EQ(dma.blocked_cycles(), 3U);
    EXPECT_EQ(dma.busy_cycles(), 2U);
}

struct Job {
    std::uint64_t cycle;
    DmaTransfer transfer;
    bool is_background;
    std::uint64_t promoted;  ///< [cycle] 0: never
};

std::vector<Job> random_jobs(std::uint64_t seed) {
    base::Random random(seed);
    std::vector<Job> jobs;
    std::uint64_t cycle = 0;
    for (int job = 0; job < 150; ++job) {
        cycle += random.below(3) == 0 ? random.below(80) : 0;
        const std::uint64_t promoted = random.below(4) == 0 ? cycle + 1 + random.below(60) : 0;
        jobs.push_back({cycle,
                        {random.below(1 << 14), 1 + random.below(300), random.below(2) == 0},
                        random.below(2) == 0,
                        promoted});
    }
    return jobs;
}

/// Binds the sockets that the fast engine must have bound.
struct Unused final : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Unused> foreground{"foreground"};
    tlm_utils::simple_initiator_socket<Unused> background{"background"};

    Unused(const sc_core::sc_module_name& name, memory::DmaModule& engine)
        : sc_core::sc_module(name) {
        foreground.bind(engine.foreground_socket);
        background.bind(engine.background_socket);
    }
};

/// The fast engine and the clocked one do the same jobs before a DRAM each, one after the other:
/// the clock is held while the fast engine works. No refresh comes, so that the DRAMs see the same.
struct Comparison {
    static constexpr std::uint64_t kHalf = 30'000;  ///< [cycles]
    kernel::Phases phases{"phases"};
    kernel::Clock core_clock;
    kernel::PhasedClock clock;
    memory::DmaModule fast;
    memory::DramModule fast_dram;
    Unused unused{"unused", fast};
    DmaEngineModule dma;
    memory::DramModule dram;
    test::ClockedScript script;
    std::vector<std::uint64_t> fast_end;
    std::vector<std::uint64_t> end;
    std::vector<std::uint64_t> numbers;

    static memory::DramParams dram_params() {
        memory::DramParams params = dram_with(4);
        params.timings.t_refi = 1U << 20U;
        return params;
    }
    static memory::DmaParams dma_params(std::uint64_t rate) {
        memory::DmaParams params = modelled();
        params.outstanding_bursts = 7;
        params.bytes_per_cycle = rate;
        return params;
    }
    Comparison(std::uint64_t core_period, std::uint64_t memory_period, std::uint64_t crossing,
               std::uint64_t rate)
        : core_clock(core_period),
          clock("clock", core_period),
          fast("fast", dma_params(rate), core_clock, crossing, phases),
          fast_dram("fast_dram", dram_params(), memory_period),
          dma("dma", dma_params(rate), crossing, clock),
          dram("dram", dram_params(), memory_period),
          script("script", clock) {
        dma.dram_socket.bind(dram.socket);
        fast.dram_socket.bind(fast_dram.socket);
        clock.hold();
    }
    void submit_fast(const Job& job, std::size_t number) {
        numbers.push_back(fast.submit(
            {0, job.transfer.address, job.transfer.bytes, job.transfer.is_write}, job.is_background,
            [this, number] { fast_end[number] = core_clock.now(); }));
    }
    void submit(const Job& job, std::size_t number) {
        numbers[number] = dma.submit(0, job.transfer, job.is_background,
                                     [this, number] { end[number] = clock.cycle() - kHalf; });
    }
    void run(const std::vector<Job>& jobs) {
        fast_end.resize(jobs.size());
        end.resize(jobs.size());
        for (std::size_t number = 0; number < jobs.size(); ++number) {
            const Job& job = jobs[number];
            script.at(job.cycle, [this, &job, number] { submit_fast(job, number); });
            script.at(job.cycle + kHalf, [this, &job, number] { submit(job, number); });
            if (job.promoted != 0) {
                script.at(job.promoted, [this, number] { fast.promote(numbers[number]); });
                script.at(job.promoted + kHalf, [this, number] { dma.promote(numbers[number]); });
            }
        }
        script.at(kHalf, [this] { clock.resume(); });
        script.run_until(2 * kHalf);
    }
};

void expect_equal(std::uint64_t core_period, std::uint64_t memory_period, std::uint64_t crossing,
                  std::uint64_t rate) {
    Comparison both(core_period, memory_period, crossing, rate);
    const std::vector<Job> jobs = random_jobs(core_period + rate);
    both.run(jobs);
    EXPECT_TRUE(both.fast.is_idle());
    EXPECT_TRUE(both.dma.is_idle());
    EXPECT_EQ(both.end, both.fast_end);
    EXPECT_EQ(both.dma.busy_cycles(), both.fast.busy_cycles());
    EXPECT_EQ(both.dma.blocked_cycles(), both.fast.blocked_cycles());
    EXPECT_GT(both.dma.blocked_cycles(), 0U);
}

TEST(ClockedDmaModule, CountsAsTheFastEngineWithOneClock) {
    expect_equal(10, 10, 2, 0);
}

TEST(ClockedDmaModule, CountsAsTheFastEngineWithASlowerCore) {
    expect_equal(25, 10, 1, 200);
}

TEST(ClockedDmaModule, CountsAsTheFastEngineWithASlowerDram) {
    expect_equal(8, 12, 0, 50);
}

}  // namespace
}  // namespace skipsim::clocked
