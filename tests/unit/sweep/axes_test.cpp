// SPDX-License-Identifier: Apache-2.0
// Values of axes: ranges, canonical forms, what is refused.
#include <gmock/gmock.h>

#include "tests/unit/sweep/sweep_files.h"

namespace skipsim::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AxesTest : public SweepFiles {
protected:
    static std::vector<std::string> values(const std::string& key, const std::string& axis) {
        std::vector<std::string> values;
        for (const PlannedPoint& point : plan("axes: {" + key + ": " + axis + "}\n").points) {
            values.push_back(point.settings.front().value);
        }
        return values;
    }

    static std::vector<std::string> refused(const std::string& key, const std::string& axis) {
        return problems("axes: {" + key + ": " + axis + "}\n");
    }
};

TEST_F(AxesTest, AStepReachesTheLastValueIfItHitsIt) {
    EXPECT_THAT(values("core.rows", "{from: 4, to: 16, step: 4}"),
                ElementsAre("4", "8", "12", "16"));
    EXPECT_THAT(values("core.rows", "{from: 4, to: 15, step: 4}"), ElementsAre("4", "8", "12"));
    EXPECT_THAT(values("core.rows", "{from: 5, to: 5, step: 9}"), ElementsAre("5"));
}

TEST_F(AxesTest, AFactorReachesTheLastValueIfItHitsIt) {
    EXPECT_THAT(values("core.rows", "{from: 4, to: 64, factor: 2}"),
                ElementsAre("4", "8", "16", "32", "64"));
    EXPECT_THAT(values("core.rows", "{from: 3, to: 80, factor: 5}"), ElementsAre("3", "15", "75"));
    // 3^25 is above the range's end; logarithms in doubles would not say so for sure.
    EXPECT_EQ(values("aggregation.buffer_bytes", "{from: 1, to: 847288609443, factor: 3}").back(),
              "847288609443");
    EXPECT_EQ(values("aggregation.buffer_bytes", "{from: 1, to: 847288609442, factor: 3}").back(),
              "282429536481");
}

TEST_F(AxesTest, RealNumbersStepWithoutTheDustOfBinaryFractions) {
    // In doubles 0.2 + 0.1 is 0.30000000000000004, and (0.3 - 0.2) / 0.1 is 0.9999999999999998.
    EXPECT_THAT(values("clocks.core_mhz", "{from: 0.2, to: 0.3, step: 0.1}"),
                ElementsAre("0.2", "0.3"));
    EXPECT_THAT(values("clocks.core_mhz", "{from: 0.2, to: 0.8, step: 0.1}"),
                ElementsAre("0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"));
    EXPECT_THAT(values("clocks.core_mhz", "{from: 0.2, to: 24.3, factor: 3}"),
                ElementsAre("0.2", "0.6", "1.8", "5.4", "16.2"));
    EXPECT_THAT(values("clocks.core_mhz", "{from: 50, to: 400, factor: 2}"),
                ElementsAre("50", "100", "200", "400"));
}

TEST_F(AxesTest, LargeWholeNumbersStayWholeNumbers) {
    EXPECT_THAT(values("global_buffer.capacity_bytes", "{from: 100000, to: 200000, step: 100000}"),
                ElementsAre("100000", "200000"));
}

TEST_F(AxesTest, ValuesAreThoseThatSetTakes) {
    EXPECT_THAT(values("clocks.core_mhz", "[1e2, 50.0, 0.5]"), ElementsAre("100", "50", "0.5"));
    EXPECT_THAT(values("core.scan_bits", "[unlimited, 007]"), ElementsAre("unlimited", "7"));
    EXPECT_THAT(values("skip.coarse_runs", "[true, false]"), ElementsAre("true", "false"));
    EXPECT_THAT(values("description", "[\"a \\\"b\\\" c\", \"\"]"), ElementsAre("a \"b\" c", ""));
    EXPECT_THAT(values("skip.ff", "[input+weight]"), ElementsAre("input+weight"));
}

TEST_F(AxesTest, RangesThatAreNoneAreRefused) {
    const std::string at = "axes.core.rows";
    EXPECT_THAT(refused("core.rows", "{from: 8, to: 4, step: 1}"),
                ElementsAre("4:26: " + at + ": expected from <= to, found 8 and 4"));
    EXPECT_THAT(refused("core.rows", "{from: 4, to: 8, step: 0}"),
                ElementsAre("4:42: " + at +
                            ".step: expected a whole number greater than 0, found "
                            "\"0\""));
    EXPECT_THAT(refused("core.rows", "{from: 4, to: 8, factor: 1}"),
                ElementsAre("4:44: " + at +
                            ".factor: expected a whole number greater than 1, found "
                            "\"1\""));
    EXPECT_THAT(refused("core.rows", "{from: 4, to: 8, factor: 1.5}"),
                ElementsAre(HasSubstr("a whole number greater than 1, found \"1.5\"")));
    EXPECT_THAT(refused("core.rows", "{from: 4, to: 8}"),
                ElementsAre("4:19: " + at + ": expected step or factor, found neither"));
    EXPECT_THAT(refused("core.rows", "{from: 4, to: 8, step: 1, factor: 2}"),
                ElementsAre("4:19: " + at + ": expected step or factor, found both"));
    EXPECT_THAT(refused("core.rows", "{from: 4, step: 1}"),
                ElementsAre("4:19: " + at + ": expected from and to, found no to"));
    EXPECT_THAT(refused("core.rows", "{from: 4, to: 8, stp: 1}"),
                ElementsAre("4:36: " + at + ".stp: unknown key; did you mean step?"));
    EXPECT_THAT(refused("memory.latency_cycles", "{from: 0, to: 8, factor: 2}"),
                ElementsAre(HasSubstr("expected from > 0 with a factor, found 0")));
    EXPECT_THAT(refused("skip.ff", "{from: 0, to: 8, factor: 2}"),
                ElementsAre(HasSubstr("only numbers have ranges")));
}

TEST_F(AxesTest, NumbersThatAreNoneAreRefused) {
    for (const char* number : {"nan", "inf", ".nan", "1e999", "\"50\"", "[50]", "~"}) {
        EXPECT_EQ(refused("clocks.core_mhz", "{from: " + std::string(number) + ", to: 60, step: 1}")
                      .size(),
                  1u)
            << number;
        EXPECT_EQ(
            refused("clocks.core_mhz", "{from: 50, to: 60, step: " + std::string(number) + "}")
                .size(),
            1u)
            << number;
        EXPECT_EQ(refused("clocks.core_mhz", "[" + std::string(number) + "]").size(), 1u) << number;
    }
    EXPECT_THAT(refused("core.scan_bits", "{from: 1, to: unlimited, step: 1}"),
                ElementsAre("4:38: axes.core.scan_bits: expected a number, found \"unlimited\""));
    EXPECT_THAT(refused("core.rows", "[8.0]"), ElementsAre(HasSubstr("got \"8.0\"")));
}

TEST_F(AxesTest, IterationsLayersAndStagesAreChecked) {
    EXPECT_THAT(
        refused("iterations", "[3..1]"),
        ElementsAre("4:21: axes.iterations.0: expected A..B with A <= B, such as 0..3, found "
                    "\"3..1\""));
    EXPECT_THAT(refused("iterations", "[0, 0..0]"),
                ElementsAre(HasSubstr("found 0..0 as value 0")));
    EXPECT_THAT(refused("iterations", "[0..]"), ElementsAre(HasSubstr("found \"0..\"")));
    EXPECT_THAT(refused("layers", "[\"\"]"), ElementsAre(HasSubstr("a pattern of names")));
    EXPECT_THAT(refused("stages", "[[FF, FF]]"), ElementsAre(HasSubstr("each once at most")));
    EXPECT_THAT(refused("stages", "[F]"), ElementsAre(HasSubstr("found \"F\"")));
    EXPECT_THAT(refused("stages", "[[FF, BP], 'BP,FF']"),
                ElementsAre(HasSubstr("values that differ")));
    EXPECT_THAT(refused("stages", "[WU, 'FF, WG']"), IsEmpty());
}

}  // namespace
}  // namespace skipsim::sweep
