// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dma.h"

#include <algorithm>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::memory {

void Dma::submit(const DmaJob& job, bool background) {
    base::require(job.bytes > 0, "dma: a job of 0 bytes");
    (background ? background_ : foreground_).push_back(job);
}

void Dma::promote(std::uint64_t job) {
    const auto found = std::find_if(background_.begin(), background_.end(),
                                    [job](const DmaJob& waiting) { return waiting.id == job; });
    if (found != background_.end()) {
        foreground_.push_back(*found);
        background_.erase(found);
    }
}

bool Dma::take_next_job() {
    std::deque<DmaJob>& queue = foreground_.empty() ? background_ : foreground_;
    if (queue.empty()) {
        return false;
    }
    current_ = queue.front();
    queue.pop_front();
    return true;
}

std::optional<DmaBurst> Dma::next_burst(std::uint64_t cycle) {
    if (cycle < free_cycle_ || is_full()) {
        return std::nullopt;
    }
    if (!current_) {
        if (!take_next_job()) {
            return std::nullopt;
        }
        const std::uint64_t burst = params_.burst_bytes;
        next_address_ = current_->address / burst * burst;
        left_[current_->id] =
            base::ceil_divide(current_->address + current_->bytes - next_address_, burst);
    }
    return DmaBurst{current_->id, next_address_, current_->is_write};
}

void Dma::issued(std::uint64_t cycle) {
    base::require(current_.has_value(), "dma: no burst in line");
    ++under_way_;
    next_address_ += params_.burst_bytes;
    const std::uint64_t rate = params_.bytes_per_cycle;
    free_cycle_ = cycle + (rate == 0 ? 1 : base::ceil_divide(params_.burst_bytes, rate));
    if (next_address_ >= current_->address + current_->bytes) {
        current_.reset();
    }
}

std::optional<std::uint64_t> Dma::completed(const DmaBurst& burst) {
    const auto job = left_.find(burst.job);
    base::require(job != left_.end() && under_way_ > 0, "dma: a burst of no job");
    --under_way_;
    if (--job->second > 0) {
        return std::nullopt;
    }
    left_.erase(job);
    return burst.job;
}

std::optional<Dma::IdealJob> Dma::next_ideal_job(std::uint64_t cycle) {
    if (cycle < free_cycle_ || !take_next_job()) {
        return std::nullopt;
    }
    const std::uint64_t rate = params_.ideal_bytes_per_cycle;
    free_cycle_ = cycle + (rate == 0 ? 0 : base::ceil_divide(current_->bytes, rate));
    const IdealJob job{current_->id, free_cycle_ + params_.ideal_latency_cycles};
    current_.reset();
    return job;
}

}  // namespace skipsim::memory
