// SPDX-License-Identifier: Apache-2.0
// The module hierarchy: an accelerator of clusters of convolution cores with their ports, cluster
// buffers, the vector unit, the DMA engine and, unless the memory is ideal, a DRAM. Exact at tile,
// block and burst boundaries. The smallest step of simulated time stands for one picosecond.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "models/accelerator/row.h"
#include "models/accelerator/vector_unit_module.h"
#include "models/cluster/weight_buffer_module.h"
#include "models/core/convolution_core_module.h"
#include "models/memory/dma_module.h"
#include "models/memory/load_port_module.h"
#include "sim/base/task_pool.h"
#include "sim/kernel/clock.h"
#include "sim/kernel/phases.h"
#include "sim/system/chip_control.h"

namespace skipsim::system {

class ClusterModule final : public sc_core::sc_module {
public:
    ClusterModule(const sc_core::sc_module_name& name, const accelerator::ChipParams& params,
                  const kernel::Clock& clock, kernel::Phases& phases, memory::DmaModule& dma,
                  base::TaskPool& pool);

    [[nodiscard]] std::size_t core_count() const noexcept { return cores_.size(); }
    void start_row(const RowPlaces& places);
    void start_core(std::size_t core, const core::CoreWork& work, std::uint64_t delay_cycles,
                    const std::string& row_name, std::function<void()> done);
    void input_filled();
    void weight_filled();
    [[nodiscard]] core::CoreReport report(std::size_t core) const { return cores_[core]->report(); }
    [[nodiscard]] const core::CoreOccupation& occupation(std::size_t core) const {
        return cores_[core]->occupation();
    }
    /// Null without a shared buffer.
    [[nodiscard]] const cluster::WeightBuffer* weight_buffer() const noexcept {
        return weight_buffer_ ? &weight_buffer_->buffer() : nullptr;
    }
    void set_timeline(kernel::Timeline* timeline);

private:
    std::unique_ptr<memory::LoadPortModule> make_port(const std::string& name,
                                                      const memory::LoadPortParams& params,
                                                      const kernel::Clock& clock,
                                                      memory::DmaModule& dma);

    std::vector<std::unique_ptr<core::ConvolutionCoreModule>> cores_;
    std::vector<std::unique_ptr<memory::LoadPortModule>> input_ports_;
    std::vector<std::unique_ptr<memory::LoadPortModule>> weight_ports_;  // without shared buffer
    std::vector<std::unique_ptr<memory::LoadPortModule>> output_ports_;
    std::unique_ptr<cluster::WeightBufferModule> weight_buffer_;
};

class AcceleratorModule final : public sc_core::sc_module, public ChipControl {
public:
    AcceleratorModule(const sc_core::sc_module_name& name, const accelerator::ChipParams& params,
                      base::TaskPool& pool);

    [[nodiscard]] const core::CoreOccupation& occupation(std::size_t core) const;
    [[nodiscard]] BlockCycles vector_unit_cycles() const override;
    [[nodiscard]] BlockCycles dma_cycles() const override;
    void set_timeline(kernel::Timeline* timeline) override;
    /// Has no signals: null is expected.
    void set_waveform(WaveformWriter* waveform) override;

protected:
    [[nodiscard]] std::uint64_t cycle_now() const override { return clock_.now(); }
    std::uint64_t submit(const memory::DmaJob& job, bool is_background, Done done) override;
    void promote(std::uint64_t job) override { dma_.promote(job); }
    [[nodiscard]] bool is_memory_idle() const override { return dma_.is_idle(); }
    void on_memory_idle(Done done) override { dma_.on_idle(std::move(done)); }
    void start_vector_unit(std::vector<accelerator::VectorStep> steps, bool is_background,
                           const std::string& name, Done done) override;
    [[nodiscard]] bool is_vector_unit_idle() const override { return vector_unit_.pending() == 0; }
    void start_cores(const accelerator::RowWork& work, const RowRequest& request,
                     const RowPlaces& places) override;
    void operand_filled(bool is_input, bool is_weight) override;
    void layer_tasks_done(const accelerator::RowWork& work) override;
    accelerator::RowCounts layer_counts(const accelerator::RowWork& work) override;
    ClusterTraffic cluster_traffic() override;
    void wake() override;
    void run_kernel() override;
    void end_row() override { end_row_at(clock_.now()); }

private:
    void core_done(const accelerator::RowWork& work);
    void end_row_at(std::uint64_t cycle);
    void row_ended();
    accelerator::RowCounts core_row_counts(accelerator::RowWork work);

    kernel::Clock clock_;
    kernel::Phases phases_;
    memory::DmaModule dma_;
    std::vector<std::unique_ptr<ClusterModule>> clusters_;
    accelerator::VectorUnitModule vector_unit_;

    sc_core::sc_event row_end_event_;
    std::size_t cores_at_work_ = 0;
    accelerator::RowCounts counts_;  // of the layer's row
    ClusterTraffic cluster_before_;
};

}  // namespace skipsim::system
