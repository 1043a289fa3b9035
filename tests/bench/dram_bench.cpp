// SPDX-License-Identifier: Apache-2.0
// Requests per CPU second of the DRAM alone, DDR4-2400-like, one channel, a queue kept full.
// Arguments: 0 sequential reads, 1 random reads, 2 random reads and writes; page policy 0 open, 1
// closed; channels.
#include <benchmark/benchmark.h>

#include "models/memory/dram/dram.h"
#include "sim/base/random.h"

namespace {

using namespace skipsim;

memory::DramParams ddr4(std::uint64_t channels, bool is_closed) {
    memory::DramParams p;
    p.organisation = {channels, 1, 4, 4, 65536, 1024, 64, 8};
    p.timings = {16, 16, 16, 39, 55, 16, 16, 4, 6, 4, 6, 26, 18, 3, 9, 9, 2, 2, 9360, 420};
    p.controller.queue_entries = 32;
    p.controller.age_cap = 4096;
    p.controller.page_policy = is_closed ? memory::PagePolicy::closed : memory::PagePolicy::open;
    p.controller.address_order = "row-rank-bank-column-bankgroup-channel";
    return p;
}

void dram(benchmark::State& state) {
    const memory::DramParams params =
        ddr4(static_cast<std::uint64_t>(state.range(2)), state.range(1) != 0);
    memory::Dram dram(params);
    std::vector<memory::DramCompletion> done;
    base::Random random(1);
    const std::uint64_t bursts = params.capacity() / params.burst_bytes();
    std::uint64_t now = 0;
    std::uint64_t count = 0;
    for ([[maybe_unused]] auto _ : state) {
        const std::uint64_t burst = state.range(0) == 0 ? count % bursts : random.below(bursts);
        const bool is_write = state.range(0) == 2 && random.below(3) == 0;
        const std::uint64_t address = burst * params.burst_bytes();
        while (!dram.has_room(now, address)) {
            done.clear();
            now = std::max(now, dram.next_event_cycle());
            dram.advance(now, done);
        }
        dram.push(now, {count++, address, is_write});
    }
    state.counters["requests"] =
        benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsRate);
    state.counters["cycles_per_request"] = static_cast<double>(now) / static_cast<double>(count);
}
BENCHMARK(dram)->ArgsProduct({{0, 1, 2}, {0, 1}, {1, 16}});

}  // namespace
