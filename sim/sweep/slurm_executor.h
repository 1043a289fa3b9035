// SPDX-License-Identifier: Apache-2.0
// Does the tasks of a sweep as job arrays of Slurm. SLURM.md says how to use it and what is left
// after a kill; slurm_jobs.h what it keeps on the disk. Simulations run on the cluster's nodes,
// which see the sweep's folder, the program and the traces under the same paths (a shared file
// system).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/work.h"

namespace skipsim::sweep {

struct SlurmOptions {
    std::string partition;   ///< "" = the cluster's default
    std::string time_limit;  ///< of a task, as sbatch's --time takes it; "" = the partition's
    std::vector<std::string> sbatch_arguments;  ///< further ones, each beginning with "-"
    std::uint64_t max_parallel = 0;             ///< tasks that run at once; 0 = no limit
    std::uint64_t attempts = 3;                 ///< submissions of a task that leaves no outcome
    std::chrono::milliseconds poll{5'000};      ///< between two looks at the queue
    /// How long a task may be neither queued nor finished before it counts as lost: a network file
    /// system shows a new file late.
    std::chrono::milliseconds grace{10'000};
    /// How long Slurm may be out of reach.
    std::chrono::milliseconds patience{300'000};
};

/// Returns when every task is finished or failed. Jobs that an earlier process submitted for the
/// same folder and that are still queued are waited for, not submitted again. Throws Interrupted
/// on a signal and MachineError if Slurm stays out of reach (jobs go on running; a line says
/// which), InputError with sbatch's words if it refuses.
void run_on_slurm(const Work& work, const SlurmOptions& options);

}  // namespace skipsim::sweep
