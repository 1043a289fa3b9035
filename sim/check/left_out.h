// SPDX-License-Identifier: Apache-2.0
// Which results of a row nobody computes (models/MICROARCHITECTURE.md §2 to §4): those that are
// not needed, and those of BP that no tap reaches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/accelerator/chip_params.h"
#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/work_list.h"

namespace skipsim::check {

/// The phases of BP (§2): which one a pixel of x belongs to, and the taps that reach it.
class BackwardPhases {
public:
    BackwardPhases(const reduction::ConvolutionShape& shape, bool zero_insertion);

    static constexpr std::size_t kNone = ~std::size_t{0};
    /// Among the phases with work, in their order; kNone where no tap reaches.
    [[nodiscard]] std::size_t of_pixel(std::int64_t row, std::int64_t column) const;
    /// Phases with work.
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// [taps] of the phase that truly reach it, in bounds or not.
    [[nodiscard]] std::int64_t taps(std::int64_t row, std::int64_t column) const;

private:
    [[nodiscard]] std::size_t place(std::int64_t row, std::int64_t column) const;

    reduction::Pair stride_;
    std::size_t count_ = 0;
    std::vector<std::size_t> phase_;
    std::vector<std::int64_t> taps_;
};

/// 1 where a result is left out, of every element of the result's tensor. `order`: the columns of
/// each phase that has work, by position; without phases they stand as they are.
std::vector<std::uint8_t> left_out(const clocked::RowTask& task,
                                   const accelerator::ChipParams& params,
                                   const clocked::ColumnOrder& order);

}  // namespace skipsim::check
