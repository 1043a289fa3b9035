// SPDX-License-Identifier: Apache-2.0
// A core's column blocks: their lists of m and the chunks their columns jump
// (models/MICROARCHITECTURE.md §3, §4 to §4.3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/stage_index.h"
#include "models/reduction/clocked/tile_work.h"
#include "models/reduction/clocked/work_list.h"

namespace skipsim::clocked {

struct ColumnBlock {
    std::uint64_t number = 0;  ///< 1, 2, … within the core's row; 0 = none
    std::uint32_t phase = 0;
    std::int64_t first_position = 0;    ///< on the column axis
    std::vector<std::int64_t> columns;  ///< of B
    std::vector<std::int64_t> groups;   ///< of each column
    bool is_private = false;
    std::vector<std::vector<std::uint32_t>> lists;  ///< of m: one for all, or one of each column
    std::int64_t first_chunk = 0;                   ///< of the core's part of k
    std::int64_t chunks = 0;                        ///< of the core's part
    /// [column][chunk of the core's part]: 1 = jumped; empty = none is.
    std::vector<std::vector<std::uint8_t>> jumped;

    [[nodiscard]] const std::vector<std::uint32_t>& list(std::size_t column) const noexcept {
        return lists.size() == 1 ? lists.front() : lists[column];
    }
    [[nodiscard]] bool jumps(std::size_t column, std::int64_t chunk) const noexcept {
        return !jumped.empty() && jumped[column][static_cast<std::size_t>(chunk)] != 0;
    }
    /// Length of the longest list.
    [[nodiscard]] std::size_t rows() const noexcept;
};

/// For every element of the weights: 1 = it lies in a pruned block. Empty where coarse runs are not
/// in force.
std::vector<std::uint8_t> pruned_weights(const RowTask& task, const ListParams& params);

/// Every k of the chunk (k < K) lies in a pruned block at that column.
bool is_pruned(const PhaseIndex& phase, const std::vector<std::uint8_t>& pruned,
               std::int64_t column, std::int64_t chunk, std::int64_t chunk_operands);

class BlockCutter {
public:
    /// Keeps references to all of them.
    BlockCutter(const RowTask& task, const ListParams& params, const ColumnOrder& order,
                const reduction::Share& share, const StageIndex& index, ListCounts& counts);

    /// The next block, which may be without rows; false when there is none left.
    bool next(ColumnBlock& block);

private:
    void enter_phase();
    void cut(ColumnBlock& block);
    void fill_lists(ColumnBlock& block);
    void fill_jumps(ColumnBlock& block);
    void count_left_out(const ColumnBlock& block);
    [[nodiscard]] bool is_needed(std::int64_t m, std::int64_t column) const;
    [[nodiscard]] std::uint64_t in_bounds_of(std::int64_t m);

    const RowTask& task_;
    const ListParams& params_;
    const ColumnOrder& order_;
    const reduction::Share& share_;
    const StageIndex& index_;
    ListCounts& counts_;
    std::vector<std::uint8_t> pruned_;
    bool output_role_;  ///< role output has an effect

    std::uint64_t blocks_ = 0;
    std::uint32_t phase_ = 0;
    std::int64_t position_ = 0;  ///< of the next block
    std::int64_t end_position_ = 0;
    std::int64_t first_m_ = 0;
    std::int64_t end_m_ = 0;
    std::int64_t first_chunk_ = 0;
    std::int64_t end_chunk_ = 0;
    /// In-bounds positions of A[m] in the core's part of k, of every m of the core; -1 = not
    /// counted yet.
    std::vector<std::int64_t> in_bounds_;
};

}  // namespace skipsim::clocked
