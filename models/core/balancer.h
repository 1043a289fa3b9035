// SPDX-License-Identifier: Apache-2.0
// The sparsity balancer: sorts the columns of a reduction by their work and deals them to the parts
// of the column axis, there and back, so that the columns of an array and the cores of a chip get
// like amounts (models/MICROARCHITECTURE.md §4.1). No time, only the order and what it costs.
#pragma once

#include <cstdint>
#include <vector>

#include "models/reduction/reduction.h"

namespace skipsim::core {

struct BalancerParams {
    bool enabled = false;
    std::uint64_t bits_per_cycle = 0;      ///< [bitmap bits/cycle] 0 = unlimited
    std::uint64_t compares_per_cycle = 0;  ///< [comparisons/cycle] 0 = unlimited
};

/// What the balancer knows of a column.
struct ColumnWork {
    std::vector<bool> jumped;  ///< chunk by chunk: coarse runs jump it; empty without coarse runs
    std::uint64_t ones = 0;    ///< non-zeros over all k
};

/// The column that comes to each position of the column axis. Sorted by `jumped` (not jumped
/// first), then most ones first, then index; dealt in packets of at most `packet` columns to
/// `parts` parts.
std::vector<std::uint32_t> balanced_order(const std::vector<ColumnWork>& columns,
                                          std::int64_t parts, std::int64_t packet);

/// What balancing a row reads and compares, over all its phases.
struct BalancerWork {
    std::uint64_t bits = 0;
    std::uint64_t compares = 0;
};

/// ceil(bits / bits_per_cycle) + ceil(compares / compares_per_cycle)
std::uint64_t balancer_cycles(const BalancerParams& params, const BalancerWork& work);

/// `jumped[phase][column]` as in ColumnWork; empty without coarse runs.
using JumpPatterns = std::vector<std::vector<std::vector<bool>>>;

/// Reorders the columns of every phase of a reduction of one group.
BalancerWork balance(reduction::Reduction& reduction, const JumpPatterns& jumped,
                     std::int64_t parts, std::int64_t packet);

}  // namespace skipsim::core
