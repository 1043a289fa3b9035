// SPDX-License-Identifier: Apache-2.0
#include "sim/base/errors.h"
#include "sim/config/config.h"
#include "tests/unit/config/small_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems(const std::vector<std::string>& overrides) {
    try {
        Config::from_text(small_config(), "c.yaml", overrides);
    } catch (const base::InputError& error) {
        return error.lines();
    }
    return {};
}

TEST(ConfigRules, PartsMustMultiplyToTheClusters) {
    EXPECT_THAT(problems({"accelerator.clusters=4", "accelerator.partition.cluster_m=2"}),
                ElementsAre("--set: accelerator.partition.cluster_m: expected "
                            "accelerator.partition.cluster_m (2) times "
                            "accelerator.partition.cluster_n (1) times "
                            "accelerator.partition.cluster_k (1) to be accelerator.clusters (4), "
                            "got 2"));
    EXPECT_THAT(problems({"accelerator.clusters=4", "accelerator.partition.cluster_m=2",
                          "accelerator.partition.cluster_n=2"}),
                ElementsAre());
}

TEST(ConfigRules, PartsMustMultiplyToTheCores) {
    EXPECT_THAT(problems({"accelerator.cores_per_cluster=3"}),
                ElementsAre(HasSubstr("to be accelerator.cores_per_cluster (3), got 1")));
}

TEST(ConfigRules, AChipOfMoreThanSixteenMillionElementsIsRefused) {
    EXPECT_THAT(problems({"accelerator.clusters=1024", "accelerator.partition.cluster_m=1024",
                          "core.rows=128", "core.columns=128"}),
                ElementsAre())
        << "2^24 is allowed";
    EXPECT_THAT(problems({"accelerator.clusters=1024", "accelerator.partition.cluster_m=1024",
                          "accelerator.cores_per_cluster=2", "accelerator.partition.core_m=2",
                          "core.rows=128", "core.columns=128"}),
                ElementsAre(HasSubstr("at most 16777216 processing elements")));
}

TEST(ConfigRules, AChipOfMoreThanFourThousandCoresIsRefused) {
    EXPECT_THAT(problems({"accelerator.clusters=64", "accelerator.partition.cluster_m=64",
                          "accelerator.cores_per_cluster=64", "accelerator.partition.core_m=64"}),
                ElementsAre())
        << "4096 are allowed";
    EXPECT_THAT(problems({"accelerator.clusters=1024", "accelerator.partition.cluster_m=1024",
                          "accelerator.cores_per_cluster=5", "accelerator.partition.core_m=5"}),
                ElementsAre(HasSubstr("at most 4096 cores")));
}

TEST(ConfigRules, NoMorePairsAreIssuedThanAChunkHolds) {
    EXPECT_THAT(problems({"core.issue_width_pairs=8"}), ElementsAre());
    EXPECT_THAT(problems({"core.issue_width_pairs=9"}),
                ElementsAre("--set: core.issue_width_pairs: expected at most the pairs of a chunk, "
                            "got core.issue_width_pairs (9) with core.chunk_operands (8)"));
}

TEST(ConfigRules, NoMorePairsAreIssuedThanTheDetectorSees) {
    EXPECT_THAT(problems({"core.issue_width_pairs=4", "core.scan_bits=4"}), ElementsAre());
    EXPECT_THAT(problems({"core.issue_width_pairs=4", "core.scan_bits=3"}),
                ElementsAre(HasSubstr("core.scan_bits (3) with core.issue_width_pairs (4)")));
}

TEST(ConfigRules, ADenseCoreSkipsNothing) {
    EXPECT_THAT(
        problems({"core.zero_skipping=false"}),
        ElementsAre("c.yaml:13:12: skip.ff: expected dense with core.zero_skipping (false), "
                    "got skip.ff (adaptive)",
                    "c.yaml:13:26: skip.bp: expected dense with core.zero_skipping (false), "
                    "got skip.bp (input)"));
    EXPECT_THAT(problems({"core.zero_skipping=false", "skip.ff=dense", "skip.bp=dense"}),
                ElementsAre());
    EXPECT_THAT(problems({"core.zero_skipping=false", "skip.ff=dense", "skip.bp=dense",
                          "skip.coarse_runs=true"}),
                ElementsAre(HasSubstr("skip.coarse_runs: expected false with "
                                      "core.zero_skipping (false)")));
}

TEST(ConfigRules, AccumulatorsHoldTheirProducts) {
    EXPECT_THAT(problems({"core.operand_format=int8"}),
                ElementsAre(HasSubstr("expected int32 with core.operand_format (int8), got "
                                      "core.accumulator_format (fp32)")));
    EXPECT_THAT(problems({"core.operand_format=int8", "core.accumulator_format=int32"}),
                ElementsAre());
    EXPECT_THAT(problems({"core.accumulator_format=int32"}),
                ElementsAre(HasSubstr("expected fp16 or fp32")));
    EXPECT_THAT(problems({"core.operand_format=fp32", "core.accumulator_format=fp16"}),
                ElementsAre(HasSubstr("expected fp32 with core.operand_format (fp32)")));
    EXPECT_THAT(problems({"core.accumulator_format=fp16"}), ElementsAre());
}

// 65536 · 512 · 31 = 1,040,187,392 < 2^30; · 32 = 2^30: one too many.
TEST(ConfigRules, ATileStaysBelowFourGibibytes) {
    const std::string most = "core.tile_chunks=65536";
    EXPECT_THAT(problems({most, "core.chunk_operands=512", "core.rows=31", "core.columns=31"}),
                ElementsAre());
    EXPECT_THAT(problems({most, "core.chunk_operands=512", "core.rows=31", "core.columns=32"}),
                ElementsAre(HasSubstr("core.columns (32) = 1073741824")));
}

// A tile of small_config(): 2 rows · 4 chunks · 8 operands · (8 + 1) bits = 72 bytes; two: 144.
TEST(ConfigRules, TwoTilesFitTheBuffersOfACore) {
    EXPECT_THAT(problems({"core.input_buffer_bytes=144", "core.weight_buffer_bytes=144"}),
                ElementsAre());
    EXPECT_THAT(
        problems({"core.input_buffer_bytes=143"}),
        ElementsAre("--set: core.input_buffer_bytes: expected room for two tiles, 144 bytes "
                    "with core.rows (2), core.tile_chunks (4), core.chunk_operands (8) and "
                    "core.operand_format (fp8), got core.input_buffer_bytes (143)"));
    EXPECT_THAT(problems({"core.weight_buffer_bytes=143"}),
                ElementsAre(HasSubstr("core.columns (2)")));
    // Results: 2 · 2 · 4 of 4 bytes, twice: 128.
    EXPECT_THAT(problems({"core.output_buffer_bytes=128"}), ElementsAre());
    EXPECT_THAT(problems({"core.output_buffer_bytes=127"}),
                ElementsAre(HasSubstr("results of two tiles, 128 bytes")));
}

TEST(ConfigRules, TwoWeightTilesOfEachCoreFitTheClusterBuffer) {
    EXPECT_THAT(problems({"cluster.weight_buffer_ports=1", "cluster.weight_buffer_bytes=144"}),
                ElementsAre());
    EXPECT_THAT(problems({"cluster.weight_buffer_ports=1", "cluster.weight_buffer_bytes=143"}),
                ElementsAre(HasSubstr("two weight tiles of each core, 144 bytes with "
                                      "accelerator.cores_per_cluster (1)")));
    EXPECT_THAT(problems({"cluster.weight_buffer_bytes=1"}), ElementsAre()) << "no such buffer";
}

}  // namespace
}  // namespace skipsim::config
