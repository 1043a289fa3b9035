// SPDX-License-Identifier: Apache-2.0
// The DMA engine before a DRAM with little room: what it counts and reports. Both clocks have a
// period of 10 ps. Timings of the small DRAM: tRCD 5, CL 7, burst 4, tCCD_L 7.
#include "models/memory/dma_module.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <memory>

#include "models/memory/dram/dram_module.h"
#include "tests/support/dram_run.h"
#include "tests/support/recorded_timeline.h"

namespace skipsim::memory {
namespace {

constexpr std::uint64_t kPeriod = 10;

/// Binds the sockets that the engine must have bound, and submits a job at time 0.
struct Client final : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<Client> foreground{"foreground"};
    tlm_utils::simple_initiator_socket<Client> background{"background"};
    DmaModule& dma;

    Client(const sc_core::sc_module_name& name, DmaModule& engine)
        : sc_core::sc_module(name), dma(engine) {
        foreground.bind(engine.foreground_socket);
        background.bind(engine.background_socket);
        SC_HAS_PROCESS(Client);
        SC_THREAD(run);
    }
    void run() {
        dma.submit({0, 0, 256, false}, false, [] {});
    }
};

struct Bench {
    kernel::Phases phases{"phases"};
    DmaModule dma;
    DramModule dram;
    Client client;
    test::RecordedTimeline timeline;

    static DmaParams params() {
        DmaParams params;
        params.ideal = false;
        return params;
    }
    static DramParams tiny_queue() {
        DramParams params = test::small_dram();
        params.controller.queue_entries = 2;
        return params;
    }
    Bench()
        : dma("dma", params(), kernel::Clock(kPeriod), 0, phases),
          dram("dram", tiny_queue(), kPeriod),
          client("client", dma) {
        dma.dram_socket.bind(dram.socket);
        dma.set_timeline(&timeline);
        sc_core::sc_start(sc_core::sc_time::from_value(2'000));
    }
};

// Handed over in cycle 0: bursts 0 and 1 enter the queue at memory edge 0, so ACT at 1, reads at 6
// and, tCCD_L later, 13. Burst 2 waits until an entry is free, at edge 6, burst 3 from then until
// edge 13: blocked in cycles 0 to 12. Reads at 6, 13, 20, 27, the last one complete at
// 27 + 7 + 4 = 38: 38 cycles, 13 of them blocked.
TEST(DmaModule, WaitingForTheDramIsNotWorking) {
    Bench bench;
    EXPECT_EQ(bench.dma.blocked_cycles(), 13U);
    EXPECT_EQ(bench.dma.busy_cycles(), 25U);
    EXPECT_EQ(bench.timeline.slices, (std::vector<std::string>{"memory/DMA: read 256 B 0..380"}));
}

}  // namespace
}  // namespace skipsim::memory
