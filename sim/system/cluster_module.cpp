// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "sim/system/chip_module.h"

namespace skipsim::system {

ClusterModule::ClusterModule(const sc_core::sc_module_name& name,
                             const accelerator::ChipParams& params, const kernel::Clock& clock,
                             kernel::Phases& phases, memory::DmaModule& dma, base::TaskPool& pool)
    : sc_core::sc_module(name) {
    const bool is_shared = params.memory.cluster.ports != 0;
    if (is_shared) {
        weight_buffer_ = std::make_unique<cluster::WeightBufferModule>(
            "weight_buffer", params.memory.cluster, params.weight_port.latency_cycles, clock,
            phases);
    }
    for (std::int64_t core = 0; core < params.partition.cores_per_cluster(); ++core) {
        const std::string suffix = std::to_string(core);
        cores_.push_back(std::make_unique<core::ConvolutionCoreModule>(
            ("core" + suffix).c_str(), params.core, clock, params.memory.stores_hold_tiles, pool));
        input_ports_.push_back(make_port("input_port" + suffix, params.input_port, clock, dma));
        cores_.back()->input_socket.bind(input_ports_.back()->socket);
        if (is_shared) {
            cores_.back()->weight_socket.bind(weight_buffer_->socket);
        } else {
            weight_ports_.push_back(
                make_port("weight_port" + suffix, params.weight_port, clock, dma));
            cores_.back()->weight_socket.bind(weight_ports_.back()->socket);
        }
        output_ports_.push_back(make_port("output_port" + suffix, {}, clock, dma));
        cores_.back()->output_socket.bind(output_ports_.back()->socket);
    }
    if (is_shared) {
        weight_buffer_->dma_socket.bind(dma.foreground_socket);
    }
}

std::unique_ptr<memory::LoadPortModule> ClusterModule::make_port(
    const std::string& name, const memory::LoadPortParams& params, const kernel::Clock& clock,
    memory::DmaModule& dma) {
    auto port = std::make_unique<memory::LoadPortModule>(name.c_str(), params, clock);
    port->dma_socket.bind(dma.foreground_socket);
    return port;
}

void ClusterModule::start_row(const RowPlaces& places) {
    for (std::size_t core = 0; core < cores_.size(); ++core) {
        input_ports_[core]->start_row(places.input, places.input_filled);
        output_ports_[core]->start_row(places.output, true);
        if (!weight_ports_.empty()) {
            weight_ports_[core]->start_row(places.weight, places.weight_filled);
        }
    }
    if (weight_buffer_) {
        weight_buffer_->start_row(places.weight, places.weight_filled);
    }
}

void ClusterModule::start_core(std::size_t core, const core::CoreWork& work,
                               std::uint64_t delay_cycles, const std::string& row_name,
                               std::function<void()> done) {
    cores_[core]->set_row_name(row_name);
    cores_[core]->start_row(work, delay_cycles, std::move(done));
}

void ClusterModule::input_filled() {
    for (const auto& port : input_ports_) {
        port->fill_complete();
    }
}

void ClusterModule::weight_filled() {
    for (const auto& port : weight_ports_) {
        port->fill_complete();
    }
    if (weight_buffer_) {
        weight_buffer_->fill_complete();
    }
}

void ClusterModule::set_timeline(kernel::Timeline* timeline) {
    for (const auto& core : cores_) {
        core->set_timeline(timeline, basename());
    }
}

}  // namespace skipsim::system
