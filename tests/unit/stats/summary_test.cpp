// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/summary.h"

#include "tests/unit/stats/sample_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::stats {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::string summary(RunResult result, const ResultContext& context, bool per_layer = false) {
    apply_energy(result, EnergyPrices(sample_table(), "fp8"));
    return summary_of(result_document(result, context), {per_layer});
}

RunResult result_without_units(RunResult result) {
    result.units.clear();
    return result;
}

TEST(Summary, SaysWhatWasRunAndHowFast) {
    const std::string text = summary(sample_result(), sample_context());
    EXPECT_THAT(text, HasSubstr("t.h5: net on digits, iterations 0, 1"));
    EXPECT_THAT(text, ContainsRegex("cycles +210 +410 +610 +1,230\n"));
    EXPECT_THAT(text, ContainsRegex("speed-up over dense +2.00x +2.00x +2.00x +2.00x\n"));
    EXPECT_THAT(text, ContainsRegex("  idle +87.5 % +87.5 % +87.5 % +87.5 %\n"));
    EXPECT_THAT(text, ContainsRegex("one epoch .* on the chip "));
    EXPECT_THAT(text, HasSubstr("drift"));
    EXPECT_THAT(text, HasSubstr("sums over 2 iterations of 4 samples\n"));
    EXPECT_THAT(text, HasSubstr("(1 cluster x 2 cores x 2 x 2)"));
    EXPECT_THAT(text, Not(HasSubstr("WU")));
    EXPECT_THAT(text, Not(HasSubstr("wait_link")));
    EXPECT_THAT(text, Not(HasSubstr("ideal delivery")));
}

TEST(Summary, PowerOfTheChipStandsApartFromTheWhole) {
    RunResult result = sample_result();
    result.layers.resize(1);
    // 100 cycles at 50 MHz are 2 us; 1816 pJ, 16 of them DRAM
    const std::string text = summary(result_without_units(result), sample_context());
    EXPECT_THAT(text, ContainsRegex("power, whole \\[mW\\] +0.91 +0.91\n"));
    EXPECT_THAT(text, ContainsRegex("power on the chip \\[mW\\] +0.90 +0.90\n"));
}

TEST(Summary, RegretIsShownOnlyIfItWasAskedFor) {
    RunResult result = sample_result();
    EXPECT_THAT(summary(result, sample_context()), Not(HasSubstr("over the best mode")));
    // FF rows: chosen 100 + 110. Row by row: 100 - 90 and 0. Fixed: input 90 + 130, dense 300, so
    // the chosen mode itself is the best fixed one. BP: chosen 200 + 210, input 150 + 300,
    // dense 300 + 100: dense is best, 10 over it; row by row 50 + 110.
    result.layers[0].choices = {{"input+weight", 100}, {"input", 90}, {"dense", 150}};
    result.layers[0].regret_cycles = 10;
    result.layers[3].choices = {{"input+weight", 110}, {"input", 130}, {"dense", 150}};
    result.layers[3].regret_cycles = 0;
    result.layers[1].choices = {{"input+weight", 200}, {"input", 150}, {"dense", 300}};
    result.layers[1].regret_cycles = 50;
    result.layers[4].choices = {{"input+weight", 210}, {"input", 300}, {"dense", 100}};
    result.layers[4].regret_cycles = 110;
    const std::string text = summary(result, sample_context());
    EXPECT_THAT(text, ContainsRegex("cycles over the best mode of each row +10 +160 +n/a +170\n"));
    EXPECT_THAT(text, ContainsRegex("over the stage's best fixed mode +0 +10 +n/a +10\n"));
    EXPECT_THAT(text, ContainsRegex("that mode +input.weight +dense +n/a *\n"));
}

TEST(Summary, PartialSumsAreShownIfThereAreAny) {
    RunResult result = sample_result();
    EXPECT_THAT(summary(result, sample_context()), Not(HasSubstr("partial sums")));
    result.layers[2].actions[base::Action::aggregation_add] = 4321;
    EXPECT_THAT(summary(result, sample_context()),
                ContainsRegex("partial sums added +0 +0 +4,321 +4,321\n"));
}

TEST(Summary, CyclesOfTheVectorUnitStandApart) {
    EXPECT_THAT(summary(sample_result(), sample_context()), Not(HasSubstr("vector unit")));
    RunResult result = sample_result();
    result.layers[1].kind = "relu";
    result.layers.push_back(result.layers[5]);  // a conv2d, 310 cycles
    result.layers.back().stage = Stage::wu;
    EXPECT_THAT(summary(result_without_units(result), sample_context()),
                ContainsRegex("  of the vector unit +0 +200 +0 +310 +510\n"));
}

TEST(Summary, SpeedUpIsNotInvented) {
    RunResult result = sample_result();
    result.layers[0].dense_cycles.reset();
    EXPECT_THAT(summary(result, sample_context()),
                ContainsRegex("speed-up over dense +n/a +2.00x +2.00x +n/a\n"));
}

TEST(Summary, IdealDeliveryAssumptionsAndWarningsAreSaid) {
    RunResult result = sample_result();
    result.warnings = {"zeros were counted in fp32"};
    result.not_modelled = {"batch_norm", "relu"};
    ResultContext context = sample_context();
    context.unlimited_keys = {"core.bus_bits"};
    context.assumptions.push_back(
        {{"key", "core.rows"}, {"value", 2}, {"source", "s"}, {"status", "assumption"}});
    context.assumptions.push_back(
        {{"key", "core.columns"}, {"value", 2}, {"source", "s"}, {"status", "published"}});
    const std::string text = summary(result, context);
    EXPECT_THAT(text, HasSubstr("ideal delivery: unlimited core.bus_bits"));
    EXPECT_THAT(text, HasSubstr("1 value is an assumption, 5 have no note of origin"));
    EXPECT_THAT(text, HasSubstr("batch_norm, relu (cost nothing)"));
    EXPECT_THAT(text, HasSubstr("zeros were counted in fp32"));
}

TEST(Summary, LayersAreListedOnRequest) {
    EXPECT_THAT(summary(sample_result(), sample_context()), Not(HasSubstr("layer  stage")));
    EXPECT_THAT(summary(sample_result(), sample_context(), true),
                ContainsRegex("b +WG +input\\+weight +1 +310 +2.00x"));
}

}  // namespace
}  // namespace skipsim::stats
