// SPDX-License-Identifier: Apache-2.0
// What both engines do alike: what a row moves between DRAM, global buffer and the blocks, which of
// its parts have to be done before it ends, and what is counted for transfers. When anything is
// done is the engine's business (chip_module.h, clocked_chip_module.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/accelerator/row.h"
#include "models/accelerator/vector_job.h"
#include "models/memory/dma.h"
#include "models/memory/dram/dram_module.h"
#include "models/memory/dram/request_log.h"
#include "models/memory/operand_place.h"
#include "models/memory/tensor_cache.h"
#include "models/reduction/clocked/result_tensor.h"
#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/work_list.h"
#include "sim/kernel/timeline.h"
#include "sim/system/memory_plan.h"
#include "sim/system/waveform_writer.h"

namespace skipsim::system {

/// Where the operands of a row are, once its fills are complete.
struct RowPlaces {
    memory::OperandPlace input;
    memory::OperandPlace weight;
    memory::OperandPlace output;
    bool input_filled = true;
    bool weight_filled = true;
};

/// What the clocked engine computed in a layer's row.
struct ComputedRow {
    clocked::ResultValues values;
    clocked::ColumnOrder order;  ///< in which the columns stood
};

/// A row as the chip is given it.
struct RowRequest {
    std::string name;                   ///< for the timeline
    const RowMemory* memory = nullptr;  ///< its operands; null: everything streamed at address 0
    const RowMemory* next = nullptr;    ///< those of the row after it in the iteration
    const TensorAddresses* addresses = nullptr;
    const clocked::RowTask* task = nullptr;  ///< of the cores, element by element: clocked engine
    ComputedRow* results = nullptr;          ///< null: not wanted
};

/// [core cycles] of a block, over all rows so far.
struct BlockCycles {
    std::uint64_t busy = 0;
    std::uint64_t blocked = 0;
};

class ChipControl {
public:
    explicit ChipControl(const accelerator::ChipParams& params);
    virtual ~ChipControl() = default;
    ChipControl(const ChipControl&) = delete;
    ChipControl& operator=(const ChipControl&) = delete;

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

    [[nodiscard]] virtual BlockCycles vector_unit_cycles() const = 0;
    [[nodiscard]] virtual BlockCycles dma_cycles() const = 0;
    /// [core cycles], rounded down, in which the data bus of each DRAM channel carries a burst;
    /// nothing with an ideal memory.
    [[nodiscard]] std::vector<std::uint64_t> dram_busy_cycles();
    virtual void set_timeline(kernel::Timeline* timeline) = 0;
    /// Every signal of the clocked engine goes into the file, cycle by cycle, from before the first
    /// row until it is set to null.
    virtual void set_waveform(WaveformWriter* waveform) = 0;
    /// Told about every request that enters the DRAM; null: nobody.
    void log_dram_requests_to(memory::DramRequestLog* log);

protected:
    using Done = std::function<void()>;

    // What the engine provides. Times are cycles of the core clock.
    [[nodiscard]] virtual std::uint64_t cycle_now() const = 0;
    /// A job of the chip's control. Answers its number.
    virtual std::uint64_t submit(const memory::DmaJob& job, bool is_background, Done done) = 0;
    virtual void promote(std::uint64_t job) = 0;
    [[nodiscard]] virtual bool is_memory_idle() const = 0;
    virtual void on_memory_idle(Done done) = 0;
    virtual void start_vector_unit(std::vector<accelerator::VectorStep> steps, bool is_background,
                                   const std::string& name, Done done) = 0;
    [[nodiscard]] virtual bool is_vector_unit_idle() const = 0;
    /// Everything of a layer's row but transfers: begin_task() and end_task() around each part.
    virtual void start_cores(const accelerator::RowWork& work, const RowRequest& request,
                             const RowPlaces& places) = 0;
    virtual void operand_filled(bool is_input, bool is_weight) = 0;
    /// Every part of the layer's row has ended; calls end_row(), now or later.
    virtual void layer_tasks_done(const accelerator::RowWork& work) = 0;
    /// Of a layer's row that has ended.
    virtual accelerator::RowCounts layer_counts(const accelerator::RowWork& work) = 0;
    /// Words and bytes that the cluster buffers have moved since the last call.
    struct ClusterTraffic {
        std::uint64_t words_read = 0;
        std::uint64_t words_written = 0;
        std::uint64_t bytes_fetched = 0;
    };
    virtual ClusterTraffic cluster_traffic() = 0;
    /// Before the first row: sockets take no transfers until the kernel has been started.
    virtual void wake() = 0;
    virtual void run_kernel() = 0;

    // What the engine calls.
    void begin_task() { ++tasks_; }
    void end_task();
    /// A store of sums when the last core has ended, if the output is streamed.
    void store_sums(std::uint64_t result_bytes);
    [[nodiscard]] bool has_row_ended() const noexcept { return row_ended_; }
    void mark_row_ended() noexcept { row_ended_ = true; }
    /// The row is over in the present cycle.
    virtual void end_row() = 0;
    [[nodiscard]] std::uint64_t row_start() const noexcept { return row_start_; }
    [[nodiscard]] std::uint64_t cycles_since_start() const { return cycle_now() - row_start_; }
    [[nodiscard]] const RowRequest* request() const noexcept { return request_; }
    [[nodiscard]] RowPlaces places_of(const RowRequest& request) const;
    [[nodiscard]] const accelerator::ChipParams& params() const noexcept { return params_; }
    /// Null with an ideal memory.
    [[nodiscard]] memory::DramModule* dram() const noexcept { return dram_.get(); }

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
    [[nodiscard]] bool is_streamed(memory::TensorId id) const;
    [[nodiscard]] bool is_filling(memory::TensorId id) const;
    void start_beside(const PassMemory& beside, const TensorAddresses& addresses);
    void start_vector(const accelerator::VectorWork& work, const RowRequest& request);
    std::vector<accelerator::VectorStep> steps_of(const accelerator::VectorWork& work,
                                                  const RowMemory& memory,
                                                  const TensorAddresses& addresses,
                                                  base::ActionCounts& traffic) const;
    void add_streams(const std::vector<TensorStream>& streams, bool is_write,
                     const TensorAddresses& addresses, std::vector<accelerator::VectorStream>& out,
                     base::ActionCounts& traffic) const;
    void add_traffic(accelerator::RowCounts& counts);
    base::ActionCounts dram_commands();

    accelerator::ChipParams params_;
    std::unique_ptr<memory::DramModule> dram_;  // the one component both engines share
    base::ActionCounts dram_before_;
    memory::TensorCache cache_;
    bool row_ended_ = false;
    std::uint64_t row_start_ = 0;  // [cycle]
    std::size_t tasks_ = 0;        // of the row, not done
    Done on_tasks_done_;
    std::size_t fills_ = 0;  // of the row's operands, not complete
    Done on_filled_;
    std::map<memory::TensorId, Fill> filling_;  // tensors that are being filled
    std::uint64_t fills_begun_ = 0;
    const RowRequest* request_ = nullptr;  // of the row under way
    base::ActionCounts traffic_;           // of this row
    base::ActionCounts next_traffic_;      // prefetched for the next
    std::vector<std::unique_ptr<Update>> updates_;
    const Update* awaited_ = nullptr;
};

}  // namespace skipsim::system
