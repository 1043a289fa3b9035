// SPDX-License-Identifier: Apache-2.0
// Patterns of a trace that were read and checked once, held in memory. Private to sim/trace.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "sim/base/bit_tensor.h"
#include "sim/trace/facts.h"

namespace skipsim::trace {

/// Iteration, network, index of the tensor or parameter, and what of it.
using DecodedKey = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t, std::string_view>;

/// nullopt: the file does not have it.
struct Decoded {
    std::map<DecodedKey, std::optional<base::BitTensor>> patterns;          ///< all samples
    std::map<DecodedKey, std::optional<std::vector<std::uint64_t>>> words;  ///< of parameters
    std::map<DecodedKey, std::optional<CoarseKeep>> coarse;
};

}  // namespace skipsim::trace
