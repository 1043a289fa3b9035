// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dram/dram.h"

#include <algorithm>
#include <stdexcept>

#include "sim/base/check.h"

namespace skipsim::memory {
namespace {

const DramParams& checked(const DramParams& params) {
    std::string text;
    for (const std::string& problem : params.problems()) {
        text += (text.empty() ? "" : "\n") + problem;
    }
    if (!text.empty()) {
        throw std::invalid_argument(text);
    }
    return params;
}

}  // namespace

Dram::Dram(const DramParams& params)
    : params_(checked(params)), map_(params), capacity_(params.capacity()) {
    channels_.reserve(params.organisation.channels);
    for (std::uint32_t index = 0; index < params.organisation.channels; ++index) {
        channels_.emplace_back(params, index);
    }
}

void Dram::reset() {
    now_ = 0;
    not_advanced_ = 0;
    for (DramChannel& channel : channels_) {
        channel.reset();
    }
}

void Dram::record_to(std::vector<DramCommand>* trace) {
    for (DramChannel& channel : channels_) {
        channel.record_to(trace);
    }
}

void Dram::move_to(std::uint64_t cycle) {
    base::require(cycle >= now_, "DRAM cycles must not decrease");
    now_ = cycle;
}

bool Dram::has_room(std::uint64_t cycle, std::uint64_t address) {
    move_to(cycle);
    DramChannel& channel = channels_[map_.channel(address)];
    channel.catch_up(cycle);
    return channel.has_room();
}

void Dram::push(std::uint64_t cycle, const DramRequest& request) {
    base::require(request.address < capacity_, "a request is beyond the DRAM's capacity");
    move_to(cycle);
    const DramPlace place = map_.place(request.address);
    channels_[place.channel].catch_up(cycle);
    channels_[place.channel].push(cycle, request, place);
}

std::uint64_t Dram::next_event_cycle() const {
    std::uint64_t next = kNever;
    for (const DramChannel& channel : channels_) {
        next = std::min(next, channel.next_event_cycle());
    }
    return next == kNever ? kNever : std::max(next, not_advanced_);
}

void Dram::advance(std::uint64_t cycle, std::vector<DramCompletion>& done) {
    move_to(cycle);
    not_advanced_ = cycle + 1;
    merged_.clear();
    for (std::uint32_t index = 0; index < channels_.size(); ++index) {
        DramChannel& channel = channels_[index];
        channel.catch_up(cycle);
        CompletionRing& ready = channel.completions();
        while (!ready.is_empty() && ready.front().cycle <= cycle) {
            merged_.push_back({ready.front(), index});
            ready.pop();
        }
    }
    if (channels_.size() > 1 && merged_.size() > 1) {
        std::sort(merged_.begin(), merged_.end(), [](const Done& a, const Done& b) {
            return a.completion.cycle != b.completion.cycle
                       ? a.completion.cycle < b.completion.cycle
                       : a.channel < b.channel;
        });
    }
    for (const Done& item : merged_) {
        done.push_back(item.completion);
    }
}

DramCounts Dram::counts(std::uint64_t cycle) {
    move_to(cycle);
    DramCounts counts;
    for (DramChannel& channel : channels_) {
        channel.catch_up(cycle);
        channel.add_counts(cycle, counts);
    }
    return counts;
}

std::vector<std::uint64_t> Dram::data_cycles(std::uint64_t cycle) {
    move_to(cycle);
    std::vector<std::uint64_t> cycles;
    for (DramChannel& channel : channels_) {
        channel.catch_up(cycle);
        cycles.push_back(channel.data_cycles());
    }
    return cycles;
}

}  // namespace skipsim::memory
