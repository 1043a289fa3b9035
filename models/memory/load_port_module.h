// SPDX-License-Identifier: Apache-2.0
// A load port behind a TLM-2.0 socket (approximately timed, one load a transaction).
//
// Edges:  BEGIN_REQ in cycle c (answered at once: the queue is unbounded)
//         BEGIN_RESP in the cycle LoadPort::request(c, bytes) names; the initiator completes it
// The number of bytes is the payload's data length; no data travels.
#pragma once

#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>
#include <systemc>
#include <tlm>

#include "models/memory/load_port.h"

namespace skipsim::memory {

class LoadPortModule final : public sc_core::sc_module {
public:
    tlm_utils::simple_target_socket<LoadPortModule> socket{"socket"};

    /// The smallest step of simulated time stands for one core cycle.
    LoadPortModule(const sc_core::sc_module_name& name, const LoadPortParams& params);

    /// Cold start; cycle 0 is now.
    void start_row();

private:
    tlm::tlm_sync_enum accept(tlm::tlm_generic_payload& load, tlm::tlm_phase& phase,
                              sc_core::sc_time& delay);
    void respond(tlm::tlm_generic_payload& load, const tlm::tlm_phase& phase);

    LoadPort port_;
    sc_core::sc_time row_start_;
    tlm_utils::peq_with_cb_and_phase<LoadPortModule> responses_;
};

}  // namespace skipsim::memory
