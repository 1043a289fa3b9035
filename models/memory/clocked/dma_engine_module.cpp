// SPDX-License-Identifier: Apache-2.0
#include "models/memory/clocked/dma_engine_module.h"

#include <utility>

#include "sim/base/check.h"

namespace skipsim::clocked {

using kernel::Step;

struct DmaEngineModule::Flight final : tlm::tlm_generic_payload {
    std::uint64_t job = 0;
};

DmaEngineModule::DmaEngineModule(const sc_core::sc_module_name& name,
                                 const memory::DmaParams& params, std::uint64_t crossing_cycles,
                                 kernel::PhasedClock& clock)
    : sc_core::sc_module(name),
      clock_(clock),
      burst_bytes_(params.burst_bytes),
      engine_(params, crossing_cycles) {
    SC_HAS_PROCESS(DmaEngineModule);
    dram_socket.register_nb_transport_bw(this, &DmaEngineModule::dram_answers);
    SC_METHOD(due);
    sensitive << clock_.event(Step::due);
    dont_initialize();
    SC_METHOD(complete);
    sensitive << clock_.event(Step::complete);
    dont_initialize();
    SC_METHOD(engine);
    sensitive << clock_.event(Step::engine);
    dont_initialize();
    SC_METHOD(sample);
    sensitive << clock_.event(Step::array);
    dont_initialize();
    clock_.add(this->name(), this);
}

DmaEngineModule::~DmaEngineModule() = default;

std::uint64_t DmaEngineModule::submit(std::uint64_t client, const DmaTransfer& transfer,
                                      bool is_background, Done done) {
    const std::uint64_t job = engine_.submit(client, transfer, is_background);
    done_.emplace(job, std::move(done));
    clock_.keep_alive();
    clock_.ask(Step::engine);
    return job;
}

void DmaEngineModule::due() {
    if (engine_.is_counting()) {
        clock_.keep_alive();
    }
    engine_.begin(clock_.cycle());
    ask();
}

void DmaEngineModule::ask() {
    if (engine_.has_complete()) {
        clock_.ask(Step::complete);
    }
    if (engine_.can_act()) {
        clock_.ask(Step::engine);
    }
}

void DmaEngineModule::complete() {
    engine_.begin(clock_.cycle());
    std::vector<std::uint64_t> jobs;
    jobs.swap(finished_);
    engine_.take_complete(jobs);
    finish(jobs);
    jobs.clear();
    finished_.swap(jobs);  // keeps its room
}

void DmaEngineModule::finish(std::vector<std::uint64_t>& jobs) {
    for (const std::uint64_t job : jobs) {
        clock_.keep_alive();
        const auto found = done_.find(job);
        base::require(found != done_.end(), "dma_engine_module: a job of nobody is complete");
        const Done done = std::move(found->second);
        done_.erase(found);
        done();
        if (done_.empty() && on_idle_) {
            on_idle_();
        }
    }
}

void DmaEngineModule::engine() {
    engine_.begin(clock_.cycle());
    if (engine_.can_act()) {
        clock_.keep_alive();
    }
    std::vector<std::uint64_t> empty;
    engine_.step(empty);
    while (engine_.has_burst()) {
        offer(engine_.next_burst());
    }
    if (engine_.has_complete()) {
        clock_.ask(Step::complete);
    }
    finish(empty);
}

DmaEngineModule::Flight& DmaEngineModule::free_flight() {
    if (free_flights_.empty()) {
        flights_.push_back(std::make_unique<Flight>());
        free_flights_.push_back(flights_.back().get());
    }
    Flight& flight = *free_flights_.back();
    free_flights_.pop_back();
    return flight;
}

void DmaEngineModule::offer(const DmaOffer& burst) {
    Flight& flight = free_flight();
    flight.job = burst.job;
    flight.set_address(burst.address);
    flight.set_command(burst.is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    flight.set_data_length(static_cast<unsigned>(burst_bytes_));
    flight.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    clock_.begin_outside();
    const tlm::tlm_sync_enum status = dram_socket->nb_transport_fw(flight, phase, delay);
    base::require(status != tlm::TLM_COMPLETED, "dma_engine_module: the DRAM refuses a burst");
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
        engine_.taken();
    } else {
        engine_.waits();
    }
}

/// Now is the edge of the cycle that has begun, or later than it. (The DRAM may be before the clock
/// at the next edge's time.)
Edge DmaEngineModule::edge_of_now() {
    engine_.begin(clock_.cycle());
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    return now == clock_.cycle() * clock_.period_ps() ? Edge::this_one : Edge::next_one;
}

tlm::tlm_sync_enum DmaEngineModule::dram_answers(tlm::tlm_generic_payload& payload,
                                                 tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    base::require(delay == sc_core::SC_ZERO_TIME, "dma_engine_module: an answer of the future");
    const Edge edge = edge_of_now();
    clock_.keep_alive();
    if (phase == tlm::END_REQ) {
        engine_.entered(edge);
    } else {
        base::require(phase == tlm::BEGIN_RESP, "dma_engine_module: not an answer to a burst");
        base::require(payload.is_response_ok(), "dma_engine_module: the DRAM refuses a burst");
        Flight& flight = static_cast<Flight&>(payload);
        engine_.data_complete(flight.job, edge);
        free_flights_.push_back(&flight);
        clock_.end_outside();
    }
    if (edge == Edge::this_one) {
        ask();
    }
    if (phase == tlm::END_REQ) {
        return tlm::TLM_ACCEPTED;
    }
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void DmaEngineModule::sample() {
    engine_.sample();
    shown_.foreground_jobs = static_cast<std::uint32_t>(engine_.foreground_jobs());
    shown_.background_jobs = static_cast<std::uint32_t>(engine_.background_jobs());
    shown_.bursts_under_way = static_cast<std::uint32_t>(engine_.bursts_under_way());
    shown_.is_occupied = engine_.occupied() > 0 ? 1 : 0;
    shown_.is_waiting = engine_.is_waiting() ? 1 : 0;
}

std::string DmaEngineModule::state() const {
    return std::to_string(engine_.jobs()) + " jobs, of them " +
           std::to_string(engine_.foreground_jobs()) + " in the foreground queue, " +
           std::to_string(engine_.background_jobs()) + " in the background queue; " +
           std::to_string(engine_.bursts_under_way()) + " bursts in the DRAM" +
           (engine_.is_waiting() ? ", one waits for room" : "");
}

void DmaEngineModule::watch(const Watch& watch) const {
    watch("foreground_jobs", shown_.foreground_jobs, 16);
    watch("background_jobs", shown_.background_jobs, 16);
    watch("bursts_under_way", shown_.bursts_under_way, 16);
    watch("is_occupied", shown_.is_occupied, 1);
    watch("is_waiting", shown_.is_waiting, 1);
}

}  // namespace skipsim::clocked
