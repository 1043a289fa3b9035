// SPDX-License-Identifier: Apache-2.0
#include "models/cluster/weight_buffer_module.h"

#include <algorithm>

#include "sim/base/check.h"

namespace skipsim::cluster {
namespace {

constexpr std::uint64_t kByteMask = (std::uint64_t{1} << 56U) - 1;

}  // namespace

WeightBufferModule::WeightBufferModule(const sc_core::sc_module_name& name,
                                       const WeightBufferParams& params,
                                       std::uint64_t latency_cycles, const kernel::Clock& clock,
                                       kernel::Phases& phases)
    : sc_core::sc_module(name),
      clock_(clock),
      latency_cycles_(latency_cycles),
      buffer_(params),
      phases_(phases),
      phase_(phases.add(kernel::Phase::buffers, [this] { step(); })) {
    SC_HAS_PROCESS(WeightBufferModule);
    socket.register_nb_transport_fw(this, &WeightBufferModule::accept);
    dma_socket.register_nb_transport_bw(this, &WeightBufferModule::dma_answers);
    SC_METHOD(ask);
    sensitive << step_event_;
    dont_initialize();
    SC_METHOD(respond);
    sensitive << response_event_;
    dont_initialize();
}

void WeightBufferModule::start_row(const memory::OperandPlace& place, bool is_filled) {
    base::require(waiting_.empty() && requests_.empty(),
                  "weight_buffer_module: a request of the row before still waits");
    place_ = place;
    is_filled_ = is_filled;
    buffer_.start_row();
}

void WeightBufferModule::wake(std::uint64_t cycle) {
    step_event_.notify(clock_.until(cycle));
}

tlm::tlm_sync_enum WeightBufferModule::accept(int core, tlm::tlm_generic_payload& payload,
                                              tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase != tlm::BEGIN_REQ) {
        return tlm::TLM_ACCEPTED;  // END_RESP of a tile that was served
    }
    requests_.push_back({static_cast<std::uint32_t>(core), &payload});
    wake(clock_.now());
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
}

void WeightBufferModule::fill_complete() {
    is_filled_ = true;
    std::vector<std::uint64_t> keys;
    keys.swap(waits_for_fill_);
    for (const std::uint64_t key : keys) {
        fill(key);
    }
    wake(clock_.now());
}

void WeightBufferModule::take_requests() {
    std::stable_sort(
        requests_.begin(), requests_.end(),
        [](const Request& left, const Request& right) { return left.core < right.core; });
    std::vector<Request> taken;
    taken.swap(requests_);
    for (const Request& request : taken) {
        const WeightTile tile{request.payload->get_address(), request.payload->get_data_length()};
        waiting_.push_back(request);
        if (buffer_.request(clock_.now(), request.core, tile) != Presence::absent) {
            continue;
        }
        if (place_.is_streamed) {
            fetch(tile);
        } else if (is_filled_) {
            fill(tile.key);
        } else {
            waits_for_fill_.push_back(tile.key);
        }
    }
}

void WeightBufferModule::fetch(const WeightTile& tile) {
    auto found = std::find_if(fetches_.begin(), fetches_.end(),
                              [](const auto& candidate) { return !candidate->in_use; });
    if (found == fetches_.end()) {
        found = fetches_.insert(found, std::make_unique<Fetch>());
    }
    Fetch& fetch = **found;
    fetch.in_use = true;
    fetch.key = tile.key;
    fetch.payload.set_command(tlm::TLM_READ_COMMAND);
    fetch.payload.set_address(place_.address + (tile.key & kByteMask));
    fetch.payload.set_data_length(static_cast<unsigned>(tile.bytes));
    fetch.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum status = dma_socket->nb_transport_fw(fetch.payload, phase, delay);
    base::require(status == tlm::TLM_UPDATED && phase == tlm::END_REQ,
                  "weight_buffer_module: a job was not accepted");
}

tlm::tlm_sync_enum WeightBufferModule::dma_answers(tlm::tlm_generic_payload& payload,
                                                   tlm::tlm_phase& phase, sc_core::sc_time&) {
    base::require(phase == tlm::BEGIN_RESP, "weight_buffer_module: unexpected answer of the DMA");
    for (const auto& fetch : fetches_) {
        if (fetch->in_use && &fetch->payload == &payload) {
            fetch->in_use = false;
            fill(fetch->key);
        }
    }
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void WeightBufferModule::fill(std::uint64_t key) {
    const std::uint64_t cycle = buffer_.fill(clock_.now(), key);
    arrivals_.emplace(cycle, key);
    wake(cycle);
}

void WeightBufferModule::step() {
    const std::uint64_t now = clock_.now();
    while (!arrivals_.empty() && arrivals_.begin()->first <= now) {
        buffer_.arrived(now, arrivals_.begin()->second);
        arrivals_.erase(arrivals_.begin());
    }
    take_requests();
    while (!arrivals_.empty() && arrivals_.begin()->first <= now) {
        buffer_.arrived(now, arrivals_.begin()->second);
        arrivals_.erase(arrivals_.begin());
    }
    serve();
    if (!arrivals_.empty()) {
        wake(arrivals_.begin()->first);
    }
    const std::uint64_t next = buffer_.next_start();
    if (next != WeightBuffer::kNever) {
        wake(std::max(next, now + 1));
    }
}

void WeightBufferModule::serve() {
    served_.clear();
    buffer_.advance(clock_.now(), served_);
    for (const WeightBuffer::Served& served : served_) {
        const auto request =
            std::find_if(waiting_.begin(), waiting_.end(), [&served](const Request& candidate) {
                return candidate.core == served.core &&
                       candidate.payload->get_address() == served.key;
            });
        base::require(request != waiting_.end(), "weight_buffer_module: nobody waits");
        responses_.emplace(served.cycle + latency_cycles_, *request);
        waiting_.erase(request);
    }
    if (!responses_.empty()) {
        response_event_.notify(clock_.until(responses_.begin()->first));
    }
}

void WeightBufferModule::respond() {
    const std::uint64_t now = clock_.now();
    while (!responses_.empty() && responses_.begin()->first <= now) {
        const Request request = responses_.begin()->second;
        responses_.erase(responses_.begin());
        tlm::tlm_phase phase = tlm::BEGIN_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        request.payload->set_response_status(tlm::TLM_OK_RESPONSE);
        socket[static_cast<int>(request.core)]->nb_transport_bw(*request.payload, phase, delay);
    }
    if (!responses_.empty()) {
        response_event_.notify(clock_.until(responses_.begin()->first));
    }
}

}  // namespace skipsim::cluster
