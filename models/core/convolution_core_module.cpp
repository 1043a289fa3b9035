// SPDX-License-Identifier: Apache-2.0
#include "models/core/convolution_core_module.h"

#include <algorithm>
#include <limits>
#include <string>

#include "sim/base/check.h"

namespace skipsim::core {
namespace {

constexpr std::size_t kInput = 0;
constexpr std::size_t kWeight = 1;

}  // namespace

ConvolutionCoreModule::ConvolutionCoreModule(const sc_core::sc_module_name& name,
                                             const CoreParams& params, base::TaskPool& pool)
    : sc_core::sc_module(name), core_(params), pool_(pool) {
    SC_HAS_PROCESS(ConvolutionCoreModule);
    input_socket.register_nb_transport_bw(this, &ConvolutionCoreModule::answer, kInput);
    weight_socket.register_nb_transport_bw(this, &ConvolutionCoreModule::answer, kWeight);
    SC_METHOD(begin);
    sensitive << begin_event_;
    dont_initialize();
    SC_METHOD(collect);
    sensitive << collect_event_;
    dont_initialize();
    SC_METHOD(release);
    sensitive << release_event_;
    dont_initialize();
}

std::uint64_t ConvolutionCoreModule::cycle_now() const {
    return (sc_core::sc_time_stamp() - row_start_).value();
}

/// Time from now to the start of `cycle`; none if that has passed.
sc_core::sc_time ConvolutionCoreModule::until(std::uint64_t cycle) const {
    const std::uint64_t now = cycle_now();
    return sc_core::sc_time::from_value(std::max(cycle, now) - now);
}

void ConvolutionCoreModule::start_row(const CoreWork& work) {
    row_start_ = sc_core::sc_time_stamp();
    tile_ = 0;
    running_ = false;
    failure_ = nullptr;
    result_ = pool_.submit([this, work] {
        core_.start_row(work);
        return std::uint64_t{0};
    });
    begin_event_.notify(sc_core::SC_ZERO_TIME);
}

void ConvolutionCoreModule::begin() {
    take_result();
    if (failure_) {
        return;
    }
    request_loads(0);
    request_loads(1);
    start_tile_if_ready();
}

void ConvolutionCoreModule::request_loads(std::uint64_t tile) {
    if (!core_.has_tile(tile)) {
        return;
    }
    const reduction::Tile& next = core_.tile(tile);
    request(kInput, tile, next.row_operands->load_bytes);
    if (next.loads_weight) {
        request(kWeight, tile, next.weight_load_bytes);
    } else {
        Load& load = loads_[kWeight][tile % 2];
        load.pending = false;
        load.ready_cycle = 0;  // all its PEs have worked on the tile that loaded it
    }
}

void ConvolutionCoreModule::request(std::size_t port, std::uint64_t tile, std::uint64_t bytes) {
    base::require(bytes <= std::numeric_limits<unsigned>::max(),
                  "convolution_core_module: a tile of more than 4 GiB");
    Load& load = loads_[port][tile % 2];
    load.pending = true;
    load.payload.set_command(tlm::TLM_READ_COMMAND);
    load.payload.set_data_length(static_cast<unsigned>(bytes));
    load.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    auto& socket = port == kInput ? input_socket : weight_socket;
    const tlm::tlm_sync_enum status = socket->nb_transport_fw(load.payload, phase, delay);
    base::require(status == tlm::TLM_UPDATED && phase == tlm::END_REQ,
                  "convolution_core_module: a load was not accepted");
}

tlm::tlm_sync_enum ConvolutionCoreModule::answer(int port, tlm::tlm_generic_payload& payload,
                                                 tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    base::require(phase == tlm::BEGIN_RESP && delay == sc_core::SC_ZERO_TIME,
                  "convolution_core_module: unexpected answer of a load port");
    for (Load& load : loads_[static_cast<std::size_t>(port)]) {
        if (&load.payload == &payload) {
            load.pending = false;
            load.ready_cycle = cycle_now();
        }
    }
    start_tile_if_ready();
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void ConvolutionCoreModule::start_tile_if_ready() {
    const Load& input = loads_[kInput][tile_ % 2];
    const Load& weight = loads_[kWeight][tile_ % 2];
    if (running_ || !core_.has_tile(tile_) || input.pending || weight.pending) {
        return;
    }
    running_ = true;
    const std::uint64_t input_ready = input.ready_cycle;
    const std::uint64_t weight_ready = weight.ready_cycle;
    const std::uint64_t earliest = core_.earliest_release(std::max(input_ready, weight_ready));
    result_ = pool_.submit(
        [this, input_ready, weight_ready] { return core_.work(input_ready, weight_ready); });
    collect_event_.notify(until(earliest));
}

CoreReport ConvolutionCoreModule::report() const {
    if (failure_) {
        std::rethrow_exception(failure_);
    }
    base::require(!core_.has_tile(tile_), std::string(name()) + ": stopped before its last tile");
    return core_.report();
}

std::uint64_t ConvolutionCoreModule::take_result() {
    try {
        return result_.get();
    } catch (...) {
        failure_ = std::current_exception();
        return 0;
    }
}

void ConvolutionCoreModule::collect() {
    release_cycle_ = take_result();
    if (failure_) {
        return;
    }
    base::require(release_cycle_ >= cycle_now(), "convolution_core_module: released in the past");
    release_event_.notify(until(release_cycle_));
}

void ConvolutionCoreModule::release() {
    const std::uint64_t done = tile_;
    ++tile_;
    running_ = false;
    request_loads(done + 2);
    start_tile_if_ready();
}

}  // namespace skipsim::core
