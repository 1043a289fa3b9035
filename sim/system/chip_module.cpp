// SPDX-License-Identifier: Apache-2.0
#include "sim/system/chip_module.h"

#include <string>

namespace skipsim::system {

ClusterModule::ClusterModule(const sc_core::sc_module_name& name,
                             const accelerator::ChipParams& params, base::TaskPool& pool)
    : sc_core::sc_module(name) {
    for (std::int64_t core = 0; core < params.partition.cores_per_cluster(); ++core) {
        const std::string suffix = std::to_string(core);
        cores_.push_back(std::make_unique<core::ConvolutionCoreModule>(("core" + suffix).c_str(),
                                                                       params.core, pool));
        input_ports_.push_back(std::make_unique<memory::LoadPortModule>(
            ("input_port" + suffix).c_str(), params.input_port));
        weight_ports_.push_back(std::make_unique<memory::LoadPortModule>(
            ("weight_port" + suffix).c_str(), params.weight_port));
        cores_.back()->input_socket.bind(input_ports_.back()->socket);
        cores_.back()->weight_socket.bind(weight_ports_.back()->socket);
    }
}

void ClusterModule::start_row(std::size_t core, const core::CoreWork& work) {
    input_ports_[core]->start_row();
    weight_ports_[core]->start_row();
    cores_[core]->start_row(work);
}

AcceleratorModule::AcceleratorModule(const sc_core::sc_module_name& name,
                                     const accelerator::ChipParams& params, base::TaskPool& pool)
    : sc_core::sc_module(name), params_(params) {
    for (std::int64_t cluster = 0; cluster < params.partition.clusters(); ++cluster) {
        clusters_.push_back(std::make_unique<ClusterModule>(
            ("cluster" + std::to_string(cluster)).c_str(), params, pool));
    }
}

accelerator::RowCounts AcceleratorModule::run_row(const accelerator::RowWork& work) {
    std::int64_t number = 0;
    for (const auto& cluster : clusters_) {
        for (std::size_t core = 0; core < cluster->core_count(); ++core) {
            cluster->start_row(core, accelerator::core_work(params_, work, number++));
        }
    }
    sc_core::sc_start();  // returns when no event is left: every core is done
    std::vector<core::CoreReport> reports;
    for (const auto& cluster : clusters_) {
        for (std::size_t core = 0; core < cluster->core_count(); ++core) {
            reports.push_back(cluster->report(core));
        }
    }
    return accelerator::row_counts(params_, work, reports);
}

}  // namespace skipsim::system
