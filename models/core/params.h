// SPDX-License-Identifier: Apache-2.0
// What a convolution core is built of. Unknown silicon facts: the defaults are assumptions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::core {

/// `unlimited` is 0 in every width.
struct CoreParams {
    std::uint32_t rows = 8;                ///< [PEs] 1..128
    std::uint32_t columns = 8;             ///< [PEs] 1..128
    std::uint32_t chunk_operands = 64;     ///< [operands] 8..512
    std::uint32_t fifo_depth_chunks = 8;   ///< [chunks] 1..64
    std::uint32_t bus_values = 0;          ///< [operands/cycle] 0 = unlimited
    std::uint32_t bus_bits = 0;            ///< [bitmap bits/cycle] 0 = unlimited
    std::uint32_t issue_width_pairs = 1;   ///< [pairs/cycle] 1..64
    std::uint32_t scan_bits = 0;           ///< [mask bits/cycle] 0 = unlimited
    std::uint32_t tile_chunks = 64;        ///< [chunks] most chunks of one tile
    std::uint32_t operand_width_bits = 8;  ///< [bits] one operand of A or B
    bool psum_spill = false;               ///< partial sums leave the array between slices
    std::uint32_t input_ports = 8;         ///< [streams] a private feed serves at once, 1..16384
    bool private_groups = false;  ///< a block of columns may hold several groups, served privately
    bool coarse_runs = false;     ///< columns jump chunks whose weights are pruned as whole blocks

    /// One sentence per broken rule; empty when the values can be built.
    [[nodiscard]] std::vector<std::string> problems() const;

    [[nodiscard]] std::uint32_t words_per_chunk() const noexcept {
        return (chunk_operands + 63) / 64;
    }
    /// Columns rounded up to a whole number of the widest vectors (8 lanes of 64 bits).
    [[nodiscard]] std::uint32_t lanes() const noexcept { return (columns + 7) / 8 * 8; }
    [[nodiscard]] std::uint64_t processing_elements() const noexcept {
        return std::uint64_t{rows} * columns;
    }
};

}  // namespace skipsim::core
