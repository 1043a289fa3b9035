// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/text_table.h"

#include <gtest/gtest.h>

#include <limits>

namespace skipsim::stats {
namespace {

TEST(TextTable, ColumnsAreAlignedByWhatIsSeen) {
    TextTable table;
    table.add_row({"a", "1"});
    table.add_row({"\u00b5s", "22", "x"});
    table.add_empty_row();
    EXPECT_EQ(table.text(), "a    1\n\u00b5s  22  x\n\n");
}

TEST(TextTable, NumbersForPeople) {
    EXPECT_EQ(with_commas(0), "0");
    EXPECT_EQ(with_commas(999), "999");
    EXPECT_EQ(with_commas(1000), "1,000");
    EXPECT_EQ(with_commas(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
    EXPECT_EQ(ratio(1, 0), "n/a");
    EXPECT_EQ(ratio(3, 2), "1.50x");
    EXPECT_EQ(percent(1, 0), "n/a");
    EXPECT_EQ(percent(1, 8), "12.5 %");
    EXPECT_EQ(energy_text(0), "0.00 pJ");
    EXPECT_EQ(energy_text(1234), "1.23 nJ");
    EXPECT_EQ(energy_text(2e12), "2.00 J");
    EXPECT_EQ(time_text(0), "0.00 ns");
    EXPECT_EQ(time_text(20e-9), "20.00 ns");
    EXPECT_EQ(time_text(7200), "2.00 h");
    EXPECT_EQ(fixed(std::numeric_limits<double>::max(), 2).substr(0, 5), "1.798");
}

}  // namespace
}  // namespace skipsim::stats
