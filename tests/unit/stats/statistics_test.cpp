// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/statistics.h"

#include "sim/base/pe_cycles.h"
#include "tests/unit/stats/sample_result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::stats {
namespace {

using Json = nlohmann::ordered_json;

bool is_described(const std::string& group, const std::string& name) {
    for (const Statistic& statistic : statistics()) {
        if (statistic.name == name && statistic.group.find(group) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

/// Numbers that have a catalogue of their own.
bool has_own_catalogue(const std::string& name) {
    for (const char* prefix : {"pe_cycles.", "actions.", "energy_pj_by_component.", "commands."}) {
        if (name.rfind(prefix, 0) == 0) {
            return true;
        }
    }
    return false;
}

void expect_numbers_described(const std::string& group, const Json& object,
                              const std::string& prefix = "") {
    for (const auto& [key, value] : object.items()) {
        const std::string name = prefix + key;
        if (value.is_object()) {
            expect_numbers_described(group, value, name + '.');
        } else if (value.is_number() && !has_own_catalogue(name)) {
            EXPECT_TRUE(is_described(group, name)) << group << ": " << name;
        }
    }
}

TEST(Statistics, EveryNumberOfAResultIsDescribed) {
    RunResult result = sample_result();
    const ResultContext context = sample_context_with_dram();
    apply_energy(result, EnergyPrices(context.energy_table, "fp8"));
    const Json document = result_document(result, context);
    expect_numbers_described("row", document["layers"][0]);
    expect_numbers_described("totals", document["totals"]);
    expect_numbers_described("unit", document["units"][0]);
    expect_numbers_described("trace", document["trace"][0]);
    expect_numbers_described("memory_file", document["memory_file"]);
    for (const auto& [field, value] : document["memory_file"]["commands"].begin()->items()) {
        EXPECT_TRUE(is_described("memory_file", "commands.<action>." + field)) << field;
    }
    expect_numbers_described("wall", document["wall"]);
    for (const auto& [metric, value] : document["estimates"]["epoch"].items()) {
        EXPECT_TRUE(is_described("estimate", metric)) << metric;
    }
}

TEST(Statistics, TextsNameEveryCategoryAndEveryAction) {
    EXPECT_EQ(pe_category_meanings().size(), base::kPeCategoryCount);
    for (const std::string_view name : base::kPeCategoryNames) {
        EXPECT_THAT(statistics_as_text(), testing::HasSubstr("pe_cycles." + std::string(name)));
    }
    for (const base::ActionDescription& action : base::action_catalogue()) {
        EXPECT_THAT(actions_as_text(), testing::HasSubstr(std::string(action.name)));
    }
}

}  // namespace
}  // namespace skipsim::stats
