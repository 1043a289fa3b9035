// SPDX-License-Identifier: Apache-2.0
// The module hierarchy: an accelerator of clusters of convolution cores with their ports, cluster
// buffers, the vector unit, the DMA engine and, unless the memory is ideal, a DRAM. Exact at tile,
// block and burst boundaries. The smallest step of simulated time stands for one picosecond.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <systemc>
#include <vector>

#include "models/accelerator/row.h"
#include "models/accelerator/vector_unit_module.h"
#include "models/cluster/weight_buffer_module.h"
#include "models/core/convolution_core_module.h"
#include "models/memory/dma_module.h"
#include "models/memory/dram/dram_module.h"
#include "models/memory/load_port_module.h"
#include "models/memory/tensor_cache.h"
#include "sim/base/task_pool.h"
#include "sim/kernel/clock.h"
#include "sim/kernel/phases.h"
#include "sim/kernel/timeline.h"
#include "sim/system/memory_plan.h"

namespace skipsim::system {

/// Where the operands of a row are, once its fills are complete.
struct RowPlaces {
    memory::OperandPlace input;
    memory::OperandPlace weight;
    memory::OperandPlace output;
    bool input_filled = true;
    bool weight_filled = true;
};

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

/// A row as the chip is given it.
struct RowRequest {
    std::string name;                   ///< for the timeline
    const RowMemory* memory = nullptr;  ///< its operands; null: everything streamed at address 0
    const RowMemory* next = nullptr;    ///< those of the row after it in the iteration
    const TensorAddresses* addresses = nullptr;
};

class AcceleratorModule final : public sc_core::sc_module {
public:
    AcceleratorModule(const sc_core::sc_module_name& name, const accelerator::ChipParams& params,
                      base::TaskPool& pool);

    /// Runs the kernel until the row has ended. The work's reduction must live until then.
    accelerator::RowCounts run_row(const accelerator::RowWork& work, const RowRequest& request = {},
                                   const accelerator::VectorWork& beside = {});
    /// A row of the vector unit.
    accelerator::RowCounts run_vector_row(const accelerator::VectorWork& work,
                                          const RowRequest& request);
    /// Hands a weight update to the vector unit, beside the rows that follow. Answers its number.
    std::size_t start_update(const accelerator::VectorWork& work, const RowRequest& request);
    /// Runs until that update is done: what it needs beyond the rows before.
    accelerator::RowCounts finish_update(std::size_t update);
    /// Writes back what outlives the iteration and waits for the memory. Belongs to the last row.
    accelerator::RowCounts end_iteration(const TensorAddresses& addresses);
    /// As new, but for the time that has passed.
    void reset();

    [[nodiscard]] const core::CoreOccupation& occupation(std::size_t core) const;
    [[nodiscard]] const accelerator::VectorOccupation& vector_occupation() const {
        return vector_unit_.occupation();
    }
    [[nodiscard]] const memory::DmaModule& dma() const noexcept { return dma_; }
    /// [core cycles], rounded down, in which the data bus of each DRAM channel carries a burst;
    /// nothing with an ideal memory.
    [[nodiscard]] std::vector<std::uint64_t> dram_busy_cycles();
    void set_timeline(kernel::Timeline* timeline);
    /// Told about every request that enters the DRAM; null: nobody.
    void log_dram_requests_to(memory::DramRequestLog* log);

private:
    /// A fill under way: the DMA's job, and which fill of all it is.
    struct Fill {
        std::uint64_t job = 0;
        std::uint64_t number = 0;
    };
    struct Update {
        bool done = false;
        accelerator::VectorWork work;
        base::ActionCounts traffic;
    };

    void begin_row(const RowRequest& request);
    void move(const RowRequest& request, const memory::TensorMove& move);
    void filled(memory::TensorId id, std::uint64_t fill);
    [[nodiscard]] RowPlaces places_of(const RowRequest& request) const;
    [[nodiscard]] bool is_streamed(memory::TensorId id) const;
    [[nodiscard]] bool is_filling(memory::TensorId id) const;
    void start_cores(const accelerator::RowWork& work, const RowRequest& request);
    void core_done(const accelerator::RowWork& work);
    void store_sums(const accelerator::RowWork& work);
    void start_beside(const PassMemory& beside, const TensorAddresses& addresses);
    void start_vector(const accelerator::VectorWork& work, const RowRequest& request);
    std::vector<accelerator::VectorStep> steps_of(const accelerator::VectorWork& work,
                                                  const RowMemory& memory,
                                                  const TensorAddresses& addresses,
                                                  base::ActionCounts& traffic) const;
    void add_streams(const std::vector<TensorStream>& streams, bool is_write,
                     const TensorAddresses& addresses, std::vector<accelerator::VectorStream>& out,
                     base::ActionCounts& traffic) const;
    void task_done();
    void end_row_at(std::uint64_t cycle);
    void row_ended();
    void run_kernel();
    accelerator::RowCounts core_row_counts(accelerator::RowWork work);
    void add_traffic(accelerator::RowCounts& counts);
    void add_dram_commands(base::ActionCounts& actions);
    std::uint64_t cycles_since_start() const { return clock_.now() - row_start_; }

    accelerator::ChipParams params_;
    kernel::Clock clock_;
    kernel::Phases phases_;
    memory::DmaModule dma_;
    std::unique_ptr<memory::DramModule> dram_;
    std::vector<std::unique_ptr<ClusterModule>> clusters_;
    accelerator::VectorUnitModule vector_unit_;
    memory::TensorCache cache_;

    sc_core::sc_event row_end_event_;
    bool row_ended_ = false;
    std::uint64_t row_start_ = 0;  // [cycle]
    std::size_t tasks_ = 0;        // of the row, not done
    std::size_t cores_at_work_ = 0;
    std::function<void()> on_tasks_done_;
    std::size_t fills_ = 0;  // of the row's operands, not complete
    std::function<void()> on_filled_;
    std::map<memory::TensorId, Fill> filling_;  // tensors that are being filled
    std::uint64_t fills_begun_ = 0;
    const RowRequest* request_ = nullptr;  // of the row under way
    base::ActionCounts traffic_;           // of this row
    base::ActionCounts next_traffic_;      // prefetched for the next
    base::ActionCounts dram_before_;
    std::uint64_t cluster_words_read_ = 0;
    std::uint64_t cluster_words_written_ = 0;
    std::uint64_t cluster_bytes_fetched_ = 0;
    std::vector<std::unique_ptr<Update>> updates_;
    const Update* awaited_ = nullptr;
};

}  // namespace skipsim::system
