// SPDX-License-Identifier: Apache-2.0
#include "sim/app/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace skipsim::app {

std::size_t output_width(std::size_t usual) {
    if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
        const std::string_view text(columns);
        std::size_t width = 0;
        const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), width);
        if (error == std::errc() && stop == text.data() + text.size() && width > 0) {
            return width;
        }
    }
    winsize size{};
    const bool is_terminal = isatty(STDOUT_FILENO) != 0 &&
                             ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return is_terminal ? size.ws_col : usual;
}

}  // namespace skipsim::app
