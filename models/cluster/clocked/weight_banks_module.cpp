// SPDX-License-Identifier: Apache-2.0
#include "models/cluster/clocked/weight_banks_module.h"

#include <utility>

#include "sim/base/check.h"

namespace skipsim::clocked {

using kernel::Step;

WeightBanksModule::WeightBanksModule(const sc_core::sc_module_name& name,
                                     const cluster::WeightBufferParams& params,
                                     std::uint64_t latency_cycles, DmaPort& dma,
                                     std::uint64_t client, kernel::PhasedClock& clock)
    : sc_core::sc_module(name),
      clock_(clock),
      dma_(dma),
      client_(client),
      banks_(params, latency_cycles) {
    SC_HAS_PROCESS(WeightBanksModule);
    SC_METHOD(due);
    sensitive << clock_.event(Step::due);
    dont_initialize();
    SC_METHOD(buffers);
    sensitive << clock_.event(Step::buffers);
    dont_initialize();
    clock_.add(this->name(), this);
}

void WeightBanksModule::start_row(const memory::OperandPlace& place, bool is_filled) {
    begin_cycle();
    base::require(waits_for_fill_.empty() && in_dma_ == 0,
                  "weight_banks_module: a tile of the row before is on its way");
    banks_.start_row();
    place_ = place;
    is_filled_ = is_filled;
}

void WeightBanksModule::fill_complete() {
    begin_cycle();
    is_filled_ = true;
    std::vector<WeightTileKey> keys;
    keys.swap(waits_for_fill_);
    for (const WeightTileKey& key : keys) {
        at_bus(key);
    }
}

void WeightBanksModule::request(std::uint32_t core, const TileLoad& load) {
    begin_cycle();
    clock_.keep_alive();
    ready_.emplace(next_ticket_, load.ready);
    banks_.request(core, {load.phase, load.first_byte}, load.bytes, next_ticket_++);
    clock_.ask(Step::buffers);
}

void WeightBanksModule::due() {
    if (banks_.is_counting()) {
        clock_.keep_alive();
    }
    begin_cycle();
    if (banks_.can_act()) {
        clock_.ask(Step::buffers);
    }
    show();
}

void WeightBanksModule::show() {
    shown_queued_ = static_cast<std::uint32_t>(banks_.queued_bursts());
    shown_ports_ = static_cast<std::uint32_t>(banks_.busy_ports());
    shown_bus_ = static_cast<std::uint32_t>(banks_.tiles_on_bus());
}

void WeightBanksModule::begin_cycle() {
    banks_.begin(clock_.cycle());
    std::vector<std::uint64_t> tickets;
    banks_.take_ready(tickets);
    for (const std::uint64_t ticket : tickets) {
        const auto found = ready_.find(ticket);
        base::require(found != ready_.end(), "weight_banks_module: a tile of nobody");
        const Done ready = std::move(found->second);
        ready_.erase(found);
        ready();
    }
}

void WeightBanksModule::buffers() {
    begin_cycle();
    if (banks_.can_act()) {
        clock_.keep_alive();
    }
    std::vector<WeightBanks::Absent> absent;
    banks_.take_requests(absent);
    for (const WeightBanks::Absent& tile : absent) {
        if (place_.is_streamed) {
            fetch(tile);
        } else if (is_filled_) {
            banks_.at_bus(tile.key);
        } else {
            waits_for_fill_.push_back(tile.key);
        }
    }
    banks_.start_bursts();
    show();
}

void WeightBanksModule::fetch(const WeightBanks::Absent& tile) {
    ++in_dma_;
    dma_.submit(client_, {place_.address + tile.key.first_byte, tile.bytes, false}, false,
                [this, key = tile.key] {
                    --in_dma_;
                    at_bus(key);
                });
}

void WeightBanksModule::at_bus(const WeightTileKey& key) {
    begin_cycle();
    clock_.keep_alive();
    banks_.at_bus(key);
    if (banks_.can_act()) {
        clock_.ask(Step::buffers);
    }
}

std::string WeightBanksModule::state() const {
    return std::to_string(banks_.waiting_requests()) + " requests of cores wait; " +
           std::to_string(waits_for_fill_.size()) + " tiles for a fill, " +
           std::to_string(in_dma_) + " for the DMA engine, " +
           std::to_string(banks_.tiles_on_bus()) + " on the fill bus; " +
           std::to_string(banks_.queued_bursts()) + " bursts queued, " +
           std::to_string(banks_.busy_ports()) + " ports at work";
}

void WeightBanksModule::watch(const Watch& watch) const {
    watch("queued_bursts", shown_queued_, 16);
    watch("busy_ports", shown_ports_, 8);
    watch("tiles_on_bus", shown_bus_, 8);
}

}  // namespace skipsim::clocked
