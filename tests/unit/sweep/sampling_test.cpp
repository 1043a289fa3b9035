// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/sampling.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tests/unit/sweep/sweep_files.h"

namespace skipsim::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Chi-square statistic of coordinates in `bins` equal bins.
double chi_square(const std::vector<std::vector<double>>& points, std::size_t axis,
                  std::size_t bins) {
    std::vector<double> counts(bins, 0.0);
    for (const auto& point : points) {
        counts[static_cast<std::size_t>(point[axis] * static_cast<double>(bins))] += 1.0;
    }
    const double expected = static_cast<double>(points.size()) / static_cast<double>(bins);
    double sum = 0.0;
    for (const double count : counts) {
        sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
}

TEST(Sampling, ALatinHypercubeHasOnePointInEachPartOfEachAxis) {
    for (const std::uint64_t count : {1U, 2U, 7U, 100U, 1000U}) {
        const auto points = unit_points(SampleMethod::latin_hypercube, count, 5, 42);
        ASSERT_EQ(points.size(), count);
        for (std::size_t axis = 0; axis < 5; ++axis) {
            std::set<std::uint64_t> parts;
            for (const auto& point : points) {
                ASSERT_GE(point[axis], 0.0);
                ASSERT_LT(point[axis], 1.0);
                parts.insert(static_cast<std::uint64_t>(point[axis] * static_cast<double>(count)));
            }
            EXPECT_EQ(parts.size(), count) << "axis " << axis;
        }
    }
}

TEST(Sampling, ARandomSampleDoesNot) {
    std::set<std::uint64_t> parts;
    for (const auto& point : unit_points(SampleMethod::random, 100, 1, 42)) {
        parts.insert(static_cast<std::uint64_t>(point[0] * 100.0));
    }
    // 100 (1 - 1/e) = 63 parts are expected to have a point.
    EXPECT_GT(parts.size(), 50u);
    EXPECT_LT(parts.size(), 76u);
}

TEST(Sampling, PartsOfDifferentAxesArePairedIndependently) {
    // Correlation of 1,000 independent pairs: standard deviation 1 / sqrt(1000) = 0.032.
    const auto points = unit_points(SampleMethod::latin_hypercube, 1000, 2, 1);
    double sum = 0.0;
    for (const auto& point : points) {
        sum += (point[0] - 0.5) * (point[1] - 0.5);
    }
    EXPECT_LT(std::abs(sum / 1000.0 * 12.0), 0.13);
}

TEST(Sampling, CoordinatesAreUniform) {
    // 99.99 % of chi-square with 19 degrees of freedom is 52.4.
    const auto points = unit_points(SampleMethod::random, 20000, 3, 9);
    for (std::size_t axis = 0; axis < 3; ++axis) {
        EXPECT_LT(chi_square(points, axis, 20), 52.4);
    }
    // Within the parts of a hypercube too: with a part a bin wide, the offset in it is what counts.
    auto cube = unit_points(SampleMethod::latin_hypercube, 20000, 3, 9);
    for (auto& point : cube) {
        for (double& coordinate : point) {
            coordinate = std::fmod(coordinate * 20000.0, 1.0);
        }
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
        EXPECT_LT(chi_square(cube, axis, 20), 52.4);
    }
}

TEST(Sampling, ALargerRandomSampleBeginsWithTheSmallerOne) {
    const auto small = unit_points(SampleMethod::random, 5, 3, 7);
    auto large = unit_points(SampleMethod::random, 50, 3, 7);
    large.resize(5);
    EXPECT_EQ(small, large);
}

TEST(Sampling, WholeNumbersHaveEqualShares) {
    // 4, 5 and 6 own a third each; both ends can be drawn.
    Dimension dimension;
    dimension.from = 4;
    dimension.to = 6;
    EXPECT_EQ(dimension.at(0.0), "4");
    EXPECT_EQ(dimension.at(0.333), "4");
    EXPECT_EQ(dimension.at(0.334), "5");
    EXPECT_EQ(dimension.at(0.666), "5");
    EXPECT_EQ(dimension.at(0.667), "6");
    EXPECT_EQ(dimension.at(std::nextafter(1.0, 0.0)), "6");
}

TEST(Sampling, ALogarithmicScaleGivesEachFactorTheSameShare) {
    Dimension clock{"", {}, 50, 400, false, true};
    EXPECT_EQ(clock.at(0.0), "50");
    EXPECT_EQ(clock.at(1.0 / 3.0), "100");
    EXPECT_EQ(clock.at(2.0 / 3.0), "200");
    EXPECT_EQ(clock.at(0.5), "141.421356237");  // 50 sqrt(8)
    Dimension rows{"", {}, 1, 7, true, true};   // 1 .. 8: 1, 2-3 and 4-7 own a third each
    std::map<std::string, int> shares;
    for (int i = 0; i < 3000; ++i) {
        ++shares[rows.at((i + 0.5) / 3000.0)];
    }
    EXPECT_EQ(shares["1"], 1000);
    EXPECT_EQ(shares["2"] + shares["3"], 1000);
    EXPECT_EQ(shares["4"] + shares["5"] + shares["6"] + shares["7"], 1000);
}

TEST(Sampling, ChoicesHaveEqualShares) {
    const Dimension dimension{"", {"a", "b"}, 0, 0, false, false};
    EXPECT_EQ(dimension.at(0.0), "a");
    EXPECT_EQ(dimension.at(0.4999), "a");
    EXPECT_EQ(dimension.at(0.5), "b");
    EXPECT_EQ(dimension.at(std::nextafter(1.0, 0.0)), "b");
}

class SampleTest : public SweepFiles {};

TEST_F(SampleTest, DrawnPointsAreTheSameOnEveryMachine) {
    const std::string axes =
        "axes: {core.rows: {from: 1, to: 64}, clocks.core_mhz: {from: 50, to: 400, scale: log}, "
        "skip.ff: [dense, input]}}\n";
    // Computed by hand-written xoshiro256** and splitmix64 in another language.
    EXPECT_THAT(labels(plan("sample: {method: random, count: 3, seed: 1, " + axes)),
                ElementsAre("core.rows=45 clocks.core_mhz=147.560835194 skip.ff=input",
                            "core.rows=26 clocks.core_mhz=213.10068782 skip.ff=dense",
                            "core.rows=5 clocks.core_mhz=110.462243956 skip.ff=input"));
    EXPECT_THAT(labels(plan("sample: {method: latin-hypercube, count: 4, seed: 1, " + axes)),
                ElementsAre("core.rows=7 clocks.core_mhz=81.1931167589 skip.ff=dense",
                            "core.rows=60 clocks.core_mhz=391.20196723 skip.ff=dense",
                            "core.rows=19 clocks.core_mhz=229.672723018 skip.ff=input",
                            "core.rows=34 clocks.core_mhz=119.07104145 skip.ff=input"));
}

TEST_F(SampleTest, ASampleIsOneAxisOfTheGrid) {
    const Plan made = plan(
        "axes: {skip.ff: [dense, input]}\n"
        "sample: {method: latin-hypercube, count: 5, axes: {core.rows: {from: 1, to: 5}}}\n");
    EXPECT_EQ(made.points.size(), 10u);
    EXPECT_EQ(made.repeated, 0u);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(made.points[i].settings[0].value, "dense");
        EXPECT_EQ(made.points[i].settings[1].value, made.points[i + 5].settings[1].value);
    }
}

TEST_F(SampleTest, WhatCannotBeDrawnIsRefused) {
    EXPECT_THAT(
        problems("sample: {method: sobol, count: 0, sed: 1, axes: {core.rows: {from: 0, to: "
                 "4}}}\n"),
        ElementsAre("4:18: sample.method: expected random or latin-hypercube, found "
                    "\"sobol\"",
                    "4:32: sample.count: expected a whole number in 1..100000, found \"0\"",
                    "4:35: sample.sed: unknown key; did you mean seed?",
                    "4:68: sample.axes.core.rows: expected a whole number in 1..128 [rows], "
                    "got \"0\""));
    const std::string head = "sample: {method: random, count: 2, axes: {";
    EXPECT_THAT(
        problems(head + "memory.latency_cycles: {from: 0, to: 4, scale: log}}}\n"),
        ElementsAre(HasSubstr(".scale: expected from > 0 with a logarithmic scale, found 0")));
    EXPECT_THAT(problems(head + "core.rows: {from: 5, to: 4}}}\n"),
                ElementsAre(HasSubstr("expected from <= to, found 5 and 4")));
    EXPECT_THAT(problems(head + "core.rows: {from: 4, to: 5, scale: cube}}}\n"),
                ElementsAre(HasSubstr(".scale: expected linear or log, found \"cube\"")));
    EXPECT_THAT(problems(head + "core.rows: {from: 4, to: 5, step: 1}}}\n"),
                ElementsAre(HasSubstr(".step: unknown key")));
    EXPECT_THAT(problems(head + "skip.ff: {from: 4, to: 5}}}\n"),
                ElementsAre(HasSubstr("a list of choices; only numbers have ranges")));
    EXPECT_THAT(problems(head + "}}\n"), ElementsAre(HasSubstr("sample.axes: expected a mapping")));
    EXPECT_THAT(problems("sample: {axes: {core.rows: [1]}}\n"),
                ElementsAre(HasSubstr("sample.method: missing; expected random or latin-hypercube"),
                            HasSubstr("sample.count: missing")));
}

}  // namespace
}  // namespace skipsim::sweep
