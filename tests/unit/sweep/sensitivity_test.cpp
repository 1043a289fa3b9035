// SPDX-License-Identifier: Apache-2.0
#include "sim/base/random.h"
#include "sim/sweep/analysis.h"
#include "tests/unit/sweep/analysis_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

namespace skipsim::sweep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Objective kY{"total", "y", false, "y"};

std::vector<std::string> keys_of(const std::vector<AxisEffect>& effects) {
    std::vector<std::string> keys;
    for (const AxisEffect& effect : effects) {
        keys.push_back(effect.key);
    }
    return keys;
}

//          b = x  y  z   mean
//   a = 1      1  2  3     2
//   a = 2      3  6  9     6
//   mean       2  4  6     4
//
// Between the values of a: 3 * ((2-4)^2 + (6-4)^2) = 24. Of b: 2 * (4 + 0 + 4) = 16.
// Total: 9 + 4 + 1 + 1 + 4 + 25 = 44. So a 24/44, b 16/44, and 4/44 is interaction.
SweepData two_by_three() {
    SweepData data = empty_sweep({"b", "a"});
    const std::vector<std::vector<double>> values{{1, 2, 3}, {3, 6, 9}};
    const std::vector<std::string> names{"x", "y", "z"};
    for (std::size_t a = 0; a < 2; ++a) {
        for (std::size_t b = 0; b < 3; ++b) {
            add_point(data, {{"b", names[b]}, {"a", std::to_string(a + 1)}}, {{"y", values[a][b]}});
        }
    }
    return data;
}

TEST(Sensitivity, ATwoByThreeGridHasTheSharesWorkedOutByHand) {
    const Sensitivity result = analyse(two_by_three(), kY);
    ASSERT_THAT(keys_of(result.effects), ElementsAre("a", "b"));
    EXPECT_DOUBLE_EQ(result.effects[0].variance_share, 24.0 / 44.0);
    EXPECT_DOUBLE_EQ(result.effects[1].variance_share, 16.0 / 44.0);
    EXPECT_EQ(result.effects[0].levels, 2U);
    EXPECT_EQ(result.effects[1].levels, 3U);
    EXPECT_DOUBLE_EQ(result.effects[0].lowest_mean, 2.0);
    EXPECT_DOUBLE_EQ(result.effects[0].highest_mean, 6.0);
    EXPECT_EQ(result.effects[0].lowest_value, "1");
    EXPECT_EQ(result.effects[0].highest_value, "2");
    EXPECT_EQ(result.effects[1].lowest_value, "x");
    EXPECT_EQ(result.effects[1].highest_value, "z");
    EXPECT_EQ(result.effects[0].fewest_points, 3U);
    EXPECT_TRUE(result.is_full_grid);
    EXPECT_EQ(result.lowest, 1.0);
    EXPECT_EQ(result.highest, 9.0);
    EXPECT_DOUBLE_EQ(result.mean, 4.0);
    EXPECT_FALSE(result.is_constant);
}

// One point of the grid above is missing (a = 2, b = z):
//   a: means 2 (three points), 4.5 (two); overall mean 3;  3 * 1 + 2 * 2.25 = 7.5
//   b: means 2, 4 (two points each), 3 (one);              2 * 1 + 2 * 1 + 0 = 4
//   total: 4 + 1 + 0 + 0 + 9 = 14
TEST(Sensitivity, AFailedPointMakesTheGridUnbalanced) {
    SweepData data = two_by_three();
    data.points[5].status = PointStatus::failed;
    const Sensitivity result = analyse(data, kY);
    ASSERT_THAT(keys_of(result.effects), ElementsAre("a", "b"));
    EXPECT_DOUBLE_EQ(result.effects[0].variance_share, 7.5 / 14.0);
    EXPECT_DOUBLE_EQ(result.effects[1].variance_share, 4.0 / 14.0);
    EXPECT_FALSE(result.is_full_grid);
    EXPECT_EQ(result.participants.failed, 1U);
    EXPECT_EQ(result.effects[1].fewest_points, 1U);
}

TEST(Sensitivity, ACombinationThatIsThereTwiceIsNoFullGrid) {
    SweepData data = two_by_three();
    data.points[5].settings = data.points[1].settings;  // 2 by 3 values, 6 points, a = 2 b = z not
    data.points[4].settings[0].value = "z";
    EXPECT_FALSE(analyse(data, kY).is_full_grid);
}

// y = p * x1 + q * x2 on a full grid: Var y = p^2 Var x1 + q^2 Var x2, and the main effect of x1 is
// p^2 Var x1.
TEST(Sensitivity, ALinearMetricHasTheSharesOfTheClosedForm) {
    base::Random random(3);
    for (int round = 0; round < 50; ++round) {
        const double p = 10.0 * random.uniform_unit() - 5.0;
        const double q = 10.0 * random.uniform_unit() - 5.0;
        const std::size_t n1 = 2 + static_cast<std::size_t>(random.below(6));
        const std::size_t n2 = 2 + static_cast<std::size_t>(random.below(6));
        const auto value = [](std::size_t index) { return static_cast<double>(index * index); };
        const auto variance = [&](std::size_t n) {
            double sum = 0.0;
            double squares = 0.0;
            for (std::size_t index = 0; index < n; ++index) {
                sum += value(index);
                squares += value(index) * value(index);
            }
            const auto count = static_cast<double>(n);
            return squares / count - sum / count * (sum / count);
        };
        SweepData data = empty_sweep({"x1", "x2"});
        for (std::size_t i = 0; i < n1; ++i) {
            for (std::size_t j = 0; j < n2; ++j) {
                add_point(data, {{"x1", std::to_string(i * i)}, {"x2", std::to_string(j * j)}},
                          {{"y", p * value(i) + q * value(j)}});
            }
        }
        const double total = p * p * variance(n1) + q * q * variance(n2);
        std::map<std::string, double> shares;
        for (const AxisEffect& effect : sensitivity(data, kY)) {
            shares[effect.key] = effect.variance_share;
        }
        EXPECT_NEAR(shares.at("x1"), p * p * variance(n1) / total, 1e-9) << round;
        EXPECT_NEAR(shares.at("x2"), q * q * variance(n2) / total, 1e-9) << round;
        EXPECT_TRUE(analyse(data, kY).is_full_grid);
    }
}

TEST(Sensitivity, TheSizeOfAMetricDoesNotChangeShares) {
    for (const double factor : {1e-200, 1e200}) {
        SweepData data = two_by_three();
        for (SweepPoint& point : data.points) {
            point.metrics["total"]["y"] *= factor;
        }
        EXPECT_NEAR(sensitivity(data, kY)[0].variance_share, 24.0 / 44.0, 1e-12) << factor;
    }
    SweepData shifted = two_by_three();
    for (SweepPoint& point : shifted.points) {
        point.metrics["total"]["y"] += 1e12;
    }
    EXPECT_NEAR(sensitivity(shifted, kY)[0].variance_share, 24.0 / 44.0, 1e-9);
}

// y = 1 where the two axes differ, else 0: both means are the same for every value.
TEST(Sensitivity, AnInteractionAloneIsNoMainEffect) {
    SweepData data = empty_sweep({"a", "b"});
    for (const int a : {0, 1}) {
        for (const int b : {0, 1}) {
            add_point(data, {{"a", std::to_string(a)}, {"b", std::to_string(b)}},
                      {{"y", a == b ? 0.0 : 1.0}});
        }
    }
    const Sensitivity result = analyse(data, kY);
    EXPECT_THAT(keys_of(result.effects), ElementsAre("a", "b"));  // equal: in axis order
    EXPECT_EQ(result.effects[0].variance_share, 0.0);
    EXPECT_EQ(result.effects[1].variance_share, 0.0);
    EXPECT_TRUE(result.is_full_grid);
    EXPECT_FALSE(result.is_constant);
}

// Random values of a, each there three times: sums in another order, or of thirds, are not the same
// to the last digit.
TEST(Sensitivity, RoundingIsNoEffect) {
    base::Random random(4);
    for (int round = 0; round < 100; ++round) {
        SweepData data = empty_sweep({"a", "b"});
        for (int a = 0; a < 7; ++a) {
            const double y = 1e6 * random.uniform_unit();
            for (int b = 0; b < 3; ++b) {
                add_point(data, {{"a", std::to_string(a)}, {"b", std::to_string(b)}}, {{"y", y}});
            }
        }
        const std::vector<AxisEffect> effects = sensitivity(data, kY);
        EXPECT_NEAR(effects[0].variance_share, 1.0, 1e-12);
        EXPECT_EQ(effects[1].variance_share, 0.0) << round;
    }
}

TEST(Sensitivity, AConstantMetricSaysSo) {
    SweepData data = two_by_three();
    for (SweepPoint& point : data.points) {
        point.metrics["total"]["y"] = 0.1;
    }
    const Sensitivity result = analyse(data, kY);
    EXPECT_TRUE(result.is_constant);
    EXPECT_EQ(result.mean, 0.1);
    ASSERT_EQ(result.effects.size(), 2U);
    EXPECT_EQ(result.effects[0].variance_share, 0.0);
    EXPECT_EQ(result.effects[0].highest_mean, 0.1);
}

TEST(Sensitivity, AxesWithOneValueAreLeftOutAndNamed) {
    SweepData data = two_by_three();
    data.axis_keys.emplace_back("c");
    for (SweepPoint& point : data.points) {
        point.settings.push_back({"c", "7"});
    }
    const Sensitivity result = analyse(data, kY);
    EXPECT_THAT(keys_of(result.effects), ElementsAre("a", "b"));
    EXPECT_THAT(result.constants, ElementsAre("c"));
}

TEST(Sensitivity, PointsWithoutTheMetricTakeNoPart) {
    SweepData data = two_by_three();
    add_point(data, {{"b", "x"}, {"a", "9"}}, {{"y", std::numeric_limits<double>::quiet_NaN()}});
    add_point(data, {{"b", "x"}, {"a", "8"}}, {});
    add_point(data, {{"b", "x"}, {"a", "7"}}, {{"y", 1}}).status = PointStatus::waiting;
    const Sensitivity result = analyse(data, kY);
    EXPECT_DOUBLE_EQ(result.effects[0].variance_share, 24.0 / 44.0);
    EXPECT_EQ(result.effects[0].levels, 2U);
    EXPECT_EQ(result.participants.without_metric, 2U);
    EXPECT_EQ(result.participants.waiting, 1U);
}

TEST(Sensitivity, NothingAndOnePointHaveNothingToExplain) {
    SweepData data = empty_sweep({"a"});
    EXPECT_TRUE(analyse(data, kY).is_constant);
    EXPECT_THAT(analyse(data, kY).effects, IsEmpty());
    add_point(data, {{"a", "1"}}, {{"y", 5}});
    EXPECT_TRUE(analyse(data, kY).is_constant);
    EXPECT_THAT(analyse(data, kY).constants, ElementsAre("a"));
}

// rows and columns advance together, 4+16, 8+8, 16+4; fifo is an axis of its own.
//   y = 1, 3, 5 + (fifo - 1) * 2: means by shape 2, 4, 6, by fifo 3, 5; overall 4
//   shape: 2 * (4 + 0 + 4) = 16; fifo: 3 * (1 + 1) = 6; total: 22
TEST(Sensitivity, ZippedKeysAreOneAxis) {
    SweepData data = empty_sweep({"core.rows", "fifo", "core.columns"});
    const std::vector<std::pair<std::string, std::string>> shapes{
        {"4", "16"}, {"8", "8"}, {"16", "4"}};
    for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
        for (const int fifo : {1, 2}) {
            add_point(data,
                      {{"core.rows", shapes[shape].first},
                       {"core.columns", shapes[shape].second},
                       {"fifo", std::to_string(fifo)}},
                      {{"y", 1.0 + 2.0 * static_cast<double>(shape) + 2.0 * (fifo - 1)}});
        }
    }
    const Sensitivity result = analyse(data, kY);
    ASSERT_THAT(keys_of(result.effects), ElementsAre("core.rows+core.columns", "fifo"));
    EXPECT_DOUBLE_EQ(result.effects[0].variance_share, 16.0 / 22.0);
    EXPECT_DOUBLE_EQ(result.effects[1].variance_share, 6.0 / 22.0);
    EXPECT_EQ(result.effects[0].lowest_value, "4+16");
    EXPECT_EQ(result.effects[0].highest_value, "16+4");
    EXPECT_TRUE(result.is_full_grid);
}

TEST(Sensitivity, AnAxisThatDeterminesAnotherButNotTheReverseIsNotJoined) {
    SweepData data = empty_sweep({"a", "b"});
    for (const int a : {1, 2, 3, 4}) {
        add_point(data, {{"a", std::to_string(a)}, {"b", std::to_string(a / 2)}}, {{"y", a}});
    }
    EXPECT_EQ(analyse(data, kY).effects.size(), 2U);
}

/// 50 drawn points: x1 rises by 0.5, x2 is a rearrangement of the same numbers.
SweepData drawn() {
    SweepData data = empty_sweep({"x1", "x2"});
    for (int point = 0; point < 50; ++point) {
        const int bin = point / 5;
        const double x1 = 0.5 * point;
        const double x2 = 0.5 * ((7 * point + 3) % 50);
        add_point(data, {{"x1", std::to_string(x1)}, {"x2", std::to_string(x2)}},
                  {{"y", static_cast<double>(bin)}});
    }
    return data;
}

// y is the same within five neighbours of x1, which are just its bins.
TEST(Sensitivity, DrawnNumbersAreCutIntoTenBinsOfEqualWeight) {
    const Sensitivity result = analyse(drawn(), kY);
    ASSERT_THAT(keys_of(result.effects), ElementsAre("x1", "x2"));
    EXPECT_TRUE(result.effects[0].is_binned);
    EXPECT_EQ(result.effects[0].levels, 10U);
    EXPECT_EQ(result.effects[0].distinct_values, 50U);
    EXPECT_EQ(result.effects[0].fewest_points, 5U);
    EXPECT_DOUBLE_EQ(result.effects[0].variance_share, 1.0);
    EXPECT_EQ(result.effects[0].lowest_value, "0.000000..2.000000");
    EXPECT_EQ(result.effects[0].highest_value, "22.500000..24.500000");
    EXPECT_LT(result.effects[1].variance_share, 0.5);
    EXPECT_FALSE(result.is_full_grid);
}

TEST(Sensitivity, FewDrawnPointsMakeFewerBins) {
    SweepData data = drawn();
    data.points.resize(20);
    EXPECT_EQ(analyse(data, kY).effects[0].levels, 4U);  // five points each
    data.points.resize(12);
    EXPECT_EQ(analyse(data, kY).effects[0].levels, 2U);
}

// 0 to 3 once each, 4 ten times, 5 to 40 once each: the middle of the ten is at 9 of 50, in the
// second bin of ten.
TEST(Sensitivity, AValueThatRepeatsGoesToTheBinOfItsMiddle) {
    SweepData data = empty_sweep({"a"});
    for (int point = 0; point < 50; ++point) {
        const int value = point < 4 ? point : std::max(4, point - 9);
        add_point(data, {{"a", std::to_string(value)}}, {{"y", value < 4 ? 0.0 : 1.0}});
    }
    const AxisEffect effect = sensitivity(data, kY)[0];
    EXPECT_EQ(effect.distinct_values, 41U);
    EXPECT_EQ(effect.lowest_value, "0..3");
    EXPECT_EQ(effect.lowest_mean, 0.0);
    EXPECT_DOUBLE_EQ(effect.variance_share, 1.0);
}

// Crossed with a second axis every drawn number repeats, but x1 still comes with one x2 alone.
TEST(Sensitivity, DrawnPointsCrossedWithAGridStayBinned) {
    SweepData data = empty_sweep({"x1", "x2", "mode"});
    for (const SweepPoint& point : drawn().points) {
        for (const char* mode : {"dense", "input"}) {
            std::vector<Setting> settings = point.settings;
            settings.push_back({"mode", mode});
            add_point(data, settings, {{"y", point.metrics.at("total").at("y")}});
        }
    }
    const Sensitivity result = analyse(data, kY);
    ASSERT_EQ(result.effects.size(), 3U);
    EXPECT_EQ(result.effects[0].key, "x1");
    EXPECT_TRUE(result.effects[0].is_binned);
    EXPECT_TRUE(result.effects[1].is_binned);
    EXPECT_FALSE(result.effects[2].is_binned);
    EXPECT_EQ(result.effects[0].fewest_points, 10U);
}

TEST(Sensitivity, ManyValuesOfAFullGridAreNotBinned) {
    SweepData data = empty_sweep({"a", "b"});
    for (int a = 0; a < 16; ++a) {
        for (const int b : {0, 1}) {
            add_point(data, {{"a", std::to_string(a)}, {"b", std::to_string(b)}}, {{"y", a + b}});
        }
    }
    const Sensitivity result = analyse(data, kY);
    EXPECT_FALSE(result.effects[0].is_binned);
    EXPECT_EQ(result.effects[0].levels, 16U);
    EXPECT_TRUE(result.is_full_grid);
}

TEST(Sensitivity, ALongZipIsOneAxisIfItsNumbersRiseOrFallTogether) {
    SweepData data = empty_sweep({"a", "b", "c"});
    for (int step = 0; step < 30; ++step) {
        add_point(data,
                  {{"a", std::to_string(step)},
                   {"b", std::to_string(90 - 2 * step)},
                   {"c", std::to_string(3 * step)}},
                  {{"y", step}});
    }
    const Sensitivity result = analyse(data, kY);
    ASSERT_THAT(keys_of(result.effects), ElementsAre("a+b+c"));
    EXPECT_TRUE(result.effects[0].is_binned);  // one point a value: six bins of five
    EXPECT_EQ(result.effects[0].levels, 6U);
    EXPECT_EQ(result.effects[0].lowest_value, "0+90+0..4+82+12");
}

// y = f(a) + f(b + 1) has the same share for both; what rounding makes of them must not show.
TEST(Sensitivity, EqualSharesStayInAxisOrder) {
    base::Random random(8);
    for (int round = 0; round < 100; ++round) {
        const std::vector<double> f{random.uniform_unit(), random.uniform_unit(),
                                    random.uniform_unit()};
        SweepData data = empty_sweep({"b", "a"});
        for (std::size_t a = 0; a < f.size(); ++a) {
            for (std::size_t b = 0; b < f.size(); ++b) {
                add_point(data, {{"a", std::to_string(a)}, {"b", std::to_string(b)}},
                          {{"y", f[a] + f[(b + 1) % f.size()]}});
            }
        }
        EXPECT_THAT(keys_of(sensitivity(data, kY)), ElementsAre("b", "a")) << round;
    }
}

// A listed point that lacks the drawn key has a value of its own.
TEST(Sensitivity, WhatIsNotSetIsALevelOfItsOwn) {
    SweepData data = drawn();
    add_point(data, {{"x2", "0.000000"}}, {{"y", 1000.0}});
    const Sensitivity result = analyse(data, kY);
    EXPECT_EQ(result.effects[0].key, "x1");
    EXPECT_TRUE(result.effects[0].is_binned);
    EXPECT_EQ(result.effects[0].highest_value, "(not set)");
    EXPECT_DOUBLE_EQ(result.effects[0].highest_mean, 1000.0);
}

TEST(Sensitivity, FilesAreNamedWithoutFoldersUnlessThatMixesThemUp) {
    SweepData data = empty_sweep({"trace", "table"});
    for (const char* trace : {"traces/a.h5", "traces/b.h5"}) {
        for (const char* table : {"x/e.yaml", "y/e.yaml"}) {
            add_point(data, {{"trace", trace}, {"table", table}},
                      {{"y", (trace[7] == 'a' ? 1.0 : 2.0) + (table[0] == 'x' ? 0.0 : 0.25)}});
        }
    }
    const std::vector<AxisEffect> effects = sensitivity(data, kY);
    EXPECT_EQ(effects[0].lowest_value, "a.h5");
    EXPECT_EQ(effects[1].highest_value, "y/e.yaml");
}

}  // namespace
}  // namespace skipsim::sweep
