// SPDX-License-Identifier: Apache-2.0
#include "sim/base/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace skipsim::base {
namespace {

constexpr std::chrono::milliseconds kDrawInterval{100};
constexpr std::uint64_t kBarWidth = 30;

std::string clock_text(std::uint64_t seconds) {
    std::string text = std::to_string(seconds / 60) + ":";
    text += seconds % 60 < 10 ? "0" : "";
    return text + std::to_string(seconds % 60);
}

}  // namespace

ProgressBar::ProgressBar(std::string title, std::uint64_t total, bool enabled)
    : title_(std::move(title)),
      total_(total),
      draws_(enabled && isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      next_draw_(start_) {}

ProgressBar::~ProgressBar() {
    finish();
}

void ProgressBar::advance(std::uint64_t steps) {
    done_ = std::min(total_, done_ + steps);
    if (!draws_ || is_finished_) {
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_draw_) {
        next_draw_ = now + kDrawInterval;
        draw();
    }
}

void ProgressBar::finish() {
    if (is_finished_) {
        return;
    }
    is_finished_ = true;
    if (draws_) {
        draw();
        std::fputc('\n', stderr);
    }
}

void ProgressBar::draw() {
    const double share =
        total_ == 0 ? 1.0 : static_cast<double>(done_) / static_cast<double>(total_);
    const auto filled = static_cast<std::uint64_t>(share * static_cast<double>(kBarWidth));
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
    std::string line =
        "\r" + title_ + " [" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') +
        "] " + std::to_string(static_cast<int>(share * 100.0)) + " % " + std::to_string(done_) +
        "/" + std::to_string(total_) + " " + clock_text(static_cast<std::uint64_t>(spent.count()));
    if (done_ > 0 && done_ < total_) {
        const double left = spent.count() * (1.0 - share) / share;
        line += " left " + clock_text(static_cast<std::uint64_t>(left));
    }
    line += "\033[K";
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace skipsim::base
