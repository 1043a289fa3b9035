// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "sim/system/clocked_chip_module.h"

namespace skipsim::system {

ClockedClusterModule::ClockedClusterModule(const sc_core::sc_module_name& name,
                                           const accelerator::ChipParams& params,
                                           std::uint64_t number, kernel::PhasedClock& clock,
                                           clocked::DmaPort& dma)
    : sc_core::sc_module(name) {
    const bool is_shared = params.memory.cluster.ports != 0;
    const auto cores = static_cast<std::uint64_t>(params.partition.cores_per_cluster());
    // Clients of the DMA engine: the ports of every core, then the buffer.
    std::uint64_t client = clocked::ClientOrder::kFirstPort + number * (3 * cores + 1);
    const auto make_port = [&](const std::string& port, const memory::LoadPortParams& of) {
        return std::make_unique<clocked::LoadPortModule>(port.c_str(), of, dma, client++, clock);
    };
    if (is_shared) {
        weight_banks_ = std::make_unique<clocked::WeightBanksModule>(
            "weight_buffer", params.memory.cluster, params.weight_port.latency_cycles, dma,
            client + 3 * cores, clock);
    }
    for (std::uint64_t core = 0; core < cores; ++core) {
        const std::string suffix = std::to_string(core);
        input_ports_.push_back(make_port("input_port" + suffix, params.input_port));
        clocked::LoadWay* weight_way = weight_banks_.get();
        if (is_shared) {
            ++client;
        } else {
            weight_ports_.push_back(make_port("weight_port" + suffix, params.weight_port));
            weight_way = weight_ports_.back().get();
        }
        output_ports_.push_back(std::make_unique<clocked::StorePortModule>(
            ("output_port" + suffix).c_str(), dma, client++, clock));
        cores_.push_back(std::make_unique<clocked::CoreModule>(
            ("core" + suffix).c_str(), params.core, clock, params.memory.stores_hold_tiles));
        cores_.back()->connect(input_ports_.back().get(), weight_way, output_ports_.back().get(),
                               static_cast<std::uint32_t>(core));
    }
}

void ClockedClusterModule::watch(const Watch& signal) const {
    const auto below = [&signal](const std::string& scope) {
        return [&signal, scope](const std::string& name, const std::uint32_t& value,
                                unsigned bits) { signal(scope + '.' + name, value, bits); };
    };
    for (std::size_t core = 0; core < cores_.size(); ++core) {
        const std::string number = std::to_string(core);
        cores_[core]->watch(below("core" + number));
        input_ports_[core]->watch(below("input_port" + number));
        if (!weight_ports_.empty()) {
            weight_ports_[core]->watch(below("weight_port" + number));
        }
    }
    if (weight_banks_) {
        weight_banks_->watch(below("weight_buffer"));
    }
}

void ClockedClusterModule::start_row(const RowPlaces& places) {
    for (std::size_t core = 0; core < cores_.size(); ++core) {
        input_ports_[core]->start_row(places.input, places.input_filled);
        output_ports_[core]->start_row(places.output);
        if (!weight_ports_.empty()) {
            weight_ports_[core]->start_row(places.weight, places.weight_filled);
        }
    }
    if (weight_banks_) {
        weight_banks_->start_row(places.weight, places.weight_filled);
    }
}

void ClockedClusterModule::operand_filled(bool is_input, bool is_weight) {
    for (const auto& port : input_ports_) {
        if (is_input) {
            port->fill_complete();
        }
    }
    for (const auto& port : weight_ports_) {
        if (is_weight) {
            port->fill_complete();
        }
    }
    if (weight_banks_ && is_weight) {
        weight_banks_->fill_complete();
    }
}

}  // namespace skipsim::system
