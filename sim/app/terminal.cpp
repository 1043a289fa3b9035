// SPDX-License-Identifier: Apache-2.0
#include "sim/app/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace skipsim::app {
namespace {

constexpr std::size_t kNarrowest = 40;
constexpr std::size_t kWidest = 10'000;
constexpr std::size_t kUnknown = 100;

}  // namespace

std::size_t terminal_width() {
    if (const char* variable = std::getenv("COLUMNS")) {
        const std::string_view text(variable);
        std::size_t columns = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
        if (error == std::errc() && stop == text.data() + text.size() && columns > 0) {
            return std::clamp(columns, kNarrowest, kWidest);
        }
    }
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
    }
    return kUnknown;
}

}  // namespace skipsim::app
