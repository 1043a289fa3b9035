// SPDX-License-Identifier: Apache-2.0
#include "models/cluster/clocked/weight_banks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::clocked {
namespace {

std::uint64_t cycles_of_burst(const cluster::WeightBufferParams& params) {
    const std::uint64_t rate = params.port_bytes_per_cycle;
    const std::uint64_t cycles = rate == 0 ? 0 : base::ceil_divide(params.burst_bytes, rate);
    return std::max<std::uint64_t>(1, cycles);
}

}  // namespace

WeightBanks::WeightBanks(const cluster::WeightBufferParams& params, std::uint64_t latency_cycles)
    : params_(params),
      latency_cycles_(latency_cycles),
      burst_cycles_(cycles_of_burst(params)),
      queues_(params.banks),
      bank_is_busy_(params.banks, false),
      ports_(params.ports) {
    base::require(params.banks > 0 && params.ports > 0 && params.burst_bytes > 0,
                  "weight_banks: without banks, ports or bursts");
}

void WeightBanks::start_row() {
    base::require(arrivals_.empty() && requests_.empty() && bus_.empty() && over_bus_.empty() &&
                      pipeline_.is_empty() && queued_ == 0,
                  "weight_banks: a core still waits");
    tiles_.clear();
    used_bytes_ = 0;
}

void WeightBanks::begin(std::uint64_t cycle) {
    while (cycle_ < cycle) {
        ++cycle_;
        tick();
    }
}

void WeightBanks::tick() {
    pipeline_.tick();
    for (Port& port : ports_) {
        if (port.cycles_left > 0 && --port.cycles_left == 0) {
            end_burst(port);
        }
    }
    if (!bus_.empty()) {
        std::uint64_t& left = bus_.front().bytes_left;
        left -= std::min(left, params_.fill_bytes_per_cycle);
    }
    move_bus();
}

void WeightBanks::end_burst(Port& port) {
    bank_is_busy_[port.bank] = false;
    for (const auto request : port.burst.askers) {
        if (--request->bursts_left == 0) {
            --request->tile->waiting_cores;
            pipeline_.push(request->ticket, latency_cycles_);
            requests_.erase(request);
        }
    }
    port.burst = {};
}

void WeightBanks::request(std::uint32_t core, const WeightTileKey& key, std::uint64_t bytes,
                          std::uint64_t ticket) {
    arrivals_.push_back({core, key, bytes, ticket});
}

void WeightBanks::take_requests(std::vector<Absent>& absent) {
    tiles_in();
    std::stable_sort(
        arrivals_.begin(), arrivals_.end(),
        [](const Arrival& left, const Arrival& right) { return left.core < right.core; });
    for (const Arrival& arrival : arrivals_) {
        take(arrival, absent);
    }
    arrivals_.clear();
}

void WeightBanks::take(const Arrival& arrival, std::vector<Absent>& absent) {
    auto found = tiles_.find(arrival.key);
    if (found == tiles_.end()) {
        make_room(arrival.bytes);
        Tile tile;
        tile.bytes = arrival.bytes;
        tile.bursts =
            std::max<std::uint64_t>(1, base::ceil_divide(arrival.bytes, params_.burst_bytes));
        used_bytes_ += arrival.bytes;
        found = tiles_.emplace(arrival.key, std::move(tile)).first;
        absent.push_back({arrival.key, arrival.bytes});
    }
    Tile& tile = found->second;
    tile.last_request = ++requests_seen_;
    ++tile.waiting_cores;
    requests_.push_back({&tile, arrival.ticket, tile.bursts});
    const auto request = std::prev(requests_.end());
    if (tile.is_present) {
        queue_bursts(request);
    } else {
        tile.asked.push_back(request);
    }
}

void WeightBanks::make_room(std::uint64_t bytes) {
    while (params_.capacity_bytes != 0 && used_bytes_ + bytes > params_.capacity_bytes) {
        auto oldest = tiles_.end();
        for (auto tile = tiles_.begin(); tile != tiles_.end(); ++tile) {
            if (tile->second.waiting_cores == 0 &&
                (oldest == tiles_.end() ||
                 tile->second.last_request < oldest->second.last_request)) {
                oldest = tile;
            }
        }
        base::require(oldest != tiles_.end(), "weight_banks: smaller than the tiles in use");
        used_bytes_ -= oldest->second.bytes;
        tiles_.erase(oldest);
    }
}

void WeightBanks::at_bus(const WeightTileKey& key) {
    const auto found = tiles_.find(key);
    base::require(found != tiles_.end() && !found->second.is_present,
                  "weight_banks: bytes of a tile that nobody lacks");
    Tile& tile = found->second;
    words_written_ += base::ceil_divide(tile.bytes, 8);
    bytes_fetched_ += tile.bytes;
    bus_.push_back({&tile, tile.bytes});
    move_bus();
}

void WeightBanks::move_bus() {
    while (!bus_.empty() && (bus_.front().bytes_left == 0 || params_.fill_bytes_per_cycle == 0)) {
        over_bus_.push_back(bus_.front().tile);
        bus_.pop_front();
    }
}

void WeightBanks::tiles_in() {
    for (Tile* tile : over_bus_) {
        tile->is_present = true;
        for (const auto request : tile->asked) {
            queue_bursts(request);
        }
        tile->asked.clear();
    }
    over_bus_.clear();
}

/// A burst of the tile that is queued already serves this request too.
void WeightBanks::queue_bursts(std::list<Request>::iterator request) {
    Tile* const tile = request->tile;
    for (std::uint64_t index = 0; index < tile->bursts; ++index) {
        std::deque<Burst>& queue = queues_[index % queues_.size()];
        const auto queued = std::find_if(queue.begin(), queue.end(), [&](const Burst& burst) {
            return burst.tile == tile && burst.index == index;
        });
        if (queued != queue.end()) {
            queued->askers.push_back(request);
        } else {
            queue.push_back({tile, index, next_number_++, {request}});
            ++queued_;
        }
    }
}

void WeightBanks::start_bursts() {
    tiles_in();
    for (Port& port : ports_) {
        if (port.cycles_left > 0) {
            continue;
        }
        const std::size_t bank = bank_of_oldest();
        if (bank == queues_.size()) {
            return;
        }
        port.bank = bank;
        port.burst = std::move(queues_[bank].front());
        queues_[bank].pop_front();
        --queued_;
        port.cycles_left = burst_cycles_;
        bank_is_busy_[bank] = true;
        words_read_ += base::ceil_divide(params_.burst_bytes, 8);
    }
}

/// The free bank with the oldest burst; their number if none can start.
std::size_t WeightBanks::bank_of_oldest() const noexcept {
    std::size_t oldest = queues_.size();
    for (std::size_t bank = 0; bank < queues_.size(); ++bank) {
        if (!bank_is_busy_[bank] && !queues_[bank].empty() &&
            (oldest == queues_.size() ||
             queues_[bank].front().number < queues_[oldest].front().number)) {
            oldest = bank;
        }
    }
    return oldest;
}

void WeightBanks::take_ready(std::vector<std::uint64_t>& tickets) {
    while (pipeline_.has_ready()) {
        tickets.push_back(pipeline_.take());
    }
}

std::size_t WeightBanks::busy_ports() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        ports_.begin(), ports_.end(), [](const Port& port) { return port.cycles_left > 0; }));
}

bool WeightBanks::can_act() const noexcept {
    return !arrivals_.empty() || !over_bus_.empty() ||
           (queued_ > 0 && busy_ports() < ports_.size());
}

bool WeightBanks::is_counting() const noexcept {
    return !bus_.empty() || !pipeline_.is_empty() || busy_ports() > 0;
}

}  // namespace skipsim::clocked
