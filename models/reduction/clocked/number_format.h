// SPDX-License-Identifier: Apache-2.0
// The values a chip's operands can have: rounding to `core.operand_format`.
//
// fp8 has two encodings (Micikevicius et al., "FP8 Formats for Deep Learning", 2022): E4M3 for
// weights and activations, E5M2 for gradients. That this chip does the same is an assumption. Every
// tensor has a scale of its own, a power of two, and the smallest one with which its largest
// magnitude is within the format (assumption; fp32 has none): values are kept multiplied by it,
// which changes no sum but for the sums' exponents.
#pragma once

#include <string>
#include <vector>

namespace skipsim::clocked {

/// A number is an integer times a power of two: `significand_bits` of them from the exponent
/// `least_exponent` up, below it those of the quantum there (subnormal numbers).
struct NumberFormat {
    int significand_bits = 24;  ///< the leading one included
    int least_exponent = -126;  ///< of a normal number
    double largest = 0;         ///< largest magnitude
    bool has_scale = true;
};

/// Of operands called `operand_format` (fp8, fp16, bf16, int8, fp32); `is_gradient` of dy.
NumberFormat number_format(const std::string& operand_format, bool is_gradient);

/// The nearest number of the format, among equally near ones the one with the even significand; the
/// largest one where `value` lies beyond. Requires a finite value.
double rounded(const NumberFormat& format, double value);

/// Exponent of the tensor's scale.
int scale_exponent(const NumberFormat& format, const std::vector<float>& values);

/// Rounds every value to a number of the format times the tensor's scale.
void round_tensor(const NumberFormat& format, std::vector<float>& values);

}  // namespace skipsim::clocked
