// SPDX-License-Identifier: Apache-2.0
// A sweep from its file to a database of results, as often interrupted as one likes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/sweep/slurm_executor.h"
#include "sim/sweep/sweep_data.h"

namespace skipsim::sweep {

enum class Executor { local, slurm };

struct SweepOptions {
    std::string spec_path;
    std::string folder;  ///< "" = runs/<name of the sweep>
    Executor executor = Executor::local;
    unsigned jobs = 1;
    SlurmOptions slurm;
    bool starts_over = false;      ///< forget what the folder holds
    bool follows_changes = false;  ///< the file has changed: keep what is the same
    bool retries_failed = false;
    bool shows_progress = false;
    std::string program;  ///< path of this program, for other processes
};

struct SweepCount {
    std::string folder;
    std::uint64_t points = 0;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    std::uint64_t excluded = 0;
    std::uint64_t repeated = 0;
    std::uint64_t taken_over = 0;   ///< finished before this command
    std::uint64_t simulations = 0;  ///< started by this command
};

/// Runs what is missing. Throws InputError for a wrong sweep file, for a folder that was begun with
/// another one, and for a folder in which another sweep is at work; MachineError when the machine
/// refuses; Interrupted. Whatever it throws, what is finished is kept.
SweepCount run_sweep(const SweepOptions& options);

/// Does the task of one point (and of those that share its simulation) in the folder of a sweep
/// that run_sweep has begun: what a job on another machine calls.
void run_task_of_sweep(const std::string& spec_path, const std::string& folder,
                       std::uint64_t point);

/// Settings and main metrics of every point, one line each.
std::string points_as_csv(const SweepData& data);

}  // namespace skipsim::sweep
