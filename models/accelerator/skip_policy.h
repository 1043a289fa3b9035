// SPDX-License-Identifier: Apache-2.0
// Which roles' patterns a row uses to skip: a fixed choice, or by density.
//
// adaptive, policy density: the two roles with the largest fraction of zeros (KR 10-2022-0101418:
// "the data with the highest sparsity"); ties go to input, then weight, then output. The fractions
// are compared exactly, as integers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/reduction/reduction.h"
#include "models/reduction/tile_sequencer.h"

namespace skipsim::accelerator {

/// Zeros of one role's tensor, or results of it that are not needed.
struct ZeroFraction {
    std::uint64_t zeros = 0;
    std::uint64_t elements = 1;
};

struct RoleZeros {
    ZeroFraction input;
    ZeroFraction weight;
    ZeroFraction output;
};

/// `mode` is a value of the keys skip.ff, skip.bp, skip.wg; anything else is an InternalError.
/// In FF the role output has no pattern and is never selected.
reduction::Selection select_roles(std::string_view mode, reduction::TrainingStage stage,
                                  const RoleZeros& zeros);

/// "dense", "input", …, "weight+output".
std::string selection_name(const reduction::Selection& selection);

/// The tensors whose patterns are used: "x", "mask_w", "dy", "dx_needed", "weight_keep".
std::vector<std::string> pattern_names(const reduction::Selection& selection,
                                       reduction::TrainingStage stage);

}  // namespace skipsim::accelerator
