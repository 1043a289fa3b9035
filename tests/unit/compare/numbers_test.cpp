// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/numbers.h"

#include <gtest/gtest.h>

namespace skipsim::compare {
namespace {

TEST(Numbers, HaveTheUnitThatLeavesFewDigits) {
    EXPECT_EQ(value_text(1230.0, "core cycles"), "1,230");
    EXPECT_EQ(value_text(9'999'999.0, "core cycles"), "9,999,999");
    EXPECT_EQ(value_text(12'345'678.0, "multiplies"), "12.35 M");
    EXPECT_EQ(value_text(2.5e12, "multiplies"), "2.50 T");
    EXPECT_EQ(value_text(0.0, "counts"), "0");
    EXPECT_EQ(value_text(512.0, "bytes"), "512 B");
    EXPECT_EQ(value_text(1.5e6, "bytes"), "1.50 MB");
    EXPECT_EQ(value_text(22240.0, "pJ"), "22.24 nJ");
    EXPECT_EQ(value_text(24.6e-6, "s"), "24.60 us");
    EXPECT_EQ(value_text(0.904, "mW"), "0.90 mW");
    EXPECT_EQ(value_text(1234.0, "mW"), "1.23 W");
    EXPECT_EQ(value_text(2.31, "x"), "2.310x");
    EXPECT_EQ(value_text(0.0786, "share"), "7.86 %");
    EXPECT_EQ(value_text(124400.0, "pJ s"), "1.244e+05 pJ s");
    EXPECT_EQ(value_text(-5.0, "core cycles"), "-5");
    EXPECT_EQ(value_text(std::nullopt, "pJ"), "-");
}

TEST(Numbers, DifferencesHaveASign) {
    EXPECT_EQ(difference_text(1230.0, "core cycles"), "+1,230");
    EXPECT_EQ(difference_text(-22240.0, "pJ"), "-22.24 nJ");
    EXPECT_EQ(difference_text(0.0, "pJ"), "0");
    EXPECT_EQ(difference_text(-0.0232, "share"), "-2.32 pt");
    EXPECT_EQ(difference_text(std::nullopt, "pJ"), "-");
}

TEST(Numbers, PercentagesAndRatiosNeverRoundToNoChange) {
    EXPECT_EQ(percent_text(2.104), "+2.10 %");
    EXPECT_EQ(percent_text(-22.784), "-22.78 %");
    EXPECT_EQ(percent_text(0.0), "0 %");
    EXPECT_EQ(percent_text(-0.0001), "-<0.01 %");
    EXPECT_EQ(percent_text(131.9), "+132 %");
    EXPECT_EQ(percent_text(std::nullopt), "-");
    EXPECT_EQ(ratio_text(1.0214), "1.021x");
    EXPECT_EQ(ratio_text(1234.5), "1234x");
    EXPECT_EQ(ratio_text(std::nullopt), "-");
}

TEST(Numbers, ForMachinesHaveAllDigits) {
    EXPECT_EQ(raw_text(9007199254740991.0), "9007199254740991");
    EXPECT_EQ(raw_text(0.1), "0.1");
    EXPECT_EQ(raw_text(-3.0), "-3");
    EXPECT_EQ(raw_text(1.0 / 3.0), "0.3333333333333333");
    EXPECT_EQ(raw_text(1e300), "1e+300");
    EXPECT_EQ(raw_text(std::nullopt), "");
}

}  // namespace
}  // namespace skipsim::compare
