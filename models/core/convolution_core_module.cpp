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
constexpr std::size_t kOutput = 2;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint32_t kPhaseShift = 56;  // of a weight tile's address, see weight_buffer_module.h

}  // namespace

ConvolutionCoreModule::ConvolutionCoreModule(const sc_core::sc_module_name& name,
                                             const CoreParams& params, const kernel::Clock& clock,
                                             bool waits_for_stores, base::TaskPool& pool)
    : sc_core::sc_module(name),
      clock_(clock),
      waits_for_stores_(waits_for_stores),
      core_(params),
      pool_(pool) {
    SC_HAS_PROCESS(ConvolutionCoreModule);
    input_socket.register_nb_transport_bw(this, &ConvolutionCoreModule::answer, kInput);
    weight_socket.register_nb_transport_bw(this, &ConvolutionCoreModule::answer, kWeight);
    output_socket.register_nb_transport_bw(this, &ConvolutionCoreModule::stored, kOutput);
    SC_METHOD(begin);
    sensitive << begin_event_;
    dont_initialize();
    SC_METHOD(collect);
    sensitive << collect_event_;
    dont_initialize();
    SC_METHOD(release);
    sensitive << release_event_;
    dont_initialize();
    SC_METHOD(hand_over_stores);
    sensitive << store_event_;
    dont_initialize();
    SC_METHOD(finish);
    sensitive << finish_event_;
    dont_initialize();
}

void ConvolutionCoreModule::set_timeline(kernel::Timeline* timeline, const std::string& group) {
    timeline_ = timeline;
    track_ = timeline == nullptr ? 0 : timeline->add_track(group, basename());
}

void ConvolutionCoreModule::start_row(const CoreWork& work, std::uint64_t delay_cycles,
                                      std::function<void()> done) {
    ++row_;
    left_ = {};
    start_cycle_ = clock_.now() + delay_cycles;
    tile_ = 0;
    begun_ = false;
    running_ = false;
    release_cycle_ = 0;
    stored_results_ = 0;
    occupation_ = CoreOccupation{};
    failure_ = nullptr;
    done_ = std::move(done);
    result_ = pool_.submit([this, work] {
        core_.start_row(work);
        return std::uint64_t{0};
    });
    begin_event_.notify(delay_cycles == 0 ? sc_core::SC_ZERO_TIME : until(0));
}

void ConvolutionCoreModule::begin() {
    take_result();
    if (failure_) {
        return;
    }
    begun_ = true;
    request_loads(0);
    request_loads(1);
    if (!core_.has_tile(0)) {
        finish_event_.notify(sc_core::SC_ZERO_TIME);
    }
    start_tile_if_ready();
}

void ConvolutionCoreModule::request_loads(std::uint64_t tile) {
    if (!core_.has_tile(tile)) {
        return;
    }
    const reduction::Tile& next = core_.tile(tile);
    request(kInput, tile, next.row_operands->first_byte, next.row_operands->load_bytes);
    if (next.loads_weight) {
        const std::uint64_t phase = std::uint64_t{next.phase} << kPhaseShift;
        request(kWeight, tile, phase | next.weight_first_byte, next.weight_load_bytes);
    } else {
        Transfer& load = transfers_[kWeight][tile % 2];
        load.pending = false;
        load.ready_cycle = 0;  // all its PEs have worked on the tile that loaded it
    }
}

void ConvolutionCoreModule::request(std::size_t port, std::uint64_t tile, std::uint64_t address,
                                    std::uint64_t bytes) {
    base::require(bytes <= std::numeric_limits<unsigned>::max(),
                  "convolution_core_module: a tile of more than 4 GiB");
    Transfer& transfer = transfers_[port][tile % 2];
    transfer.pending = true;
    transfer.payload.set_command(tlm::TLM_READ_COMMAND);
    transfer.payload.set_address(address);
    transfer.payload.set_data_length(static_cast<unsigned>(bytes));
    send(port, transfer.payload);
}

void ConvolutionCoreModule::send(std::size_t port, tlm::tlm_generic_payload& payload) {
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    auto& socket = port == kInput ? input_socket : port == kWeight ? weight_socket : output_socket;
    const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
    base::require(status == tlm::TLM_UPDATED && phase == tlm::END_REQ,
                  "convolution_core_module: a transfer was not accepted");
}

tlm::tlm_sync_enum ConvolutionCoreModule::answer(int port, tlm::tlm_generic_payload& payload,
                                                 tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    base::require(phase == tlm::BEGIN_RESP && delay == sc_core::SC_ZERO_TIME,
                  "convolution_core_module: unexpected answer of a port");
    for (Transfer& transfer : transfers_[static_cast<std::size_t>(port)]) {
        if (&transfer.payload == &payload) {
            transfer.pending = false;
            transfer.ready_cycle = cycle_now();
        }
    }
    start_tile_if_ready();
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void ConvolutionCoreModule::start_tile_if_ready() {
    const Transfer& input = transfers_[kInput][tile_ % 2];
    const Transfer& weight = transfers_[kWeight][tile_ % 2];
    const Left& left = left_[tile_ % 2];
    const bool store_due = waits_for_stores_ && tile_ >= 2;
    if (!begun_ || running_ || failure_ || !core_.has_tile(tile_) || input.pending ||
        weight.pending || (store_due && left.pending)) {
        return;
    }
    running_ = true;
    const std::uint64_t stored = store_due ? left.cycle : 0;
    const std::uint64_t input_ready = std::max(input.ready_cycle, stored);
    const std::uint64_t weight_ready = weight.ready_cycle;
    const std::uint64_t operands =
        std::max({release_cycle_, input.ready_cycle, weight.ready_cycle});
    tile_start_ = std::max(operands, stored);
    occupation_.starved += operands - release_cycle_;
    occupation_.blocked += tile_start_ - operands;
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
    occupation_.busy += release_cycle_ - tile_start_;
    if (timeline_ != nullptr) {
        const std::uint64_t period = clock_.period_ps();
        timeline_->slice(track_, row_name_ + " tile " + std::to_string(done),
                         (start_cycle_ + tile_start_) * period,
                         (start_cycle_ + release_cycle_) * period);
    }
    plan_store();
    ++tile_;
    running_ = false;
    request_loads(done + 2);
    if (core_.has_tile(tile_)) {
        start_tile_if_ready();
    } else {
        const std::uint64_t end = std::max(core_.drained_cycle(), release_cycle_);
        occupation_.busy += end - release_cycle_;
        finish_event_.notify(until(end));
    }
}

/// The results that the tile at work has finished leave once the last of them has drained.
void ConvolutionCoreModule::plan_store() {
    Left& left = left_[tile_ % 2];
    left = {};
    const std::uint64_t bytes = core_.result_bytes() - stored_results_;
    if (bytes == 0) {
        return;
    }
    left.pending = true;
    auto free = std::find_if(stores_.begin(), stores_.end(),
                             [](const auto& store) { return store->state == Store::State::free; });
    if (free == stores_.end()) {
        free = stores_.insert(free, std::make_unique<Store>());
    }
    Store& store = **free;
    store.state = Store::State::planned;
    store.row = row_;
    store.tile = tile_;
    store.cycle = start_cycle_ + core_.drained_cycle();
    store.payload.set_command(tlm::TLM_WRITE_COMMAND);
    store.payload.set_address(stored_results_);
    store.payload.set_data_length(static_cast<unsigned>(bytes));
    stored_results_ += bytes;
    store_event_.notify(clock_.until(store.cycle));
}

void ConvolutionCoreModule::hand_over_stores() {
    const std::uint64_t now = clock_.now();
    std::uint64_t next = kNever;
    for (const auto& store : stores_) {
        if (store->state != Store::State::planned) {
            continue;
        }
        if (store->cycle > now) {
            next = std::min(next, store->cycle);
            continue;
        }
        store->state = Store::State::sent;
        send(kOutput, store->payload);
    }
    if (next != kNever) {
        store_event_.notify(clock_.until(next));
    }
}

tlm::tlm_sync_enum ConvolutionCoreModule::stored(int, tlm::tlm_generic_payload& payload,
                                                 tlm::tlm_phase& phase, sc_core::sc_time&) {
    base::require(phase == tlm::BEGIN_RESP, "convolution_core_module: unexpected answer");
    for (const auto& store : stores_) {
        if (&store->payload == &payload) {
            store->state = Store::State::free;
            if (store->row == row_) {
                left_[store->tile % 2] = {false, cycle_now()};
            }
        }
    }
    start_tile_if_ready();
    phase = tlm::END_RESP;
    return tlm::TLM_COMPLETED;
}

void ConvolutionCoreModule::finish() {
    hand_over_stores();
    done_();
}

}  // namespace skipsim::core
