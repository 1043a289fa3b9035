// SPDX-License-Identifier: Apache-2.0
#include "sim/base/nearest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skipsim::base {
namespace {

const std::vector<std::string> kKeys{"fifo_depth", "bus_values", "bus_bits", "scan_bits", "rows"};

TEST(NearestName, FindsOneTypingError) {
    EXPECT_EQ(nearest_name("fifo_dept", kKeys), "fifo_depth");    // left out
    EXPECT_EQ(nearest_name("fifo__depth", kKeys), "fifo_depth");  // doubled
    EXPECT_EQ(nearest_name("fifo_depht", kKeys), "fifo_depth");   // swapped
    EXPECT_EQ(nearest_name("Fifo-Depth", kKeys), "fifo_depth");   // letter case, replaced
    EXPECT_EQ(nearest_name("rwos", kKeys), "rows");               // a swap is one edit
    EXPECT_EQ(nearest_name("row", kKeys), "rows");
}

TEST(NearestName, SaysNothingWhenNothingIsClose) {
    EXPECT_EQ(nearest_name("clock_mhz", kKeys), "");
    EXPECT_EQ(nearest_name("", kKeys), "");
    EXPECT_EQ(nearest_name("x", {"y"}), "");
    EXPECT_EQ(nearest_name("rows", {}), "");
}

TEST(NearestName, CompletesTheBeginningOfOneName) {
    const std::vector<std::string> keys{"core.fifo_depth_chunks", "core.bus_values",
                                        "core.bus_bits"};
    EXPECT_EQ(nearest_name("core.fifo", keys), "core.fifo_depth_chunks");
    EXPECT_EQ(nearest_name("core.bus", keys), "");  // two begin so
    EXPECT_EQ(nearest_name("co", keys), "");
}

TEST(NearestName, PrefersTheClosestThenTheFirst) {
    EXPECT_EQ(nearest_name("bus_bit", kKeys), "bus_bits");
    EXPECT_EQ(nearest_name("caat", {"cart", "cast"}), "cart");
}

}  // namespace
}  // namespace skipsim::base
