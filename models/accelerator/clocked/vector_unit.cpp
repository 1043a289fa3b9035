// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/clocked/vector_unit.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace skipsim::clocked {

std::uint64_t BlockCutter::next() noexcept {
    carried_ += rest_;
    const bool one_more = carried_ >= blocks_;
    carried_ -= one_more ? blocks_ : 0;
    return whole_ + (one_more ? 1 : 0);
}

void VectorUnit::begin(std::uint64_t cycle) {
    while (cycle_ < cycle) {
        ++cycle_;
        if (running_ != nullptr && --cycles_left_ == 0) {
            end_block();
        }
    }
}

void VectorUnit::start(std::vector<accelerator::VectorStep> steps, bool is_background, Done done) {
    if (steps.empty()) {
        done();
        return;
    }
    jobs_.emplace_back();
    Job& job = jobs_.back();
    job.steps = std::move(steps);
    job.is_background = is_background;
    job.done = std::move(done);
    begin_pass(job);
}

void VectorUnit::begin_pass(Job& job) {
    const accelerator::VectorStep& pass = job.steps[job.step];
    base::require(pass.blocks > 0, "vector_unit: a pass without blocks");
    job.loads.clear();
    job.stores.clear();
    for (const accelerator::VectorStream& stream : pass.loads) {
        job.loads.push_back({stream.address, BlockCutter(stream.bytes, pass.blocks)});
    }
    for (const accelerator::VectorStream& stream : pass.stores) {
        job.stores.push_back({stream.address, BlockCutter(stream.bytes, pass.blocks)});
    }
    job.cycles = BlockCutter(pass.cycles, pass.blocks);
    job.block = 0;
    job.requested = 0;
    job.loads_left = {};
    job.stores_left = {};
    request_loads(job);
    request_loads(job);
    wake_();
}

/// Of the next block that has not been asked for, if there is one.
void VectorUnit::request_loads(Job& job) {
    if (job.requested == job.blocks()) {
        return;
    }
    for (Stream& stream : job.loads) {
        move(job, stream, job.requested, false);
    }
    ++job.requested;
}

void VectorUnit::hand_over_stores(Job& job) {
    for (Stream& stream : job.stores) {
        move(job, stream, job.block, true);
    }
}

void VectorUnit::move(Job& job, Stream& stream, std::uint64_t block, bool is_write) {
    const std::uint64_t bytes = stream.cutter.next();
    const std::uint64_t address = stream.address;
    stream.address += bytes;
    if (bytes == 0) {
        return;
    }
    ++(is_write ? job.stores_left : job.loads_left)[block % 2];
    ++job.transfers;
    ++transfers_;
    dma_.submit(
        ClientOrder::kVectorUnit, {address, bytes, is_write}, job.is_background,
        [this, &job, pass = job.step, block, is_write] { moved(job, pass, block, is_write); });
}

void VectorUnit::moved(Job& job, std::size_t pass, std::uint64_t block, bool is_write) {
    --job.transfers;
    --transfers_;
    if (job.is_computed) {
        forget(job);
    } else if (pass == job.step) {  // stores of a pass before hold nothing back
        --(is_write ? job.stores_left : job.loads_left)[block % 2];
        wake_();
    }
}

VectorUnit::Job* VectorUnit::foreground() noexcept {
    const auto found = std::find_if(jobs_.begin(), jobs_.end(), [](const Job& job) {
        return !job.is_background && !job.is_computed;
    });
    return found == jobs_.end() ? nullptr : &*found;
}

VectorUnit::Job* VectorUnit::oldest_background() noexcept {
    const auto found = std::find_if(jobs_.begin(), jobs_.end(), [](const Job& job) {
        return job.is_background && !job.is_computed;
    });
    return found == jobs_.end() ? nullptr : &*found;
}

void VectorUnit::step() {
    if (running_ != nullptr) {
        return;
    }
    for (Job* const job : {foreground(), oldest_background()}) {
        if (job != nullptr && job->is_loaded() && job->has_room()) {
            running_ = job;
            break;
        }
    }
    if (running_ == nullptr) {
        return;
    }
    cycles_left_ = running_->cycles.next();
    if (cycles_left_ == 0) {
        end_block();  // what it causes comes before the next block
    }
}

void VectorUnit::end_block() {
    Job& job = *running_;
    running_ = nullptr;
    wake_();
    hand_over_stores(job);
    ++job.block;
    if (job.block < job.blocks()) {
        request_loads(job);
    } else if (job.step + 1 < job.steps.size()) {
        ++job.step;
        begin_pass(job);
    } else {
        finish(job);
    }
}

void VectorUnit::finish(Job& job) {
    job.is_computed = true;
    const Done done = std::move(job.done);
    forget(job);
    done();
}

/// A job that is computed, once its last transfer is complete.
void VectorUnit::forget(const Job& job) {
    if (job.transfers == 0) {
        jobs_.remove_if([&job](const Job& each) { return &each == &job; });
    }
}

void VectorUnit::sample() noexcept {
    if (running_ != nullptr) {
        ++busy_cycles_;
        return;
    }
    const Job* const job = foreground();
    if (job != nullptr && job->is_loaded() && !job->has_room()) {
        ++blocked_cycles_;
    }
}

}  // namespace skipsim::clocked
