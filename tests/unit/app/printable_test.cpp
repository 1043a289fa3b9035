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

TEST(Printable, MarksThatTurnTheRestOfALineBecomeDigits) {
    EXPECT_EQ(printable("a\u202Eb\u2066\u2028"), "a\\xe2\\x80\\xaeb\\xe2\\x81\\xa6\\xe2\\x80\\xa8");
    EXPECT_EQ(printable("\u05E9\u05DC \u0633"), "\u05E9\u05DC \u0633")
        << "letters from right to left";
    EXPECT_EQ(printable("\u200D"), "\u200D") << "a joiner, as in emoji";
}

TEST(Printable, BytesThatAreNoTextBecomeDigits) {
    EXPECT_EQ(printable("\xff\xe4\xb8"), "\\xff\\xe4\\xb8");
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "an overlong slash";
}

}  // namespace
}  // namespace skipsim::app
