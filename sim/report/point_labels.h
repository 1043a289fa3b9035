// SPDX-License-Identifier: Apache-2.0
// A result of a sweep's point lies in a folder named by a checksum, which tells a reader nothing.
#pragma once

#include <vector>

#include "sim/results/result_file.h"
#include "sim/sweep/sweep_data.h"

namespace skipsim::report {

/// Labels results that are points of these sweeps "point 12 of NAME"; labels stay unique.
void label_points(std::vector<results::ResultFile>& results,
                  const std::vector<sweep::SweepData>& sweeps);

}  // namespace skipsim::report
