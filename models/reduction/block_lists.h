// SPDX-License-Identifier: Apache-2.0
// Which m the columns of a block work on, in order: one list for all columns, or (packed) a list of
// each column's own (models/MICROARCHITECTURE.md §4.2).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace skipsim::reduction {

struct BlockLists {
    std::vector<std::uint32_t> common;
    std::vector<std::vector<std::uint32_t>> own;  ///< of every column; empty = all have `common`

    void clear() noexcept {
        common.clear();
        own.clear();
    }
    /// Rows of all results of the block: the length of its longest list.
    [[nodiscard]] std::size_t rows() const noexcept {
        std::size_t longest = common.size();
        for (const std::vector<std::uint32_t>& list : own) {
            longest = std::max(longest, list.size());
        }
        return longest;
    }
    [[nodiscard]] const std::vector<std::uint32_t>& of(std::size_t column) const noexcept {
        return own.empty() ? common : own[column];
    }
    /// True if the column has an m for that row of the block.
    [[nodiscard]] bool has(std::size_t row, std::size_t column) const noexcept {
        return row < of(column).size();
    }
};

}  // namespace skipsim::reduction
