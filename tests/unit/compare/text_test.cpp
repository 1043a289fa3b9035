// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/text.h"

#include <gtest/gtest.h>

namespace skipsim::compare {
namespace {

TEST(Text, WhatATerminalWouldObeyIsReplaced) {
    EXPECT_EQ(clean("a\x1b[2Jb\n\x7f"), "a?[2Jb??");
    EXPECT_EQ(clean("gr\xC3\xB6\xC3\x9F"
                    "e"),
              "größe");
    EXPECT_EQ(clean("\xC2\x9B"
                    "1m"),
              "?1m");  // control sequence introducer as one character
}

TEST(Text, IsShortenedInTheMiddle) {
    EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
    EXPECT_EQ(shortened("abcdefghij", 7), "abc…hij");
    EXPECT_EQ(shortened("abcdefghij", 6), "ab…hij");
    EXPECT_EQ(shortened("äöüäöü", 5), "äö…öü");
    EXPECT_EQ(width_of(shortened("äöüäöü", 5)), 5U);
}

TEST(Text, IsWrappedAtSpaces) {
    EXPECT_EQ(wrapped("one two three four", 10, 2), "one two\n  three\n  four\n");
    EXPECT_EQ(wrapped("one two", 10, 2), "one two\n");
    EXPECT_EQ(wrapped("abcdefghijklm", 6, 2), "abcdef\n  ghij\n  klm\n");
    EXPECT_EQ(wrapped("", 6, 2), "\n");
    EXPECT_EQ(wrapped("12345 78", 5, 2), "12345\n  78\n") << "a full line is a line";
}

}  // namespace
}  // namespace skipsim::compare
