// SPDX-License-Identifier: Apache-2.0
#include "sim/base/progress.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <string>

namespace skipsim::base {
namespace {

/// Runs a full bar with standard error on a terminal and gives back what the terminal received;
/// nothing if this machine gives out no terminals (a bare chroot has no /dev/pts).
std::optional<std::string> drawn_on_a_terminal(bool enabled) {
    int master = -1;
    int terminal = -1;
    if (openpty(&master, &terminal, nullptr, nullptr, nullptr) != 0) {
        return std::nullopt;
    }
    const int saved = dup(STDERR_FILENO);
    dup2(terminal, STDERR_FILENO);
    {
        ProgressBar bar("layers", 4, enabled);
        for (int i = 0; i < 4; ++i) {
            bar.advance();
        }
        bar.finish();
    }
    EXPECT_EQ(write(terminal, "$", 1), 1);  // so that read() below never waits for nothing
    dup2(saved, STDERR_FILENO);
    std::string text;
    std::array<char, 4096> block{};
    while (text.find('$') == std::string::npos) {
        const ssize_t got = read(master, block.data(), block.size());
        if (got <= 0) {
            break;
        }
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    close(saved);
    close(terminal);
    close(master);
    return text;
}

TEST(ProgressBar, DrawsTheFullBarOnATerminal) {
    const std::optional<std::string> drawn = drawn_on_a_terminal(true);
    if (!drawn) {
        GTEST_SKIP() << "no pseudo-terminal to be had";
    }
    const std::string& text = *drawn;
    EXPECT_NE(text.find("layers [##############################] 100 % 4/4"), std::string::npos)
        << text;
    EXPECT_EQ(text.find('\n'), text.size() - 2) << "the line ends once, in front of the mark";
}

TEST(ProgressBar, DrawsNothingWhenSwitchedOff) {
    const std::optional<std::string> drawn = drawn_on_a_terminal(false);
    if (!drawn) {
        GTEST_SKIP() << "no pseudo-terminal to be had";
    }
    EXPECT_EQ(*drawn, "$");
}

TEST(ProgressBar, DrawsNothingIntoAFile) {
    testing::internal::CaptureStderr();
    {
        ProgressBar bar("layers", 0, true);
        bar.advance(3);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace skipsim::base
