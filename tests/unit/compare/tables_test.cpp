// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/tables.h"

#include "sim/compare/text.h"
#include "tests/unit/compare/sample_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace skipsim::compare {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// Two results of one item; one of three metrics is 0 everywhere.
Comparison small() {
    Comparison comparison;
    comparison.labels = {"a", "b"};
    comparison.paths = {"runs/a/result.json", "runs/b/result.json"};
    comparison.lines = {
        {"total", "cycles", "core cycles", {{100.0, 0.0, 0.0, 1.0}, {110.0, 10.0, 10.0, 1.1}}},
        {"total", "dense_cycles", "core cycles", {{200.0, 0.0, 0.0, 1.0}, {}}},
        {"total", "pe_cycles.idle", "PE cycles", {{0.0, 0.0, {}, {}}, {0.0, 0.0, {}, {}}}}};
    return comparison;
}

TEST(Tables, ShowValueDifferencePercentAndRatio) {
    Comparison comparison = small();
    comparison.warnings = {"other seeds: 0 in a; 1 in b"};
    comparison.config_differences = {{"core.rows", {"8", ""}}};
    EXPECT_EQ(table_of(comparison),
              "warning: other seeds: 0 in a; 1 in b\n"
              "\n"
              "baseline  a  runs/a/result.json\n"
              "result    b  runs/b/result.json\n"
              "\n"
              "different in the configurations\n"
              "  core.rows: 8 in a; nothing in b\n"
              "\n"
              "                a    b  difference   percent   ratio\n"
              "cycles        100  110         +10  +10.00 %  1.100x\n"
              "dense_cycles  200    -           -         -       -\n");
}

TEST(Tables, OfManyResultsTakeNoLongerThanTheyAreLong) {
    constexpr std::size_t kResults = 1000;
    Comparison comparison = small();
    comparison.lines.resize(1);
    for (std::size_t index = 2; index < kResults; ++index) {
        comparison.labels.push_back("r" + std::to_string(index));
        comparison.paths.push_back("runs/" + comparison.labels.back());
        comparison.lines[0].cells.push_back({110.0, 10.0, 10.0, 1.1});
    }
    comparison.lines.resize(20, comparison.lines[0]);
    const std::string text = table_of(comparison);  // minutes, if every width is tried from above
    EXPECT_THAT(text, HasSubstr("r999"));
    for (const std::string& line : lines_of(text)) {
        EXPECT_LE(width_of(line), kUsualWidth);
    }
}

TEST(Tables, HaveASectionForEachMetricOfSeveralItems) {
    const std::string text =
        table_of(compare({sample_file("a"), other_file("b", 223)}, 0, By::stage));
    EXPECT_THAT(text, HasSubstr("\ncycles      a      b  difference   percent   ratio\n"
                                "FF        210    333        +123  +58.57 %  1.586x\n"
                                "BP        410    410           0       0 %  1.000x\n"
                                "WG        610    610           0       0 %  1.000x\n"
                                "total   1,230  1,353        +123  +10.00 %  1.100x\n"));
    EXPECT_THAT(text, Not(HasSubstr("WU"))) << "nothing but zeros";
}

/// Seven results with long names, of which one is not UTF-8 and one holds an escape sequence.
Comparison large(By by) {
    Files files;
    for (int index = 0; index < 7; ++index) {
        const std::string label =
            "a-rather-long-name-of-a-result-" + std::to_string(index) + "\x1b[1m";
        stats::RunResult result = stats::sample_result();
        for (stats::LayerRow& row : result.layers) {
            row.layer = "a.layer.with.a.name.that.takes.more.than.half.of.a.usual.line." +
                        row.layer + "\x1b[2J";
        }
        files.push_back(file_of(label, result));
        files.back().document["seed"] = index;
        files.back().document["config"]["name"] = std::string(200, 'n') + std::to_string(index);
    }
    return compare(files, 3, by);
}

TEST(Tables, FitTheWidthHoweverManyAndLongTheNames) {
    for (const By by : {By::total, By::component, By::stage, By::layer}) {
        const Comparison comparison = large(by);
        for (const std::size_t width : {60U, 80U, 100U, 200U, 1000U}) {
            const std::string text = table_of(comparison, width);
            EXPECT_EQ(text.find('\x1b'), std::string::npos);
            for (const std::string& line : lines_of(text)) {
                EXPECT_LE(width_of(line), width) << line;
            }
        }
    }
    EXPECT_EQ(table_of(large(By::total), 5), table_of(large(By::total), kLeastWidth));
}

TEST(Tables, NamesOfLayersAreShortenedAfterThoseOfResults) {
    // 80 characters leave 19 for the layer beside labels of 14, 27 beside labels of 10.
    EXPECT_THAT(table_of(large(By::layer), 80), HasSubstr("\na.layer.with."));
}

TEST(Tables, RepeatTheBaselineWhereResultsDoNotFit) {
    const auto count = [](const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos;
             at = text.find(part, at + 1)) {
            ++found;
        }
        return found;
    };
    EXPECT_EQ(count(table_of(large(By::total), 80), "\ncycles "), 6U);
    EXPECT_EQ(count(table_of(large(By::total), 1000), "\ncycles "), 1U);
}

TEST(Tables, CsvHasALineForEachNumberOfEachResult) {
    Comparison comparison = small();
    comparison.labels[1] = "b,\"c\"\n";
    EXPECT_EQ(csv_of(comparison),
              "item,metric,unit,result,value,difference,percent,ratio\n"
              "total,cycles,core cycles,a,100,0,0,1\n"
              "total,cycles,core cycles,\"b,\"\"c\"\"?\",110,10,10,1.1\n"
              "total,dense_cycles,core cycles,a,200,0,0,1\n"
              "total,dense_cycles,core cycles,\"b,\"\"c\"\"?\",,,,\n"
              "total,pe_cycles.idle,PE cycles,a,0,0,,\n"
              "total,pe_cycles.idle,PE cycles,\"b,\"\"c\"\"?\",0,0,,\n");
}

TEST(Tables, JsonHasEverything) {
    Comparison comparison = small();
    comparison.warnings = {"w"};
    comparison.config_differences = {{"core.rows", {"8", ""}}};
    const Json json = json_of(comparison);
    EXPECT_EQ(json["schema"], "skipsim-comparison/1");
    EXPECT_EQ(json["by"], "total");
    EXPECT_EQ(json["baseline"], "a");
    EXPECT_EQ(json["warnings"], Json({"w"}));
    EXPECT_EQ(json["results"][1], Json({{"label", "b"}, {"path", "runs/b/result.json"}}));
    EXPECT_EQ(json["config_differences"][0], Json({{"key", "core.rows"}, {"values", {"8", ""}}}));
    EXPECT_EQ(json["lines"].size(), 3U);
    EXPECT_EQ(json["lines"][0]["values"][1],
              Json({{"value", 110}, {"difference", 10}, {"percent", 10}, {"ratio", 1.1}}));
    EXPECT_TRUE(json["lines"][1]["values"][1]["value"].is_null());
}

}  // namespace
}  // namespace skipsim::compare
