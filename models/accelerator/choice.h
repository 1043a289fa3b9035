// SPDX-License-Identifier: Apache-2.0
// Which patterns a row skips with, and how unneeded results are left out, where that is decided by
// simulating the candidates alone; and what a better choice would have gained
// (models/MICROARCHITECTURE.md §3.1).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/accelerator/skip_policy.h"

namespace skipsim::accelerator {

/// How a row leaves out results that are not needed.
enum class OutputMode { row, packed };

/// The keys of the section `skip` that say how to choose.
struct ChoicePolicy {
    bool by_cycles = false;                    ///< adaptive_policy: cycles, not density
    OutputMode output_mode = OutputMode::row;  ///< unless
    bool adaptive_output = false;              ///< output_mode: adaptive
    bool regret = false;                       ///< simulate every fixed choice too
};

/// What there is to choose for in a row.
struct ChoiceRequest {
    std::string mode;  ///< value of skip.ff, skip.bp or skip.wg
    reduction::TrainingStage stage = reduction::TrainingStage::feed_forward;
    RoleZeros zeros;
};

struct RowChoice {
    reduction::Selection selection;
    OutputMode output_mode = OutputMode::row;
    /// Cycles alone of every fixed choice, by name; of adaptive rows, if the policy asks for
    /// regret.
    std::vector<std::pair<std::string, std::uint64_t>> choices;
    std::optional<std::uint64_t> regret_cycles;
};

/// Cycles of the row with nothing else on the chip or at its memory.
using CyclesAlone = std::function<std::uint64_t(const reduction::Selection&, OutputMode)>;

/// Calls `cycles_alone` once for every candidate it needs.
RowChoice choose(const ChoicePolicy& policy, const ChoiceRequest& request,
                 const CyclesAlone& cycles_alone);

}  // namespace skipsim::accelerator
