// SPDX-License-Identifier: Apache-2.0
// The vector unit at transaction level: jobs of passes, each cut into blocks that are loaded
// through the DMA, computed, and stored; loads of the next block and stores of the last go on
// beside the computation of a block. A foreground job (a row of its own) comes before background
// jobs (weight updates), which take their turn block by block.
//
// Edges:  block b of a pass: its loads are requested in the cycle in which block b - 2 was computed
//         (b < 2: in which the pass began); it is computed once they are there, block b - 1 is
//         computed, the stores of b - 2 are done and the unit is free; its stores are handed over
//         when it is computed. The next pass begins when the last block of this one is computed.
//         In the compute phase of a cycle the free unit takes a block of the foreground job if
//         one can start, else one of the oldest background job.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/accelerator/vector_job.h"
#include "sim/kernel/clock.h"
#include "sim/kernel/phases.h"
#include "sim/kernel/timeline.h"

namespace skipsim::accelerator {

struct VectorOccupation {
    std::uint64_t busy = 0;     ///< [core cycles] computing
    std::uint64_t blocked = 0;  ///< [core cycles] a block waits for stores only
};

class VectorUnitModule final : public sc_core::sc_module {
public:
    tlm_utils::simple_initiator_socket_tagged<VectorUnitModule> foreground_socket{
        "foreground_socket"};
    tlm_utils::simple_initiator_socket_tagged<VectorUnitModule> background_socket{
        "background_socket"};

    VectorUnitModule(const sc_core::sc_module_name& name, const kernel::Clock& clock,
                     kernel::Phases& phases);
    ~VectorUnitModule() override;

    /// `done` is called in the cycle in which the last block is computed.
    void start(std::vector<VectorStep> steps, bool background, const std::string& name,
               std::function<void()> done);
    /// Jobs that are not done.
    [[nodiscard]] std::size_t pending() const noexcept { return jobs_.size(); }
    [[nodiscard]] const VectorOccupation& occupation() const noexcept { return occupation_; }
    void set_timeline(kernel::Timeline* timeline);

private:
    struct Job;
    struct Transfer;

    void begin_step(Job& job);
    void request_loads(Job& job, std::uint64_t block);
    void hand_over_stores(Job& job, std::uint64_t block);
    void send(Job& job, const VectorStream& stream, std::uint64_t block, bool is_write);
    tlm::tlm_sync_enum answer(int socket, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    void arbitrate();
    void run_block(Job& job);
    void block_done();
    void finish(Job& job);
    void wake() { phases_.ask(phase_); }

    kernel::Clock clock_;
    std::deque<std::unique_ptr<Job>> jobs_;  // oldest first
    Job* running_ = nullptr;
    std::vector<std::unique_ptr<Transfer>> transfers_;
    kernel::Phases& phases_;
    std::size_t phase_;
    sc_core::sc_event block_event_;
    VectorOccupation occupation_;
    std::uint64_t block_start_ps_ = 0;
    kernel::Timeline* timeline_ = nullptr;
    std::uint32_t track_ = 0;
};

}  // namespace skipsim::accelerator
