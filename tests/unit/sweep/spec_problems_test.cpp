// SPDX-License-Identifier: Apache-2.0
// What is wrong with a sweep file is told with its place, all of it together.
#include <gmock/gmock.h>

#include "tests/unit/sweep/sweep_files.h"

namespace skipsim::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class SpecProblemsTest : public SweepFiles {};

TEST_F(SpecProblemsTest, EveryProblemIsToldInTheOrderOfTheFile) {
    EXPECT_THAT(problems("set: {core.row: 3}\n"
                         "where: [core.colums > 3]\n"
                         "axes: {core.rows: [4, 200]}\n"
                         "wher: [true]\n"),  // unknown keys are looked for first

                ElementsAre("4:7: set.core.row: unknown key; did you mean core.rows?",
                            "5:9: where.0: unknown key core.colums; did you mean core.columns?",
                            "6:23: axes.core.rows.1: expected a whole number in 1..128 [rows], got "
                            "\"200\"",
                            "7:1: wher: unknown key; did you mean where?"));
}

TEST_F(SpecProblemsTest, AFileWithoutPointsIsNoSweep) {
    EXPECT_THAT(problems_of(""),
                ElementsAre(HasSubstr("expected the keys of a sweep, found nothing")));
    EXPECT_THAT(problems(""),
                ElementsAre("1:1: axes: missing; expected axes, zip, sample or points"));
    EXPECT_THAT(
        problems("axes: {}\n"),
        ElementsAre("4:7: axes: expected a mapping of at least one key to its values, found "
                    "a mapping"));
    EXPECT_THAT(problems("axes: {core.rows: []}\n"),
                ElementsAre("4:19: axes.core.rows: expected a list of values or a range, found a "
                            "list of 0"));
    EXPECT_THAT(problems("points: []\n"), ElementsAre(HasSubstr("found a list of 0")));
    EXPECT_THAT(problems("zip: [{}]\n"), ElementsAre(HasSubstr("4:7: zip.0: expected a mapping")));
}

TEST_F(SpecProblemsTest, NameAndConfigurationAreRequired) {
    EXPECT_THAT(problems_of("trace: ../a.h5\naxes: {core.rows: [1]}\n"),
                ElementsAre("1:1: sweep: missing; expected a name",
                            "1:1: config: missing; expected a configuration file"));
    EXPECT_THAT(
        problems_of("sweep: a/b\nconfig: ../chip.yaml\ntrace: ../a.h5\naxes: {core.rows: [1]}\n"),
        ElementsAre("1:8: sweep: expected a name of 1 to 100 letters, digits, _, . and -, "
                    "found \"a/b\""));
}

TEST_F(SpecProblemsTest, UnknownKeysAreToldWithTheNearestOne) {
    EXPECT_THAT(problems("axs: {core.rows: [1]}\naxes: {rows: [1], core.fifo_depth_chunk: [1]}\n"),
                ElementsAre("4:1: axs: unknown key; did you mean axes?",
                            "5:8: axes.rows: unknown key; did you mean core.rows?",
                            "5:19: axes.core.fifo_depth_chunk: unknown key; did you mean "
                            "core.fifo_depth_chunks?"));
}

TEST_F(SpecProblemsTest, AKeyIsGivenInOnePlaceOnly) {
    EXPECT_THAT(problems("set: {core.rows: 8}\n"
                         "axes: {core.rows: [4], core.columns: [4], trace: [../a.h5]}\n"
                         "zip: [{core.columns: [1], core.tile_chunks: [1]}]\n"
                         "sample: {method: random, count: 1, axes: {core.tile_chunks: [2]}}\n"
                         "points: [{core.rows: 4}]\n"),
                ElementsAre("5:8: axes.core.rows: given twice, also as set.core.rows",
                            "5:43: axes.trace: given twice, also as trace",
                            "6:8: zip.0.core.columns: given twice, also as axes.core.columns",
                            "7:43: sample.axes.core.tile_chunks: given twice, also as "
                            "zip.0.core.tile_chunks",
                            "8:11: points.0.core.rows: given twice, also as set.core.rows for all "
                            "points"));
    EXPECT_THAT(problems("axes: {core.rows: [4]}\naxes: {core.columns: [4]}\n"),
                ElementsAre("5:1: axes: given twice"));
}

TEST_F(SpecProblemsTest, ValuesOfAnAxisDiffer) {
    EXPECT_THAT(
        problems("axes: {clocks.core_mhz: [100, 50, 1e2]}\n"
                 "zip: [{core.rows: [1, 2, 1], core.columns: [3, 4, 3]}]\n"),
        ElementsAre("4:35: axes.clocks.core_mhz: expected values that differ, found 100 as "
                    "value 0 and as value 2",
                    "5:26: zip.0: expected values that differ, found 1, 3 as value 0 and as "
                    "value 2"));
}

TEST_F(SpecProblemsTest, ListedPointsDifferFromAllOthersWithTheValuesOfTheChipFilledIn) {
    // The chip has two rows and two columns.
    EXPECT_THAT(problems("axes: {core.rows: [2, 8]}\n"
                         "points:\n"
                         "  - {core.columns: 3}\n"
                         "  - {core.columns: 2}\n"
                         "  - {core.columns: 3, core.rows: 2}\n"),
                ElementsAre("7:5: points.1: expected points that differ, found (core.columns=2), "
                            "which is the same as (core.rows=2)",
                            "8:5: points.2: expected points that differ, found (core.rows=2 "
                            "core.columns=3), which is the same as (core.columns=3)"));
}

TEST_F(SpecProblemsTest, KeysOfAGroupHaveAsManyValues) {
    EXPECT_THAT(
        problems("zip: [{core.rows: [1, 2], core.columns: {from: 1, to: 3, step: 1}}]\n"),
        ElementsAre("4:27: zip.0.core.columns: expected as many values as core.rows has, 2, "
                    "found 3"));
}

TEST_F(SpecProblemsTest, FilesHaveToBeThere) {
    const std::string where = " (a relative path starts at the folder of the sweep file)";
    EXPECT_THAT(
        problems_of("sweep: s\nconfig: chip.yaml\ntrace: [../a.h5, ../c.h5]\n"
                    "axes: {energy.table: [../t.yaml, ../v.yaml], memory.dram: [hbm2.yaml]}\n"),
        ElementsAre(
            "2:9: config: expected a file that is there, found no file sweeps/chip.yaml" + where,
            "3:18: trace.1: expected a file that is there, found no file c.h5" + where,
            "4:34: axes.energy.table.1: expected a file that is there, found no file v.yaml" +
                where,
            "4:60: axes.memory.dram.0: expected a file that is there, found no file "
            "sweeps/hbm2.yaml" +
                where));
}

TEST_F(SpecProblemsTest, TheTableOfTheChipHasToBeThereUnlessEveryPointHasItsOwn) {
    std::filesystem::remove("t.yaml");
    EXPECT_THAT(problems("axes: {core.rows: [4]}\n"),
                ElementsAre("chip.yaml: energy.table: expected a file that is there, found no file "
                            "t.yaml"));
    EXPECT_THAT(problems("axes: {energy.table: [../u.yaml]}\n"), IsEmpty());
    EXPECT_THAT(problems("set: {energy.table: ../u.yaml}\naxes: {core.rows: [4]}\n"), IsEmpty());
}

TEST_F(SpecProblemsTest, EveryPointNeedsATrace) {
    const std::string head = "sweep: s\nconfig: ../chip.yaml\n";
    const auto missing = ElementsAre(
        "1:1: trace: missing; expected a trace file, a list of them, or traces for every "
        "point");
    EXPECT_THAT(problems_of(head + "axes: {core.rows: [4]}\n"), missing);
    EXPECT_THAT(problems_of(head + "axes: {trace: [../a.h5]}\npoints: [{core.rows: 4}]\n"),
                missing);
    EXPECT_THAT(problems_of(head + "axes: {core.rows: [4]}\npoints: [{trace: ../a.h5}]\n"),
                missing);
    EXPECT_THAT(problems_of(head + "points: [{trace: ../a.h5}, {trace: ../b.h5}]\n"), IsEmpty());
}

TEST_F(SpecProblemsTest, TheChipHasToLoad) {
    write("chip.yaml", config::small_config_with("rows: 2", "rows: 2000"));
    EXPECT_THAT(problems("axes: {core.colums: [4]}\n"),
                ElementsAre("4:8: axes.core.colums: unknown key; did you mean core.columns?",
                            StartsWith("chip.yaml:7:9: core.rows: expected a whole number")));
}

TEST_F(SpecProblemsTest, ARuleBetweenKeysIsTheBusinessOfThePointThatBreaksIt) {
    // 2 clusters, but one part of the work: refused when a point is run, not here.
    EXPECT_THAT(problems("set: {accelerator.clusters: 2}\naxes: {core.rows: [4, 8]}\n"), IsEmpty());
    EXPECT_THAT(problems("axes: {accelerator.clusters: [1, 2]}\n"), IsEmpty());
}

TEST_F(SpecProblemsTest, AnchorsAreRefused) {
    EXPECT_THAT(problems("axes: {core.rows: &a [1], core.columns: *a}\n"),
                ElementsAre(HasSubstr("expected plain YAML, found an anchor")));
}

TEST_F(SpecProblemsTest, PointsAreCountedBeforeTheyAreMade) {
    const auto range = [](const std::string& key, const std::string& to) {
        return key + ": {from: 1, to: " + to + ", step: 1}";
    };
    const std::string rows = range("core.rows", "128") + ", " + range("core.columns", "128");
    EXPECT_THAT(
        problems("axes: {" + rows +
                 ", core.tile_chunks: [1, 2, 3, 4, 5, 6, 7]}\n"
                 "points: [{core.rows: 3}]\n"),
        ElementsAre("1:1: expected at most 100000 points, found 114689 (128 x 128 x 7 + 1), "
                    "conditions not counted"));
    // 10^6 x 10^6 x 10^6 = 10^18 is counted, one more axis is not.
    const std::string large = range("core.bus_values", "1000000") + ", " +
                              range("core.bus_bits", "1000000") + ", " +
                              range("core.scan_bits", "1000000");
    EXPECT_THAT(problems("axes: {" + large + "}\n"),
                ElementsAre(HasSubstr("found 1000000000000000000 (1000000 x 1000000 x 1000000)")));
    EXPECT_THAT(problems("axes: {" + large + ", " + rows + "}\n"),
                ElementsAre(HasSubstr("found more than 10^18 (")));
    // 2^20 x 2^20 x 2^20 x 2^4 = 2^64 is 0 in 64 bits.
    EXPECT_THAT(
        problems("axes: {" + range("core.bus_values", "1048576") + ", " +
                 range("core.bus_bits", "1048576") + ", " + range("core.scan_bits", "1048576") +
                 ", " + range("core.tile_chunks", "16") + "}\n"),
        ElementsAre(HasSubstr("found more than 10^18 (")));
    EXPECT_THAT(problems("axes: {clocks.core_mhz: {from: 1, to: 2, step: 1e-300}}\n"),
                ElementsAre(HasSubstr("found more than 10^18 (…)")));
}

TEST_F(SpecProblemsTest, AHundredThousandPointsAreAllowed) {
    const std::string axes =
        "axes: {core.rows: {from: 1, to: 100, step: 1}, core.columns: {from: 1, to: 100, step: 1}, "
        "core.tile_chunks: {from: 1, to: 10, step: 1}}\n";
    EXPECT_EQ(plan(axes).points.size(), kMostPoints);
    EXPECT_THAT(problems(axes + "points: [{core.rows: 101}]\n"),
                ElementsAre(HasSubstr("found 100001 (100 x 100 x 10 + 1)")));
}

TEST_F(SpecProblemsTest, AMillionWrongValuesAreToldInAThousandLines) {
    std::string list;
    for (int i = 0; i < 5000; ++i) {
        list += "x,";
    }
    const std::vector<std::string> lines = problems("axes: {core.rows: [" + list + "]}\n");
    ASSERT_EQ(lines.size(), 1001u);
    EXPECT_EQ(lines.back(), " and 4000 more problems");
}

}  // namespace
}  // namespace skipsim::sweep
