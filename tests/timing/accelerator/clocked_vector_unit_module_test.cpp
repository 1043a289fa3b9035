// SPDX-License-Identifier: Apache-2.0
// The vector unit on the clock, behind the DMA engine with an ideal memory of 16 bytes a cycle: the
// examples of models/MICROARCHITECTURE.md §19. 192 bytes in three blocks of 64: 4 cycles of the
// engine each.
#include <gtest/gtest.h>

#include "models/accelerator/clocked/vector_unit_module.h"
#include "models/memory/clocked/dma_engine_module.h"
#include "tests/support/clocked_script.h"

namespace skipsim::clocked {
namespace {

using Events = test::ClockedScript::Events;
using accelerator::VectorStep;

memory::DmaParams ideal(std::uint64_t rate) {
    memory::DmaParams params;
    params.ideal_bytes_per_cycle = rate;
    return params;
}

struct Bench {
    kernel::PhasedClock clock{"clock", 10};
    test::ClockedScript script{"script", clock};
    DmaEngineModule dma;
    VectorUnitModule unit{"unit", dma, clock};

    explicit Bench(std::uint64_t rate = 16) : dma("dma", ideal(rate), 0, clock) {}

    void start_at(std::uint64_t cycle, const std::vector<VectorStep>& steps, bool is_background,
                  const std::string& name) {
        script.at(cycle, [=] { unit.start(steps, is_background, script.note(name)); });
    }
    Events run() {
        script.run_until(100);
        EXPECT_EQ(unit.pending(), 0U);
        EXPECT_TRUE(dma.is_idle());
        return script.events;
    }
};

VectorStep reads(std::uint64_t cycles) {
    return {cycles, 3, {{0, 192}}, {}};
}
VectorStep writes(std::uint64_t cycles) {
    return {cycles, 3, {}, {{4096, 192}}};
}

// Loads 0-4, 4-8; block 0 4-6; at 6 the load of block 2: 8-12; block 1 8-10, block 2 12-14.
TEST(ClockedVectorUnitModule, LoadBound) {
    Bench bench;
    bench.start_at(0, {reads(6)}, false, "row");
    EXPECT_EQ(bench.run(), (Events{{"row", 14}}));
    EXPECT_EQ(bench.unit.busy_cycles(), 6U);
    EXPECT_EQ(bench.dma.busy_cycles(), 12U);
}

// Loads 0-4, 4-8; block 0 4-14; load of block 2 14-18; block 1 14-24, block 2 24-34.
TEST(ClockedVectorUnitModule, ComputeBound) {
    Bench bench;
    bench.start_at(0, {reads(30)}, false, "row");
    EXPECT_EQ(bench.run(), (Events{{"row", 34}}));
}

// Block 0 0-1, its store 1-5; block 1 1-2, its store 5-9; block 2 waits for the first store: 5-6,
// blocked 2-5.
TEST(ClockedVectorUnitModule, StoreBound) {
    Bench bench;
    bench.start_at(0, {writes(3)}, false, "row");
    EXPECT_EQ(bench.run(), (Events{{"row", 6}}));
    EXPECT_EQ(bench.unit.busy_cycles(), 3U);
    EXPECT_EQ(bench.unit.blocked_cycles(), 3U);
}

// Nothing takes time: a row of two passes ends in the cycle in which it began.
TEST(ClockedVectorUnitModule, ARowMayTakeNoTime) {
    Bench bench(0);
    bench.start_at(7, {reads(0), writes(0)}, false, "row");
    EXPECT_EQ(bench.run(), (Events{{"row", 7}}));
}

// An update of 10 cycles, nothing to wait for; a row of another 3 cycles comes in cycle 4 and waits
// for the block that has begun: 10-13.
TEST(ClockedVectorUnitModule, ABlockOnceBegunIsFinished) {
    Bench bench;
    bench.start_at(0, {{10, 1, {}, {}}}, true, "update");
    bench.start_at(4, {{3, 1, {}, {}}}, false, "row");
    EXPECT_EQ(bench.run(), (Events{{"update", 10}, {"row", 13}}));
}

// The first update's block ends in cycle 4, in which the second update is handed over: the end of
// the block comes first, so its store (64 bytes) is before the second one's load in the background
// queue: 4-8, 8-12. The second update is computed 12-13.
TEST(ClockedVectorUnitModule, ABlockEndsBeforeAJobOfTheSameCycleBegins) {
    Bench bench;
    bench.start_at(0, {{4, 1, {}, {{0, 64}}}}, true, "first");
    bench.start_at(4, {{1, 1, {{0, 64}}, {}}}, true, "second");
    EXPECT_EQ(bench.run(), (Events{{"first", 4}, {"second", 13}}));
}

}  // namespace
}  // namespace skipsim::clocked
