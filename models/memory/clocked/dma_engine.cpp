// SPDX-License-Identifier: Apache-2.0
#include "models/memory/clocked/dma_engine.h"

#include <algorithm>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::clocked {

DmaEngine::DmaEngine(const memory::DmaParams& params, std::uint64_t crossing_cycles)
    : params_(params), crossing_cycles_(crossing_cycles) {
    base::require(params.ideal || (params.burst_bytes > 0 && params.outstanding_bursts > 0),
                  "dma_engine: without bursts");
}

void DmaEngine::begin(std::uint64_t cycle) {
    while (cycle_ < cycle) {
        ++cycle_;
        tick();
    }
}

void DmaEngine::tick() {
    handed_over_ = 0;
    if (occupied_ > 0) {
        --occupied_;
    }
    home_.tick();
    arrive_home();
    if (entered_late_) {
        entered_late_ = false;
        occupy();
    }
}

std::uint64_t DmaEngine::submit(std::uint64_t client, const DmaTransfer& transfer,
                                bool is_background) {
    arrivals_.push_back({client, next_job_, transfer, is_background});
    bursts_left_.emplace(next_job_, 1);
    return next_job_++;
}

void DmaEngine::promote(std::uint64_t job) {
    const auto arrived = std::find_if(arrivals_.begin(), arrivals_.end(),
                                      [job](const Arrival& each) { return each.job == job; });
    if (arrived != arrivals_.end()) {  // of a row that has ended in the cycle in which it began
        arrived->is_background = false;
        std::rotate(arrived, arrived + 1, arrivals_.end());
        return;
    }
    const auto found = std::find_if(background_.begin(), background_.end(),
                                    [job](const Waiting& each) { return each.job == job; });
    const bool is_offered = is_waiting_ && waiting_is_background_ && found == background_.begin();
    if (found != background_.end() && !is_offered) {
        foreground_.push_back(*found);
        background_.erase(found);
    }
}

void DmaEngine::step(std::vector<std::uint64_t>& empty) {
    std::stable_sort(
        arrivals_.begin(), arrivals_.end(),
        [](const Arrival& left, const Arrival& right) { return left.client < right.client; });
    for (const Arrival& arrival : arrivals_) {
        if (arrival.transfer.bytes == 0) {
            bursts_left_.erase(arrival.job);
            empty.push_back(arrival.job);
        } else {
            enter(arrival);
        }
    }
    arrivals_.clear();
    if (params_.ideal) {
        take_ideal();
    }
}

void DmaEngine::enter(const Arrival& arrival) {
    const DmaTransfer& transfer = arrival.transfer;
    Waiting waiting{arrival.job, transfer.bytes, 0, 1, transfer.is_write};
    if (!params_.ideal) {
        waiting.burst = transfer.address / params_.burst_bytes;
        waiting.end = (transfer.address + transfer.bytes - 1) / params_.burst_bytes + 1;
        bursts_left_[arrival.job] = waiting.end - waiting.burst;
    }
    (arrival.is_background ? background_ : foreground_).push_back(waiting);
}

void DmaEngine::take_ideal() {
    const std::uint64_t rate = params_.ideal_bytes_per_cycle;
    while (occupied_ == 0 && !line().empty()) {
        const Waiting job = line().front();
        line().pop_front();
        occupied_ = rate == 0 ? 0 : base::ceil_divide(job.bytes, rate);
        home_.push(job.job, occupied_ + params_.ideal_latency_cycles);
    }
    arrive_home();
}

bool DmaEngine::is_free() const noexcept {
    const bool may_hand_over = params_.bytes_per_cycle < params_.burst_bytes ||
                               handed_over_ < params_.bytes_per_cycle / params_.burst_bytes;
    return occupied_ == 0 && !is_waiting_ && !entered_late_ &&
           (params_.bytes_per_cycle == 0 || may_hand_over);
}

bool DmaEngine::has_burst() const noexcept {
    return !params_.ideal && is_free() && under_way_ < params_.outstanding_bursts &&
           !line().empty();
}

bool DmaEngine::can_act() const noexcept {
    const bool can_take = params_.ideal ? occupied_ == 0 && !line().empty() : has_burst();
    return !arrivals_.empty() || can_take;
}

DmaOffer DmaEngine::next_burst() const {
    base::require(has_burst(), "dma_engine: no burst to hand over");
    const Waiting& next = line().front();
    return {next.job, next.burst * params_.burst_bytes, next.is_write};
}

void DmaEngine::taken() {
    hand_over(line());
    occupy();
}

void DmaEngine::waits() {
    base::require(has_burst(), "dma_engine: no burst that could wait");
    is_waiting_ = true;
    waiting_is_background_ = foreground_.empty();
}

void DmaEngine::entered(Edge edge) {
    base::require(is_waiting_, "dma_engine: no burst waits");
    is_waiting_ = false;
    hand_over(waiting_is_background_ ? background_ : foreground_);
    if (edge == Edge::this_one) {
        occupy();
    } else {
        entered_late_ = true;
    }
}

void DmaEngine::hand_over(std::deque<Waiting>& queue) {
    ++under_way_;
    if (++queue.front().burst == queue.front().end) {
        queue.pop_front();
    }
}

/// A burst is handed over in this cycle.
void DmaEngine::occupy() {
    ++handed_over_;
    const std::uint64_t rate = params_.bytes_per_cycle;
    if (rate != 0 && rate < params_.burst_bytes) {
        occupied_ = base::ceil_divide(params_.burst_bytes, rate);
    }
}

void DmaEngine::data_complete(std::uint64_t job, Edge edge) {
    home_.push(job, crossing_cycles_ + (edge == Edge::this_one ? 0 : 1));
    arrive_home();
}

void DmaEngine::arrive_home() {
    while (home_.has_ready()) {
        burst_home(home_.take());
    }
}

void DmaEngine::burst_home(std::uint64_t job) {
    const auto found = bursts_left_.find(job);
    base::require(found != bursts_left_.end() && (params_.ideal || under_way_ > 0),
                  "dma_engine: data of no job");
    under_way_ -= params_.ideal ? 0 : 1;
    if (--found->second == 0) {
        bursts_left_.erase(found);
        complete_.push_back(job);
    }
}

void DmaEngine::take_complete(std::vector<std::uint64_t>& jobs) {
    jobs.insert(jobs.end(), complete_.begin(), complete_.end());
    complete_.clear();
}

void DmaEngine::sample() noexcept {
    if (!bursts_left_.empty()) {
        ++(is_waiting_ ? blocked_cycles_ : busy_cycles_);
    }
}

}  // namespace skipsim::clocked
