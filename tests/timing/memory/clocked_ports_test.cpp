// SPDX-License-Identifier: Apache-2.0
// Ports and DMA engine on the clock, with an ideal memory: what models/MICROARCHITECTURE.md §19
// says of them.
#include <gtest/gtest.h>

#include "models/memory/clocked/dma_engine_module.h"
#include "models/memory/clocked/port_module.h"
#include "tests/support/clocked_script.h"

namespace skipsim::clocked {
namespace {

using Events = test::ClockedScript::Events;

constexpr std::uint64_t kPeriod = 10;
const memory::OperandPlace kStreamed{true, 4096};
const memory::OperandPlace kResident{false, 0};

memory::DmaParams ideal(std::uint64_t rate, std::uint64_t latency) {
    memory::DmaParams params;
    params.ideal_bytes_per_cycle = rate;
    params.ideal_latency_cycles = latency;
    return params;
}

/// A core's three ports.
struct Bench {
    kernel::PhasedClock clock{"clock", kPeriod};
    test::ClockedScript script{"script", clock};
    DmaEngineModule dma;
    LoadPortModule input;
    LoadPortModule weight;
    StorePortModule output{"output", dma, ClientOrder::kFirstPort + 2, clock};

    explicit Bench(const memory::DmaParams& params, const memory::LoadPortParams& input_params = {},
                   const memory::LoadPortParams& weight_params = {})
        : dma("dma", params, 0, clock),
          input("input", input_params, dma, ClientOrder::kFirstPort, clock),
          weight("weight", weight_params, dma, ClientOrder::kFirstPort + 1, clock) {}

    [[nodiscard]] TileLoad load(const std::string& name, std::uint64_t bytes) {
        TileLoad load;
        load.bytes = bytes;
        load.ready = script.note(name);
        return load;
    }
};

// Example "fill": the engine is taken 0-3 by the fill of x and 3-6 by that of the parameter,
// complete at 5 and 8. The loads wait for them; the ports are unlimited.
TEST(ClockedPorts, LoadsOfAResidentTensorWaitForItsFill) {
    Bench bench(ideal(1, 2));
    bench.script.at(0, [&bench] {
        bench.input.start_row(kResident, false);
        bench.weight.start_row(kResident, false);
        bench.dma.submit(ClientOrder::kControl, {0, 3, false}, false,
                         [&bench] { bench.input.fill_complete(); });
        bench.dma.submit(ClientOrder::kControl, {4096, 3, false}, false,
                         [&bench] { bench.weight.fill_complete(); });
        bench.weight.request(0, bench.load("weight", 3));
        bench.input.request(0, bench.load("input", 3));
    });
    bench.script.at(9, [&bench] { bench.input.request(0, bench.load("filled", 3)); });
    bench.script.run_until(20);
    EXPECT_EQ(bench.script.events, (Events{{"input", 5}, {"weight", 8}, {"filled", 9}}));
    EXPECT_EQ(bench.dma.busy_cycles(), 8U);
}

// Example "stream": both input loads, then the weight load, although it was asked for first:
// complete at 5, 8, 11.
TEST(ClockedPorts, LoadsOfAStreamedTensorAreJobsInTheOrderOfPorts) {
    Bench bench(ideal(1, 2));
    bench.script.at(0, [&bench] {
        bench.input.start_row(kStreamed, true);
        bench.weight.start_row(kStreamed, true);
        bench.weight.request(0, bench.load("weight", 3));
        bench.input.request(0, bench.load("input 0", 3));
        bench.input.request(0, bench.load("input 1", 3));
    });
    bench.script.run_until(20);
    EXPECT_EQ(bench.script.events, (Events{{"input 0", 5}, {"input 1", 8}, {"weight", 11}}));
    EXPECT_TRUE(bench.dma.is_idle());
}

// Example "wait_memory": 3 bytes at 1 byte a cycle, then 5 cycles: 8; the weight port is unlimited:
// 5. The memory takes no time, so the loads are at the ports in the cycle of the request.
TEST(ClockedPorts, TransferAndLatency) {
    Bench bench(ideal(0, 0), {1, 5}, {0, 5});
    bench.script.at(0, [&bench] {
        bench.input.start_row(kStreamed, true);
        bench.weight.start_row(kStreamed, true);
        bench.input.request(0, bench.load("input", 3));
        bench.weight.request(0, bench.load("weight", 3));
    });
    bench.script.run_until(20);
    EXPECT_EQ(bench.script.events, (Events{{"weight", 5}, {"input", 8}}));
}

// One port comes to its due step before the script, one after it. For both the cycle of the request
// is the first in which a byte is transferred, 4 to 6; the second load: 7 and 8.
TEST(ClockedPorts, TheOrderOfDueStepsDoesNotMatter) {
    kernel::PhasedClock clock("clock", kPeriod);
    DmaEngineModule dma("dma", ideal(0, 0), 0, clock);
    LoadPortModule one("one", {1, 0}, dma, ClientOrder::kFirstPort, clock);
    test::ClockedScript script("script", clock);
    LoadPortModule other("other", {1, 0}, dma, ClientOrder::kFirstPort + 1, clock);
    script.at(0, [&] {
        one.start_row(kResident, true);
        other.start_row(kResident, true);
    });
    for (LoadPortModule* const port : {&one, &other}) {
        script.at(4, [&script, port] { port->request(0, {0, 0, 0, 3, script.note("first")}); });
        script.at(5, [&script, port] { port->request(0, {1, 0, 3, 2, script.note("second")}); });
    }
    script.run_until(20);
    EXPECT_EQ(script.events, (Events{{"first", 7}, {"first", 7}, {"second", 9}, {"second", 9}}));
}

// Example "output buffer": loads taken at 0, 3, 6, complete at 13, 16, 19. At 21 the load of tile 2
// is asked for: taken 21-24, complete at 34. The result of tile 0, 1 byte, leaves at 22: taken
// 24-25, complete at 35. A result that stays in the global buffer leaves at once.
TEST(ClockedPorts, ResultsLeaveThroughTheEngineIfTheyAreStreamed) {
    Bench bench(ideal(1, 10));
    bench.script.at(0, [&bench] {
        bench.input.start_row(kStreamed, true);
        bench.weight.start_row(kStreamed, true);
        bench.output.start_row(kStreamed);
        bench.input.request(0, bench.load("input 0", 3));
        bench.input.request(0, bench.load("input 1", 3));
        bench.weight.request(0, bench.load("weight", 3));
    });
    bench.script.at(21, [&bench] { bench.input.request(0, bench.load("input 2", 3)); });
    bench.script.at(22, [&bench] { bench.output.store(0, 1, bench.script.note("result")); });
    bench.script.at(36, [&bench] {
        bench.output.start_row(kResident);
        bench.output.store(0, 1, bench.script.note("resident"));
    });
    bench.script.run_until(50);
    EXPECT_EQ(bench.script.events, (Events{{"input 0", 13},
                                           {"input 1", 16},
                                           {"weight", 19},
                                           {"input 2", 34},
                                           {"result", 35},
                                           {"resident", 36}}));
}

// Nobody fills: the load waits for ever. The engine's job before it takes 30 cycles, in which
// something counts down; the cycle after its completion at 30 nothing moves.
TEST(ClockedPorts, ALoadThatWaitsForNothingIsADeadlock) {
    Bench bench(ideal(1, 10));
    bench.script.keeps_alive = false;
    bench.script.at(0, [&bench] {
        bench.input.start_row(kResident, false);
        bench.input.request(0, bench.load("input", 3));
        bench.dma.submit(ClientOrder::kControl, {0, 20, false}, false, bench.script.note("job"));
    });
    bench.script.run_until(100);
    EXPECT_EQ(bench.script.events, (Events{{"job", 30}}));
    EXPECT_TRUE(bench.clock.is_dead());
    EXPECT_EQ(bench.clock.cycle(), 32U);
    EXPECT_NE(bench.clock.report().find("input: 1 loads wait for a fill, 0 for the DMA engine"),
              std::string::npos)
        << bench.clock.report();
}

}  // namespace
}  // namespace skipsim::clocked
