// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/totals.h"

#include "sim/base/check.h"
#include "tests/unit/stats/sample_result.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace skipsim::stats {
namespace {

/// Whether the laws hold after `change` was made to the first row.
bool holds_after(const std::function<void(LayerRow&)>& change, std::uint64_t issue_width = 1) {
    RunResult result = sample_result();
    change(result.layers[0]);
    try {
        check_identities(result, issue_width);
    } catch (const base::InternalError&) {
        return false;
    }
    return true;
}

TEST(Totals, SumsAreThoseOfTheRows) {
    const Totals totals = totals_of(sample_result());
    EXPECT_EQ(totals.rows, 6U);
    EXPECT_EQ(totals.cycles, 1230U);  // 100 + 200 + 300 + 110 + 210 + 310
    EXPECT_EQ(totals.dense_cycles, 2460U);
    EXPECT_EQ(totals.macs.dense, 2460U);
    EXPECT_EQ(totals.pe_cycles[base::PeCategory::idle], 7U * 1230U);
    EXPECT_EQ(totals.dram_bytes, 96U);
    EXPECT_EQ(totals.actions[base::Action::pe_mac], 1230U);
}

TEST(Totals, AStageSumsItsOwnRows) {
    EXPECT_EQ(totals_of(sample_result(), Stage::ff).cycles, 210U);
    EXPECT_EQ(totals_of(sample_result(), Stage::bp).cycles, 410U);
    EXPECT_EQ(totals_of(sample_result(), Stage::wg).cycles, 610U);
    EXPECT_EQ(totals_of(sample_result(), Stage::wu).rows, 0U);
}

TEST(Totals, DenseCyclesAreUnknownIfOneRowDoesNotHaveThem) {
    RunResult result = sample_result();
    result.layers[3].dense_cycles.reset();
    EXPECT_EQ(totals_of(result).dense_cycles, std::nullopt);
    EXPECT_EQ(totals_of(result, Stage::wg).dense_cycles, 1220U);
}

TEST(Identities, TheSampleObeysThemAll) {
    EXPECT_TRUE(holds_after([](LayerRow&) {}));
}

TEST(Identities, EachBrokenLawIsNoticed) {
    EXPECT_FALSE(holds_after([](LayerRow& row) { ++row.pe_cycles[base::PeCategory::idle]; }));
    EXPECT_FALSE(holds_after([](LayerRow& row) { ++row.cycles; }));
    EXPECT_FALSE(holds_after([](LayerRow& row) { row.macs.effectual = row.macs.issued + 1; }, 2));
    EXPECT_FALSE(holds_after([](LayerRow& row) { ++row.macs.dense; }));
    EXPECT_FALSE(holds_after([](LayerRow& row) { ++row.macs.skipped.input; }));
    EXPECT_FALSE(holds_after([](LayerRow& row) { ++row.macs.skipped.weight_coarse; }));
    EXPECT_FALSE(holds_after([](LayerRow& row) { row.energy_pj = -1.0; }));
    EXPECT_FALSE(holds_after(
        [](LayerRow& row) { row.energy_pj = std::numeric_limits<double>::quiet_NaN(); }));
}

TEST(Identities, IssuingMoreThanDenseIsNoticedEvenIfTheBatchHasRoomForIt) {
    EXPECT_FALSE(holds_after([](LayerRow& row) {
        row.macs.issued = row.macs.dense + 1;
        row.macs.dense_all_samples = row.macs.dense + 1;
        row.macs.skipped = {};
    }));
}

TEST(Identities, MacCyclesEqualEffectualMultipliesOnlyAtIssueWidthOne) {
    const auto move_one = [](LayerRow& row) {
        --row.pe_cycles[base::PeCategory::mac];
        ++row.pe_cycles[base::PeCategory::idle];
    };
    EXPECT_FALSE(holds_after(move_one, 1));
    EXPECT_TRUE(holds_after(move_one, 2));
}

TEST(Identities, UnitsAccountForEveryCycle) {
    RunResult result = sample_result();
    ++result.units[0].blocked;
    EXPECT_THROW(check_identities(result, 1), base::InternalError);
}

TEST(Identities, TheMessageNamesTheRowAndTheLaw) {
    RunResult result = sample_result();
    ++result.layers[1].macs.skipped.output;
    try {
        check_identities(result, 1);
        FAIL();
    } catch (const base::InternalError& error) {
        EXPECT_STREQ(error.what(),
                     "trace t.h5, iteration 0, layer b, stage BP: broken: dense_all_samples - "
                     "issued = sum of skipped (200, 201)");
    }
}

}  // namespace
}  // namespace skipsim::stats
