// SPDX-License-Identifier: Apache-2.0
// The cluster's weight buffer at transaction level: one TLM-2.0 target socket for all cores of the
// cluster, an initiator socket to the DMA for tensors that are streamed.
//
// Edges:  BEGIN_REQ in cycle c (END_REQ at once); requests of a cycle are taken in its buffers
//         phase, in the order of the cores
//         BEGIN_RESP: end of the tile's last burst + latency
// The payload's address is the tile's key: bits 56 and up the phase, below it the first byte of the
// tile within the operand; its data length the bytes.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <map>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/cluster/weight_buffer.h"
#include "models/memory/operand_place.h"
#include "sim/kernel/clock.h"
#include "sim/kernel/phases.h"

namespace skipsim::cluster {

class WeightBufferModule final : public sc_core::sc_module {
public:
    /// The id of a core on the socket is the order in which it was bound.
    tlm_utils::multi_passthrough_target_socket<WeightBufferModule> socket{"socket"};
    tlm_utils::simple_initiator_socket<WeightBufferModule> dma_socket{"dma_socket"};

    WeightBufferModule(const sc_core::sc_module_name& name, const WeightBufferParams& params,
                       std::uint64_t latency_cycles, const kernel::Clock& clock,
                       kernel::Phases& phases);

    void start_row(const memory::OperandPlace& place, bool is_filled);
    void fill_complete();
    [[nodiscard]] const WeightBuffer& buffer() const noexcept { return buffer_; }

private:
    struct Request {
        std::uint32_t core;
        tlm::tlm_generic_payload* payload;
    };
    struct Fetch {
        tlm::tlm_generic_payload payload;
        std::uint64_t key = 0;
        bool in_use = false;
    };

    tlm::tlm_sync_enum accept(int core, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    tlm::tlm_sync_enum dma_answers(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay);
    void step();
    void ask() { phases_.ask(phase_); }
    void take_requests();
    void fetch(const WeightTile& tile);
    void fill(std::uint64_t key);
    void serve();
    void respond();
    void wake(std::uint64_t cycle);

    kernel::Clock clock_;
    std::uint64_t latency_cycles_;
    WeightBuffer buffer_;
    memory::OperandPlace place_;
    bool is_filled_ = true;
    std::vector<Request> requests_;                         // of this cycle
    std::vector<Request> waiting_;                          // for their tiles
    std::vector<std::uint64_t> waits_for_fill_;             // keys
    std::multimap<std::uint64_t, std::uint64_t> arrivals_;  // cycle -> key
    std::multimap<std::uint64_t, Request> responses_;       // by cycle
    std::vector<std::unique_ptr<Fetch>> fetches_;
    std::vector<WeightBuffer::Served> served_;
    kernel::Phases& phases_;
    std::size_t phase_;
    sc_core::sc_event step_event_;
    sc_core::sc_event response_event_;
};

}  // namespace skipsim::cluster
