// SPDX-License-Identifier: Apache-2.0
// A cluster's buffer of weight tiles: banks, ports, bursts, and a queue in which requests for the
// same burst join (models/MICROARCHITECTURE.md §15.2). The cluster-wide buffer is an assumption.
// Knows cycles as numbers: advance() is told how far time has come and answers what is complete.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

namespace skipsim::cluster {

struct WeightBufferParams {
    std::uint64_t capacity_bytes = 0;  ///< [bytes] 0 = unlimited
    std::uint32_t banks = 1;
    std::uint32_t ports = 0;  ///< bursts read at once; 0 = no shared buffer
    std::uint64_t burst_bytes = 64;
    std::uint64_t port_bytes_per_cycle = 0;  ///< [bytes/cycle] of a port and bank; 0 = unlimited
    std::uint64_t fill_bytes_per_cycle = 0;  ///< [bytes/cycle] of the fill bus; 0 = unlimited
};

/// A weight tile: `key` is unique within a row.
struct WeightTile {
    std::uint64_t key = 0;
    std::uint64_t bytes = 0;
};

/// What a request finds.
enum class Presence {
    present,   ///< its bursts are queued
    fetching,  ///< somebody asked before; it will be served with them
    absent     ///< the caller fetches it and reports arrived()
};

class WeightBuffer {
public:
    /// The last burst of a core's tile was read; `cycle` is the first in which it is complete.
    struct Served {
        std::uint32_t core = 0;
        std::uint64_t key = 0;
        std::uint64_t cycle = 0;
    };
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    explicit WeightBuffer(const WeightBufferParams& params);

    /// Forgets all tiles: the weights of another row have other keys. Requires that no core waits.
    void start_row();
    Presence request(std::uint64_t cycle, std::uint32_t core, const WeightTile& tile);
    /// The data of an absent tile reached the fill bus. Answers the cycle in which it is in.
    std::uint64_t fill(std::uint64_t cycle, std::uint64_t key);
    /// It is in, as fill() said: bursts of all cores that asked are queued.
    void arrived(std::uint64_t cycle, std::uint64_t key);

    /// Starts bursts in every cycle up to and including `cycle`; appends what became complete.
    void advance(std::uint64_t cycle, std::vector<Served>& served);
    /// The next cycle in which a burst can start, if nothing else happens; kNever: none waits.
    [[nodiscard]] std::uint64_t next_start() const noexcept;

    [[nodiscard]] std::uint64_t words_read() const noexcept { return words_read_; }
    [[nodiscard]] std::uint64_t words_written() const noexcept { return words_written_; }
    [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_written_; }

private:
    struct Request {
        std::uint32_t core = 0;
        std::uint64_t bursts_left = 0;
        std::uint64_t last_end = 0;
    };
    struct Tile {
        WeightTile tile;
        bool present = false;
        std::uint64_t stamp = 0;
        std::vector<Request> waiting;
        std::uint64_t read_until = 0;  ///< end of its last burst so far
    };
    struct Burst {
        std::uint64_t key = 0;
        std::uint64_t index = 0;
        std::uint64_t number = 0;  ///< order in which bursts were queued
        std::uint64_t ready_cycle = 0;
        std::vector<std::uint32_t> cores;
    };

    [[nodiscard]] Tile* find(std::uint64_t key) noexcept;
    void make_room(std::uint64_t cycle, std::uint64_t bytes);
    void queue_bursts(std::uint64_t cycle, Tile& tile, std::uint32_t core);
    [[nodiscard]] Burst* queued_burst(std::uint64_t key, std::uint64_t index) noexcept;
    void start_bursts(std::uint64_t cycle, std::vector<Served>& served);
    void finish_burst(const Burst& burst, std::uint64_t end, std::vector<Served>& served);
    [[nodiscard]] std::uint64_t bursts_of(const WeightTile& tile) const noexcept;

    WeightBufferParams params_;
    std::vector<Tile> tiles_;
    std::vector<std::deque<Burst>> queues_;  // [bank], oldest first
    std::vector<std::uint64_t> port_free_;
    std::vector<std::uint64_t> bank_free_;
    std::uint64_t next_number_ = 0;
    std::uint64_t fill_free_ = 0;
    std::uint64_t used_bytes_ = 0;
    std::uint64_t requests_ = 0;
    std::uint64_t words_read_ = 0;
    std::uint64_t words_written_ = 0;
    std::uint64_t bytes_written_ = 0;
};

}  // namespace skipsim::cluster
