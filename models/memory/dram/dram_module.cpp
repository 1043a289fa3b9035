// SPDX-License-Identifier: Apache-2.0
#include "models/memory/dram/dram_module.h"

#include <algorithm>
#include <string>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::memory {

DramModule::DramModule(const sc_core::sc_module_name& name, const DramParams& params,
                       std::uint64_t period_ps)
    : sc_core::sc_module(name),
      dram_(params),
      period_(period_ps),
      late_(this, &DramModule::arrive_late) {
    base::require(period_ps > 0, "a memory clock needs a period");
    socket.register_nb_transport_fw(this, &DramModule::accept);
    SC_HAS_PROCESS(DramModule);
    SC_METHOD(on_edge);
    sensitive << edge_;
    dont_initialize();
}

std::uint64_t DramModule::cycle_now() const {
    return base::ceil_divide(sc_core::sc_time_stamp().value(), period_);
}

tlm::tlm_sync_enum DramModule::accept(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                      sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) {
        if (delay == sc_core::SC_ZERO_TIME) {
            finish_response();
            return tlm::TLM_COMPLETED;
        }
        late_.notify(payload, phase, delay);
        return tlm::TLM_ACCEPTED;
    }
    base::require(phase == tlm::BEGIN_REQ && held_ == nullptr,
                  "a DRAM got a request before it ended the last one");
    const tlm::tlm_response_status status = check(payload);
    if (status != tlm::TLM_OK_RESPONSE) {
        payload.set_response_status(status);
        return tlm::TLM_COMPLETED;
    }
    if (payload.has_mm()) {
        payload.acquire();
    }
    if (delay != sc_core::SC_ZERO_TIME) {
        late_.notify(payload, phase, delay);
        return tlm::TLM_ACCEPTED;
    }
    const bool has_room = try_push(payload, cycle_now());
    schedule();
    if (!has_room) {
        return tlm::TLM_ACCEPTED;
    }
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

/// What was sent with a delay, at the end of that delay.
void DramModule::arrive_late(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
    if (phase == tlm::END_RESP) {
        finish_response();
        return;
    }
    if (try_push(payload, cycle_now())) {
        tlm::tlm_phase end = tlm::END_REQ;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_bw(payload, end, delay);
    }
    schedule();
}

tlm::tlm_response_status DramModule::check(const tlm::tlm_generic_payload& payload) const {
    const std::uint64_t burst = dram_.params().burst_bytes();
    const std::uint64_t length = payload.get_data_length();
    if (length == 0 || payload.get_address() % burst + length > burst) {
        return tlm::TLM_BURST_ERROR_RESPONSE;
    }
    if (payload.get_address() >= dram_.params().capacity()) {
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    }
    if (!payload.is_read() && !payload.is_write()) {
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    }
    return tlm::TLM_OK_RESPONSE;
}

/// Into the queue at edge `cycle`, or held.
bool DramModule::try_push(tlm::tlm_generic_payload& payload, std::uint64_t cycle) {
    held_ = nullptr;
    if (!dram_.has_room(cycle, payload.get_address())) {
        held_ = &payload;
        return false;
    }
    if (free_ids_.empty()) {
        free_ids_.push_back(payloads_.size());
        payloads_.push_back(nullptr);
    }
    const std::uint64_t id = free_ids_.back();
    free_ids_.pop_back();
    payloads_[id] = &payload;
    const DramRequest request{id, payload.get_address(), payload.is_write()};
    dram_.push(cycle, request);
    if (log_ != nullptr) {
        log_->enters(request, cycle);
    }
    if (timeline_ != nullptr) {
        show_entered(payload, cycle);
    }
    return true;
}

void DramModule::set_timeline(kernel::Timeline* timeline) {
    for (Shown& channel : shown_) {
        base::require(channel.under_way == 0, "a DRAM's timeline is changed while it works");
        show(channel);
    }
    timeline_ = timeline;
    shown_.clear();
    if (timeline == nullptr) {
        return;
    }
    for (std::uint32_t channel = 0; channel < dram_.params().organisation.channels; ++channel) {
        shown_.emplace_back();
        shown_.back().track =
            timeline->add_track("memory", "DRAM channel " + std::to_string(channel));
    }
}

void DramModule::show(Shown& channel) {
    if (channel.reads + channel.writes > 0) {
        timeline_->slice(channel.track, "requests", channel.start * period_, channel.end * period_,
                         {{"reads", channel.reads}, {"writes", channel.writes}});
    }
    channel.reads = 0;
    channel.writes = 0;
}

void DramModule::show_entered(const tlm::tlm_generic_payload& payload, std::uint64_t cycle) {
    Shown& channel = shown_[dram_.address_map().channel(payload.get_address())];
    if (channel.under_way++ == 0 && cycle > channel.end + kShownPause) {
        show(channel);
    }
    if (channel.reads + channel.writes == 0) {
        channel.start = cycle;
    }
    ++(payload.is_write() ? channel.writes : channel.reads);
}

void DramModule::show_completed(const tlm::tlm_generic_payload& payload, std::uint64_t cycle) {
    Shown& channel = shown_[dram_.address_map().channel(payload.get_address())];
    --channel.under_way;
    channel.end = cycle;
}

void DramModule::on_edge() {
    const std::uint64_t cycle = cycle_now();
    done_.clear();
    dram_.advance(cycle, done_);
    for (const DramCompletion& completion : done_) {
        ready_.push_back(payloads_[completion.id]);
        if (timeline_ != nullptr) {
            show_completed(*payloads_[completion.id], completion.cycle);
        }
        free_ids_.push_back(completion.id);
    }
    if (held_ != nullptr) {
        tlm::tlm_generic_payload& waiting = *held_;
        if (try_push(waiting, cycle)) {
            tlm::tlm_phase end = tlm::END_REQ;
            sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
            socket->nb_transport_bw(waiting, end, delay);
        }
    }
    send_responses();
    schedule();
}

/// An earlier notification of the event overrides a later one, so this only moves it forward.
void DramModule::schedule() {
    const std::uint64_t next = dram_.next_event_cycle();
    if (next == kNever) {
        return;
    }
    const std::uint64_t now = sc_core::sc_time_stamp().value();
    edge_.notify(sc_core::sc_time::from_value(std::max(next * period_, now) - now));
}

void DramModule::send_responses() {
    while (in_flight_ == nullptr && !ready_.empty()) {
        in_flight_ = ready_.front();
        ready_.pop_front();
        in_flight_->set_response_status(tlm::TLM_OK_RESPONSE);
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        tlm::tlm_generic_payload& payload = *in_flight_;
        const tlm::tlm_sync_enum answer = socket->nb_transport_bw(payload, phase, delay);
        if (answer == tlm::TLM_ACCEPTED) {
            return;  // END_RESP comes over the forward path
        }
        if (delay != sc_core::SC_ZERO_TIME) {
            late_.notify(payload, tlm::END_RESP, delay);
            return;
        }
        in_flight_ = nullptr;
        if (payload.has_mm()) {
            payload.release();
        }
    }
}

void DramModule::finish_response() {
    base::require(in_flight_ != nullptr, "a DRAM got the end of a response that it never began");
    if (in_flight_->has_mm()) {
        in_flight_->release();
    }
    in_flight_ = nullptr;
    send_responses();
}

}  // namespace skipsim::memory
