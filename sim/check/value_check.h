// SPDX-License-Identifier: Apache-2.0
// Are the values that the clocked engine computed right? Every element is compared with oneDNN's
// on the very same operands, and exactly those that may be left out are missing.
//
// Integers are compared exactly: if all operands of a tensor are whole multiples of a power of two
// and Σ|a·b| of an element stays below 2^24 of the product of the two, no order of FP32 additions
// rounds at all. All other elements may differ by rounding alone. Two sums of n products, each
// added in an order of its own, both lie within γ_n·Σ|a·b| of the true one, γ_n = n·u / (1 − n·u),
// u = 2^-24 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., §3.1), so
//
//     |found − expected| <= 2·γ_n·Σ|a·b| + n·2^-149,      n = K of the element + parts of k
//
// Σ|a·b| comes from oneDNN too and is divided by 1 − γ_n, since it is rounded itself; the last term
// is for products below the smallest normal float, which lose up to 2^-150 each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/accelerator/chip_params.h"
#include "models/reduction/clocked/result_tensor.h"
#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/work_list.h"

namespace skipsim::check {

enum class Problem {
    wrong_value,
    missing,      ///< needed, but nobody drained it
    not_left_out  ///< drained, although it is to be left out
};

struct WrongElement {
    Problem problem = Problem::wrong_value;
    std::uint64_t element = 0;  ///< in the order of the trace
    float expected = 0;
    float found = 0;
    double bound = 0;  ///< largest difference that rounding explains
};

struct ValueCheck {
    static constexpr std::size_t kShown = 8;

    std::uint64_t elements = 0;   ///< of the result's tensor
    std::uint64_t compared = 0;   ///< values
    std::uint64_t exact = 0;      ///< of these, compared exactly
    std::uint64_t unbounded = 0;  ///< not compared: Σ|a·b| is beyond the floats
    std::uint64_t left_out = 0;   ///< not there, as it should be
    std::uint64_t wrong_values = 0;
    std::uint64_t missing = 0;
    std::uint64_t not_left_out = 0;
    double largest_error = 0;         ///< relative to the bound, of those compared within one
    std::vector<WrongElement> first;  ///< the first kShown of them

    [[nodiscard]] bool is_right() const noexcept {
        return wrong_values + missing + not_left_out == 0;
    }
    [[nodiscard]] bool is_exact() const noexcept { return exact == compared; }
    /// One line each, "dx[0, 2, 1, 5]: …"; empty if everything is right.
    [[nodiscard]] std::vector<std::string> problems() const;

    std::string tensor;                    ///< y, dx or dw
    std::vector<std::int64_t> dimensions;  ///< of the tensor, for the indices in problems()
};

/// The operands must have values. `order` as in left_out().
ValueCheck check_values(const clocked::RowTask& task, const clocked::ResultValues& found,
                        const accelerator::ChipParams& params, const clocked::ColumnOrder& order);

}  // namespace skipsim::check
