// SPDX-License-Identifier: Apache-2.0
// A DRAM behind a TLM-2.0 socket (approximately timed, one burst a transaction).
//
// Time: one step of the kernel stands for 1 ps; edge k of the memory clock is at k * period.
// Crossing: a request that arrives at time t enters the queue at the first edge >= t, and is looked
// at from the edge after that one on (dram.h).
//   BEGIN_REQ   answered with END_REQ at once if the channel's queue has room at that edge, else
//               END_REQ comes at the first edge at which it has; the request enters there
//   BEGIN_RESP  at the edge at which the request is completed; the next one waits for END_RESP
// A second BEGIN_REQ before END_REQ is against the base protocol. No data travels: the model looks
// at command, address and length. A length of 0, beyond a burst, or across its end is answered with
// TLM_BURST_ERROR_RESPONSE, an address beyond the capacity with TLM_ADDRESS_ERROR_RESPONSE.
#pragma once

#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <deque>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/memory/dram/dram.h"
#include "models/memory/dram/request_log.h"
#include "sim/kernel/timeline.h"

namespace skipsim::memory {

class DramModule final : public sc_core::sc_module {
public:
    static constexpr std::uint64_t kShownPause = 1024;  ///< [memory clock cycles]

    tlm_utils::simple_target_socket<DramModule> socket{"socket"};

    DramModule(const sc_core::sc_module_name& name, const DramParams& params,
               std::uint64_t period_ps);

    [[nodiscard]] Dram& dram() noexcept { return dram_; }
    /// The first edge at or after now [memory clock cycles].
    [[nodiscard]] std::uint64_t cycle_now() const;
    [[nodiscard]] std::uint64_t period_ps() const noexcept { return period_; }

    /// A slice a time in which a channel has requests, pauses of at most kShownPause included (or
    /// there would be a slice for many a burst). Requires that no request is under way.
    void set_timeline(kernel::Timeline* timeline);
    /// Told about every request that enters; null: nobody.
    void log_to(DramRequestLog* log) noexcept { log_ = log; }

private:
    /// A channel in the timeline.
    struct Shown {
        std::uint32_t track = 0;
        std::uint64_t under_way = 0;  ///< requests
        std::uint64_t start = 0;      ///< [cycle] of the slice
        std::uint64_t end = 0;        ///< [cycle] in which the last request was completed
        std::uint64_t reads = 0;      ///< of the slice
        std::uint64_t writes = 0;
    };

    tlm::tlm_sync_enum accept(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    void arrive_late(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase);
    [[nodiscard]] tlm::tlm_response_status check(const tlm::tlm_generic_payload& payload) const;
    bool try_push(tlm::tlm_generic_payload& payload, std::uint64_t cycle);
    void show(Shown& channel);
    void show_entered(const tlm::tlm_generic_payload& payload, std::uint64_t cycle);
    void show_completed(const tlm::tlm_generic_payload& payload, std::uint64_t cycle);
    void on_edge();
    void schedule();
    void send_responses();
    void finish_response();

    Dram dram_;
    std::uint64_t period_;                             ///< [ps]
    tlm::tlm_generic_payload* held_ = nullptr;         ///< waits for room
    std::vector<tlm::tlm_generic_payload*> payloads_;  ///< by id of the request
    std::vector<std::uint64_t> free_ids_;
    std::deque<tlm::tlm_generic_payload*> ready_;    ///< completed, not yet answered
    tlm::tlm_generic_payload* in_flight_ = nullptr;  ///< answered, END_RESP to come
    std::vector<DramCompletion> done_;
    DramRequestLog* log_ = nullptr;
    kernel::Timeline* timeline_ = nullptr;
    std::vector<Shown> shown_;  ///< channels, with a timeline
    sc_core::sc_event edge_{"edge"};
    tlm_utils::peq_with_cb_and_phase<DramModule> late_;
};

}  // namespace skipsim::memory
