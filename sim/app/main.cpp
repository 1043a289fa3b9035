// SPDX-License-Identifier: Apache-2.0
#include "sim/app/printable.h"
#include "sim/app/program.h"
#include "sim/base/interrupt.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>

namespace {

/// Writes everything to standard output. Returns 0 or the operating system's error number.
int write_to_standard_output(const std::string& text) {
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t count = ::write(STDOUT_FILENO, text.data() + written, text.size() - written);
        if (count >= 0) {
            written += static_cast<std::size_t>(count);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/// The text of a message: it may hold names from files and of files.
class PrintableMessage : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        const std::string text =
            skipsim::app::printable({message.payload.data(), message.payload.size()});
        line.append(text.data(), text.data() + text.size());
    }
    [[nodiscard]] std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<PrintableMessage>();
    }
};

}  // namespace

// The SystemC library names an entry point of its own; the program has main() and never calls it.
extern "C" int sc_main(int /*argc*/, char** /*argv*/) {
    return 0;
}

// Results are collected and written at the end, so that a full disk or a closed pipe is noticed.
int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write
    skipsim::base::install_interrupt_handlers();
    auto log = spdlog::stderr_color_mt("skipsim");
    auto layout = std::make_unique<spdlog::pattern_formatter>();
    layout->add_flag<PrintableMessage>('*').set_pattern("skipsim: %^%l%$: %*");
    log->set_formatter(std::move(layout));
    spdlog::set_default_logger(log);
    spdlog::set_level(spdlog::level::warn);

    std::ostringstream out;
    const int status = skipsim::app::run_program({argv + 1, argv + argc}, out, std::cerr);
    const int error = write_to_standard_output(out.str());
    // A reader that has seen enough (`skipsim list params | head -1`) is not an error.
    if (error == 0 || error == EPIPE || status != skipsim::app::kDone) {
        return status;
    }
    std::cerr << "skipsim: standard output: cannot be written: " << std::strerror(error) << '\n';
    return skipsim::app::kMachineRefused;
}
