// SPDX-License-Identifier: Apache-2.0
// A progress bar on standard error. It draws only if it is enabled and standard error is a
// terminal, at most ten times a second, and never touches standard output.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace skipsim::base {

class ProgressBar {
public:
    /// `total` steps make 100 %; 0 is allowed and draws nothing until finish().
    ProgressBar(std::string title, std::uint64_t total, bool enabled);
    /// Finishes the line, so that an exception's message starts on a fresh one.
    ~ProgressBar();
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;

    void advance(std::uint64_t steps = 1);
    /// Draws the last state and ends the line. Later calls do nothing.
    void finish();

private:
    void draw();

    std::string title_;
    std::uint64_t total_;
    std::uint64_t done_ = 0;
    bool draws_;
    bool is_finished_ = false;
    std::chrono::steady_clock::time_point start_;
    std::chrono::steady_clock::time_point next_draw_;
};

}  // namespace skipsim::base
