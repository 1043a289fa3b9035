// SPDX-License-Identifier: Apache-2.0
// The DMA engine: transfers between DRAM and the chip, cut into bursts, in the order of
// models/MICROARCHITECTURE.md §15. Two queues of jobs; bursts of foreground jobs come first.
// Knows cycles as numbers; who drives it hands bursts to the DRAM and reports their completion.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>

namespace skipsim::memory {

struct DmaParams {
    /// [bytes/core cycle] at most so many, in whole bursts; a slower engine takes several cycles a
    /// burst. 0 = unlimited
    std::uint64_t bytes_per_cycle = 0;
    std::uint64_t outstanding_bursts = 64;    ///< [bursts] under way at most
    std::uint64_t burst_bytes = 64;           ///< of the DRAM
    std::uint64_t ideal_bytes_per_cycle = 0;  ///< ideal memory: rate; 0 = unlimited
    std::uint64_t ideal_latency_cycles = 0;   ///< ideal memory: after the last byte
    bool ideal = true;                        ///< no DRAM model behind it
};

struct DmaJob {
    std::uint64_t id = 0;  ///< chosen by the client, unique among jobs not yet complete
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    bool is_write = false;
};

struct DmaBurst {
    std::uint64_t job = 0;
    std::uint64_t address = 0;
    bool is_write = false;
};

class Dma {
public:
    explicit Dma(const DmaParams& params) noexcept : params_(params) {}

    void submit(const DmaJob& job, bool background);
    /// A background job, begun or not, moves behind the foreground jobs.
    void promote(std::uint64_t job);
    /// A job waits or is being issued.
    [[nodiscard]] bool has_waiting_jobs() const noexcept {
        return !foreground_.empty() || !background_.empty();
    }
    /// As many bursts are under way as may be.
    [[nodiscard]] bool is_full() const noexcept { return under_way_ >= params_.outstanding_bursts; }

    /// The burst that is next in line at `cycle`, or nothing: engine busy, too many under way, no
    /// job. Asking changes nothing.
    [[nodiscard]] std::optional<DmaBurst> next_burst(std::uint64_t cycle) const;
    /// `burst` was taken by the DRAM at `cycle`.
    void issued(const DmaBurst& burst, std::uint64_t cycle);
    /// Answers the job if this was its last burst.
    std::optional<std::uint64_t> completed(const DmaBurst& burst);
    /// The engine is free again then.
    [[nodiscard]] std::uint64_t free_cycle() const noexcept { return free_cycle_; }

    /// Ideal memory: takes the next job whole and answers when it is complete.
    struct IdealJob {
        std::uint64_t id = 0;
        std::uint64_t complete_cycle = 0;
    };
    std::optional<IdealJob> next_ideal_job(std::uint64_t cycle);

private:
    struct Waiting {
        DmaJob job;
        std::uint64_t next_address = 0;  ///< of the next burst
    };
    [[nodiscard]] std::deque<Waiting>& queue_of(std::uint64_t job);

    DmaParams params_;
    std::deque<Waiting> foreground_;
    std::deque<Waiting> background_;
    std::uint64_t free_cycle_ = 0;
    std::uint64_t issue_cycle_ = ~std::uint64_t{0};
    std::uint64_t issued_now_ = 0;  // bursts, in issue_cycle_
    std::uint64_t under_way_ = 0;
    std::unordered_map<std::uint64_t, std::uint64_t> left_;  // job -> bursts not complete
};

}  // namespace skipsim::memory
