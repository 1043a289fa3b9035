// SPDX-License-Identifier: Apache-2.0
#include "models/memory/clocked/port_module.h"

#include <utility>

#include "sim/base/check.h"

namespace skipsim::clocked {

LoadPortModule::LoadPortModule(const sc_core::sc_module_name& name,
                               const memory::LoadPortParams& params, DmaPort& dma,
                               std::uint64_t client, kernel::PhasedClock& clock)
    : sc_core::sc_module(name), clock_(clock), dma_(dma), client_(client), port_(params) {
    SC_HAS_PROCESS(LoadPortModule);
    SC_METHOD(due);
    sensitive << clock_.event(kernel::Step::due);
    dont_initialize();
    clock_.add(this->name(), this);
}

void LoadPortModule::start_row(const memory::OperandPlace& place, bool is_filled) {
    begin_cycle();
    base::require(waits_for_fill_.empty() && in_dma_ == 0 && port_.is_idle(),
                  "load_port_module: a load of the row before is not done");
    place_ = place;
    is_filled_ = is_filled;
}

void LoadPortModule::fill_complete() {
    begin_cycle();
    is_filled_ = true;
    std::deque<Load> loads;
    loads.swap(waits_for_fill_);
    for (Load& load : loads) {
        at_port(load.bytes, std::move(load.ready));
    }
}

void LoadPortModule::request(std::uint32_t, const TileLoad& load) {
    begin_cycle();
    clock_.keep_alive();
    if (place_.is_streamed) {
        ++in_dma_;
        dma_.submit(client_, {place_.address + load.first_byte, load.bytes, false}, false,
                    [this, bytes = load.bytes, ready = load.ready]() mutable {
                        --in_dma_;
                        at_port(bytes, std::move(ready));
                    });
    } else if (is_filled_) {
        at_port(load.bytes, load.ready);
    } else {
        waits_for_fill_.push_back({load.bytes, load.ready});
    }
}

void LoadPortModule::due() {
    if (!port_.is_idle()) {
        clock_.keep_alive();
    }
    begin_cycle();
}

void LoadPortModule::begin_cycle() {
    report(port_.begin(clock_.cycle()));
}

/// In a cycle that has begun for the port.
void LoadPortModule::at_port(std::uint64_t bytes, Done ready) {
    clock_.keep_alive();
    at_port_.push_back(std::move(ready));
    report(port_.arrive(bytes));
}

void LoadPortModule::report(std::size_t usable) {
    shown_waiting_ = static_cast<std::uint32_t>(port_.waiting());
    shown_pipeline_ = static_cast<std::uint32_t>(port_.in_pipeline());
    for (; usable > 0; --usable) {
        const Done ready = std::move(at_port_.front());
        at_port_.pop_front();
        ready();
    }
}

std::string LoadPortModule::state() const {
    return std::to_string(waits_for_fill_.size()) + " loads wait for a fill, " +
           std::to_string(in_dma_) + " for the DMA engine, " + std::to_string(port_.waiting()) +
           " at the port, " + std::to_string(port_.in_pipeline()) + " in its pipeline";
}

void LoadPortModule::watch(const Watch& watch) const {
    watch("waiting", shown_waiting_, 8);
    watch("pipeline", shown_pipeline_, 8);
}

StorePortModule::StorePortModule(const sc_core::sc_module_name& name, DmaPort& dma,
                                 std::uint64_t client, kernel::PhasedClock& clock)
    : sc_core::sc_module(name), clock_(clock), dma_(dma), client_(client) {
    clock_.add(this->name(), this);
}

void StorePortModule::store(std::uint64_t first_byte, std::uint64_t bytes, Done done) {
    clock_.keep_alive();
    if (!place_.is_streamed) {
        done();
        return;
    }
    ++in_dma_;
    dma_.submit(client_, {place_.address + first_byte, bytes, true}, false,
                [this, done = std::move(done)] {
                    --in_dma_;
                    done();
                });
}

std::string StorePortModule::state() const {
    return std::to_string(in_dma_) + " stores wait for the DMA engine";
}

}  // namespace skipsim::clocked
