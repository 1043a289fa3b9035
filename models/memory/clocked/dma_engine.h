// SPDX-License-Identifier: Apache-2.0
// The DMA engine, clock edge by clock edge (models/MICROARCHITECTURE.md §15, crossing §13): two
// queues of jobs, bursts handed over one after the other, an occupation that counts down, and the
// way home of data, a register an edge.
//
// A cycle:  begin()          first; counts down. Later calls in the same cycle do nothing
//           take_complete()  the step `complete`
//           step()           the engine's step; then, while next_burst() names one, it is offered
//                            to the DRAM: taken(), or waits() until entered()
//           sample()         last; what the engine did in this cycle
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "models/memory/clocked/delay_line.h"
#include "models/memory/clocked/transfers.h"
#include "models/memory/dma.h"

namespace skipsim::clocked {

/// As the clock finds the DRAM's answer: at the edge of the cycle that has begun, or after it.
enum class Edge { this_one, next_one };

struct DmaOffer {
    std::uint64_t job = 0;
    std::uint64_t address = 0;
    bool is_write = false;
};

class DmaEngine {
public:
    DmaEngine(const memory::DmaParams& params, std::uint64_t crossing_cycles);

    void begin(std::uint64_t cycle);

    /// A job: it enters in the next step(). Answers its number, from 1 on.
    std::uint64_t submit(std::uint64_t client, const DmaTransfer& transfer, bool is_background);
    /// A job that waits in the background moves to the end of the foreground queue, unless one of
    /// its bursts waits for room in the DRAM (§14, step 0).
    void promote(std::uint64_t job);

    /// Jobs enter, in the order of their clients; those of 0 bytes are appended to `empty`. An
    /// ideal memory takes jobs while the engine is free.
    void step(std::vector<std::uint64_t>& empty);
    /// What the engine hands over next in this cycle. Asking changes nothing.
    [[nodiscard]] bool has_burst() const noexcept;
    [[nodiscard]] DmaOffer next_burst() const;
    void taken();
    void waits();
    /// The burst that waited has entered the DRAM's queue: handed over at that edge.
    void entered(Edge edge);
    /// The data of one of the job's bursts is complete at that edge, or on its way to it.
    void data_complete(std::uint64_t job, Edge edge);

    [[nodiscard]] bool has_complete() const noexcept { return !complete_.empty(); }
    /// Jobs that are complete since the last call, in that order.
    void take_complete(std::vector<std::uint64_t>& jobs);

    /// The engine's step would do something.
    [[nodiscard]] bool can_act() const noexcept;
    /// Something counts down.
    [[nodiscard]] bool is_counting() const noexcept { return occupied_ > 0 || !home_.is_empty(); }
    [[nodiscard]] bool is_waiting() const noexcept { return is_waiting_; }

    void sample() noexcept;
    [[nodiscard]] std::uint64_t busy_cycles() const noexcept { return busy_cycles_; }
    [[nodiscard]] std::uint64_t blocked_cycles() const noexcept { return blocked_cycles_; }

    [[nodiscard]] std::size_t jobs() const noexcept { return bursts_left_.size(); }
    [[nodiscard]] std::size_t foreground_jobs() const noexcept { return foreground_.size(); }
    [[nodiscard]] std::size_t background_jobs() const noexcept { return background_.size(); }
    [[nodiscard]] std::uint64_t bursts_under_way() const noexcept { return under_way_; }
    [[nodiscard]] std::uint64_t occupied() const noexcept { return occupied_; }

private:
    struct Arrival {
        std::uint64_t client;
        std::uint64_t job;
        DmaTransfer transfer;
        bool is_background;
    };
    struct Waiting {
        std::uint64_t job;
        std::uint64_t bytes;
        std::uint64_t burst;  ///< next one, counted from address 0
        std::uint64_t end;    ///< the one after its last
        bool is_write;
    };

    void tick();
    void enter(const Arrival& arrival);
    void take_ideal();
    void hand_over(std::deque<Waiting>& queue);
    void occupy();
    void arrive_home();
    void burst_home(std::uint64_t job);
    [[nodiscard]] std::deque<Waiting>& line() noexcept {
        return foreground_.empty() ? background_ : foreground_;
    }
    [[nodiscard]] const std::deque<Waiting>& line() const noexcept {
        return foreground_.empty() ? background_ : foreground_;
    }
    [[nodiscard]] bool is_free() const noexcept;

    memory::DmaParams params_;
    std::uint64_t crossing_cycles_;
    std::uint64_t cycle_ = 0;
    std::uint64_t next_job_ = 1;
    std::vector<Arrival> arrivals_;  ///< since the last step
    std::deque<Waiting> foreground_;
    std::deque<Waiting> background_;
    std::unordered_map<std::uint64_t, std::uint64_t> bursts_left_;  ///< by job not complete
    std::uint64_t occupied_ = 0;                                    ///< [cycles] this one included
    std::uint64_t handed_over_ = 0;                                 ///< [bursts] in this cycle
    std::uint64_t under_way_ = 0;                                   ///< [bursts]
    bool is_waiting_ = false;             ///< a burst waits for room in the DRAM
    bool waiting_is_background_ = false;  ///< where it comes from
    bool entered_late_ = false;           ///< it found room: handed over at the next edge
    DelayLine<std::uint64_t> home_;       ///< jobs; of a modelled DRAM once for each burst
    std::vector<std::uint64_t> complete_;
    std::uint64_t busy_cycles_ = 0;
    std::uint64_t blocked_cycles_ = 0;
};

}  // namespace skipsim::clocked
