// SPDX-License-Identifier: Apache-2.0
#include "sim/results/metrics.h"

#include "tests/unit/results/sample_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::results {
namespace {

TEST(Metrics, AreTheNumbersOfTotalsByName) {
    const Json totals = sample_document()["totals"];
    EXPECT_EQ(metric_of(totals, "cycles"), 1230.0);
    EXPECT_EQ(metric_of(totals, "macs.skipped.input"),
              totals["macs"]["skipped"]["input"].get<double>());
    EXPECT_EQ(metric_of(totals, "actions.pe.mac_fp8"), 1230.0);
    EXPECT_EQ(metric_of(totals, "energy_pj_by_component.dram"), 96.0);
    EXPECT_EQ(metric_of(totals, "cycle"), std::nullopt);
    EXPECT_EQ(metric_of(totals, "macs"), std::nullopt);
    EXPECT_EQ(metric_of(totals, "macs.none"), std::nullopt);
    EXPECT_EQ(metric_of(totals, ""), std::nullopt);
}

TEST(Metrics, SomeFollowFromOthers) {
    Json totals = sample_document()["totals"];
    EXPECT_EQ(metric_of(totals, "speedup"), 2.0);        // 2460 / 1230
    EXPECT_EQ(metric_of(totals, "utilisation"), 0.125);  // one of eight processing elements
    EXPECT_DOUBLE_EQ(metric_of(totals, "energy_delay_pj_s").value(),
                     totals["energy_pj"].get<double>() * 24.6e-6);
    totals["dense_cycles"] = nullptr;
    EXPECT_EQ(metric_of(totals, "speedup"), std::nullopt);
    totals["cycles"] = 0;
    totals["dense_cycles"] = 0;
    EXPECT_EQ(metric_of(totals, "speedup"), std::nullopt);
}

TEST(Metrics, EveryNumberOfTotalsIsOneAndHasAUnit) {
    const Json totals = sample_document()["totals"];
    const std::vector<std::string> names = metric_names(totals);
    EXPECT_THAT(names, testing::IsSupersetOf({"rows", "cycles", "dense_cycles", "macs.issued",
                                              "pe_cycles.idle", "actions.pe.mac_fp8",
                                              "energy_pj_by_component.pe", "speedup"}));
    for (const std::string& name : names) {
        EXPECT_TRUE(metric_of(totals, name).has_value()) << name;
        EXPECT_NE(unit_of(name), "") << name;
    }
    EXPECT_EQ(unit_of("cycles"), "core cycles");
    EXPECT_EQ(unit_of("nothing"), "");
}

}  // namespace
}  // namespace skipsim::results
