// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/energy.h"

#include "tests/unit/stats/sample_result.h"

#include <gtest/gtest.h>

namespace skipsim::stats {
namespace {

TEST(Energy, OneCountCostsItsEntryTimesTheScaleFactor) {
    const EnergyPrices prices(sample_table(), "fp8");
    base::ActionCounts counts;
    counts[base::Action::and_bit] = 3;
    const Energy energy = energy_of(counts, prices);
    EXPECT_EQ(energy.pj, 6.0);        // 3 * 1 pJ * factor 2
    EXPECT_EQ(energy.low_pj, 3.0);    // * 0.5
    EXPECT_EQ(energy.high_pj, 12.0);  // * 2
}

TEST(Energy, TheScaleFactorLeavesDramAlone) {
    const EnergyPrices prices(sample_table(), "fp8");
    EXPECT_EQ(prices[base::Action::dram_read_byte].pj, 1.0);
    EXPECT_EQ(prices[base::Action::dram_write_byte].pj, 1.0);
    EXPECT_EQ(prices[base::Action::bus_bit].pj, 2.0);
}

TEST(Energy, AMacCostsWhatItsFormatCosts) {
    EnergyTable table = sample_table();
    for (EnergyEntry& entry : table.entries) {
        entry.pj = entry.action == "pe.mac_fp16" ? 7.0 : 1.0;
    }
    EXPECT_EQ(EnergyPrices(table, "fp16")[base::Action::pe_mac].pj, 14.0);
    EXPECT_EQ(EnergyPrices(table, "fp8")[base::Action::pe_mac].pj, 2.0);
}

TEST(Energy, EveryActionReachesItsComponentAndTheTotal) {
    const EnergyPrices prices(sample_table(), "fp8");
    for (const base::ActionDescription& action : base::action_catalogue()) {
        if (base::is_dram_command(action.action)) {
            continue;  // an ideal memory has none
        }
        base::ActionCounts counts;
        counts[action.action] = 1;
        const Energy energy = energy_of(counts, prices);
        EXPECT_GT(energy.pj, 0.0) << action.name;
        for (const auto& [component, pj] : energy.by_component) {
            EXPECT_EQ(pj > 0.0, component == action.component) << action.name;
        }
    }
}

// A modelled DRAM: its commands have the memory file's prices, its bytes none of their own.
TEST(Energy, ADramIsPaidForByItsCommands) {
    EnergyTable table = sample_table();
    table.dram_commands = {{"dram.activate", 5.0, "made up", "assumption", 0.5, 2.0},
                           {"dram.read_burst", 3.0, "made up", "assumption", 1.0, 1.0}};
    const EnergyPrices prices(table, "fp8");
    EXPECT_EQ(prices[base::Action::dram_activate].pj, 5.0);
    EXPECT_EQ(prices[base::Action::dram_activate].high_pj, 10.0);
    EXPECT_EQ(prices[base::Action::dram_read_burst].pj, 3.0);
    EXPECT_EQ(prices[base::Action::dram_read_byte].pj, 0.0);
    EXPECT_EQ(prices[base::Action::bus_bit].pj, 2.0);
}

TEST(Energy, RowsGetTheirEnergy) {
    RunResult result = sample_result();
    apply_energy(result, EnergyPrices(sample_table(), "fp8"));
    // 100 MACs and 800 PE cycles at 2 pJ, 16 bytes at 1 pJ
    EXPECT_EQ(result.layers[0].energy_pj, 200.0 + 1600.0 + 16.0);
    EXPECT_EQ(result.layers[0].energy_on_chip_pj, 200.0 + 1600.0);
}

}  // namespace
}  // namespace skipsim::stats
