// SPDX-License-Identifier: Apache-2.0
#include "models/memory/load_port_module.h"

#include <algorithm>

#include "sim/base/check.h"

namespace skipsim::memory {
namespace {

/// Higher bits tell weight tiles of different phases apart; for a port of one core they mean
/// nothing.
constexpr std::uint64_t kAddressEnd = std::uint64_t{1} << 56U;

}  // namespace

LoadPortModule::LoadPortModule(const sc_core::sc_module_name& name, const LoadPortParams& params,
                               const kernel::Clock& clock)
    : sc_core::sc_module(name),
      clock_(clock),
      port_(params),
      responses_(this, &LoadPortModule::respond) {
    socket.register_nb_transport_fw(this, &LoadPortModule::accept);
    dma_socket.register_nb_transport_bw(this, &LoadPortModule::dma_answers);
}

void LoadPortModule::start_row(const OperandPlace& place, bool is_filled) {
    base::require(waiting_.empty(), "load_port_module: a load of the row before still waits");
    place_ = place;
    is_filled_ = is_filled;
    port_.start_row();
}

void LoadPortModule::fill_complete() {
    is_filled_ = true;
    std::vector<tlm::tlm_generic_payload*> loads;
    loads.swap(waiting_);
    for (tlm::tlm_generic_payload* load : loads) {
        serve(*load);
    }
}

tlm::tlm_sync_enum LoadPortModule::accept(tlm::tlm_generic_payload& load, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED;  // END_RESP of a completed load
    }
    base::require(delay == sc_core::SC_ZERO_TIME, "load_port_module: a request of the future");
    if (place_.is_streamed) {
        fetch(load);
    } else if (is_filled_ || load.is_write()) {
        serve(load);
    } else {
        waiting_.push_back(&load);
    }
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void LoadPortModule::fetch(tlm::tlm_generic_payload& load) {
    auto job = std::find_if(jobs_.begin(), jobs_.end(),
                            [](const auto& candidate) { return candidate->load == nullptr; });
    if (job == jobs_.end()) {
        job = jobs_.insert(job, std::make_unique<Job>());
    }
    (*job)->load = &load;
    tlm::tlm_generic_payload& payload = (*job)->payload;
    payload.set_command(load.get_command());
    payload.set_address(place_.address + load.get_address() % kAddressEnd);
    payload.set_data_length(load.get_data_length());
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum status = dma_socket->nb_transport_fw(payload, phase, delay);
    base::require(status == tlm::TLM_UPDATED && phase == tlm::END_REQ,
                  "load_port_module: a job was not accepted");
}

tlm::tlm_sync_enum LoadPortModule::dma_answers(tlm::tlm_generic_payload& payload,
                                               tlm::tlm_phase& phase, sc_core::sc_time&) {
    base::require(phase == tlm::BEGIN_RESP, "load_port_module: unexpected answer of the DMA");
    const auto job = std::find_if(jobs_.begin(), jobs_.end(), [&payload](const auto& candidate) {
        return &candidate->payload == &payload;
    });
    base::require(job != jobs_.end() && (*job)->load != nullptr,
                  "load_port_module: an answer to no job");
    tlm::tlm_generic_payload& load = *(*job)->load;
    (*job)->load = nullptr;
    serve(load);
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void LoadPortModule::serve(tlm::tlm_generic_payload& load) {
    const std::uint64_t now = clock_.now();
    const std::uint64_t ready = load.is_write() ? now : port_.request(now, load.get_data_length());
    load.set_response_status(tlm::TLM_OK_RESPONSE);
    responses_.notify(load, tlm::BEGIN_RESP, clock_.until(ready));
}

void LoadPortModule::respond(tlm::tlm_generic_payload& load, const tlm::tlm_phase& phase) {
    tlm::tlm_phase response = phase;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(load, response, delay);
}

}  // namespace skipsim::memory
