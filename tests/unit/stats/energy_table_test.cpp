// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/energy_table.h"

#include "sim/base/errors.h"
#include "sim/base/sha256.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::stats {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::string entry_text(const std::string& action) {
    return "  " + action +
           ": {pj: 0.5, source: s, status: P, uncertainty: {low: 0.5, high: 2.0}}\n";
}

/// A complete table, but without the entry of `left_out`.
std::string table_text(const std::string& left_out = "") {
    std::string text =
        "schema: skipsim-energy/1\nname: n\ntechnology: t\nvoltage_v: 0.9\n"
        "scale_factor: 1.5\nscale_factor_source: s\nactions:\n";
    for (const std::string& action : all_action_names()) {
        text += action == left_out ? "" : entry_text(action);
    }
    return text;
}

std::vector<std::string> problems(const std::string& text) {
    try {
        energy_table_from_text(text, "e.yaml");
    } catch (const base::InputError& error) {
        return error.lines();
    }
    return {};
}

TEST(EnergyTable, ACompleteTableIsReadWithItsChecksum) {
    const EnergyTable table = energy_table_from_text(table_text(), "e.yaml");
    EXPECT_EQ(table.entries.size(), all_action_names().size());
    EXPECT_EQ(table.entry("pe.mac_fp8").pj, 0.5);
    EXPECT_EQ(table.entry("fifo.bit_write").high_factor, 2.0);
    EXPECT_EQ(table.scale_factor, 1.5);
    EXPECT_EQ(table.sha256, base::sha256_hex(table_text()));
}

TEST(EnergyTable, EveryMissingActionIsNamed) {
    for (const std::string& action : all_action_names()) {
        EXPECT_THAT(problems(table_text(action)), Contains(HasSubstr("actions." + action + ":")))
            << action;
    }
}

TEST(EnergyTable, UnknownAndRepeatedActionsAreNamed) {
    EXPECT_THAT(problems(table_text() + entry_text("pe.mac_fp9")),
                Contains(HasSubstr("pe.mac_fp9: unknown key; did you mean")));
    EXPECT_THAT(problems(table_text() + entry_text("and.bit")), Contains(HasSubstr("and.bit")));
}

TEST(EnergyTable, WrongEntriesAreNamed) {
    const auto with = [](const std::string& fields) {
        return table_text("and.bit") + "  and.bit: {" + fields + "}\n";
    };
    EXPECT_THAT(problems(with("pj: -1, source: s, status: P, uncertainty: {low: 1, high: 1}")),
                Contains(HasSubstr("actions.and.bit.pj")));
    EXPECT_THAT(problems(with("pj: nan, source: s, status: P, uncertainty: {low: 1, high: 1}")),
                Contains(HasSubstr("actions.and.bit.pj")));
    EXPECT_THAT(problems(with("pj: 1, status: P, uncertainty: {low: 1, high: 1}")),
                Contains(HasSubstr("actions.and.bit.source")));
    EXPECT_THAT(problems(with("pj: 1, source: s, status: X, uncertainty: {low: 1, high: 1}")),
                Contains(HasSubstr("actions.and.bit.status")));
    EXPECT_THAT(problems(with("pj: 1, source: s, status: P, uncertainty: {low: 1.1, high: 1}")),
                Contains(HasSubstr("actions.and.bit.uncertainty.low")));
    EXPECT_THAT(problems(with("pj: 1, source: s, status: P, uncertainty: {low: 1, high: 0.9}")),
                Contains(HasSubstr("actions.and.bit.uncertainty.high")));
    EXPECT_THAT(problems(with("pj: 1, source: s, status: P")),
                Contains(HasSubstr("actions.and.bit.uncertainty")));
}

TEST(EnergyTable, ShippedTablesAreCompleteAndSayWhereEveryNumberComesFrom) {
    for (const char* name : {"45nm-0.9v", "65nm-0.78v"}) {
        const EnergyTable table = load_energy_table(std::string(SKIPSIM_SOURCE_DIR) +
                                                    "/configs/energy/" + name + ".yaml");
        EXPECT_EQ(table.name, name);
        for (const EnergyEntry& entry : table.entries) {
            EXPECT_GT(entry.pj, 0.0) << entry.action;
            EXPECT_GE(entry.source.size(), 10U) << entry.action;
        }
    }
}

}  // namespace
}  // namespace skipsim::stats
