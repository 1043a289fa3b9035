// SPDX-License-Identifier: Apache-2.0
// Work of the vector unit as it is streamed: passes cut into blocks, each loaded, computed and
// stored (models/MICROARCHITECTURE.md §16).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/base/bits.h"

namespace skipsim::accelerator {

/// A streamed tensor of a pass.
struct VectorStream {
    std::uint64_t address = 0;  ///< [byte] of its place in DRAM
    std::uint64_t bytes = 0;
};

struct VectorStep {
    std::uint64_t cycles = 0;  ///< of all blocks, without waiting
    std::uint64_t blocks = 1;
    std::vector<VectorStream> loads;
    std::vector<VectorStream> stores;

    /// Part `block` of `amount`: what lies between floor(block * amount / blocks) and the next.
    [[nodiscard]] std::uint64_t part_begin(std::uint64_t amount,
                                           std::uint64_t block) const noexcept {
        const std::uint64_t whole = amount / blocks;
        return whole * block + (amount % blocks) * block / blocks;
    }
    [[nodiscard]] VectorStream part(const VectorStream& stream, std::uint64_t block) const {
        const std::uint64_t begin = part_begin(stream.bytes, block);
        return {stream.address + begin, part_begin(stream.bytes, block + 1) - begin};
    }
    [[nodiscard]] std::uint64_t cycles_of(std::uint64_t block) const noexcept {
        return part_begin(cycles, block + 1) - part_begin(cycles, block);
    }
};

/// Blocks of a pass: as many as its longest streamed tensor has blocks; 1 if nothing is streamed.
inline std::uint64_t block_count(const std::vector<VectorStream>& loads,
                                 const std::vector<VectorStream>& stores,
                                 std::uint64_t block_bytes) {
    std::uint64_t longest = 0;
    for (const auto* streams : {&loads, &stores}) {
        for (const VectorStream& stream : *streams) {
            longest = std::max(longest, stream.bytes);
        }
    }
    return std::max<std::uint64_t>(1, base::ceil_divide(longest, block_bytes));
}

}  // namespace skipsim::accelerator
