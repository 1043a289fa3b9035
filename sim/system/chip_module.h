// SPDX-License-Identifier: Apache-2.0
// The module hierarchy: an accelerator of clusters of convolution cores, each core bound to its two
// load ports. Exact at tile boundaries. There is one clock, so the smallest step of simulated time
// stands for one core cycle, and no clock rate can make time overflow.
#pragma once

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

#include "models/accelerator/row.h"
#include "models/core/convolution_core_module.h"
#include "models/memory/load_port_module.h"
#include "sim/base/task_pool.h"

namespace skipsim::system {

class ClusterModule final : public sc_core::sc_module {
public:
    ClusterModule(const sc_core::sc_module_name& name, const accelerator::ChipParams& params,
                  base::TaskPool& pool);

    [[nodiscard]] std::size_t core_count() const noexcept { return cores_.size(); }
    void start_row(std::size_t core, const core::CoreWork& work);
    [[nodiscard]] core::CoreReport report(std::size_t core) const { return cores_[core]->report(); }

private:
    std::vector<std::unique_ptr<core::ConvolutionCoreModule>> cores_;
    std::vector<std::unique_ptr<memory::LoadPortModule>> input_ports_;
    std::vector<std::unique_ptr<memory::LoadPortModule>> weight_ports_;
};

class AcceleratorModule final : public sc_core::sc_module {
public:
    AcceleratorModule(const sc_core::sc_module_name& name, const accelerator::ChipParams& params,
                      base::TaskPool& pool);

    /// Runs the kernel until every core is done. The work's reduction must live until then.
    accelerator::RowCounts run_row(const accelerator::RowWork& work);

private:
    accelerator::ChipParams params_;
    std::vector<std::unique_ptr<ClusterModule>> clusters_;
};

}  // namespace skipsim::system
