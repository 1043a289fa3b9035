// SPDX-License-Identifier: Apache-2.0
// The chip of the clocked engine: the hierarchy of chip_module.h with blocks that advance at every
// clock edge and cores that carry values. It decides when on its own; what a row moves and counts
// for transfers comes from chip_control.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "models/accelerator/clocked/vector_unit_module.h"
#include "models/accelerator/clocked/work_meter.h"
#include "models/cluster/clocked/weight_banks_module.h"
#include "models/core/clocked/core_module.h"
#include "models/memory/clocked/dma_engine_module.h"
#include "models/memory/clocked/port_module.h"
#include "models/reduction/clocked/result_tensor.h"
#include "sim/kernel/phased_clock.h"
#include "sim/system/chip_control.h"

namespace skipsim::system {

class ClockedClusterModule final : public sc_core::sc_module {
public:
    ClockedClusterModule(const sc_core::sc_module_name& name, const accelerator::ChipParams& params,
                         std::uint64_t number, kernel::PhasedClock& clock, clocked::DmaPort& dma);

    [[nodiscard]] std::size_t core_count() const noexcept { return cores_.size(); }
    [[nodiscard]] clocked::CoreModule& core(std::size_t number) { return *cores_[number]; }
    [[nodiscard]] const clocked::CoreModule& core(std::size_t number) const {
        return *cores_[number];
    }
    void start_row(const RowPlaces& places);
    void operand_filled(bool is_input, bool is_weight);
    using Watch =
        std::function<void(const std::string& name, const std::uint32_t& value, unsigned bits)>;
    void watch(const Watch& signal) const;
    /// Null without a shared buffer.
    [[nodiscard]] const clocked::WeightBanksModule* weight_banks() const noexcept {
        return weight_banks_.get();
    }

private:
    std::vector<std::unique_ptr<clocked::CoreModule>> cores_;
    std::vector<std::unique_ptr<clocked::LoadPortModule>> input_ports_;
    std::vector<std::unique_ptr<clocked::LoadPortModule>> weight_ports_;  // without shared buffer
    std::vector<std::unique_ptr<clocked::StorePortModule>> output_ports_;
    std::unique_ptr<clocked::WeightBanksModule> weight_banks_;
};

class ClockedChipModule final : public sc_core::sc_module,
                                public ChipControl,
                                private kernel::Reporting {
public:
    ClockedChipModule(const sc_core::sc_module_name& name, const accelerator::ChipParams& params);
    ~ClockedChipModule() override;

    [[nodiscard]] BlockCycles vector_unit_cycles() const override;
    [[nodiscard]] BlockCycles dma_cycles() const override;
    /// Rows and the DRAM alone are drawn: the blocks of this engine have waveforms.
    void set_timeline(kernel::Timeline* timeline) override;
    void set_waveform(WaveformWriter* waveform) override;

protected:
    [[nodiscard]] std::uint64_t cycle_now() const override { return clock_.cycle(); }
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
    void end_row() override;

private:
    /// A meter at work, and what to do when it has done its work.
    struct Running {
        clocked::WorkMeter meter;
        std::uint64_t begin_cycle = 0;
        std::uint64_t cycles = 0;  ///< so far
        Done done;
    };
    class CoreSums;

    [[nodiscard]] std::string state() const override;
    void name_signals(WaveformWriter& waveform) const;
    void due();
    void run_meter(Running& running, std::uint64_t amount, std::uint64_t begin_cycle, Done done);
    void tick(Running& running);
    void start_core(std::size_t number, const accelerator::RowWork& work,
                    const RowRequest& request);
    void core_done();
    void aggregate();
    [[nodiscard]] clocked::ListParams list_params() const;
    void add_core(accelerator::RowCounts& row, const clocked::CoreModule& core) const;
    void add_results(accelerator::RowCounts& row) const;
    void add_row_actions(accelerator::RowCounts& row, const accelerator::RowWork& work) const;
    [[nodiscard]] std::uint64_t result_bytes() const;
    [[nodiscard]] clocked::CoreModule& core(std::size_t number) const;

    kernel::PhasedClock clock_;
    clocked::DmaEngineModule dma_;
    std::vector<std::unique_ptr<ClockedClusterModule>> clusters_;
    clocked::VectorUnitModule vector_unit_;

    // Of the layer's row under way.
    Running transposer_;
    Running adds_;   ///< of the aggregation core: additions
    Running bytes_;  ///< of the aggregation core: bytes
    std::uint64_t balancer_cycles_ = 0;
    std::uint32_t shown_cores_at_work_ = 0;
    clocked::ColumnOrder order_;
    std::unique_ptr<clocked::ResultTensor> results_;
    std::vector<std::unique_ptr<CoreSums>> sums_;  ///< of each core
    RowPlaces places_;
    std::size_t cores_at_work_ = 0;
    bool splits_k_ = false;
    ClusterTraffic cluster_before_;
};

}  // namespace skipsim::system
