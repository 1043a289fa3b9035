// SPDX-License-Identifier: Apache-2.0
// A cluster's weight buffer, clock edge by clock edge (models/MICROARCHITECTURE.md §15.2): which
// tiles are there, the fill bus, banks and ports that each work on one burst at a time, bursts that
// serve everybody who asked before they started. The cluster-wide buffer is an assumption.
//
// A cycle:  begin()          first; fill bus, ports, banks and latencies count down. Later calls in
//                            the same cycle do nothing
//           request()        any time before the step `buffers`
//           take_requests()  the step `buffers`: names the tiles that somebody has to fetch
//           start_bursts()   at its end
// at_bus() and take_ready() at any time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <vector>

#include "models/cluster/weight_buffer.h"
#include "models/memory/clocked/delay_line.h"

namespace skipsim::clocked {

/// What tells the weight tiles of a row apart.
struct WeightTileKey {
    std::uint32_t phase = 0;
    std::uint64_t first_byte = 0;

    bool operator<(const WeightTileKey& other) const noexcept {
        return phase != other.phase ? phase < other.phase : first_byte < other.first_byte;
    }
    bool operator==(const WeightTileKey& other) const noexcept {
        return phase == other.phase && first_byte == other.first_byte;
    }
};

class WeightBanks {
public:
    struct Absent {
        WeightTileKey key;
        std::uint64_t bytes = 0;
    };

    WeightBanks(const cluster::WeightBufferParams& params, std::uint64_t latency_cycles);

    /// Forgets all tiles. Requires that nobody waits.
    void start_row();
    void begin(std::uint64_t cycle);

    /// A core wants a tile; `ticket` comes back when it can use it.
    void request(std::uint32_t core, const WeightTileKey& key, std::uint64_t bytes,
                 std::uint64_t ticket);
    /// Requests since the last call, in the order of cores. Appends the tiles to be fetched.
    void take_requests(std::vector<Absent>& absent);
    /// An absent tile's bytes are at the fill bus.
    void at_bus(const WeightTileKey& key);
    /// Tiles that have come over the bus are there now; free ports start bursts.
    void start_bursts();

    /// Tickets of tiles that can be used since the last call.
    void take_ready(std::vector<std::uint64_t>& tickets);

    /// The step `buffers` would do something.
    [[nodiscard]] bool can_act() const noexcept;
    /// Something counts down.
    [[nodiscard]] bool is_counting() const noexcept;

    [[nodiscard]] std::uint64_t words_read() const noexcept { return words_read_; }
    [[nodiscard]] std::uint64_t words_written() const noexcept { return words_written_; }
    [[nodiscard]] std::uint64_t bytes_fetched() const noexcept { return bytes_fetched_; }

    [[nodiscard]] std::size_t waiting_requests() const noexcept {
        return arrivals_.size() + requests_.size();
    }
    [[nodiscard]] std::size_t queued_bursts() const noexcept { return queued_; }
    [[nodiscard]] std::size_t tiles_on_bus() const noexcept { return bus_.size(); }
    [[nodiscard]] std::size_t busy_ports() const noexcept;

private:
    struct Arrival {
        std::uint32_t core;
        WeightTileKey key;
        std::uint64_t bytes;
        std::uint64_t ticket;
    };
    struct Tile;
    struct Request {
        Tile* tile;
        std::uint64_t ticket;
        std::uint64_t bursts_left = 0;
    };
    struct Tile {
        std::uint64_t bytes = 0;
        std::uint64_t bursts = 1;
        bool is_present = false;
        std::uint64_t last_request = 0;   ///< number
        std::uint64_t waiting_cores = 0;  ///< requests whose last burst has not ended
        std::vector<std::list<Request>::iterator> asked;  ///< before it is present
    };
    struct Burst {
        Tile* tile = nullptr;
        std::uint64_t index = 0;
        std::uint64_t number = 0;  ///< order in which bursts were queued
        std::vector<std::list<Request>::iterator> askers;
    };
    struct Port {
        std::uint64_t cycles_left = 0;
        std::size_t bank = 0;
        Burst burst;
    };
    struct OnBus {
        Tile* tile;
        std::uint64_t bytes_left;
    };

    void tick();
    void take(const Arrival& arrival, std::vector<Absent>& absent);
    void make_room(std::uint64_t bytes);
    void move_bus();
    void tiles_in();
    void queue_bursts(std::list<Request>::iterator request);
    [[nodiscard]] std::size_t bank_of_oldest() const noexcept;
    void end_burst(Port& port);

    cluster::WeightBufferParams params_;
    std::uint64_t latency_cycles_;
    std::uint64_t burst_cycles_;  ///< of port and bank
    std::uint64_t cycle_ = 0;
    std::vector<Arrival> arrivals_;
    std::map<WeightTileKey, Tile> tiles_;
    std::uint64_t used_bytes_ = 0;
    std::uint64_t requests_seen_ = 0;
    std::list<Request> requests_;  ///< taken, last burst not ended
    std::deque<OnBus> bus_;
    std::vector<Tile*> over_bus_;            ///< bursts to be queued
    std::vector<std::deque<Burst>> queues_;  ///< [bank], oldest first
    std::vector<bool> bank_is_busy_;
    std::vector<Port> ports_;
    std::size_t queued_ = 0;
    std::uint64_t next_number_ = 0;
    DelayLine<std::uint64_t> pipeline_;  ///< tickets
    std::uint64_t words_read_ = 0;
    std::uint64_t words_written_ = 0;
    std::uint64_t bytes_fetched_ = 0;
};

}  // namespace skipsim::clocked
