// SPDX-License-Identifier: Apache-2.0
#include "sim/app/cycle_count.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <exception>

namespace skipsim::app {
namespace {

/// Total cycles of the fast engine's run; 0 if it fails.
std::uint64_t cycles_of(const config::Config& config, const std::vector<std::string>& traces,
                        const system::RunOptions& run) {
    system::RunOptions fast;
    fast.iterations = run.iterations;
    fast.layer_pattern = run.layer_pattern;
    fast.stages = run.stages;
    fast.seed = run.seed;
    std::uint64_t cycles = 0;
    try {
        for (const stats::LayerRow& row : system::run(config, traces, fast).layers) {
            cycles += row.cycles;
        }
    } catch (const std::exception&) {
        return 0;  // the parent will meet the same and say so
    }
    return cycles;
}

}  // namespace

std::optional<std::uint64_t> count_cycles(const config::Config& config,
                                          const std::vector<std::string>& traces,
                                          const system::RunOptions& run) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
        return std::nullopt;
    }
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        const std::uint64_t cycles = cycles_of(config, traces, run);
        const bool told = write(ends[1], &cycles, sizeof cycles) == sizeof cycles;
        _exit(told ? 0 : 1);
    }
    close(ends[1]);
    std::uint64_t cycles = 0;
    const bool heard =
        child > 0 && read(ends[0], &cycles, sizeof cycles) == static_cast<ssize_t>(sizeof cycles);
    close(ends[0]);
    if (child > 0) {
        waitpid(child, nullptr, 0);
    }
    return heard && cycles != 0 ? std::optional(cycles) : std::nullopt;
}

}  // namespace skipsim::app
