// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/plan.h"

#include <gmock/gmock.h>

#include "sim/base/sha256.h"
#include "tests/unit/sweep/sweep_files.h"

namespace skipsim::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PlanTest : public SweepFiles {};

TEST_F(PlanTest, TheLastAxisVariesFastest) {
    const Plan made = plan("axes:\n  core.rows: [4, 8]\n  skip.ff: [dense, input, weight]\n");
    EXPECT_THAT(made.axis_keys, ElementsAre("core.rows", "skip.ff"));
    EXPECT_THAT(labels(made),
                ElementsAre("core.rows=4 skip.ff=dense", "core.rows=4 skip.ff=input",
                            "core.rows=4 skip.ff=weight", "core.rows=8 skip.ff=dense",
                            "core.rows=8 skip.ff=input", "core.rows=8 skip.ff=weight"));
    for (std::size_t i = 0; i < made.points.size(); ++i) {
        EXPECT_EQ(made.points[i].number, i);
    }
}

TEST_F(PlanTest, KeysOfAGroupAdvanceTogetherAndTheGroupIsOneAxis) {
    const Plan made = plan(
        "axes: {skip.ff: [dense, input]}\n"
        "zip:\n  - {core.rows: [4, 8], core.columns: [8, 4]}\n");
    EXPECT_THAT(labels(made), ElementsAre("skip.ff=dense core.rows=4 core.columns=8",
                                          "skip.ff=dense core.rows=8 core.columns=4",
                                          "skip.ff=input core.rows=4 core.columns=8",
                                          "skip.ff=input core.rows=8 core.columns=4"));
}

TEST_F(PlanTest, ListedPointsComeAfterTheGridAndMayLackKeys) {
    const Plan made = plan(
        "points:\n  - {core.columns: 5}\n  - {core.columns: 3, core.tile_chunks: 1}\n"
        "axes: {core.rows: [4, 8]}\n");
    EXPECT_THAT(made.axis_keys, ElementsAre("core.rows", "core.columns", "core.tile_chunks"));
    EXPECT_THAT(labels(made), ElementsAre("core.rows=4", "core.rows=8", "core.columns=5",
                                          "core.columns=3 core.tile_chunks=1"));
}

TEST_F(PlanTest, ListedPointsAloneAreASweep) {
    EXPECT_THAT(labels(plan("points: [{core.rows: 3}, {core.rows: 5, core.columns: 1}]\n")),
                ElementsAre("core.rows=3", "core.rows=5 core.columns=1"));
}

TEST_F(PlanTest, FilesOfTheSweepAreRelativeToTheSweepFileAndUsableFromTheCurrentFolder) {
    const Plan made = plan_of(
        "sweep: s\nconfig: ../chip.yaml\ntrace: [../a.h5, ../b.h5]\n"
        "set: {energy.table: ../u.yaml}\n"
        "axes: {memory.dram: [ideal, ../hbm2.yaml]}\n");
    EXPECT_EQ(made.spec.config_path, "chip.yaml");
    EXPECT_THAT(made.spec.traces, ElementsAre("a.h5", "b.h5"));
    EXPECT_THAT(made.spec.overrides, ElementsAre("energy.table=u.yaml"));
    ASSERT_EQ(made.points.size(), 2u);
    EXPECT_EQ(made.points[0].settings.front().value, "ideal");
    EXPECT_EQ(made.points[1].settings.front().value, "hbm2.yaml");
}

TEST_F(PlanTest, LabelsShowFilesWithoutTheirFolders) {
    std::filesystem::create_directories("deep");
    write("deep/x.h5", "");
    const Plan made =
        plan_of("sweep: s\nconfig: ../chip.yaml\naxes: {trace: [../a.h5, ../deep/x.h5]}\n");
    EXPECT_THAT(labels(made), ElementsAre("trace=a.h5", "trace=x.h5"));
    EXPECT_EQ(made.points[1].settings.front().value, "deep/x.h5");
    EXPECT_THAT(made.spec.traces, IsEmpty());
}

TEST_F(PlanTest, TheSelectionIsPartOfWhatAllPointsShare) {
    const Plan made = plan(
        "iterations: 0..1\nlayers: \"layer1.*\"\nstages: [BP, FF]\nseed: 7\n"
        "set: {core.rows: 8, skip.bp: \"weight\"}\naxes: {core.columns: [1]}\n");
    EXPECT_EQ(made.spec.name, "s");
    EXPECT_EQ(made.spec.iterations, "0..1");
    EXPECT_EQ(made.spec.layers, "layer1.*");
    EXPECT_EQ(made.spec.stages, "FF,BP");
    EXPECT_EQ(made.spec.seed, 7u);
    EXPECT_THAT(made.spec.overrides, ElementsAre("core.rows=8", "skip.bp=weight"));
    EXPECT_EQ(made.spec.text_sha256, base::sha256_hex(made.spec.text));
    EXPECT_THAT(made.spec.text, HasSubstr("layers: \"layer1.*\""));
}

TEST_F(PlanTest, ThePartOfTheTraceCanBeAnAxis) {
    const Plan made =
        plan("axes:\n  iterations: [0, 1..2]\n  layers: [\"*\"]\n  stages: [FF, [WG, BP]]\n");
    EXPECT_THAT(
        labels(made),
        ElementsAre("iterations=0..0 layers=* stages=FF", "iterations=0..0 layers=* stages=BP,WG",
                    "iterations=1..2 layers=* stages=FF", "iterations=1..2 layers=* stages=BP,WG"));
}

TEST_F(PlanTest, ConditionsLeavePointsOutAndNumbersHaveNoGaps) {
    const Plan made = plan(
        "axes: {core.rows: [4, 8, 16], core.columns: [4, 8]}\n"
        "where:\n  - core.rows * core.columns <= 64\n  - core.rows != 4 or core.columns == 8\n");
    EXPECT_THAT(labels(made),
                ElementsAre("core.rows=4 core.columns=8", "core.rows=8 core.columns=4",
                            "core.rows=8 core.columns=8", "core.rows=16 core.columns=4"));
    EXPECT_EQ(made.excluded, 2u);
    EXPECT_EQ(made.points.back().number, 3u);
}

TEST_F(PlanTest, DrawnPointsThatAreThereAlreadyAreLeftOutAndCounted) {
    // Three values only: 50 draws of each of two axes leave the 2 x 2 different points.
    const Plan made = plan(
        "axes: {core.tile_chunks: [1, 2, 4]}\n"
        "sample: {method: random, count: 50, seed: 3, axes: {core.rows: {from: 4, to: 5}, "
        "skip.ff: [dense, input]}}\n");
    EXPECT_EQ(made.points.size(), 3u * 4u);
    EXPECT_EQ(made.repeated, 3u * 46u);
}

TEST_F(PlanTest, AListedPointTakesThePlaceOfADrawnOne) {
    const Plan made = plan(
        "sample: {method: random, count: 20, axes: {core.rows: {from: 4, to: 5}}}\n"
        "points: [{core.rows: 4}]\n");
    EXPECT_EQ(made.points.size(), 2u);
    EXPECT_EQ(label_of(made.points.back()), "core.rows=4");
    EXPECT_EQ(made.repeated, 19u);
}

TEST_F(PlanTest, TheSameFileGivesTheSamePoints) {
    const std::string text =
        "sample: {method: latin-hypercube, count: 9, seed: 5, axes: {core.rows: {from: 1, to: 90},"
        " clocks.core_mhz: {from: 50, to: 400, scale: log}}}\n";
    EXPECT_EQ(labels(plan(text)), labels(plan(text)));
}

}  // namespace
}  // namespace skipsim::sweep
