// SPDX-License-Identifier: Apache-2.0
// Request lines for other simulators, the address map, and the rules of the parameters.
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "models/memory/dram/request_text.h"
#include "tests/support/dram_run.h"

namespace skipsim::memory {
namespace {

TEST(DramText, LinesAreThoseTheOtherSimulatorsRead) {
    EXPECT_EQ(dramsim3_line({1, 0x1a40, false}, 120), "0x1a40 READ 120");
    EXPECT_EQ(dramsim3_line({1, 0, true}, 0), "0x0 WRITE 0");
    EXPECT_EQ(ramulator2_line({1, 0xFFFFFFFFFFC0, false}), "LD 0xffffffffffc0");
    EXPECT_EQ(ramulator2_line({1, 64, true}), "ST 0x40");
}

// 64 byte bursts: 6 bits; then, from the lowest, 1 channel bit, 3 column, 2 group, 1 bank, 1 rank.
TEST(DramAddress, FieldsAreTakenFromTheLowestBitsUp) {
    DramParams params = test::small_dram();
    params.organisation.channels = 2;
    const AddressMap map(params);
    const DramPlace place =
        map.place(0x3Fu | 1u << 6 | 5u << 7 | 2u << 10 | 1u << 12 | 1u << 13 | 9u << 14);
    EXPECT_EQ(place.channel, 1u);
    EXPECT_EQ(place.column, 5u);
    EXPECT_EQ(place.bank_group, 2u);
    EXPECT_EQ(place.bank, 1u);
    EXPECT_EQ(place.rank, 1u);
    EXPECT_EQ(place.row, 9u);
    EXPECT_EQ(params.capacity(), std::uint64_t{1} << 20);
}

TEST(DramAddress, EveryBurstOfTheCapacityHasAPlaceOfItsOwn) {
    for (const char* order :
         {"row-rank-bank-bankgroup-column-channel", "channel-column-bank-row-bankgroup-rank"}) {
        DramParams params = test::small_dram();
        params.organisation.channels = 2;
        params.controller.address_order = order;
        const AddressMap map(params);
        for (std::uint64_t address = 0; address < params.capacity(); address += 64) {
            ASSERT_EQ(map.address(map.place(address)), address);
        }
    }
}

bool has_problem(const DramParams& params, const std::string& text) {
    const std::vector<std::string> problems = params.problems();
    return std::any_of(problems.begin(), problems.end(), [&](const std::string& problem) {
        return problem.find(text) != std::string::npos;
    });
}

TEST(DramParams, ContradictionsAreNamedWithTheirValues) {
    const DramParams good = test::small_dram();
    EXPECT_TRUE(good.problems().empty());
    DramParams bad = good;
    bad.timings.t_rc = 16;
    EXPECT_TRUE(has_problem(bad, "t_ras + t_rp 17 is above t_rc 16"));
    EXPECT_THROW(Dram{bad}, std::invalid_argument);
    bad = good;
    bad.timings.t_ccd_s = 8;
    EXPECT_TRUE(has_problem(bad, "t_ccd_s 8 is above t_ccd_l 7"));
    bad = good;
    bad.timings.t_rrd_s = 6;
    EXPECT_TRUE(has_problem(bad, "t_rrd_s 6 is above t_rrd_l 5"));
    bad = good;
    bad.timings.t_rfc = 1000;
    EXPECT_TRUE(has_problem(bad, "t_rfc + one access"));
    bad = good;
    bad.organisation.banks_per_group = 3;
    EXPECT_TRUE(has_problem(bad, "banks_per_group 3 is not a power of two"));
    bad = good;
    bad.organisation.channels = 0;
    EXPECT_TRUE(has_problem(bad, "channels 0"));
    bad = good;
    bad.controller.address_order = "row-rank-bank-bankgroup-column";
    EXPECT_TRUE(has_problem(bad, "channel stands 0 times"));
    bad.controller.address_order = "row-rank-bank-bankgroup-column-lane";
    EXPECT_TRUE(has_problem(bad, "\"lane\" is not one of"));
}

}  // namespace
}  // namespace skipsim::memory
