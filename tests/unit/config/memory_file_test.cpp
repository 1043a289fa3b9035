// SPDX-License-Identifier: Apache-2.0
#include "sim/config/memory_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "sim/base/errors.h"

namespace skipsim::config {
namespace {

std::string shipped(const std::string& name) {
    return std::string(SKIPSIM_SOURCE_DIR) + "/configs/memory/" + name + ".yaml";
}

std::string text_of(const std::string& path) {
    std::ifstream stream(path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// The shipped DDR4 file with one line's value replaced, read; what() of the error.
std::string problem_with(const std::string& key, const std::string& value) {
    std::string text = text_of(shipped("ddr4-2400"));
    const std::size_t start = text.find("\n  " + key + ": {value: ") + key.size() + 13;
    text.replace(start, text.find(", status", start) - start, value);
    try {
        memory_file_from_text(text, "m.yaml");
    } catch (const base::InputError& error) {
        return error.what();
    }
    return "";
}

TEST(MemoryFile, ShippedFilesAreReadWithASourceForEveryValue) {
    for (const char* name : {"lpddr4-3200", "ddr4-2400", "hbm2"}) {
        const MemoryFile file = load_memory_file(shipped(name));
        EXPECT_EQ(file.name, name);
        EXPECT_EQ(file.sources.size(), 1u + 8u + 20u + 5u);
        EXPECT_EQ(file.energy.size(), memory_energy_actions().size());
        for (const MemorySource& source : file.sources) {
            EXPECT_FALSE(source.source.empty()) << source.key;
        }
        EXPECT_EQ(file.sha256.size(), 64u);
    }
}

TEST(MemoryFile, ValuesArriveInTheirFields) {
    const MemoryFile file = load_memory_file(shipped("ddr4-2400"));
    EXPECT_EQ(file.clock_mhz, 1200u);
    EXPECT_EQ(file.clock_period_ps(), 833u);
    EXPECT_EQ(file.organisation.bank_groups, 4u);
    EXPECT_EQ(file.organisation.burst_length, 8u);
    EXPECT_EQ(file.timings.t_rcd_read, 16u);
    EXPECT_EQ(file.timings.t_refi, 9360u);
    EXPECT_EQ(file.timings.t_rfc, 420u);
    EXPECT_EQ(file.controller.queue_entries, 32u);
    EXPECT_FALSE(file.controller.is_closed_page);
    EXPECT_EQ(file.controller.address_order, "row-rank-bank-column-bankgroup-channel");
    EXPECT_EQ(file.energy[0].action, "activate_precharge");
    EXPECT_EQ(file.energy[0].pj, 3448.0);
    EXPECT_TRUE(load_memory_file(shipped("hbm2")).controller.split_command_bus);
}

TEST(MemoryFile, ContradictionsAreRefusedWithTheirKeysAndValues) {
    const std::pair<std::pair<const char*, const char*>, const char*> cases[] = {
        {{"t_rc", "54"}, "timings.t_rc: expected t_ras + t_rp <= t_rc, found 55 and 54"},
        {{"t_ccd_s", "7"}, "timings.t_ccd_l: expected t_ccd_s <= t_ccd_l, found 7 and 6"},
        {{"t_rrd_s", "7"}, "timings.t_rrd_l: expected t_rrd_s <= t_rrd_l, found 7 and 6"},
        {{"t_wtr_s", "10"}, "timings.t_wtr_l: expected t_wtr_s <= t_wtr_l, found 10 and 9"},
        {{"t_faw", "3"}, "timings.t_faw: expected t_rrd_s <= t_faw, found 4 and 3"},
        {{"t_rfc", "9360"}, "timings.t_refi: expected t_rfc < t_refi, found 9360 and 9360"},
        {{"t_rfc", "9300"}, "timings.t_refi: expected t_rfc + one access"},
        {{"channels", "0"}, "organisation.channels.value"},
        {{"banks_per_group", "3"}, "organisation.banks_per_group: expected a power of two"},
        {{"banks_per_group", "32"}, "expected ranks x bank_groups x banks_per_group <= 64"},
        {{"columns", "4"}, "organisation.columns: expected columns >= burst_length, found 4 < 8"},
        {{"address_order", "row-rank-bank-column-channel"},
         "controller.address_order: expected row, rank"},
        {{"page_policy", "ajar"}, "controller.page_policy.value"},
        {{"queue_entries", "0"}, "controller.queue_entries.value"},
    };
    for (const auto& [change, expected] : cases) {
        const std::string problem = problem_with(change.first, change.second);
        EXPECT_NE(problem.find(expected), std::string::npos) << change.first << "\n" << problem;
        EXPECT_EQ(problem.find('\n'), std::string::npos) << problem;
    }
}

TEST(MemoryFile, AClockOutOfRangeAndUnknownKeysAreRefused) {
    for (const char* clock : {"0", "1000000000000"}) {
        std::string text = text_of(shipped("ddr4-2400"));
        text.replace(text.find("value: 1200"), 11, std::string("value: ") + clock);
        EXPECT_THROW(memory_file_from_text(text, "m.yaml"), base::InputError);
    }
    std::string text = text_of(shipped("ddr4-2400"));
    text += "speed: 3\n";
    EXPECT_THROW(memory_file_from_text(text, "m.yaml"), base::InputError);
    EXPECT_THROW(memory_file_from_text("schema: skipsim-memory/2\n", "m.yaml"), base::InputError);
}

}  // namespace
}  // namespace skipsim::config
