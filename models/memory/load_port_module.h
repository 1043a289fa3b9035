// SPDX-License-Identifier: Apache-2.0
// A core's port at transaction level (approximately timed, one load or store a transaction): the
// way of one operand between a core and the global buffer, or through the DMA if the operand is
// streamed.
//
// Edges:  BEGIN_REQ in cycle c (answered at once: the queue is unbounded)
//         load, operand in the global buffer: the port serves it in c, or once it has been filled
//         load, operand streamed: a foreground DMA job in c; the port serves it when that is done
//         BEGIN_RESP in the cycle LoadPort::request() names; the initiator completes it
//         store: streamed: BEGIN_RESP when the DMA job is done; otherwise in c
// The number of bytes is the payload's data length, its address the first byte within the operand;
// no data travels.
#pragma once

#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <memory>
#include <systemc>
#include <tlm>
#include <vector>

#include "models/memory/load_port.h"
#include "models/memory/operand_place.h"
#include "sim/kernel/clock.h"

namespace skipsim::memory {

class LoadPortModule final : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<LoadPortModule> socket{"socket"};
    tlm_utils::simple_initiator_socket<LoadPortModule> dma_socket{"dma_socket"};

    LoadPortModule(const sc_core::sc_module_name& name, const LoadPortParams& params,
                   const kernel::Clock& clock);

    /// The next row starts now. `is_filled`: the operand can be used at once, if not streamed.
    void start_row(const OperandPlace& place, bool is_filled);
    /// The operand has come into the global buffer: loads that wait are served now.
    void fill_complete();

private:
    struct Job {
        tlm::tlm_generic_payload payload;
        tlm::tlm_generic_payload* load = nullptr;  // null: free
    };

    tlm::tlm_sync_enum accept(tlm::tlm_generic_payload& load, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    tlm::tlm_sync_enum dma_answers(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                   sc_core::sc_time& delay);
    void fetch(tlm::tlm_generic_payload& load);
    void serve(tlm::tlm_generic_payload& load);
    void respond(tlm::tlm_generic_payload& load, const tlm::tlm_phase& phase);

    kernel::Clock clock_;
    LoadPort port_;
    OperandPlace place_;
    bool is_filled_ = true;
    std::vector<tlm::tlm_generic_payload*> waiting_;  // for the fill, in order
    std::vector<std::unique_ptr<Job>> jobs_;
    tlm_utils::peq_with_cb_and_phase<LoadPortModule> responses_;
};

}  // namespace skipsim::memory
