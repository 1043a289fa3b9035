// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dma_module.h"

#include <algorithm>
#include <string>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::memory {

struct DmaModule::Flight {
    tlm::tlm_generic_payload payload;
    DmaBurst burst;
    bool in_use = false;
};

DmaModule::DmaModule(const sc_core::sc_module_name& name, const DmaParams& params,
                     const kernel::Clock& clock, std::uint64_t crossing_cycles,
                     kernel::Phases& phases)
    : sc_core::sc_module(name),
      clock_(clock),
      crossing_cycles_(crossing_cycles),
      ideal_(params.ideal),
      burst_bytes_(params.burst_bytes),
      dma_(params),
      phases_(phases),
      transfer_phase_(phases.add(kernel::Phase::transfer, [this] { transfer(); })) {
    SC_HAS_PROCESS(DmaModule);
    foreground_socket.register_nb_transport_fw(this, &DmaModule::accept_foreground);
    background_socket.register_nb_transport_fw(this, &DmaModule::accept_background);
    dram_socket.register_nb_transport_bw(this, &DmaModule::dram_answers);
    SC_METHOD(finish_due);
    sensitive << completion_event_;
    dont_initialize();
    SC_METHOD(ask_for_transfer);
    sensitive << transfer_event_;
    dont_initialize();
}

DmaModule::~DmaModule() = default;

bool DmaModule::is_idle() const noexcept {
    return clients_.empty();
}

std::uint64_t DmaModule::busy_cycles() const {
    return busy_cycles_ + (busy_ ? clock_.now() - busy_since_ : 0) - blocked_cycles_;
}

void DmaModule::set_timeline(kernel::Timeline* timeline) {
    timeline_ = timeline;
    track_ = timeline == nullptr ? 0 : timeline->add_track("memory", "DMA");
}

tlm::tlm_sync_enum DmaModule::accept_foreground(int id, tlm::tlm_generic_payload& payload,
                                                tlm::tlm_phase& phase, sc_core::sc_time&) {
    return accept(id, false, payload, phase);
}

tlm::tlm_sync_enum DmaModule::accept_background(int id, tlm::tlm_generic_payload& payload,
                                                tlm::tlm_phase& phase, sc_core::sc_time&) {
    return accept(id, true, payload, phase);
}

tlm::tlm_sync_enum DmaModule::accept(int id, bool background, tlm::tlm_generic_payload& payload,
                                     tlm::tlm_phase& phase) {
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED;  // END_RESP of a completed job
    }
    DmaJob job;
    job.address = payload.get_address();
    job.bytes = payload.get_data_length();
    job.is_write = payload.is_write();
    Client client;
    client.payload = &payload;
    client.socket = id;
    client.background = background;
    enqueue(static_cast<std::uint64_t>(id) + 1, job, background, std::move(client));
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

std::uint64_t DmaModule::submit(const DmaJob& job, bool background, Done done) {
    if (job.bytes == 0) {
        done();
        return 0;
    }
    Client client;
    client.done = std::move(done);
    enqueue(0, job, background, std::move(client));
    return next_id_ - 1;
}

void DmaModule::promote(std::uint64_t job) {
    const auto arrived =
        std::find_if(arrivals_.begin(), arrivals_.end(),
                     [job](const Arrival& arrival) { return arrival.job.id == job; });
    if (arrived != arrivals_.end()) {  // of a row that has ended in the cycle in which it began
        arrived->background = false;
        std::rotate(arrived, arrived + 1, arrivals_.end());
        return;
    }
    if (!waits_for_dram_ || offered_.job != job) {
        dma_.promote(job);
    }
}

void DmaModule::enqueue(std::uint64_t order, DmaJob job, bool background, Client client) {
    job.id = next_id_++;
    client.job = job;
    client.start = clock_.now();
    if (!busy_) {
        busy_ = true;
        busy_since_ = clock_.now();
    }
    clients_.emplace(job.id, std::move(client));
    arrivals_.push_back({order, job, background});
    ask_for_transfer();
}

void DmaModule::wake_completion(std::uint64_t cycle) {
    completion_event_.notify(clock_.until(cycle));
}

void DmaModule::transfer() {
    take_arrivals();
    if (ideal_) {
        issue_ideal();
    } else {
        issue();
    }
}

void DmaModule::take_arrivals() {
    std::stable_sort(
        arrivals_.begin(), arrivals_.end(),
        [](const Arrival& left, const Arrival& right) { return left.order < right.order; });
    std::vector<Arrival> arrived;
    arrived.swap(arrivals_);
    for (const Arrival& arrival : arrived) {
        if (arrival.job.bytes == 0) {
            complete(arrival.job.id);
        } else {
            dma_.submit(arrival.job, arrival.background);
        }
    }
}

void DmaModule::finish_due() {
    const std::uint64_t now = clock_.now();
    while (!due_bursts_.empty() && due_bursts_.begin()->first <= now) {
        const DmaBurst burst = due_bursts_.begin()->second;
        due_bursts_.erase(due_bursts_.begin());
        if (const auto job = dma_.completed(burst)) {
            complete(*job);
        }
    }
    while (!due_jobs_.empty() && due_jobs_.begin()->first <= now) {
        const std::uint64_t job = due_jobs_.begin()->second;
        due_jobs_.erase(due_jobs_.begin());
        complete(job);
    }
    if (!due_bursts_.empty()) {
        wake_completion(due_bursts_.begin()->first);
    }
    if (!due_jobs_.empty()) {
        wake_completion(due_jobs_.begin()->first);
    }
    if (!ideal_ && dma_.has_waiting_jobs()) {
        ask_for_transfer();  // fewer bursts are under way
    }
}

void DmaModule::issue_ideal() {
    const std::uint64_t now = clock_.now();
    while (const auto job = dma_.next_ideal_job(now)) {
        if (job->complete_cycle <= now) {
            complete(job->id);
        } else {
            due_jobs_.emplace(job->complete_cycle, job->id);
            wake_completion(job->complete_cycle);
        }
    }
    if (dma_.has_waiting_jobs()) {
        wake_transfer(dma_.free_cycle());
    }
}

void DmaModule::issue() {
    if (waits_for_dram_) {
        return;
    }
    for (auto burst = dma_.next_burst(clock_.now()); burst && !waits_for_dram_;
         burst = dma_.next_burst(clock_.now())) {
        send(*burst);
    }
    if (!waits_for_dram_ && !dma_.is_full() && dma_.has_waiting_jobs()) {
        wake_transfer(std::max(dma_.free_cycle(), clock_.now() + 1));
    }
}

DmaModule::Flight& DmaModule::free_flight() {
    for (const auto& flight : flights_) {
        if (!flight->in_use) {
            return *flight;
        }
    }
    flights_.push_back(std::make_unique<Flight>());
    return *flights_.back();
}

void DmaModule::send(const DmaBurst& burst) {
    Flight& flight = free_flight();
    flight.in_use = true;
    flight.burst = burst;
    flight.payload.set_address(burst.address);
    flight.payload.set_command(burst.is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    flight.payload.set_data_length(static_cast<unsigned>(burst_bytes_));
    flight.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    waits_for_dram_ = true;
    offered_ = burst;
    const tlm::tlm_sync_enum status = dram_socket->nb_transport_fw(flight.payload, phase, delay);
    base::require(status != tlm::TLM_COMPLETED, "dma_module: the DRAM refuses a burst");
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
        waits_for_dram_ = false;
        dma_.issued(burst, clock_.now());
    } else {
        blocked_since_ = clock_.now();
    }
}

tlm::tlm_sync_enum DmaModule::dram_answers(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                           sc_core::sc_time& delay) {
    const std::uint64_t now = (sc_core::sc_time_stamp() + delay).value();
    const std::uint64_t edge = base::ceil_divide(now, clock_.period_ps());
    if (phase == tlm::END_REQ) {
        waits_for_dram_ = false;
        blocked_cycles_ += edge - blocked_since_;
        dma_.issued(offered_, edge);
        wake_transfer(std::max(dma_.free_cycle(), edge));
        return tlm::TLM_ACCEPTED;
    }
    base::require(phase == tlm::BEGIN_RESP, "dma_module: unexpected answer of the DRAM");
    for (const auto& flight : flights_) {
        if (flight->in_use && &flight->payload == &payload) {
            flight->in_use = false;
            due_bursts_.emplace(edge + crossing_cycles_, flight->burst);
            wake_completion(edge + crossing_cycles_);
            phase = tlm::END_RESP;
            return tlm::TLM_COMPLETED;
        }
    }
    base::throw_internal_error("dma_module: the DRAM answers a burst that was not sent");
}

void DmaModule::complete(std::uint64_t job) {
    const auto found = clients_.find(job);
    base::require(found != clients_.end(), "dma_module: a job of nobody is complete");
    Client client = std::move(found->second);
    clients_.erase(found);
    if (timeline_ != nullptr && clock_.now() > client.start) {
        const std::string name =
            (client.job.is_write ? "write " : "read ") + std::to_string(client.job.bytes) + " B";
        timeline_->slice(track_, name, client.start * clock_.period_ps(),
                         clock_.now() * clock_.period_ps());
    }
    answer(client);
    if (clients_.empty()) {
        busy_ = false;
        busy_cycles_ += clock_.now() - busy_since_;
        if (on_idle_) {
            on_idle_();
        }
    }
}

void DmaModule::answer(Client& client) {
    if (client.payload == nullptr) {
        client.done();
        return;
    }
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    client.payload->set_response_status(tlm::TLM_OK_RESPONSE);
    auto& socket = client.background ? background_socket : foreground_socket;
    socket[client.socket]->nb_transport_bw(*client.payload, phase, delay);
}

}  // namespace skipsim::memory
