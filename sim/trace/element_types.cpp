// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include "sim/trace/hdf5_data.h"

namespace skipsim::trace {

std::uint32_t element_bytes(ElementType type) {
    switch (type) {
        case ElementType::kU8:
        case ElementType::kI8:
            return 1;
        case ElementType::kU16:
        case ElementType::kI16:
        case ElementType::kF16:
            return 2;
        case ElementType::kU32:
        case ElementType::kI32:
        case ElementType::kF32:
            return 4;
        case ElementType::kU64:
        case ElementType::kI64:
        case ElementType::kF64:
            return 8;
        case ElementType::kOther:
            break;
    }
    return 0;
}

bool is_real(ElementType type) {
    return type == ElementType::kF16 || type == ElementType::kF32 || type == ElementType::kF64;
}

bool is_integer(ElementType type) {
    return type != ElementType::kOther && !is_real(type);
}

const char* element_name(ElementType type) {
    static const char* const kNames[] = {"uint8",   "uint16",  "uint32",  "uint64",
                                         "int8",    "int16",   "int32",   "int64",
                                         "float16", "float32", "float64", "another type"};
    return kNames[static_cast<std::size_t>(type)];
}

float half_to_float(std::uint16_t half) {
    const int exponent = (half >> 10U) & 0x1F;
    const int fraction = half & 0x3FF;
    float magnitude = 0.0F;
    if (exponent == 0x1F) {
        magnitude = fraction == 0 ? INFINITY : NAN;
    } else if (exponent == 0) {
        magnitude = std::ldexp(static_cast<float>(fraction), -24);
    } else {
        magnitude = std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
    }
    return (half & 0x8000U) != 0 ? -magnitude : magnitude;
}

std::uint16_t float_to_half(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    const std::uint32_t sign = (bits >> 16U) & 0x8000U;
    const float magnitude = std::fabs(value);
    if (std::isnan(value)) {
        return static_cast<std::uint16_t>(sign | 0x7E00U);
    }
    if (magnitude >= 65520.0F) {  // half way from the largest half to the next power of two
        return static_cast<std::uint16_t>(sign | 0x7C00U);
    }
    if (magnitude < 6.103515625e-05F) {  // subnormal: a multiple of 2^-24
        return static_cast<std::uint16_t>(
            sign | static_cast<std::uint32_t>(std::nearbyint(std::ldexp(magnitude, 24))));
    }
    int exponent = 0;
    const float fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
    // 11 significant bits; a carry out of them moves into the exponent field by itself.
    const auto significand = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(fraction, 11)));
    const auto field = static_cast<std::uint32_t>(exponent + 14) << 10U;
    return static_cast<std::uint16_t>(sign | (field + significand - 0x400U));
}

}  // namespace skipsim::trace
