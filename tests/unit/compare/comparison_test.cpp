// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/comparison.h"

#include "sim/base/check.h"
#include "sim/results/metrics.h"
#include "tests/unit/compare/sample_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace skipsim::compare {
namespace {

Line line_of(const Comparison& comparison, const std::string& item, const std::string& metric) {
    const auto found =
        std::find_if(comparison.lines.begin(), comparison.lines.end(),
                     [&](const Line& line) { return line.item == item && line.metric == metric; });
    base::require(found != comparison.lines.end(), "no line " + item + " " + metric);
    return *found;
}

std::vector<std::string> items_of(const Comparison& comparison, const std::string& metric) {
    std::vector<std::string> items;
    for (const Line& line : comparison.lines) {
        if (line.metric == metric) {
            items.push_back(line.item);
        }
    }
    return items;
}

TEST(Comparison, PutsEachNumberBesideTheBaselines) {
    // 1230 cycles; 1353 are 10 % more.
    const Files files{sample_file("a"), other_file("b", 223)};
    const Line cycles = line_of(compare(files, 0, By::total), "total", "cycles");
    EXPECT_EQ(cycles.unit, "core cycles");
    EXPECT_EQ(cycles.cells[0].value, 1230.0);
    EXPECT_EQ(cycles.cells[0].difference, 0.0);
    EXPECT_EQ(cycles.cells[0].ratio, 1.0);
    EXPECT_EQ(cycles.cells[1].value, 1353.0);
    EXPECT_EQ(cycles.cells[1].difference, 123.0);
    EXPECT_EQ(cycles.cells[1].percent, 10.0);
    EXPECT_DOUBLE_EQ(cycles.cells[1].ratio.value(), 1.1);
    const Line back = line_of(compare(files, 1, By::total), "total", "cycles");
    EXPECT_EQ(back.cells[0].difference, -123.0);
    EXPECT_EQ(back.cells[1].difference, 0.0);
}

TEST(Comparison, ByTotalHasEveryNumberButActionsAndComponents) {
    const Files files{sample_file("a"), sample_file("b")};
    const Comparison comparison = compare(files, 0, By::total);
    std::vector<std::string> metrics;
    for (const Line& line : comparison.lines) {
        metrics.push_back(line.metric);
        EXPECT_EQ(line.item, "total");
        EXPECT_EQ(line.cells[1].difference, 0.0) << line.metric;
    }
    for (const std::string& name : results::metric_names(files[0].document["totals"])) {
        const bool is_elsewhere = name == "rows" || name.rfind("actions.", 0) == 0 ||
                                  name.rfind("energy_pj_by_component.", 0) == 0;
        EXPECT_EQ(std::count(metrics.begin(), metrics.end(), name), is_elsewhere ? 0 : 1) << name;
    }
}

TEST(Comparison, ThereIsNoPercentageOfNothing) {
    stats::RunResult result = stats::sample_result();
    result.layers[0].dense_cycles.reset();
    const Files files{sample_file("a"), file_of("b", result)};
    const Comparison comparison = compare(files, 0, By::total);
    const Cell missing = line_of(comparison, "total", "dense_cycles").cells[1];
    EXPECT_FALSE(missing.value || missing.difference || missing.percent || missing.ratio);
    const Comparison back = compare(files, 1, By::total);
    const Cell without_baseline = line_of(back, "total", "dense_cycles").cells[0];
    EXPECT_EQ(without_baseline.value, 2460.0);
    EXPECT_FALSE(without_baseline.difference || without_baseline.percent);
    const Cell zero = line_of(comparison, "total", "pe_cycles.wait_link").cells[1];
    EXPECT_EQ(zero.difference, 0.0);
    EXPECT_FALSE(zero.percent || zero.ratio);
}

TEST(Comparison, ByStageHasTheStagesAndTheirSum) {
    const Files files{sample_file("a"), other_file("b", 223)};
    const Comparison comparison = compare(files, 0, By::stage);
    EXPECT_THAT(items_of(comparison, "cycles"),
                testing::ElementsAre("FF", "BP", "WG", "WU", "total"));
    EXPECT_EQ(line_of(comparison, "FF", "cycles").cells[0].value, 210.0);
    EXPECT_EQ(line_of(comparison, "FF", "cycles").cells[1].value, 333.0);
    EXPECT_EQ(line_of(comparison, "WG", "cycles").cells[1].difference, 0.0);
    EXPECT_EQ(line_of(comparison, "WU", "cycles").cells[1].value, 0.0);
    EXPECT_EQ(line_of(comparison, "total", "cycles").cells[1].value, 1353.0);
}

TEST(Comparison, ByComponentSumsToTheTotal) {
    const Files files{sample_file("a"), other_file("b", 223)};
    const Comparison comparison = compare(files, 0, By::component);
    double sum = 0.0;
    for (const Line& line : comparison.lines) {
        EXPECT_EQ(line.metric, "energy_pj");
        EXPECT_EQ(line.unit, "pJ");
        sum += line.item == "total" ? 0.0 : line.cells[1].value.value();
    }
    EXPECT_EQ(comparison.lines.back().item, "total");
    EXPECT_DOUBLE_EQ(comparison.lines.back().cells[1].value.value(), sum);
    EXPECT_EQ(line_of(comparison, "dram", "energy_pj").cells[0].value, 96.0);
}

TEST(Comparison, ByLayerSumsIterationsAndKeepsTheBaselinesOrder) {
    stats::RunResult result = stats::sample_result();
    for (stats::LayerRow& row : result.layers) {
        row.layer = row.layer == "a" ? "new" : row.layer;  // "a FF" is gone, "new FF" is there
    }
    const Files files{file_of("b", result), sample_file("a")};
    const Comparison comparison = compare(files, 1, By::layer);
    EXPECT_THAT(items_of(comparison, "cycles"),
                testing::ElementsAre("a FF", "b BP", "b WG", "new FF"));
    const Line gone = line_of(comparison, "a FF", "cycles");
    EXPECT_EQ(gone.cells[1].value, 210.0);
    EXPECT_FALSE(gone.cells[0].value || gone.cells[0].difference);
    const Line added = line_of(comparison, "new FF", "macs.issued");
    EXPECT_EQ(added.cells[0].value, 210.0);
    EXPECT_FALSE(added.cells[1].value || added.cells[0].difference);
    EXPECT_EQ(line_of(comparison, "b WG", "dram_bytes").cells[0].value, 32.0);
    EXPECT_EQ(line_of(comparison, "b WG", "energy_pj").cells[0].ratio, 1.0);
}

TEST(Comparison, LayersOfAnotherNetworkOfTheTraceKeepItsName) {
    stats::RunResult result = stats::sample_result();
    result.layers[0].network = "teacher";
    const Files files{file_of("a", result), file_of("b", result)};
    EXPECT_THAT(items_of(compare(files, 0, By::layer), "cycles"),
                testing::ElementsAre("teacher:a FF", "b BP", "b WG", "a FF"));
}

TEST(Comparison, NeedsTwoResultsAndABaselineAmongThem) {
    EXPECT_THROW(compare({sample_file("a")}, 0, By::total), base::InternalError);
    EXPECT_THROW(compare({sample_file("a"), sample_file("b")}, 2, By::total), base::InternalError);
}

}  // namespace
}  // namespace skipsim::compare
