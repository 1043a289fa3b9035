// SPDX-License-Identifier: Apache-2.0
// Rounding to operand formats against hand values and against the tables of all codes.
#include "models/reduction/clocked/number_format.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/random.h"

namespace skipsim::clocked {
namespace {

/// An fp8 encoding as Micikevicius et al. (2022) define it: sign, exponent, fraction.
struct Encoding {
    unsigned fraction_bits;
    int bias;
    unsigned first_special;  ///< codes from here on, without sign, are no finite numbers
    NumberFormat format;
};

Encoding e4m3() {
    return {3, 7, 0x7f, number_format("fp8", false)};
}

Encoding e5m2() {
    return {2, 15, 0x7c, number_format("fp8", true)};
}

double decoded(const Encoding& encoding, unsigned code) {
    const unsigned fractions = 1U << encoding.fraction_bits;
    const auto exponent = static_cast<int>(code >> encoding.fraction_bits);
    const double fraction = static_cast<double>(code % fractions) / fractions;
    return exponent == 0 ? std::ldexp(fraction, 1 - encoding.bias)
                         : std::ldexp(1 + fraction, exponent - encoding.bias);
}

/// Nearest of the finite codes by trying all; of two equally near ones the one with an even code.
double nearest_code(const Encoding& encoding, double value) {
    unsigned best = 0;
    for (unsigned code = 1; code < encoding.first_special; ++code) {
        const double now = std::fabs(decoded(encoding, best) - std::fabs(value));
        const double then = std::fabs(decoded(encoding, code) - std::fabs(value));
        if (then < now || (then == now && code % 2 == 0)) {
            best = code;
        }
    }
    return std::copysign(decoded(encoding, best), value);
}

class Fp8 : public testing::TestWithParam<bool> {
protected:
    const Encoding encoding = GetParam() ? e5m2() : e4m3();
};

TEST_P(Fp8, EveryCodeIsItself) {
    for (unsigned code = 0; code < 256; ++code) {
        const unsigned magnitude = code % 128;
        if (magnitude >= encoding.first_special) {
            continue;
        }
        const double value = (code < 128 ? 1 : -1) * decoded(encoding, magnitude);
        EXPECT_EQ(rounded(encoding.format, value), value) << "code " << code;
    }
}

TEST_P(Fp8, BetweenTwoCodesTheNearerOneAndInTheMiddleTheEvenOne) {
    for (unsigned code = 0; code + 1 < encoding.first_special; ++code) {
        const double low = decoded(encoding, code);
        const double high = decoded(encoding, code + 1);
        const double middle = (low + high) / 2;
        EXPECT_EQ(rounded(encoding.format, middle), code % 2 == 0 ? low : high) << code;
        EXPECT_EQ(rounded(encoding.format, std::nextafter(middle, 0)), low) << code;
        EXPECT_EQ(rounded(encoding.format, std::nextafter(middle, high)), high) << code;
        EXPECT_EQ(rounded(encoding.format, -middle), code % 2 == 0 ? -low : -high) << code;
    }
}

TEST_P(Fp8, AnyValueGoesToTheNearestCode) {
    base::Random random(3);
    for (int draw = 0; draw < 20000; ++draw) {
        const double value = std::ldexp(random.normal(), static_cast<int>(random.below(40)) - 22);
        ASSERT_EQ(rounded(encoding.format, value), nearest_code(encoding, value)) << value;
    }
}

INSTANTIATE_TEST_SUITE_P(BothEncodings, Fp8, testing::Bool(),
                         [](const auto& instance) { return instance.param ? "E5M2" : "E4M3"; });

TEST(NumberFormats, LargestAndSmallestNumbersAreThePublishedOnes) {
    // The published tables: E4M3 448 and 2^-9, E5M2 57344 and 2^-16.
    EXPECT_EQ(decoded(e4m3(), 0x7e), 448);
    EXPECT_EQ(decoded(e5m2(), 0x7b), 57344);
    EXPECT_EQ(rounded(e4m3().format, 1e30), 448);
    EXPECT_EQ(rounded(e5m2().format, -1e30), -57344);
    EXPECT_EQ(rounded(e4m3().format, std::ldexp(1.5, -10)), std::ldexp(1.0, -9));
    EXPECT_EQ(rounded(e5m2().format, std::ldexp(1.5, -17)), std::ldexp(1.0, -16));
    EXPECT_EQ(rounded(e4m3().format, std::ldexp(1.0, -10)), 0);
}

TEST(NumberFormats, HandValuesOfTheOtherFormats) {
    struct Case {
        const char* format;
        double value;
        double expected;
    };
    const std::array cases{
        Case{"fp16", 2049, 2048},          // 11 bits: a tie, 2048 is even
        Case{"fp16", 2051, 2052},          // a tie, 2052 is even
        Case{"fp16", 70000, 65504},        // saturates
        Case{"fp16", 0x1.8p-24, 0x1p-23},  // subnormals are multiples of 2^-24
        Case{"bf16", 257, 256},            // 8 bits: a tie
        Case{"bf16", 259, 260},
        Case{"bf16", 1e39, 0x1.fep127},
        Case{"int8", 2.5, 2},
        Case{"int8", 3.5, 4},
        Case{"int8", -0.75, -1},
        Case{"int8", 126.5, 126},
        Case{"int8", -200, -127},  // there is no -128
        Case{"fp32", 16777217.0, 16777216},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(rounded(number_format(one.format, false), one.value), one.expected)
            << one.format << ' ' << one.value;
    }
    EXPECT_THROW((void)number_format("fp4", false), base::InternalError);
    EXPECT_THROW((void)rounded(number_format("fp8", false), std::nan("")), base::InternalError);
}

TEST(NumberFormats, TheScaleIsTheSmallestPowerOfTwoWithinTheLargestNumber) {
    const NumberFormat e4m3 = number_format("fp8", false);
    EXPECT_EQ(scale_exponent(e4m3, {448, -1}), 0);
    EXPECT_EQ(scale_exponent(e4m3, {-449}), 1);
    EXPECT_EQ(scale_exponent(e4m3, {224}), -1);
    EXPECT_EQ(scale_exponent(e4m3, {225}), 0);
    EXPECT_EQ(scale_exponent(e4m3, {0x1p-140F}), -148);
    EXPECT_EQ(scale_exponent(number_format("int8", false), {3}), -5);  // 96 <= 127 < 192
    EXPECT_EQ(scale_exponent(number_format("fp32", false), {1}), 0);
    EXPECT_EQ(scale_exponent(e4m3, {0, 0}), 0);
    EXPECT_EQ(scale_exponent(e4m3, {}), 0);
}

TEST(NumberFormats, ATensorIsRoundedOnItsOwnScale) {
    // int8, largest 10: scale 2^-3 (80 <= 127 < 160), so multiples of an eighth.
    std::vector<float> values{10, 0.3F, -0.0625F, 0.07F};
    round_tensor(number_format("int8", false), values);
    EXPECT_EQ(values, (std::vector<float>{10, 0.25F, 0, 0.125F}));
    // E4M3, largest 2^-20: scale 2^-28; the smallest number is 2^-9 of it.
    values = {0x1p-20F, 0x1p-37F, 0x1p-38F, 0x1.8p-38F};
    round_tensor(number_format("fp8", false), values);
    EXPECT_EQ(values, (std::vector<float>{0x1p-20F, 0x1p-37F, 0, 0x1p-37F}));
}

TEST(NumberFormats, SmallIntegersStayExactInEveryFormat) {
    for (const char* format : {"fp8", "fp16", "bf16", "int8", "fp32"}) {
        for (const bool is_gradient : {false, true}) {
            const std::vector<float> integers{-3, -2, -1, 0, 1, 2, 3};
            std::vector<float> values = integers;
            round_tensor(number_format(format, is_gradient), values);
            EXPECT_EQ(values, integers) << format;
        }
    }
}

TEST(NumberFormats, TheEndsOfTheFloatsStayFloats) {
    const float greatest = std::numeric_limits<float>::max();
    const float least = std::numeric_limits<float>::denorm_min();
    for (const char* format : {"fp8", "fp16", "bf16", "int8", "fp32"}) {
        std::vector<float> values{greatest, -greatest, 1};
        round_tensor(number_format(format, false), values);
        EXPECT_TRUE(std::isfinite(values[0]) && values[0] > 0x1.8p127F) << format;
        EXPECT_EQ(values[1], -values[0]) << format;
        values = {least, 0};
        round_tensor(number_format(format, false), values);
        EXPECT_EQ(values, (std::vector<float>{least, 0})) << format;
    }
}

}  // namespace
}  // namespace skipsim::clocked
