// SPDX-License-Identifier: Apache-2.0
// The closed lists that every room shares: named actions and PE-cycle categories.
#include <gtest/gtest.h>

#include <cstddef>
#include <set>
#include <string>

#include "sim/base/actions.h"
#include "sim/base/pe_cycles.h"
#include "sim/base/version.h"

namespace skipsim::base {
namespace {

TEST(Catalogue, ActionsStandInTheOrderOfTheirEnumeration) {
    std::set<std::string> names;
    for (std::size_t index = 0; index < kActionCount; ++index) {
        const ActionDescription& entry = action_catalogue()[index];
        EXPECT_EQ(static_cast<std::size_t>(entry.action), index) << entry.name;
        EXPECT_TRUE(names.emplace(entry.name).second) << entry.name << " stands twice";
        EXPECT_NE(entry.name.find('.'), std::string::npos) << entry.name;
        EXPECT_FALSE(entry.component.empty() || entry.unit.empty() || entry.meaning.empty())
            << entry.name;
    }
}

TEST(Catalogue, EveryPeCategoryHasItsOwnName) {
    const std::set<std::string> names(kPeCategoryNames.begin(), kPeCategoryNames.end());
    EXPECT_EQ(names.size(), kPeCategoryCount);
    EXPECT_EQ(kPeCategoryNames[static_cast<std::size_t>(PeCategory::wait_drain)], "wait_drain");
    EXPECT_EQ(kPeCategoryNames[static_cast<std::size_t>(PeCategory::idle)], "idle");
}

TEST(Catalogue, CountsAddPerEntry) {
    ActionCounts actions;
    actions[Action::pe_mac] = 3;
    ActionCounts more;
    more[Action::pe_mac] = 4;
    more[Action::leakage_pe_cycle] = 5;
    actions += more;
    EXPECT_EQ(actions[Action::pe_mac], 7U);
    EXPECT_EQ(actions[Action::leakage_pe_cycle], 5U);

    PeCycles cycles;
    cycles[PeCategory::mac] = 2;
    cycles[PeCategory::idle] = 40;
    cycles += cycles;
    EXPECT_EQ(cycles.total(), 84U);
}

TEST(Version, RevisionIsACommitOrUnknown) {
    const std::string revision = base::revision();
    if (revision != "unknown") {
        EXPECT_EQ(revision.find_first_not_of("0123456789abcdef"),
                  revision.size() == 40 ? std::string::npos : 40U)
            << revision;
    }
    EXPECT_FALSE(std::string(base::version()).empty());
}

}  // namespace
}  // namespace skipsim::base
