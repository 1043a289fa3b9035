// SPDX-License-Identifier: Apache-2.0
// The vector unit edge by edge, before a memory that moves some bytes a cycle, one job after the
// other (models/MICROARCHITECTURE.md §16 and the examples of §19).
#include "models/accelerator/clocked/vector_unit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "sim/base/bits.h"

namespace skipsim::clocked {
namespace {

using accelerator::VectorStep;

/// 16 bytes a cycle, foreground first; complete when the engine is free again.
class Memory final : public DmaPort {
public:
    explicit Memory(std::uint64_t rate) : rate_(rate) {}
    std::uint64_t submit(std::uint64_t, const DmaTransfer& transfer, bool is_background,
                         Done done) override {
        moved.push_back(transfer);
        (is_background ? background_ : foreground_).push_back({transfer.bytes, std::move(done)});
        return moved.size();
    }
    void begin() {
        if (left_ > 0 && --left_ == 0) {
            running_.done();
        }
    }
    /// Answers whether it took a job.
    bool step() {
        std::deque<Job>& queue = foreground_.empty() ? background_ : foreground_;
        if (left_ > 0 || queue.empty()) {
            return false;
        }
        running_ = std::move(queue.front());
        queue.pop_front();
        left_ = rate_ == 0 ? 0 : base::ceil_divide(running_.bytes, rate_);
        if (left_ == 0) {
            running_.done();
        }
        return true;
    }
    std::vector<DmaTransfer> moved;

private:
    struct Job {
        std::uint64_t bytes = 0;
        Done done;
    };
    std::uint64_t rate_;
    std::deque<Job> foreground_;
    std::deque<Job> background_;
    Job running_;
    std::uint64_t left_ = 0;
};

struct Bench {
    Memory memory;
    bool is_awake = false;
    VectorUnit unit;
    std::uint64_t cycle = 0;

    explicit Bench(std::uint64_t rate = 16)
        : memory(rate), unit(memory, [this] { is_awake = true; }) {}

    void start(const std::vector<VectorStep>& steps, bool is_background, std::uint64_t* end) {
        unit.start(steps, is_background, [this, end] { *end = cycle; });
    }
    /// The rest of this cycle, and the next one's edge.
    void finish_cycle() {
        while (memory.step() || is_awake) {
            while (memory.step()) {
            }
            if (is_awake) {
                is_awake = false;
                unit.step();
            }
        }
        unit.sample();
        ++cycle;
        unit.begin(cycle);
        memory.begin();
    }
    void until(std::uint64_t last) {
        while (cycle < last) {
            finish_cycle();
        }
    }
};

/// 192 bytes in three blocks of 64: 4 cycles of the memory each.
VectorStep reads(std::uint64_t cycles) {
    return {cycles, 3, {{1000, 192}}, {}};
}
VectorStep writes(std::uint64_t cycles) {
    return {cycles, 3, {}, {{2000, 192}}};
}

struct Result {
    std::uint64_t end = 0;
    std::uint64_t busy = 0;
    std::uint64_t blocked = 0;
};

Result alone(const std::vector<VectorStep>& steps, std::uint64_t rate = 16) {
    Bench bench(rate);
    Result result;
    result.end = 999;  // never
    bench.start(steps, false, &result.end);
    bench.until(100);
    EXPECT_EQ(bench.unit.pending(), 0U);
    result.busy = bench.unit.busy_cycles();
    result.blocked = bench.unit.blocked_cycles();
    return result;
}

// Loads 0-4, 4-8; block 0 4-6; at 6 the load of block 2: 8-12; block 1 8-10, block 2 12-14.
TEST(ClockedVectorUnit, LoadBound) {
    const Result result = alone({reads(6)});
    EXPECT_EQ(result.end, 14U);
    EXPECT_EQ(result.busy, 6U);
    EXPECT_EQ(result.blocked, 0U);
}

// Loads 0-4, 4-8; block 0 4-14; load of block 2 14-18; block 1 14-24, block 2 24-34.
TEST(ClockedVectorUnit, ComputeBound) {
    EXPECT_EQ(alone({reads(30)}).end, 34U);
}

// Block 0 0-1, its store 1-5; block 1 1-2, its store 5-9; block 2 waits for the first store: 5-6.
TEST(ClockedVectorUnit, StoreBound) {
    const Result result = alone({writes(3)});
    EXPECT_EQ(result.end, 6U);
    EXPECT_EQ(result.busy, 3U);
    EXPECT_EQ(result.blocked, 3U);
}

// A second pass begins at 6, beside the stores of the first (5-9, 9-13): its loads 13-17 and
// 17-21, blocks 17-19, 21-23; load of block 2, asked for at 19: 21-25; block 2 25-27.
TEST(ClockedVectorUnit, APassDoesNotWaitForTheStoresOfTheOneBefore) {
    EXPECT_EQ(alone({writes(3), reads(6)}).end, 27U);
    // Nothing streamed: 6-9, 4 cycles before the first pass has stored everything.
    EXPECT_EQ(alone({writes(3), {3, 1, {}, {}}}).end, 9U);
}

// Without limits and with nothing to compute everything happens in the cycle of the start.
TEST(ClockedVectorUnit, BlocksMayTakeNoTime) {
    EXPECT_EQ(alone({reads(0), writes(0)}, 0).end, 0U);
    EXPECT_EQ(alone({reads(1)}, 0).end, 1U);
    EXPECT_EQ(alone({}).end, 0U);
}

// 100 bytes and 7 cycles in 3 blocks: bytes 0-32, 33-65, 66-99, cycles 2, 2, 3. The store of a
// block comes before the load of the one after the next.
TEST(ClockedVectorUnit, BlocksDifferByOneAtMost) {
    Bench bench(0);
    std::uint64_t end = 0;
    bench.start({{7, 3, {{500, 100}}, {{900, 90}}}}, false, &end);
    bench.until(20);
    EXPECT_EQ(end, 7U);
    std::vector<std::vector<std::uint64_t>> moved;
    for (const DmaTransfer& each : bench.memory.moved) {
        moved.push_back({each.address, each.bytes, each.is_write ? 1U : 0U});
    }
    EXPECT_EQ(
        moved,
        (std::vector<std::vector<std::uint64_t>>{
            {500, 33, 0}, {533, 33, 0}, {900, 30, 1}, {566, 34, 0}, {930, 30, 1}, {960, 30, 1}}));
}

// An update of three blocks of 10 cycles begins at 4 (its load). A row of one block of 3 cycles,
// nothing to load, comes at 10: it waits for the block that has begun, 14-17, then the update goes
// on: 17-27, 27-37.
TEST(ClockedVectorUnit, ARowComesBeforeTheNextBlockOfAnUpdate) {
    Bench bench;
    std::uint64_t update = 0;
    std::uint64_t row = 0;
    bench.start({reads(30)}, true, &update);
    bench.until(10);
    bench.start({{3, 1, {}, {}}}, false, &row);
    bench.until(60);
    EXPECT_EQ(row, 17U);
    EXPECT_EQ(update, 37U);
}

// The row's load takes the memory 1-5, the first update's, in the background, 5-9. The second
// update has nothing to load and could be computed at once, but updates come in their order. Row
// 5-6, first update 9-10, second 10-11.
TEST(ClockedVectorUnit, UpdatesComeInTheirOrder) {
    Bench bench;
    std::uint64_t row = 0;
    std::vector<std::uint64_t> updates(2);
    bench.finish_cycle();
    bench.start({{1, 1, {{0, 64}}, {}}}, true, &updates[0]);
    bench.start({{1, 1, {}, {}}}, true, &updates[1]);
    bench.start({{1, 1, {{0, 64}}, {}}}, false, &row);
    bench.until(40);
    EXPECT_EQ(row, 6U);
    EXPECT_EQ(updates[0], 10U);
    EXPECT_EQ(updates[1], 11U);
}

}  // namespace
}  // namespace skipsim::clocked
