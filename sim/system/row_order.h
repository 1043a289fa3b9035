// SPDX-License-Identifier: Apache-2.0
// In which order the rows of an iteration are done, and which weight updates go on beside others
// (models/MICROARCHITECTURE.md, "The vector unit in time").
#pragma once

#include <cstddef>
#include <vector>

#include "sim/system/plan.h"

namespace skipsim::system {

struct RowOrder {
    std::vector<std::size_t> rows;  ///< indices of the planned rows
    std::vector<bool> is_beside;    ///< by planned row: an update handed over, not waited for
};

/// An update stands behind the last backward row of its operator if updates may run beside others
/// and there is such a row; otherwise it is done at the end.
RowOrder row_order(const std::vector<PlannedRow>& rows, bool overlaps_updates);

}  // namespace skipsim::system
