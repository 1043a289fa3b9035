// SPDX-License-Identifier: Apache-2.0
// Worker processes on this machine. Each task is a fork of this process, which has opened and
// decoded the traces and elaborated nothing yet: SystemC elaborates once a process, memory of the
// traces is shared.
#pragma once

#include <cstdint>
#include <functional>

#include "sim/sweep/work.h"

namespace skipsim::sweep {

/// Does work.tasks, at most `jobs` at once. `run_in_child` does a task in the forked process; it
/// may throw MachineError. Must be called while this process has one thread. Workers die with it.
/// A worker that dies is a failed task; one that the machine refused (disk full) stops the sweep:
/// MachineError. After a signal workers are stopped and Interrupted is thrown.
void run_locally(const Work& work, unsigned jobs,
                 const std::function<void(std::uint64_t task)>& run_in_child);

}  // namespace skipsim::sweep
