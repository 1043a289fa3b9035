// SPDX-License-Identifier: Apache-2.0
// The DMA engine at transaction level: jobs come through two TLM-2.0 sockets (foreground,
// background) or from the chip's own control; bursts leave through a socket to the DRAM.
//
// Edges:  a job that arrives in cycle c is taken in the transfer phase of c, in the order of its
//         client's number; BEGIN_REQ is answered at once (END_REQ), BEGIN_RESP comes in the cycle
//         the job is complete
//         bursts are handed to the DRAM in the transfer phase; a burst completes at the first core
//         edge at or after the DRAM's answer, plus the crossing
// With an ideal memory there are no bursts and no DRAM behind the engine.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <map>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/memory/dma.h"
#include "sim/kernel/clock.h"
#include "sim/kernel/phases.h"
#include "sim/kernel/timeline.h"

namespace skipsim::memory {

class DmaModule final : public sc_core::sc_module {
public:
    using Done = std::function<void()>;

    /// The id of a client on a socket is the order in which it was bound.
    tlm_utils::multi_passthrough_target_socket<DmaModule> foreground_socket{"foreground_socket"};
    tlm_utils::multi_passthrough_target_socket<DmaModule> background_socket{"background_socket"};
    /// Unbound with an ideal memory.
    tlm_utils::simple_initiator_socket_optional<DmaModule> dram_socket{"dram_socket"};

    DmaModule(const sc_core::sc_module_name& name, const DmaParams& params,
              const kernel::Clock& clock, std::uint64_t crossing_cycles, kernel::Phases& phases);
    ~DmaModule() override;

    /// A job of the chip's control, taken before those of sockets in the same cycle. Answers its
    /// number; `done` is called in the cycle it is complete, at once for 0 bytes.
    std::uint64_t submit(const DmaJob& job, bool background, Done done);
    /// A background job moves behind the foreground jobs, unless the DRAM is being offered a burst
    /// of it.
    void promote(std::uint64_t job);

    [[nodiscard]] bool is_idle() const noexcept;
    /// Called whenever the engine has become idle.
    void on_idle(Done idle) { on_idle_ = std::move(idle); }

    /// [core cycles] in which jobs or bursts are under way and no burst waits for the DRAM.
    [[nodiscard]] std::uint64_t busy_cycles() const;
    /// [core cycles] in which a burst is offered that the DRAM has no room for.
    [[nodiscard]] std::uint64_t blocked_cycles() const noexcept { return blocked_cycles_; }
    void set_timeline(kernel::Timeline* timeline);

private:
    struct Arrival {
        std::uint64_t order;
        DmaJob job;
        bool background;
    };
    struct Client {
        tlm::tlm_generic_payload* payload = nullptr;
        int socket = 0;
        bool background = false;
        Done done;
        DmaJob job;
        std::uint64_t start = 0;  ///< [cycle]
    };
    struct Flight;  // a burst on its way through the DRAM

    tlm::tlm_sync_enum accept_foreground(int id, tlm::tlm_generic_payload& payload,
                                         tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum accept_background(int id, tlm::tlm_generic_payload& payload,
                                         tlm::tlm_phase& phase, sc_core::sc_time& delay);
    tlm::tlm_sync_enum accept(int id, bool background, tlm::tlm_generic_payload& payload,
                              tlm::tlm_phase& phase);
    tlm::tlm_sync_enum dram_answers(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                    sc_core::sc_time& delay);
    void enqueue(std::uint64_t order, DmaJob job, bool background, Client client);
    void transfer();
    void take_arrivals();
    void finish_due();
    void issue();
    void issue_ideal();
    void send(const DmaBurst& burst);
    void complete(std::uint64_t job);
    void answer(Client& client);
    void ask_for_transfer() { phases_.ask(transfer_phase_); }
    void wake_transfer(std::uint64_t cycle) { transfer_event_.notify(clock_.until(cycle)); }
    void wake_completion(std::uint64_t cycle);
    Flight& free_flight();

    kernel::Clock clock_;
    std::uint64_t crossing_cycles_;
    bool ideal_;
    std::uint64_t burst_bytes_;
    Dma dma_;
    std::uint64_t next_id_ = 1;
    std::vector<Arrival> arrivals_;
    std::map<std::uint64_t, Client> clients_;               // by job
    std::multimap<std::uint64_t, DmaBurst> due_bursts_;     // by cycle
    std::multimap<std::uint64_t, std::uint64_t> due_jobs_;  // ideal memory: cycle -> job
    std::vector<std::unique_ptr<Flight>> flights_;
    bool waits_for_dram_ = false;  // a burst was offered and not yet taken:
    DmaBurst offered_;
    kernel::Phases& phases_;
    std::size_t transfer_phase_;
    sc_core::sc_event transfer_event_;
    sc_core::sc_event completion_event_;
    Done on_idle_;
    std::uint64_t busy_since_ = 0;
    std::uint64_t busy_cycles_ = 0;  // blocked ones included
    std::uint64_t blocked_since_ = 0;
    std::uint64_t blocked_cycles_ = 0;
    bool busy_ = false;
    kernel::Timeline* timeline_ = nullptr;
    std::uint32_t track_ = 0;
};

}  // namespace skipsim::memory
