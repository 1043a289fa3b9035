// SPDX-License-Identifier: Apache-2.0
// The cluster's weight buffer on the clock, behind the DMA engine with an ideal memory.
#include <gtest/gtest.h>

#include "models/cluster/clocked/weight_banks_module.h"
#include "models/memory/clocked/dma_engine_module.h"
#include "models/memory/clocked/port_module.h"
#include "tests/support/clocked_script.h"

namespace skipsim::clocked {
namespace {

using Events = test::ClockedScript::Events;

const memory::OperandPlace kStreamed{true, 4096};
const memory::OperandPlace kResident{false, 0};

memory::DmaParams ideal(std::uint64_t rate, std::uint64_t latency) {
    memory::DmaParams params;
    params.ideal_bytes_per_cycle = rate;
    params.ideal_latency_cycles = latency;
    return params;
}

/// One port, one bank, bursts of 2 bytes, 1 byte a cycle everywhere.
cluster::WeightBufferParams narrow() {
    cluster::WeightBufferParams params;
    params.ports = 1;
    params.burst_bytes = 2;
    params.port_bytes_per_cycle = 1;
    params.fill_bytes_per_cycle = 1;
    return params;
}

struct Bench {
    kernel::PhasedClock clock{"clock", 10};
    DmaEngineModule dma;
    LoadPortModule input{"input", {}, dma, ClientOrder::kFirstPort, clock};
    WeightBanksModule banks;
    test::ClockedScript script{"script", clock};

    explicit Bench(const memory::DmaParams& params,
                   const cluster::WeightBufferParams& buffer = narrow(), std::uint64_t latency = 0)
        : dma("dma", params, 0, clock),
          banks("banks", buffer, latency, dma, ClientOrder::kFirstPort + 1, clock) {}

    [[nodiscard]] TileLoad load(const std::string& name, std::uint64_t first_byte = 0) {
        return {0, 0, first_byte, 3, script.note(name)};
    }
};

// Example "cluster buffer": one fetch, complete at 4, over the fill bus until 7; bursts 0 and 1,
// joined by core 1: 7-9, 9-11. R_memory = 4. A word written, two read.
TEST(WeightBanksModule, ATileIsFetchedOnceAndServesEverybody) {
    Bench bench(ideal(0, 4));
    bench.script.at(0, [&bench] {
        bench.input.start_row(kStreamed, true);
        bench.banks.start_row(kStreamed, true);
        bench.banks.request(1, bench.load("core 1"));
        bench.banks.request(0, bench.load("core 0"));
        bench.input.request(0, bench.load("input"));
    });
    bench.script.run_until(30);
    EXPECT_EQ(bench.script.events, (Events{{"input", 4}, {"core 0", 11}, {"core 1", 11}}));
    EXPECT_EQ(bench.banks.banks().words_written(), 1U);
    EXPECT_EQ(bench.banks.banks().words_read(), 2U);
    EXPECT_EQ(bench.banks.banks().bytes_fetched(), 3U);
}

// The fill of the operand (10 bytes at 1 a cycle) is complete at 10: then 3 cycles of the bus, two
// bursts of 2, latency 5: 22. A second row knows nothing of the first one's tiles: at 30, 3 + 4
// + 5.
TEST(WeightBanksModule, TilesOfAResidentTensorWaitForItsFill) {
    Bench bench(ideal(1, 0), narrow(), 5);
    bench.script.at(0, [&bench] {
        bench.banks.start_row(kResident, false);
        bench.dma.submit(ClientOrder::kControl, {0, 10, false}, false,
                         [&bench] { bench.banks.fill_complete(); });
        bench.banks.request(0, bench.load("first row"));
    });
    bench.script.at(30, [&bench] {
        bench.banks.start_row(kResident, true);
        bench.banks.request(0, bench.load("second row"));
    });
    bench.script.run_until(60);
    EXPECT_EQ(bench.script.events, (Events{{"first row", 22}, {"second row", 42}}));
    EXPECT_EQ(bench.banks.banks().words_written(), 2U);
}

// Nothing takes time but the bursts, 1 cycle each at least. Both tiles are there in cycle 3: the
// first burst takes the only bank in 3, so that the second starts in 4, whatever ports are free.
TEST(WeightBanksModule, FetchAndFillMayTakeNoTime) {
    cluster::WeightBufferParams buffer;
    buffer.ports = 2;
    buffer.banks = 1;
    buffer.burst_bytes = 64;
    Bench bench(ideal(0, 0), buffer);
    bench.script.at(3, [&bench] {
        bench.banks.start_row(kStreamed, true);
        bench.banks.request(0, bench.load("core 0"));
        bench.banks.request(1, bench.load("core 1", 64));
    });
    bench.script.run_until(20);
    EXPECT_EQ(bench.script.events, (Events{{"core 0", 4}, {"core 1", 5}}));
}

}  // namespace
}  // namespace skipsim::clocked
