// SPDX-License-Identifier: Apache-2.0
// The clocked core between scripted ports: when it asks for tiles, when results leave, when it ends
// (models/MICROARCHITECTURE.md §5, §15.1 and the examples of §19).
#include "models/core/clocked/core_module.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/support/clocked_script.h"

namespace skipsim::clocked {
namespace {

using base::PeCategory;
using Events = test::ClockedScript::Events;

constexpr std::uint64_t kPeriod = 10;

/// Loads are ready so many cycles after the request, or when the test says so.
class Way final : public LoadWay, public StoreWay {
public:
    Way(std::string name, test::ClockedScript& script, kernel::PhasedClock& clock)
        : name_(std::move(name)), script_(script), clock_(clock) {}

    void request(std::uint32_t core, const TileLoad& load) override {
        EXPECT_EQ(core, 3U);
        script_.note(name_ + " " + std::to_string(load.tile) + ": " + std::to_string(load.bytes))();
        answer(load.tile, load.ready);
    }
    void store(std::uint64_t first_byte, std::uint64_t bytes, Done done) override {
        script_.note(name_ + " " + std::to_string(first_byte) + ": " + std::to_string(bytes))();
        answer(first_byte, done);
    }
    /// [cycle] of the clock at which that load is ready, that store done. Default: at once.
    std::map<std::uint64_t, std::uint64_t> cycles;

private:
    void answer(std::uint64_t number, const Done& done) {
        const auto cycle = cycles.find(number);
        if (cycle == cycles.end() || cycle->second <= clock_.cycle()) {
            done();
        } else {
            script_.at(cycle->second, done);
        }
    }
    std::string name_;
    test::ClockedScript& script_;
    kernel::PhasedClock& clock_;
};

core::CoreParams one_pe() {
    core::CoreParams params;
    params.rows = 1;
    params.columns = 1;
    params.chunk_operands = 8;
    params.fifo_depth_chunks = 1;
    params.tile_chunks = 1;
    return params;
}

/// x = (1, 0, 2) in every sample, w = (3, 4, 0): 3 bytes each with their bitmaps, a tile a sample.
struct Bench {
    explicit Bench(std::int64_t samples, bool waits_for_stores = false)
        : core("core", one_pe(), clock, waits_for_stores) {
        core.connect(&input, &weight, &output, 3);
        task.shape.samples = samples;
        task.shape.in_channels = 3;
        for (std::int64_t sample = 0; sample < samples; ++sample) {
            for (const int x : {1, 0, 2}) {
                task.input.nonzero.push_back(x != 0 ? 1 : 0);
                task.input.values.push_back(static_cast<float>(x));
            }
        }
        task.weight = {{1, 1, 0}, {3, 4, 0}};
        task.selection = {true, true, false};
        list.rows = list.columns = 1;
        list.chunk_operands = 8;
        list.tile_chunks = 1;
        order = column_order(task, list, 1);
        clock.resume();
    }

    [[nodiscard]] CoreRow row(std::uint64_t delay_cycles = 0) {
        CoreRow row;
        row.list = std::make_unique<WorkList>(task, list, order, reduction::Share{});
        row.input_role = row.weight_role = true;
        row.delay_cycles = delay_cycles;
        row.result_width_bits = 8;
        row.done = script.note("done");
        return row;
    }

    kernel::PhasedClock clock{"clock", kPeriod};
    test::ClockedScript script{"script", clock};
    Way input{"input", script, clock};
    Way weight{"weight", script, clock};
    Way output{"output", script, clock};
    CoreModule core;
    RowTask task;
    ListParams list;
    ColumnOrder order;
    test::ClockedScript other{"other", clock};  // on the other side of the core's due step
};

void expect_waits(const ClockedCoreReport& report, std::uint64_t memory, std::uint64_t weight) {
    EXPECT_EQ(report.array.pe_cycles[PeCategory::wait_memory], memory);
    EXPECT_EQ(report.array.pe_cycles[PeCategory::wait_weight], weight);
}

// §11: everything is there in cycle 0: d = 2, the result leaves and the core ends at 3. Another
// row, 4 cycles late, does the same from cycle 14 on, and so does one that is started in cycle 20
// on the other side of the core's due step.
TEST(ClockedCoreModule, ARowMayBeDelayed) {
    Bench bench(1);
    bench.script.at(0, [&bench] { bench.core.start_row(bench.row()); });
    bench.script.at(10, [&bench] { bench.core.start_row(bench.row(4)); });
    bench.other.at(20, [&bench] { bench.core.start_row(bench.row(4)); });
    bench.script.run_until(40);
    EXPECT_EQ(bench.script.events, (Events{{"input 0: 3", 0},
                                           {"weight 0: 3", 0},
                                           {"output 0: 1", 3},
                                           {"done", 3},
                                           {"input 0: 3", 14},
                                           {"weight 0: 3", 14},
                                           {"output 0: 1", 17},
                                           {"done", 17},
                                           {"input 0: 3", 24},
                                           {"weight 0: 3", 24},
                                           {"output 0: 1", 27},
                                           {"done", 27}}));
    const ClockedCoreReport report = bench.core.report();
    EXPECT_EQ(report.end_cycle, 3U);
    EXPECT_EQ(report.busy, 3U);
    EXPECT_EQ(report.array.pe_cycles.total(), 3U);
    EXPECT_EQ(report.input_load_words, 1U);
    EXPECT_EQ(report.weight_load_bytes, 3U);
    EXPECT_EQ(report.phase_results, std::vector<std::uint64_t>{1});
}

// The rows follow each other in one cycle: the second one's cycle 0 is the edge at which the first
// has ended, 3.
TEST(ClockedCoreModule, ARowMayBeginInTheCycleInWhichTheOneBeforeEnds) {
    Bench bench(1);
    bench.script.at(0, [&bench] {
        CoreRow first = bench.row();
        first.done = [&bench] { bench.core.start_row(bench.row()); };
        bench.core.start_row(std::move(first));
    });
    bench.script.run_until(30);
    EXPECT_EQ(bench.script.events.back(), (std::pair<std::string, std::uint64_t>{"done", 6}));
}

// "output buffer": loads are there at 13, 16, 19; tile 2 is requested at 21 = release(0), there at
// 34; the result of tile 0 leaves at 22 and is gone at 35, which holds tile 2 back: core end 38.
void set_up_output_buffer(Bench& bench) {
    bench.input.cycles = {{0, 13}, {1, 16}, {2, 34}};
    bench.weight.cycles = {{0, 19}};
    bench.output.cycles = {{0, 35}, {1, 50}, {2, 60}};
    bench.script.at(0, [&bench] { bench.core.start_row(bench.row()); });
    bench.script.run_until(70);
}

const Events kOutputBuffer{{"input 0: 3", 0},  {"weight 0: 3", 0},  {"input 1: 3", 0},
                           {"input 2: 3", 21}, {"output 0: 1", 22}, {"output 1: 1", 24}};

TEST(ClockedCoreModule, ResultsThatHaveNotLeftHoldATileBack) {
    Bench bench(3, true);
    set_up_output_buffer(bench);
    Events expected = kOutputBuffer;
    expected.insert(expected.end(), {{"output 2: 1", 38}, {"done", 38}});
    EXPECT_EQ(bench.script.events, expected);
    const ClockedCoreReport report = bench.core.report();
    expect_waits(report, 25, 6);
    // Busy 19-21, 21-23, 35-38; starved 0-19, 23-34; blocked in 34.
    EXPECT_EQ(report.busy, 7U);
    EXPECT_EQ(report.starved, 30U);
    EXPECT_EQ(report.blocked, 1U);
}

TEST(ClockedCoreModule, WithAnUnlimitedOutputBufferResultsHoldNothingBack) {
    Bench bench(3, false);
    set_up_output_buffer(bench);
    Events expected = kOutputBuffer;
    expected.insert(expected.end(), {{"output 2: 1", 37}, {"done", 37}});
    EXPECT_EQ(bench.script.events, expected);
    expect_waits(bench.core.report(), 24, 6);
    EXPECT_EQ(bench.core.report().blocked, 0U);
}

// Partial sums leave at the edge of the last drain, 22: nothing is stored, nothing held back.
TEST(ClockedCoreModule, PartialSumsLeaveAtOnce) {
    Bench bench(3, true);
    bench.input.cycles = {{0, 13}, {1, 16}, {2, 34}};
    bench.weight.cycles = {{0, 19}};
    bench.script.at(0, [&bench] {
        CoreRow row = bench.row();
        row.keeps_results = true;
        bench.core.start_row(std::move(row));
    });
    bench.script.run_until(70);
    EXPECT_EQ(bench.script.events.back(), (std::pair<std::string, std::uint64_t>{"done", 37}));
    EXPECT_EQ(bench.script.events.size(), 5U);
}

// A core without work ends in the row's cycle 0, which may be later.
TEST(ClockedCoreModule, ACoreWithoutWorkEndsAtOnce) {
    Bench bench(1);
    const auto start = [&bench](std::uint64_t delay) {
        CoreRow row = bench.row(delay);
        // The second of two parts of m, which has one index: that is in the second part.
        row.list = std::make_unique<WorkList>(bench.task, bench.list, bench.order,
                                              reduction::Share{0, 2, 0, 1, 0, 1});
        bench.core.start_row(std::move(row));
    };
    bench.script.at(0, [&start] { start(0); });
    bench.script.at(5, [&start] { start(2); });
    bench.script.run_until(20);
    EXPECT_EQ(bench.script.events, (Events{{"done", 0}, {"done", 7}}));
    EXPECT_EQ(bench.core.report().end_cycle, 0U);
}

// The weight never comes: nothing moves from cycle 1 on, and the report says what for.
TEST(ClockedCoreModule, ALoadThatNeverComesIsADeadlock) {
    Bench bench(1);
    bench.script.keeps_alive = bench.other.keeps_alive = false;
    bench.weight.cycles = {{0, 1000000}};
    bench.script.at(0, [&bench] { bench.core.start_row(bench.row()); });
    bench.script.run_until(100);
    EXPECT_TRUE(bench.clock.is_dead());
    const std::string report = bench.clock.report();
    EXPECT_NE(report.find("tile 0 without its weight"), std::string::npos) << report;
    EXPECT_NE(report.find("row bus 0 waits for the weight of tile 0"), std::string::npos) << report;
    EXPECT_NE(report.find("1 PEs wait for the weight of their tile (pe_0_0"), std::string::npos)
        << report;
}

}  // namespace
}  // namespace skipsim::clocked
