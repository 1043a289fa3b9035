// SPDX-License-Identifier: Apache-2.0
// One channel: picks the next command and its cycle (first ready, first come, first served;
// README.md states the order), refreshes its ranks, counts. A command of cycle t depends only on
// requests that were pushed before cycle t, so commands are worked out late, in one go, and nothing
// is done for cycles without one.
#pragma once

#include <cstdint>
#include <vector>

#include "models/memory/dram/command.h"
#include "models/memory/dram/completion_ring.h"
#include "models/memory/dram/params.h"
#include "models/memory/dram/request_queue.h"
#include "models/memory/dram/timing_state.h"

namespace skipsim::memory {

class DramChannel {
public:
    DramChannel(const DramParams& params, std::uint32_t index);
    void reset();
    void record_to(std::vector<DramCommand>* trace) noexcept { trace_ = trace; }

    /// Issues the commands of all cycles up to and including `cycle`.
    void catch_up(std::uint64_t cycle);
    [[nodiscard]] bool has_room() const noexcept { return !queue_.is_full(); }
    /// Requires that cycle - 1 is caught up, no later one than `cycle`, and room.
    void push(std::uint64_t cycle, const DramRequest& request, const DramPlace& place);
    CompletionRing& completions() noexcept { return completions_; }
    /// No completion, and no room in a full queue, comes before this cycle.
    [[nodiscard]] std::uint64_t next_event_cycle() const;
    /// [cycles] of the data bus, of all reads and writes issued so far.
    [[nodiscard]] std::uint64_t data_cycles() const noexcept {
        return (counts_.reads + counts_.writes) * params_.burst_cycles();
    }
    /// Adds what happened in cycles 0 to `cycle`. Requires that it is caught up, no further.
    void add_counts(std::uint64_t cycle, DramCounts& counts) const noexcept;

private:
    /// Of two decisions the one with the lower cycle wins, then urgency, then order.
    struct Decision {
        std::uint64_t cycle = kNever;
        std::uint32_t urgency = 0;
        DramCommandKind kind = DramCommandKind::activate;
        std::uint16_t slot = kNoSlot;
        std::uint64_t order = 0;
        std::uint32_t bank = 0;  ///< of the channel; the rank for a refresh
    };
    struct Rank {
        std::uint64_t due = 0;  ///< cycle of the next refresh, if nothing stands in its way
        std::uint32_t open_banks = 0;
        std::uint64_t active_start = 0;   ///< of the last time with a bank open
        std::uint64_t active_end = 0;     ///< its end, if open_banks is 0
        std::uint64_t active_cycles = 0;  ///< before active_start
    };

    [[nodiscard]] const Decision& decision() const;
    [[nodiscard]] Decision ordinary() const noexcept;
    [[nodiscard]] Decision urgent(std::uint64_t from) const noexcept;
    void offer_row(Decision& best, std::uint32_t bank, std::uint16_t slot) const noexcept;
    void offer_column(Decision& best, std::uint32_t bank, std::uint16_t slot) const noexcept;
    void offer_refresh(Decision& best, std::uint32_t rank) const noexcept;
    void offer(Decision& best, const Decision& candidate) const noexcept;

    void issue(const Decision& chosen);
    void issue_activate(const Decision& chosen);
    void issue_precharge(const Decision& chosen);
    void issue_column(const Decision& chosen);
    void issue_refresh(const Decision& chosen);
    void note_closed(std::uint32_t rank, std::uint64_t cycle) noexcept;
    void find_next_due() noexcept;
    void skip_idle_refreshes(std::uint64_t cycle);
    void record(const Decision& chosen, const RequestQueue::Entry& entry);
    [[nodiscard]] DramPlace place_of_bank(std::uint32_t bank) const noexcept;

    DramParams params_;
    std::uint32_t index_;
    std::uint64_t min_latency_;  ///< [cycles] of a column command to its completion
    std::uint32_t banks_per_rank_;
    TimingState timing_;
    RequestQueue queue_;
    CompletionRing completions_;
    std::vector<Rank> ranks_;
    std::uint64_t next_due_ = 0;     ///< the earliest of the ranks
    std::uint64_t undecided_ = 0;    ///< commands of all earlier cycles are issued
    std::uint64_t row_free_ = 0;     ///< first free cycle of the row command bus
    std::uint64_t column_free_ = 0;  ///< and of the column command bus
    std::uint64_t next_order_ = 0;
    DramCounts counts_;
    std::vector<DramCommand>* trace_ = nullptr;
    mutable Decision decision_;
    mutable bool is_decided_ = false;
};

}  // namespace skipsim::memory
