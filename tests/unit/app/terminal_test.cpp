// SPDX-License-Identifier: Apache-2.0
#include "sim/app/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace skipsim::app {
namespace {

std::size_t width_with(const char* columns) {
    ::setenv("COLUMNS", columns, 1);
    const std::size_t width = terminal_width();
    ::unsetenv("COLUMNS");
    return width;
}

TEST(Terminal, ColumnsSaysHowWideItIs) {
    EXPECT_EQ(width_with("123"), 123U);
}

TEST(Terminal, AWidthIsNeverUnusable) {
    EXPECT_EQ(width_with("1"), 40U);
    EXPECT_EQ(width_with("99999999"), 10'000U);
}

TEST(Terminal, WhatIsNoNumberIsNotAWidth) {
    ::unsetenv("COLUMNS");
    const std::size_t without = terminal_width();
    for (const char* columns : {"", "0", "-5", "12x", "99999999999999999999999999"}) {
        EXPECT_EQ(width_with(columns), without) << columns;
    }
}

}  // namespace
}  // namespace skipsim::app
