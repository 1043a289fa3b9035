// SPDX-License-Identifier: Apache-2.0
// The page has every row and number of its input, unchanged.
#include "sim/report/page_data.h"

#include <gtest/gtest.h>

#include <array>

#include "sim/report/point_labels.h"
#include "tests/support/report_samples.h"

namespace skipsim::report {
namespace {

using Json = nlohmann::ordered_json;

/// "macs.skipped.input" of a row.
Json at(const Json& row, std::string path) {
    for (char& letter : path) {
        letter = letter == '.' ? '/' : letter;
    }
    return row.at(Json::json_pointer('/' + path));
}

std::string joined(const Json& list) {
    std::string text;
    for (const Json& item : list) {
        text += (text.empty() ? "" : "+") + item.get<std::string>();
    }
    return text;
}

TEST(ResultPart, HasEveryRowWithEveryNumber) {
    const results::ResultFile file = report_samples::result("a", report_samples::layer_names(5));
    const Json part = result_part(file);
    const Json& layers = file.document.at("layers");
    ASSERT_EQ(part.at("rows").size(), layers.size());
    ASSERT_EQ(layers.size(), 30U);  // 5 layers, 3 stages, 2 iterations
    const std::size_t texts = part.at("text_columns");
    for (std::size_t row = 0; row < layers.size(); ++row) {
        for (std::size_t column = 0; column < part.at("columns").size(); ++column) {
            const std::string name = part.at("columns")[column];
            const Json& shown = part.at("rows")[row][column];
            const Json expected = at(layers[row], name);
            if (column < texts) {
                EXPECT_EQ(part.at("texts")[shown.get<std::size_t>()],
                          expected.is_array() ? Json(joined(expected)) : expected);
            } else {
                EXPECT_EQ(shown, expected) << name;
            }
        }
    }
}

TEST(ResultPart, NamesEveryNumberOfARowAsAColumn) {
    const results::ResultFile file = report_samples::result("a", {"conv"});
    const Json columns = result_part(file).at("columns");
    Json row = file.document.at("layers")[0];
    row.erase("actions");
    row.erase("patterns");
    const Json paths = row.flatten();
    for (const auto& [path, value] : paths.items()) {
        std::string name = path.substr(1);
        for (char& letter : name) {
            letter = letter == '/' ? '.' : letter;
        }
        EXPECT_NE(std::find(columns.begin(), columns.end(), Json(name)), columns.end()) << name;
    }
}

TEST(ResultPart, TotalsAreTheDocumentsWithoutActions) {
    const results::ResultFile file = report_samples::result("a", {"conv"});
    const Json part = result_part(file);
    Json totals = file.document.at("totals");
    totals.erase("actions");
    EXPECT_EQ(part.at("totals"), totals);
    Json stage = file.document.at("totals_by_stage").at("WG");
    stage.erase("actions");
    EXPECT_EQ(part.at("stages").at("WG"), stage);
}

TEST(ResultPart, RegretIsAColumnIfARowHasIt) {
    results::ResultFile file = report_samples::result("a", {"conv"});
    const std::size_t without = result_part(file).at("columns").size();
    file.document["layers"][1]["regret_cycles"] = 17;
    const Json part = result_part(file);
    ASSERT_EQ(part.at("columns").size(), without + 1);
    EXPECT_EQ(part.at("columns").back(), "regret_cycles");
    EXPECT_EQ(part.at("rows")[0].back(), nullptr);
    EXPECT_EQ(part.at("rows")[1].back(), 17);
}

TEST(ResultPart, MemoryRoofIsThatOfTheFileThenOfTheIdealMemory) {
    results::ResultFile file = report_samples::result("a", {"conv"});
    EXPECT_EQ(result_part(file).at("memory_roof"), 16);  // memory.ideal_bytes_per_cycle
    file.document["memory_file"] = {
        {"name", "hbm"}, {"sha256", "0"}, {"peak_bytes_per_cycle", 51.5}};
    EXPECT_EQ(result_part(file).at("memory_roof"), 51.5);
    file.document["memory_file"].erase("peak_bytes_per_cycle");
    EXPECT_EQ(result_part(file).at("memory_roof"), nullptr);
}

TEST(ResultPart, AnUnlimitedMemoryHasNoRoof) {
    results::ResultFile file = report_samples::result("a", {"conv"});
    for (const Json& unlimited : {Json("unlimited"), Json(0)}) {
        file.document["config"]["memory"]["ideal_bytes_per_cycle"] = unlimited;
        EXPECT_EQ(result_part(file).at("memory_roof"), nullptr);
    }
}

TEST(ResultPart, ComputeRoofIsWhatAllPesIssueAtMost) {
    results::ResultFile file = report_samples::result("a", {"conv"});
    EXPECT_EQ(result_part(file).at("compute_roof"), 64.0);
    file.document["config"]["core"]["issue_width_pairs"] = 2;
    EXPECT_EQ(result_part(file).at("compute_roof"), 128.0);
}

TEST(ComparisonPart, HasEveryCell) {
    const std::vector<results::ResultFile> files{report_samples::result("a", {"conv"}, 1),
                                                 report_samples::result("b", {"conv"}, 2)};
    compare::Comparison comparison = report_samples::comparison(files);
    comparison.lines[0].cells[1] = {std::nullopt, std::nullopt, std::nullopt, std::nullopt};
    const Json part = comparison_part(comparison);
    ASSERT_EQ(part.at("lines").size(), comparison.lines.size());
    EXPECT_EQ(part.at("lines")[0][3][1], Json::parse("[null,null,null,null]"));
    const compare::Cell& cell = comparison.lines[1].cells[1];
    EXPECT_EQ(part.at("lines")[1],
              (Json{"FF", "energy_pj", "pJ",
                    Json::array({{*comparison.lines[1].cells[0].value, 0.0, 0.0, 1.0},
                                 {*cell.value, *cell.difference, *cell.percent, *cell.ratio}})}));
    EXPECT_EQ(part.at("differences"), Json::parse(R"([["core.rows", ["8", "16"]]])"));
}

TEST(SweepPart, HasEveryPointAndEveryNumber) {
    const sweep::SweepData sweep = report_samples::sweep(30);
    const Json part = sweep_part(sweep);
    ASSERT_EQ(part.at("points").size(), 30U);
    for (const sweep::SweepPoint& point : sweep.points) {
        for (const auto& [stage, metrics] : point.metrics) {
            for (const auto& [metric, value] : metrics) {
                const Json& column = part.at("metrics").at(stage).at(metric);
                EXPECT_EQ(column.is_array() ? column[point.number] : column, value) << metric;
            }
        }
    }
    EXPECT_EQ(part.at("points")[21],
              Json::parse(R"([21, "done", "points/21", "", ["2", "2", "16", "lpddr4"]])"));
    EXPECT_EQ(part.at("points")[29][1], "failed");
    EXPECT_EQ(part.at("points")[29][3], "core.rows: out of memory");
}

TEST(SweepPart, AMetricThatIsTheSameEverywhereIsWrittenOnce) {
    sweep::SweepData sweep = report_samples::sweep(3);
    sweep.points.pop_back();  // the failed one
    EXPECT_EQ(sweep_part(sweep).at("metrics").at("FF").at("dram_bytes"), 4096.0);
    EXPECT_TRUE(sweep_part(sweep).at("metrics").at("FF").at("cycles").is_array());
}

TEST(SweepPart, OfVeryManyPointsHasTheMainMetricsOnly) {
    sweep::SweepData sweep = report_samples::sweep(5001);
    sweep.points[0].metrics["FF"]["pe_cycles.mac"] = 1.0;
    const Json part = sweep_part(sweep);
    EXPECT_FALSE(part.at("has_all_metrics").get<bool>());
    EXPECT_FALSE(part.at("metrics").at("FF").contains("pe_cycles.mac"));
    EXPECT_TRUE(part.at("metrics").at("FF").contains("cycles"));
    sweep.points.pop_back();
    EXPECT_TRUE(sweep_part(sweep).at("metrics").at("FF").contains("pe_cycles.mac"));
}

/// Three full rows and columns: cycles 1 2 3 / 3 6 9 as in sim/sweep/ANALYSIS.md.
sweep::SweepData worked_example() {
    sweep::SweepData made;
    made.axis_keys = {"core.rows", "skip.ff"};
    const std::array<double, 6> cycles{1, 2, 3, 3, 6, 9};
    for (std::size_t number = 0; number < cycles.size(); ++number) {
        sweep::SweepPoint point;
        point.number = number;
        point.status = sweep::PointStatus::done;
        point.settings = {
            {"core.rows", number < 3 ? "32" : "16"},
            {"skip.ff", std::array<const char*, 3>{"both", "input", "dense"}[number % 3]}};
        point.metrics["total"] = {{"cycles", cycles[number]}, {"dram_bytes", 8.0}};
        made.points.push_back(point);
    }
    return made;
}

TEST(SweepPart, SensitivityIsThatOfTheAnalysisWithSharedAxes) {
    const Json part = sweep_part(worked_example()).at("sensitivity");
    ASSERT_EQ(part.at("designs").size(), 1U);  // both metrics are of the same points
    EXPECT_TRUE(part.at("designs")[0].at("is_full_grid").get<bool>());
    EXPECT_EQ(part.at("designs")[0].at("axes")[0],
              Json::parse(R"(["core.rows", "core.rows", 2, null, null, ""])"));
    const Json& cycles = part.at("metrics").at("total").at("cycles");
    EXPECT_EQ(cycles[1], 1.0);
    EXPECT_EQ(cycles[2], 9.0);
    EXPECT_EQ(cycles[3], 4.0);
    ASSERT_EQ(cycles[4].size(), 2U);
    EXPECT_DOUBLE_EQ(cycles[4][0][1].get<double>(), 24.0 / 44.0);
    EXPECT_DOUBLE_EQ(cycles[4][1][1].get<double>(), 16.0 / 44.0);
    EXPECT_EQ(part.at("values")[cycles[4][0][3].get<std::size_t>()], "32");  // lowest mean, 2
    EXPECT_EQ(part.at("metrics").at("total").at("dram_bytes"),
              Json::parse("[0, 8.0, 8.0, 8.0, []]"));
}

TEST(SweepPart, MetricsOfOtherPointsHaveAxesOfTheirOwn) {
    sweep::SweepData sweep = worked_example();
    sweep.points[5].metrics["total"].erase("dram_bytes");
    sweep.points[4].metrics["total"]["dram_bytes"] = 9.0;
    const Json part = sweep_part(sweep).at("sensitivity");
    ASSERT_EQ(part.at("designs").size(), 2U);
    const Json& bytes = part.at("metrics").at("total").at("dram_bytes");
    const Json& design = part.at("designs")[bytes[0].get<std::size_t>()];
    EXPECT_EQ(design.at("points"), 5);
    EXPECT_EQ(design.at("without_metric"), 1);
    EXPECT_FALSE(design.at("is_full_grid").get<bool>());
}

/// Two results, points 1 and 0 of a sweep.
std::vector<results::ResultFile> points_of(const std::string& folder) {
    std::vector<results::ResultFile> files(2);
    files[0].path = folder + "/points/b/result.json";
    files[1].path = folder + "/points/a/result.json";
    files[0].label = "b";
    files[1].label = "a";
    return files;
}

std::vector<sweep::SweepData> two_points(const std::string& folder) {
    sweep::SweepData made;
    made.name = "small";
    made.folder = folder;
    made.points.resize(2);
    made.points[0].folder = "points/a";
    made.points[1].folder = "points/b";
    made.points[1].number = 1;
    return {made};
}

TEST(PointLabels, AreTheNumberAndTheSweepHoweverTheFolderIsWritten) {
    for (const char* folder : {"runs/small", "./runs/small/", "runs/other/../small"}) {
        std::vector<results::ResultFile> files = points_of("runs/small");
        label_points(files, two_points(folder));
        EXPECT_EQ(files[0].label, "point 1 of small") << folder;
        EXPECT_EQ(files[1].label, "point 0 of small") << folder;
    }
}

TEST(PointLabels, StayAsTheyWereElsewhereAndWhereTwoWouldBeTheSame) {
    std::vector<results::ResultFile> files = points_of("runs/large");
    label_points(files, two_points("runs/small"));
    EXPECT_EQ(files[0].label, "b");
    files = points_of("runs/small");
    files[1].path = files[0].path;
    label_points(files, two_points("runs/small"));
    EXPECT_EQ(files[0].label, "b");
    EXPECT_EQ(files[1].label, "a");
}

TEST(SweepPart, APointWithoutAnAxisHasNothingThere) {
    sweep::SweepData sweep = report_samples::sweep(2);
    sweep.points[0].settings.erase(sweep.points[0].settings.begin());
    EXPECT_EQ(sweep_part(sweep).at("points")[0][4], Json::parse(R"([null, "1", "16", "lpddr4"])"));
}

}  // namespace
}  // namespace skipsim::report
