// SPDX-License-Identifier: Apache-2.0
#include "models/memory/load_port_module.h"

namespace skipsim::memory {

LoadPortModule::LoadPortModule(const sc_core::sc_module_name& name, const LoadPortParams& params)
    : sc_core::sc_module(name),
      port_(params),

      responses_(this, &LoadPortModule::respond) {
    socket.register_nb_transport_fw(this, &LoadPortModule::accept);
}

void LoadPortModule::start_row() {
    port_.start_row();
    row_start_ = sc_core::sc_time_stamp();
}

tlm::tlm_sync_enum LoadPortModule::accept(tlm::tlm_generic_payload& load, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED;  // END_RESP of a completed load
    }
    const sc_core::sc_time now = sc_core::sc_time_stamp() + delay - row_start_;
    const std::uint64_t cycle = now.value();
    const std::uint64_t ready = port_.request(cycle, load.get_data_length());
    load.set_response_status(tlm::TLM_OK_RESPONSE);
    responses_.notify(load, tlm::BEGIN_RESP, sc_core::sc_time::from_value(ready - cycle) + delay);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void LoadPortModule::respond(tlm::tlm_generic_payload& load, const tlm::tlm_phase& phase) {
    tlm::tlm_phase response = phase;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(load, response, delay);
}

}  // namespace skipsim::memory
