// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/result_document.h"

#include "sim/base/check.h"
#include "sim/stats/layers_csv.h"
#include "tests/unit/stats/sample_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace skipsim::stats {
namespace {

using Json = nlohmann::ordered_json;

RunResult priced_sample() {
    RunResult result = sample_result();
    apply_energy(result, EnergyPrices(sample_table(), "fp8"));
    return result;
}

Json sample_document() {
    return result_document(priced_sample(), sample_context());
}

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) {
        keys.push_back(key);
    }
    return keys;
}

TEST(ResultDocument, HoldsEveryPartOfTheSchema) {
    const Json document = sample_document();
    EXPECT_EQ(document["schema"], "skipsim-result/1");
    EXPECT_THAT(keys_of(document),
                testing::IsSupersetOf({"schema", "skipsim", "engine", "config", "assumptions",
                                       "energy_table", "trace", "warnings", "totals",
                                       "totals_by_stage", "layers", "units", "blocks", "estimates",
                                       "content_sha256", "wall"}));
    EXPECT_EQ(keys_of(document).back(), "wall");
    EXPECT_THAT(keys_of(document["totals_by_stage"]), testing::ElementsAre("FF", "BP", "WG", "WU"));
    EXPECT_TRUE(document["blocks"].empty());
}

TEST(ResultDocument, TotalsAreTheSumsOfTheRows) {
    const Json document = sample_document();
    std::uint64_t cycles = 0;
    double energy = 0.0;
    for (const Json& row : document["layers"]) {
        cycles += row["cycles"].get<std::uint64_t>();
        energy += row["energy_pj"].get<double>();
    }
    EXPECT_EQ(document["totals"]["cycles"], cycles);
    EXPECT_DOUBLE_EQ(document["totals"]["energy_pj"].get<double>(), energy);
    // 96 bytes of DRAM at 1 pJ
    EXPECT_DOUBLE_EQ(document["totals"]["energy_pj_on_chip"].get<double>(), energy - 96.0);
    EXPECT_DOUBLE_EQ(document["layers"][0]["energy_pj_on_chip"].get<double>(),
                     document["layers"][0]["energy_pj"].get<double>() - 16.0);
    double components = 0.0;
    for (const Json& pj : document["totals"]["energy_pj_by_component"]) {
        components += pj.get<double>();
    }
    EXPECT_DOUBLE_EQ(components, energy);
    // 1230 cycles at 50 MHz
    EXPECT_DOUBLE_EQ(document["totals"]["time_s"].get<double>(), 24.6e-6);
    EXPECT_DOUBLE_EQ(document["totals"]["power_mw"].get<double>(), energy * 1e-9 / 24.6e-6);
    EXPECT_LT(document["totals"]["energy_pj_low"].get<double>(), energy);
    EXPECT_GT(document["totals"]["energy_pj_high"].get<double>(), energy);
}

TEST(ResultDocument, ActionsCarryTheirFullNames) {
    const Json document = sample_document();
    EXPECT_EQ(document["layers"][0]["actions"]["pe.mac_fp8"], 100);
    EXPECT_EQ(document["layers"][0]["actions"]["clock.pe_cycle"], 800);
    EXPECT_FALSE(document["layers"][0]["actions"].contains("pe.mac"));
}

TEST(ResultDocument, CountsAreIntegersAndSurviveText) {
    RunResult result = priced_sample();
    const std::uint64_t large = (1ULL << 53U) + 1;
    result.layers[0].dram_bytes = large;
    const Json document = result_document(result, sample_context());
    const Json read = Json::parse(document.dump());
    EXPECT_TRUE(read["layers"][0]["dram_bytes"].is_number_unsigned());
    EXPECT_EQ(read["layers"][0]["dram_bytes"].get<std::uint64_t>(), large);
    EXPECT_EQ(read["totals"]["energy_pj"].get<double>(),
              document["totals"]["energy_pj"].get<double>());
}

TEST(ResultDocument, DenseCyclesThatWereNotComputedAreNull) {
    RunResult result = priced_sample();
    result.layers[0].dense_cycles.reset();
    result.layers[2].dense_cycles = 0;
    const Json document = result_document(result, sample_context());
    EXPECT_TRUE(document["layers"][0]["dense_cycles"].is_null());
    EXPECT_TRUE(document["totals"]["dense_cycles"].is_null());
    EXPECT_EQ(document["layers"][1]["dense_cycles"], 400);
    EXPECT_EQ(document["layers"][2]["dense_cycles"], 0);
}

TEST(ResultDocument, EstimatesScaleOneIterationToEpochAndRun) {
    const Json estimates = sample_document()["estimates"];
    EXPECT_DOUBLE_EQ(estimates["epoch"]["cycles"]["value"].get<double>(), 6150.0);
    EXPECT_DOUBLE_EQ(estimates["run"]["cycles"]["value"].get<double>(), 18450.0);
    EXPECT_DOUBLE_EQ(estimates["epoch"]["time_s"]["value"].get<double>(), 6150.0 / 50e6);
    // an iteration reads 48 bytes of DRAM at 1 pJ
    EXPECT_DOUBLE_EQ(estimates["epoch"]["energy_pj_on_chip"]["value"].get<double>(),
                     estimates["epoch"]["energy_pj"]["value"].get<double>() - 480.0);
    EXPECT_FALSE(estimates["run"]["energy_pj"]["method"].get<std::string>().empty());
}

TEST(ResultDocument, EstimatesThatAreLeftOutBecomeAWarning) {
    ResultContext context = sample_context();
    context.selection.layers = "a*";
    const Json document = result_document(priced_sample(), context);
    EXPECT_TRUE(document["estimates"].empty());
    EXPECT_THAT(document["warnings"].back().get<std::string>(), testing::HasSubstr("no estimates"));
}

TEST(ResultDocument, ABrokenLawIsABug) {
    RunResult result = priced_sample();
    ++result.layers[0].cycles;
    EXPECT_THROW(result_document(result, sample_context()), base::InternalError);
}

TEST(ResultDocument, EnergiesThatDoNotSumAreABug) {
    RunResult result = priced_sample();
    result.layers[0].energy_pj *= 1.0 + 1e-5;
    EXPECT_THROW(result_document(result, sample_context()), base::InternalError);
}

TEST(ResultDocument, TracesSayWhatEstimatesNeed) {
    const Json document = sample_document();
    EXPECT_EQ(document["trace"][0]["steps_per_epoch"], 10);
    EXPECT_EQ(document["trace"][0]["planned_epochs"], 3);
}

TEST(ResultDocument, AModelledMemoryHasItsPeakAndItsPrices) {
    EXPECT_TRUE(sample_document()["memory_file"].is_null());
    RunResult result = sample_result();
    const ResultContext context = sample_context_with_dram();
    apply_energy(result, EnergyPrices(context.energy_table, context.operand_format));
    const Json memory = result_document(result, context)["memory_file"];
    EXPECT_EQ(memory["name"], "ddr");
    EXPECT_EQ(memory["peak_bytes_per_cycle"], 12.8);
    EXPECT_EQ(memory["commands"]["dram.activate"],
              Json({{"pj", 1.0 / 3.0}, {"low", 0.7}, {"high", 1.1}}));
    EXPECT_EQ(memory["commands"].size(), context.energy_table.dram_commands.size());
}

TEST(ResultDocument, ItsChecksumIsOfEverythingButWallAndItself) {
    // `printf '%s' '{"a":1,"b":[2.5]}' | sha256sum`
    const std::string expected = "1d97f1c6350e2d952e3db713f3d5e3b3992bc269e1e2351d30c1b917ee185bde";
    EXPECT_EQ(content_sha256_of(Json::parse(R"({"a": 1, "b": [2.5]})")), expected);
    EXPECT_EQ(content_sha256_of(Json::parse(
                  R"({"a": 1, "b": [2.5], "content_sha256": "x", "wall": {"seconds": 1}})")),
              expected);
    const Json document = sample_document();
    EXPECT_EQ(document["content_sha256"], content_sha256_of(document));
    Json edited = document;
    edited["totals"]["cycles"] = 1231;
    EXPECT_NE(document["content_sha256"], content_sha256_of(edited));
}

TEST(ResultDocument, ItsChecksumSurvivesTextAndNamesThatAreNotUtf8) {
    RunResult result = priced_sample();
    result.layers[0].layer = "a\xff\xfe";
    const Json document = result_document(result, sample_context());
    const Json read = Json::parse(document.dump(1, ' ', false, Json::error_handler_t::replace));
    EXPECT_EQ(read["content_sha256"], content_sha256_of(read));
}

TEST(ResultDocument, OnlyWallDiffersBetweenTwoRuns) {
    ResultContext slow = sample_context();
    slow.wall_seconds = 9.0;
    slow.peak_rss_bytes = 123;
    Json first = sample_document();
    Json second = result_document(priced_sample(), slow);
    EXPECT_NE(first, second);
    first.erase("wall");
    second.erase("wall");
    EXPECT_EQ(first.dump(), second.dump());
}

TEST(LayersCsv, HasOneLinePerRowAndAsManyFieldsAsItsHeader) {
    std::istringstream csv(layers_as_csv(sample_document()));
    std::string line;
    std::getline(csv, line);
    const auto commas = std::count(line.begin(), line.end(), ',');
    EXPECT_THAT(line, testing::StartsWith("trace,network,iteration,layer,kind,stage,skip,patterns,"
                                          "cycles,dense_cycles,samples.total"));
    int rows = 0;
    while (std::getline(csv, line)) {
        EXPECT_EQ(std::count(line.begin(), line.end(), ','), commas);
        ++rows;
    }
    EXPECT_EQ(rows, 6);
}

TEST(LayersCsv, FieldsWithCommasAndQuotesAreQuoted) {
    RunResult result = priced_sample();
    result.layers[0].layer = "a,\"b\"";
    EXPECT_THAT(layers_as_csv(result_document(result, sample_context())),
                testing::HasSubstr(",\"a,\"\"b\"\"\",conv2d,FF,input+weight,x+mask_w,100,200,"));
}

}  // namespace
}  // namespace skipsim::stats
