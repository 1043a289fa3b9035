// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/analysis_tables.h"

#include "sim/sweep/analysis_text.h"
#include "tests/unit/sweep/analysis_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace skipsim::sweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t kWide = 100;

const std::vector<Objective> kBoth{{"total", "cycles", false, "cycles"},
                                   {"total", "energy_pj", false, "energy_pj"}};

/// Points 0 and 1 are on the front, 2 is dominated, 3 failed, 4 waits.
SweepData four_points() {
    SweepData data = empty_sweep({"core.rows", "trace", "seed"});
    const auto settings = [](const char* rows, const char* trace) {
        return std::vector<Setting>{{"core.rows", rows}, {"trace", trace}, {"seed", "1"}};
    };
    add_point(data, settings("8", "traces/a.h5"), {{"cycles", 2000}, {"energy_pj", 1500.5}});
    add_point(data, settings("16", "traces/b,c.h5"), {{"cycles", 1000}, {"energy_pj", 3e6}});
    add_point(data, settings("32", "traces/a.h5"), {{"cycles", 3000}, {"energy_pj", 3e6}});
    add_point(data, settings("64", "traces/a.h5"), {}).status = PointStatus::failed;
    add_point(data, settings("128", "traces/a.h5"), {}).status = PointStatus::waiting;
    return data;
}

TEST(ParetoTable, ShowsObjectivesAndSettingsAndCountsTheRest) {
    const SweepData data = four_points();
    const std::vector<std::size_t> front = pareto_front(data, kBoth);
    EXPECT_EQ(pareto_table({data, kBoth, front}, kWide),
              "point  rows  trace   cycles  energy_pj\n"
              "    1  16    b,c.h5   1,000    3.00 uJ\n"
              "    0  8     a.h5     2,000    1.50 nJ\n"
              "\n"
              "2 of 3 points are on the front, 1 dominated\n"
              "points that take no part: 1 failed, 1 waiting\n");
}

TEST(ParetoTable, ColumnsThatDoNotFitFollowBelow) {
    const SweepData data = four_points();
    const std::vector<std::size_t> front = pareto_front(data, kBoth);
    EXPECT_THAT(pareto_table({data, kBoth, front}, 27), HasSubstr("point  rows  trace   cycles\n"
                                                                  "    1  16    b,c.h5   1,000\n"
                                                                  "    0  8     a.h5     2,000\n"
                                                                  "\n"
                                                                  "point  energy_pj\n"
                                                                  "    1    3.00 uJ\n"));
}

TEST(ParetoTable, FilesOfOneNameKeepTheirFolders) {
    SweepData data = empty_sweep({"trace"});
    add_point(data, {{"trace", "x/t.h5"}}, {{"cycles", 1}, {"energy_pj", 2}});
    add_point(data, {{"trace", "y/t.h5"}}, {{"cycles", 2}, {"energy_pj", 1}});
    const std::vector<std::size_t> front = pareto_front(data, kBoth);
    EXPECT_THAT(pareto_table({data, kBoth, front}, kWide),
                AllOf(HasSubstr("x/t.h5 "), HasSubstr("y/t.h5 ")));
}

TEST(ParetoTable, WithoutAPointItSaysSo) {
    SweepData data = four_points();
    for (SweepPoint& point : data.points) {
        point.status = PointStatus::waiting;
    }
    EXPECT_EQ(pareto_table({data, kBoth, {}}, kWide),
              "no point to compare\npoints that take no part: 5 waiting\n");
}

TEST(ParetoCsv, HasEveryDigitAndWholeSettings) {
    const SweepData data = four_points();
    const std::vector<std::size_t> front = pareto_front(data, kBoth);
    EXPECT_EQ(pareto_csv({data, kBoth, front}),
              "point,folder,core.rows,trace,seed,cycles,energy_pj\n"
              "1,points/1,16,\"traces/b,c.h5\",1,1000,3000000\n"
              "0,points/0,8,traces/a.h5,1,2000,1500.5\n");
}

TEST(ParetoJson, NamesObjectivesAndCountsEveryPoint) {
    const SweepData data = four_points();
    const std::vector<std::size_t> front = pareto_front(data, kBoth);
    const nlohmann::ordered_json document = pareto_json({data, kBoth, front});
    EXPECT_EQ(document["schema"], "skipsim-pareto/1");
    EXPECT_EQ(document["points"], 5);
    EXPECT_EQ(document["compared"], 3);
    EXPECT_EQ(document["dominated"], 1);
    EXPECT_EQ(document["failed"], 1);
    EXPECT_EQ(document["waiting"], 1);
    EXPECT_EQ(document["without_metric"], 0);
    EXPECT_EQ(document["objectives"][1].dump(),
              R"({"stage":"total","metric":"energy_pj","better":"lower"})");
    EXPECT_EQ(document["front"][1]["values"].dump(), "[2000,1500.5]");
    EXPECT_EQ(document["front"][0]["settings"]["trace"], "traces/b,c.h5");
}

/// A 2 by 2 grid: cycles = 100 * rows, and depth does nothing.
SweepData grid() {
    SweepData data = empty_sweep({"core.rows", "core.depth"});
    for (const char* rows : {"8", "16"}) {
        for (const char* depth : {"1", "2"}) {
            add_point(data, {{"core.rows", rows}, {"core.depth", depth}},
                      {{"cycles", rows[0] == '8' ? 800.0 : 1600.0}, {"energy_pj", 5.0}});
        }
    }
    return data;
}

TEST(SensitivityTable, OrdersAxesAndSaysWhatIsLeft) {
    EXPECT_EQ(sensitivity_table(grid(), {kBoth[0]}, kWide),
              "cycles over 4 points: 800 to 1,600, mean 1,200\n"
              "\n"
              "axis        values    share  lowest mean  highest mean\n"
              "core.rows        2  100.0 %  800 at 8     1,600 at 16\n"
              "core.depth       2    0.0 %  1,200        1,200\n"
              "\n"
              "full grid: the shares add up to 100.0 %, the other 0.0 % is interaction between "
              "axes\n");
}

TEST(SensitivityTable, AConstantMetricIsSaidToBeOne) {
    EXPECT_EQ(sensitivity_table(grid(), {kBoth[1]}, kWide),
              "energy_pj over 4 points: 5.00 pJ in all of them; there is nothing to explain\n");
}

TEST(SensitivityTable, EveryDoubtIsSaid) {
    SweepData data = empty_sweep({"x1", "x2", "name", "still"});
    for (int point = 0; point < 50; ++point) {
        add_point(data,
                  {{"x1", std::to_string(point)},
                   {"x2", std::to_string(200 - point)},
                   {"name", "n" + std::to_string((7 * point) % 50)},
                   {"still", "1"}},
                  {{"cycles", point}});
    }
    data.points[7].status = PointStatus::failed;
    const std::string text = sensitivity_table(data, {kBoth[0]}, kWide);
    EXPECT_THAT(text, HasSubstr("not a full grid"));
    EXPECT_THAT(text, HasSubstr("x1, x2, name: they take their values together"));
    EXPECT_THAT(text, HasSubstr("49 values in 9 quantile bins"));
    EXPECT_THAT(text, HasSubstr("by chance alone it would get about 16.7 %"));  // 8 / 48
    EXPECT_THAT(text, HasSubstr("one value only: still"));
    EXPECT_THAT(text, HasSubstr("points that take no part: 1 failed"));
}

TEST(SensitivityTable, AnAxisThatNamesEveryPointExplainsEverythingByItself) {
    SweepData data = grid();
    data.axis_keys.emplace_back("trace");
    for (SweepPoint& point : data.points) {
        point.settings.push_back({"trace", "t" + std::to_string(point.number)});
    }
    EXPECT_THAT(sensitivity_table(data, {kBoth[0]}, kWide),
                HasSubstr("trace: one point for each value"));
}

TEST(SensitivityTable, RowsFitTheTerminal) {
    constexpr std::size_t kNarrow = 40;
    std::istringstream lines(sensitivity_table(grid(), {kBoth[0]}, kNarrow));
    int rows = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("core.", 0) == 0 || line.rfind("axis", 0) == 0) {
            EXPECT_LE(line.size(), kNarrow) << line;
            ++rows;
        }
    }
    EXPECT_EQ(rows, 6);  // two blocks of a heading and two axes
}

TEST(SensitivityCsv, HasALineForEachMetricAndAxis) {
    EXPECT_EQ(sensitivity_csv(grid(), kBoth),
              "metric,axis,levels,distinct_values,is_binned,fewest_points,variance_share,"
              "lowest_mean,lowest_value,highest_mean,highest_value\n"
              "cycles,core.rows,2,2,false,2,1,800,8,1600,16\n"
              "cycles,core.depth,2,2,false,2,0,1200,1,1200,1\n"
              "energy_pj,core.rows,2,2,false,2,0,5,8,5,8\n"
              "energy_pj,core.depth,2,2,false,2,0,5,1,5,1\n");
}

TEST(SensitivityJson, SaysWhatTheDesignIs) {
    const nlohmann::ordered_json document = sensitivity_json(grid(), kBoth);
    EXPECT_EQ(document["schema"], "skipsim-sensitivity/1");
    const auto& cycles = document["metrics"][0];
    EXPECT_EQ(cycles["points"], 4);
    EXPECT_EQ(cycles["is_full_grid"], true);
    EXPECT_EQ(cycles["is_constant"], false);
    EXPECT_EQ(cycles["mean"].dump(), "1200");
    EXPECT_EQ(cycles["axes"][0]["axis"], "core.rows");
    EXPECT_EQ(cycles["axes"][0]["variance_share"], 1.0);
    EXPECT_EQ(document["metrics"][1]["is_constant"], true);
}

TEST(AnalysisText, NumbersForPeopleHaveTheUnitOfTheMetric) {
    EXPECT_EQ(metric_text("cycles", 1234567), "1,234,567");
    EXPECT_EQ(metric_text("cycles", 1234.6), "1,235");
    EXPECT_EQ(metric_text("cycles", 12.5), "12.5");
    EXPECT_EQ(metric_text("energy_pj", 2.5e6), "2.50 uJ");
    EXPECT_EQ(metric_text("energy_pj_by_component.dram", 2.5e6), "2.50 uJ");
    EXPECT_EQ(metric_text("time_s", 0.002), "2.00 ms");
    EXPECT_EQ(metric_text("utilisation", 0.123), "12.30 %");
    EXPECT_EQ(metric_text("speedup", 2.0), "2.00x");
    EXPECT_EQ(metric_text("anything", -2000.0), "-2,000");
    EXPECT_EQ(metric_text("energy_delay_pj_s", 1.23456e-5), "1.235e-05");
    EXPECT_EQ(metric_text("cycles", 1e300), "1e+300");
}

TEST(AnalysisText, NumbersForProgramsReadBackAsTheSame) {
    EXPECT_EQ(exact_text(1e10), "10000000000");
    EXPECT_EQ(exact_text(-3), "-3");
    EXPECT_EQ(exact_text(0.1), "0.1");
    EXPECT_EQ(std::stod(exact_text(1.0 / 3.0)), 1.0 / 3.0);
    EXPECT_EQ(std::stod(exact_text(1e300)), 1e300);
    EXPECT_EQ(exact_json(1e10).dump(), "10000000000");
    EXPECT_EQ(exact_json(0.5).dump(), "0.5");
}

TEST(AnalysisText, FieldsOfACsvFileAreQuotedWhereTheyMustBe) {
    EXPECT_EQ(csv_line({"a", "b,c", "d\"e", "f\ng"}), "a,\"b,c\",\"d\"\"e\",\"f\ng\"\n");
}

TEST(AnalysisText, LongValuesLoseTheirMiddle) {
    EXPECT_EQ(short_value("some/where/a.h5"), "a.h5");
    const std::string text = short_value(std::string(50, 'a') + std::string(50, 'b'));
    EXPECT_EQ(text, std::string(24, 'a') + "\u2026" + std::string(15, 'b'));
    EXPECT_EQ(short_value(std::string(40, 'a')), std::string(40, 'a'));
}

TEST(AnalysisText, DrawnNumbersHaveFiveDigits) {
    EXPECT_EQ(short_value("65.9707652007"), "65.971");
    EXPECT_EQ(short_value("118.472338765..141.381621382"), "118.47..141.38");
    EXPECT_EQ(short_value("0.0625..4"), "0.0625..4");
    EXPECT_EQ(short_value("1234567890123"), "1234567890123");
    EXPECT_EQ(short_value("45nm-0.9v..long"), "45nm-0.9v..long");
}

TEST(AnalysisText, KeysAreShortUnlessTwoWouldBeTheSame) {
    EXPECT_THAT(short_keys({"core.rows", "a.depth", "b.depth", "trace"}),
                ElementsAre("rows", "a.depth", "b.depth", "trace"));
}

}  // namespace
}  // namespace skipsim::sweep
