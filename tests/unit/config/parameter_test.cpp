// SPDX-License-Identifier: Apache-2.0
#include "sim/config/parameter.h"

#include "sim/config/catalogue.h"

#include <gtest/gtest.h>

#include <set>

namespace skipsim::config {
namespace {

const Parameter kWhole{"a.b", ParameterType::whole, "rows", 1, 128, "", nullptr, "x"};
const Parameter kRate{"a.r", ParameterType::whole_or_unlimited, "", 1, 100, "", nullptr, "x"};
const Parameter kReal{"a.c", ParameterType::real, "MHz", 0, 100, "", nullptr, "x"};
const Parameter kText{"a.t", ParameterType::text, "", 0, 0, "", nullptr, "x"};

bool takes(const Parameter& parameter, const std::string& text, bool is_quoted = false) {
    return parse_value(parameter, text, is_quoted).problem.empty();
}

TEST(Parameter, WholeNumbersStayInsideTheirRange) {
    EXPECT_TRUE(takes(kWhole, "1"));
    EXPECT_TRUE(takes(kWhole, "128"));
    for (const char* text : {"0", "129", "-1", "+1", "1.0", "1e1", "", " 1", "1 ", "0x10", "1_0",
                             "18446744073709551616", "unlimited", "nan"}) {
        EXPECT_FALSE(takes(kWhole, text)) << text;
    }
    EXPECT_FALSE(takes(kWhole, "5", true));
}

TEST(Parameter, UnlimitedIsHeldAsZeroAndZeroIsRefused) {
    EXPECT_EQ(std::get<std::uint64_t>(parse_value(kRate, "unlimited", false).value), 0U);
    EXPECT_EQ(value_as_yaml(kRate, parse_value(kRate, "unlimited", false).value), "unlimited");
    EXPECT_FALSE(takes(kRate, "0"));
    EXPECT_FALSE(takes(kRate, "Unlimited"));
}

TEST(Parameter, RealNumbersAreFiniteAndGreaterThanTheLowEnd) {
    EXPECT_TRUE(takes(kReal, "0.001"));
    EXPECT_TRUE(takes(kReal, "1e2"));
    for (const char* text : {"0", "-1", "100.1", "inf", "nan", "1e999", "", "1,5", "fast"}) {
        EXPECT_FALSE(takes(kReal, text)) << text;
    }
}

TEST(Parameter, TextIsOneLineAndNotEmptyWhenRequired) {
    EXPECT_TRUE(takes(kText, "a b"));
    EXPECT_TRUE(takes(kText, "12", true));
    EXPECT_FALSE(takes(kText, ""));
    EXPECT_FALSE(takes(kText, "a\nb"));
    EXPECT_FALSE(takes(kText, std::string(1001, 'x')));
}

TEST(Parameter, ShortestFormReadsBackExactly) {
    for (const double number : {0.1, 50.0, 1.0 / 3.0, 1e-300, 123456.789}) {
        EXPECT_EQ(std::stod(shortest(number)), number);
    }
    EXPECT_EQ(shortest(50.0), "50");
    EXPECT_EQ(shortest(0.1), "0.1");
}

TEST(Catalogue, PathsAreUniqueDescribedAndFound) {
    std::set<std::string_view> seen;
    for (std::size_t index = 0; index < catalogue().size(); ++index) {
        const Parameter& parameter = catalogue()[index];
        EXPECT_TRUE(seen.insert(parameter.path).second) << parameter.path;
        EXPECT_FALSE(parameter.meaning.empty()) << parameter.path;
        EXPECT_EQ(find_parameter(parameter.path), index);
        if (!parameter.is_required()) {
            EXPECT_TRUE(takes(parameter, parameter.default_value)) << parameter.path;
        }
        if (parameter.type == ParameterType::choice) {
            EXPECT_FALSE(choice_list(parameter).empty()) << parameter.path;
        }
    }
    EXPECT_FALSE(find_parameter("core").has_value());
}

}  // namespace
}  // namespace skipsim::config
