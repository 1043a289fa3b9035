// SPDX-License-Identifier: Apache-2.0
#include "sim/results/reprice.h"

#include "sim/stats/energy_table.h"
#include "tests/unit/results/sample_file.h"

#include <gtest/gtest.h>

namespace skipsim::results {
namespace {

stats::EnergyTable shipped(const std::string& name) {
    return stats::load_energy_table(std::string(SKIPSIM_SOURCE_DIR) + "/configs/energy/" + name);
}

/// What a run says that had `table` from the start.
Json priced_with(const stats::RunResult& result, stats::ResultContext context,
                 stats::EnergyTable table, const std::string& path) {
    table.dram_commands = context.energy_table.dram_commands;
    context.energy_table = std::move(table);
    context.config["energy"]["table"] = path;
    return document_of(result, context);
}

void expect_same_as_fresh(const stats::RunResult& result, const stats::ResultContext& context) {
    const Json first = priced_with(result, context, shipped("45nm-0.9v.yaml"), "a.yaml");
    const Json fresh = priced_with(result, context, shipped("65nm-0.78v.yaml"), "b.yaml");
    ASSERT_NE(first["totals"]["energy_pj"], fresh["totals"]["energy_pj"]);
    EXPECT_EQ(repriced(first, shipped("65nm-0.78v.yaml"), "b.yaml").dump(1), fresh.dump(1));
    EXPECT_EQ(repriced(fresh, shipped("45nm-0.9v.yaml"), "a.yaml").dump(1), first.dump(1));
}

TEST(Reprice, GivesWhatAFreshRunGives) {
    expect_same_as_fresh(stats::sample_result(), stats::sample_context());
}

TEST(Reprice, KeepsThePricesOfTheDram) {
    stats::RunResult result = stats::sample_result();
    for (stats::LayerRow& row : result.layers) {
        row.actions[base::Action::dram_activate] = 7;
        row.actions[base::Action::dram_refresh] = 3;
    }
    expect_same_as_fresh(result, stats::sample_context_with_dram());
}

TEST(Reprice, KeepsEverythingThatIsNotAPrice) {
    stats::RunResult result = stats::sample_result();
    result.engine = "clocked";
    result.warnings = {"careful", "very"};
    result.not_modelled = {"relu"};
    result.layers[0].choices = {{"input", 90}, {"weight", 95}};
    result.layers[0].regret_cycles = 10;
    result.layers[1].dense_cycles.reset();
    stats::ValuesChecked values;
    values.compared = 5;
    values.largest_error = 0.3;
    values.problems = {"none"};
    result.values = values;
    stats::ResultContext context = stats::sample_context();
    context.assumptions.push_back(
        {{"key", "energy.table"}, {"value", "a.yaml"}, {"source", "s"}, {"status", "assumption"}});
    context.unlimited_keys = {"core.bus_bits"};
    context.selection = {"0..1", "a*", {"FF", "WG"}};  // no estimates: a warning more
    context.seed = 7;
    const Json first = priced_with(result, context, shipped("45nm-0.9v.yaml"), "a.yaml");
    context.assumptions[0]["value"] = "b.yaml";
    const Json fresh = priced_with(result, context, shipped("65nm-0.78v.yaml"), "b.yaml");
    EXPECT_EQ(repriced(first, shipped("65nm-0.78v.yaml"), "b.yaml").dump(1), fresh.dump(1));
}

TEST(Reprice, NamesTheProgramThatCounted) {
    Json document = priced_with(stats::sample_result(), stats::sample_context(),
                                shipped("45nm-0.9v.yaml"), "a.yaml");
    document["skipsim"]["revision"] = "older";
    const Json again = repriced(document, shipped("45nm-0.9v.yaml"), "a.yaml");
    EXPECT_EQ(again["skipsim"]["revision"], "older");
    EXPECT_EQ(again["content_sha256"], stats::content_sha256_of(again));
}

TEST(Reprice, OfTheSameTableChangesNothing) {
    const Json document = sample_document();
    EXPECT_EQ(repriced(document, stats::sample_table(), "sample.yaml").dump(), document.dump());
    const stats::RunResult back = run_result_of(document);
    EXPECT_EQ(back.layers.size(), 6U);
    EXPECT_EQ(back.traces[0].planned_epochs, 3U);
    EXPECT_EQ(back.core_mhz, 50.0);
}

}  // namespace
}  // namespace skipsim::results
