// SPDX-License-Identifier: Apache-2.0
#include "sim/app/printable.h"

#include <gtest/gtest.h>

namespace skipsim::app {
namespace {

TEST(Printable, TextOfAnyLanguageStays) {
    EXPECT_EQ(printable("a b \u00b5 \u4e2d \U0001F600 \\ \""),
              "a b \u00b5 \u4e2d \U0001F600 \\ \"");
}

TEST(Printable, WhatATerminalWouldObeyBecomesDigits) {
    EXPECT_EQ(printable("\x1b[31m\n\x7f"), "\\x1b[31m\\x0a\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "the one-byte form of ESC [";
}

TEST(Printable, BytesThatAreNoTextBecomeDigits) {
    EXPECT_EQ(printable("\xff\xe4\xb8"), "\\xff\\xe4\\xb8");
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "an overlong slash";
}

}  // namespace
}  // namespace skipsim::app
