// SPDX-License-Identifier: Apache-2.0
// Does one task in this process: one simulation, then a result and an outcome for each of its
// points, which differ in the energy table alone.
#pragma once

#include <string>
#include <vector>

#include "sim/sweep/manifest.h"
#include "sim/sweep/plan.h"
#include "sim/sweep/trace_shelf.h"

namespace skipsim::sweep {

/// A point of a task, with the checksum under which its outcome is kept.
struct TaskPoint {
    const PlannedPoint* planned = nullptr;
    std::string key;
};

/// `folder`: of the sweep. What goes wrong with a point (its input, a bug) becomes its outcome.
/// Throws InputError when a file that a point is made of is no longer what it was when the key was
/// made (the point then gets no outcome), MachineError when nothing can be written, Interrupted
/// when a signal came.
void run_task(const Plan& plan, const std::vector<TaskPoint>& points, TraceShelf& shelf,
              const std::string& folder);

}  // namespace skipsim::sweep
