// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dma.h"

#include <algorithm>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::memory {

void Dma::submit(const DmaJob& job, bool background) {
    base::require(job.bytes > 0, "dma: a job of 0 bytes");
    const std::uint64_t burst = params_.burst_bytes;
    const std::uint64_t first = job.address / burst * burst;
    if (!params_.ideal) {
        left_[job.id] = base::ceil_divide(job.address + job.bytes - first, burst);
    }
    (background ? background_ : foreground_).push_back({job, first});
}

void Dma::promote(std::uint64_t job) {
    const auto found =
        std::find_if(background_.begin(), background_.end(),
                     [job](const Waiting& waiting) { return waiting.job.id == job; });
    if (found != background_.end()) {
        foreground_.push_back(*found);
        background_.erase(found);
    }
}

std::optional<DmaBurst> Dma::next_burst(std::uint64_t cycle) const {
    const std::deque<Waiting>& queue = foreground_.empty() ? background_ : foreground_;
    if (cycle < free_cycle_ || is_full() || queue.empty()) {
        return std::nullopt;
    }
    const Waiting& next = queue.front();
    return DmaBurst{next.job.id, next.next_address, next.job.is_write};
}

std::deque<Dma::Waiting>& Dma::queue_of(std::uint64_t job) {
    if (!foreground_.empty() && foreground_.front().job.id == job) {
        return foreground_;
    }
    base::require(!background_.empty() && background_.front().job.id == job,
                  "dma: a burst out of turn");
    return background_;
}

void Dma::issued(const DmaBurst& burst, std::uint64_t cycle) {
    std::deque<Waiting>& queue = queue_of(burst.job);
    Waiting& waiting = queue.front();
    ++under_way_;
    waiting.next_address += params_.burst_bytes;
    const std::uint64_t rate = params_.bytes_per_cycle;
    issued_now_ = cycle == issue_cycle_ ? issued_now_ + 1 : 1;
    issue_cycle_ = cycle;
    if (rate != 0 && rate < params_.burst_bytes) {
        free_cycle_ = cycle + base::ceil_divide(params_.burst_bytes, rate);
    } else if (rate != 0 && issued_now_ >= rate / params_.burst_bytes) {
        free_cycle_ = cycle + 1;
    }
    if (waiting.next_address >= waiting.job.address + waiting.job.bytes) {
        queue.pop_front();
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
    std::deque<Waiting>& queue = foreground_.empty() ? background_ : foreground_;
    if (cycle < free_cycle_ || queue.empty()) {
        return std::nullopt;
    }
    const DmaJob job = queue.front().job;
    queue.pop_front();
    const std::uint64_t rate = params_.ideal_bytes_per_cycle;
    free_cycle_ = cycle + (rate == 0 ? 0 : base::ceil_divide(job.bytes, rate));
    return IdealJob{job.id, free_cycle_ + params_.ideal_latency_cycles};
}

}  // namespace skipsim::memory
