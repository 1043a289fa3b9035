// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/clocked/number_format.h"

#include <algorithm>
#include <cmath>

#include "sim/base/check.h"

namespace skipsim::clocked {
namespace {

/// Exponent of the largest float.
constexpr int kGreatestFloatExponent = 127;

/// 2^(exponent of the largest binade) * (2 - 2^(1 - significand_bits)).
double all_ones(int significand_bits, int exponent) {
    return std::ldexp(2.0 - std::ldexp(1.0, 1 - significand_bits), exponent);
}

}  // namespace

NumberFormat number_format(const std::string& operand_format, bool is_gradient) {
    if (operand_format == "fp8") {
        // E4M3 has no infinities: only its very last code is not a number.
        return is_gradient ? NumberFormat{3, -14, 57344, true} : NumberFormat{4, -6, 448, true};
    }
    if (operand_format == "fp16") {
        return {11, -14, 65504, true};
    }
    if (operand_format == "bf16") {
        return {8, -126, all_ones(8, 127), true};
    }
    if (operand_format == "int8") {
        return {7, 6, 127, true};  // every number has the quantum 1
    }
    base::require(operand_format == "fp32", "number_format: unknown format " + operand_format);
    return {24, -126, all_ones(24, 127), false};
}

double rounded(const NumberFormat& format, double value) {
    base::require(std::isfinite(value), "number_format: not a finite value");
    if (value == 0) {
        return 0;
    }
    const int exponent = std::max(std::ilogb(value), format.least_exponent);
    const int quantum = exponent - (format.significand_bits - 1);
    // nearbyint() takes the even one of two equally near integers (the default rounding mode).
    const double nearest = std::ldexp(std::nearbyint(std::ldexp(value, -quantum)), quantum);
    return std::clamp(nearest, -format.largest, format.largest);
}

int scale_exponent(const NumberFormat& format, const std::vector<float>& values) {
    double largest = 0;
    for (const float value : values) {
        largest = std::max(largest, std::fabs(double{value}));
    }
    if (!format.has_scale || largest == 0) {
        return 0;
    }
    int exponent = std::ilogb(largest) - std::ilogb(format.largest);
    if (largest > std::ldexp(format.largest, exponent)) {
        ++exponent;
    }
    // Scaled numbers are floats. (A quantum below the smallest float rounds nothing.)
    return std::min(exponent, kGreatestFloatExponent - std::ilogb(format.largest));
}

void round_tensor(const NumberFormat& format, std::vector<float>& values) {
    const int exponent = scale_exponent(format, values);
    for (float& value : values) {
        value = static_cast<float>(
            std::ldexp(rounded(format, std::ldexp(double{value}, -exponent)), exponent));
    }
}

}  // namespace skipsim::clocked
