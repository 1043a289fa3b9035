// SPDX-License-Identifier: Apache-2.0
#include "models/cluster/weight_buffer.h"

#include <algorithm>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::cluster {
namespace {

std::uint64_t transfer_cycles(std::uint64_t bytes, std::uint64_t rate) {
    return rate == 0 ? 0 : base::ceil_divide(bytes, rate);
}

}  // namespace

WeightBuffer::WeightBuffer(const WeightBufferParams& params)
    : params_(params),
      queues_(params.banks),
      port_free_(params.ports, 0),
      bank_free_(params.banks, 0) {
    base::require(params.banks > 0 && params.ports > 0 && params.burst_bytes > 0,
                  "weight_buffer: without banks, ports or bursts");
}

void WeightBuffer::start_row() {
    for (const Tile& tile : tiles_) {
        base::require(tile.waiting.empty(), "weight_buffer: a core still waits");
    }
    tiles_.clear();
    used_bytes_ = 0;
}

std::uint64_t WeightBuffer::bursts_of(const WeightTile& tile) const noexcept {
    return std::max<std::uint64_t>(1, base::ceil_divide(tile.bytes, params_.burst_bytes));
}

WeightBuffer::Tile* WeightBuffer::find(std::uint64_t key) noexcept {
    for (Tile& tile : tiles_) {
        if (tile.tile.key == key) {
            return &tile;
        }
    }
    return nullptr;
}

Presence WeightBuffer::request(std::uint64_t cycle, std::uint32_t core, const WeightTile& tile) {
    ++requests_;
    if (Tile* known = find(tile.key)) {
        known->stamp = requests_;
        if (known->present) {
            queue_bursts(cycle, *known, core);
            return Presence::present;
        }
        known->waiting.push_back({core, bursts_of(tile), 0});
        return Presence::fetching;
    }
    make_room(cycle, tile.bytes);
    tiles_.push_back({tile, false, requests_, {{core, bursts_of(tile), 0}}, 0});
    used_bytes_ += tile.bytes;
    return Presence::absent;
}

void WeightBuffer::make_room(std::uint64_t cycle, std::uint64_t bytes) {
    while (params_.capacity_bytes != 0 && used_bytes_ + bytes > params_.capacity_bytes) {
        auto oldest = tiles_.end();
        for (auto tile = tiles_.begin(); tile != tiles_.end(); ++tile) {
            const bool is_in_use = !tile->waiting.empty() || tile->read_until > cycle;
            if (!is_in_use && (oldest == tiles_.end() || tile->stamp < oldest->stamp)) {
                oldest = tile;
            }
        }
        base::require(oldest != tiles_.end(), "weight_buffer: smaller than the tiles in use");
        used_bytes_ -= oldest->tile.bytes;
        tiles_.erase(oldest);
    }
}

std::uint64_t WeightBuffer::fill(std::uint64_t cycle, std::uint64_t key) {
    const Tile* tile = find(key);
    base::require(tile != nullptr && !tile->present, "weight_buffer: fills a tile nobody lacks");
    fill_free_ = std::max(fill_free_, cycle) +
                 transfer_cycles(tile->tile.bytes, params_.fill_bytes_per_cycle);
    words_written_ += base::ceil_divide(tile->tile.bytes, 8);
    bytes_written_ += tile->tile.bytes;
    return fill_free_;
}

void WeightBuffer::arrived(std::uint64_t cycle, std::uint64_t key) {
    Tile* tile = find(key);
    base::require(tile != nullptr && !tile->present, "weight_buffer: a tile arrives twice");
    tile->present = true;
    std::vector<Request> asked;
    asked.swap(tile->waiting);
    for (const Request& request : asked) {
        queue_bursts(cycle, *tile, request.core);
    }
}

WeightBuffer::Burst* WeightBuffer::queued_burst(std::uint64_t key, std::uint64_t index) noexcept {
    for (Burst& burst : queues_[index % queues_.size()]) {
        if (burst.key == key && burst.index == index) {
            return &burst;
        }
    }
    return nullptr;
}

void WeightBuffer::queue_bursts(std::uint64_t cycle, Tile& tile, std::uint32_t core) {
    const std::uint64_t bursts = bursts_of(tile.tile);
    tile.waiting.push_back({core, bursts, 0});
    for (std::uint64_t index = 0; index < bursts; ++index) {
        if (Burst* queued = queued_burst(tile.tile.key, index)) {
            queued->cores.push_back(core);
        } else {
            queues_[index % queues_.size()].push_back(
                {tile.tile.key, index, next_number_++, cycle, {core}});
        }
    }
}

std::uint64_t WeightBuffer::next_start() const noexcept {
    const std::uint64_t port = *std::min_element(port_free_.begin(), port_free_.end());
    std::uint64_t next = kNever;
    for (std::size_t bank = 0; bank < queues_.size(); ++bank) {
        if (!queues_[bank].empty()) {
            next = std::min(next,
                            std::max({port, bank_free_[bank], queues_[bank].front().ready_cycle}));
        }
    }
    return next;
}

void WeightBuffer::advance(std::uint64_t cycle, std::vector<Served>& served) {
    for (std::uint64_t start = next_start(); start <= cycle; start = next_start()) {
        start_bursts(start, served);
    }
}

void WeightBuffer::start_bursts(std::uint64_t cycle, std::vector<Served>& served) {
    const std::uint64_t length = std::max<std::uint64_t>(
        1, transfer_cycles(params_.burst_bytes, params_.port_bytes_per_cycle));
    for (std::uint64_t& port_free : port_free_) {
        if (port_free > cycle) {
            continue;
        }
        std::deque<Burst>* oldest = nullptr;
        for (std::size_t bank = 0; bank < queues_.size(); ++bank) {
            std::deque<Burst>& queue = queues_[bank];
            const bool can_start =
                !queue.empty() && bank_free_[bank] <= cycle && queue.front().ready_cycle <= cycle;
            if (can_start && (oldest == nullptr || queue.front().number < oldest->front().number)) {
                oldest = &queue;
            }
        }
        if (oldest == nullptr) {
            return;
        }
        const Burst burst = std::move(oldest->front());
        oldest->pop_front();
        port_free = cycle + length;
        bank_free_[static_cast<std::size_t>(oldest - queues_.data())] = cycle + length;
        words_read_ += base::ceil_divide(params_.burst_bytes, 8);
        finish_burst(burst, cycle + length, served);
    }
}

void WeightBuffer::finish_burst(const Burst& burst, std::uint64_t end,
                                std::vector<Served>& served) {
    Tile* tile = find(burst.key);
    base::require(tile != nullptr, "weight_buffer: a burst of a tile that was dropped");
    tile->read_until = std::max(tile->read_until, end);
    for (const std::uint32_t core : burst.cores) {
        const auto request =
            std::find_if(tile->waiting.begin(), tile->waiting.end(),
                         [core](const Request& waiting) { return waiting.core == core; });
        base::require(request != tile->waiting.end(), "weight_buffer: nobody asked");
        request->last_end = std::max(request->last_end, end);
        if (--request->bursts_left == 0) {
            served.push_back({core, burst.key, request->last_end});
            tile->waiting.erase(request);
        }
    }
}

}  // namespace skipsim::cluster
