// SPDX-License-Identifier: Apache-2.0
// The DMA engine on the clock: jobs come through DmaPort, bursts leave through a TLM-2.0 socket to
// the DRAM, which has a clock of its own. With an ideal memory there is no DRAM behind it.
//
//   due       the engine's occupation and the way home count down
//   complete  `done` of the jobs that are complete in this cycle
//   engine    jobs enter, bursts are handed over; `done` of jobs of 0 bytes
//   array     what the engine did in this cycle is counted
// An answer of the DRAM at the time of an edge belongs to that cycle, whether the DRAM or the clock
// was first; one between two edges to the next.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <unordered_map>
#include <vector>

#include "models/memory/clocked/dma_engine.h"
#include "models/memory/clocked/transfers.h"
#include "sim/kernel/phased_clock.h"

namespace skipsim::clocked {

class DmaEngineModule final : public sc_core::sc_module, public DmaPort, public kernel::Reporting {
public:
    using Watch =
        std::function<void(const std::string& name, const std::uint32_t& value, unsigned bits)>;

    /// Unbound with an ideal memory.
    tlm_utils::simple_initiator_socket_optional<DmaEngineModule> dram_socket{"dram_socket"};

    DmaEngineModule(const sc_core::sc_module_name& name, const memory::DmaParams& params,
                    std::uint64_t crossing_cycles, kernel::PhasedClock& clock);
    ~DmaEngineModule() override;

    std::uint64_t submit(std::uint64_t client, const DmaTransfer& transfer, bool is_background,
                         Done done) override;
    /// A job that waits in the background moves to the end of the foreground queue (§14, step 0).
    void promote(std::uint64_t job) { engine_.promote(job); }

    [[nodiscard]] bool is_idle() const noexcept { return done_.empty(); }
    /// Called whenever the engine has become idle.
    void on_idle(Done idle) { on_idle_ = std::move(idle); }

    /// [core cycles] before this one in which jobs were under way and no burst waited for room.
    [[nodiscard]] std::uint64_t busy_cycles() const noexcept { return engine_.busy_cycles(); }
    /// [core cycles] before this one in which a burst waited for room in the DRAM's queue.
    [[nodiscard]] std::uint64_t blocked_cycles() const noexcept { return engine_.blocked_cycles(); }

    [[nodiscard]] std::string state() const override;
    void watch(const Watch& watch) const;

private:
    struct Flight;  // a burst on its way through the DRAM
    struct Shown {
        std::uint32_t foreground_jobs = 0;
        std::uint32_t background_jobs = 0;
        std::uint32_t bursts_under_way = 0;
        std::uint32_t is_occupied = 0;
        std::uint32_t is_waiting = 0;
    };

    void due();
    void complete();
    void engine();
    void sample();
    void ask();
    void offer(const DmaOffer& burst);
    tlm::tlm_sync_enum dram_answers(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                    sc_core::sc_time& delay);
    [[nodiscard]] Edge edge_of_now();
    Flight& free_flight();
    void finish(std::vector<std::uint64_t>& jobs);

    kernel::PhasedClock& clock_;
    std::uint64_t burst_bytes_;
    DmaEngine engine_;
    std::unordered_map<std::uint64_t, Done> done_;  ///< by job
    Done on_idle_;
    std::vector<std::unique_ptr<Flight>> flights_;
    std::vector<Flight*> free_flights_;
    std::vector<std::uint64_t> finished_;
    Shown shown_;
};

}  // namespace skipsim::clocked
