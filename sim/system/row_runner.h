// SPDX-License-Identifier: Apache-2.0
// Turns the planned rows of an iteration into result rows: operands from the trace, skip mode, the
// chip, the vector unit; weight updates run beside the rows that follow their gradients.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>
#include <vector>

#include "models/accelerator/choice.h"
#include "sim/config/config.h"
#include "sim/stats/run_result.h"
#include "sim/system/chip_control.h"
#include "sim/system/plan.h"
#include "sim/system/row_order.h"
#include "sim/system/row_setup.h"
#include "sim/system/vector_rows.h"

namespace skipsim::system {

class RowRunner {
public:
    RowRunner(const config::Config& config, const accelerator::ChipParams& params,
              ChipControl& chip, base::TaskPool& pool, bool is_clocked);

    /// The rows of one iteration and network, all of them; `advanced` is called after each.
    std::vector<stats::LayerRow> run(const trace::TraceReader& reader, VectorRows& vector_rows,
                                     const std::vector<PlannedRow>& rows,
                                     const std::function<void()>& advanced);
    /// Nothing is skipped from now on, whatever the configuration says and the trace holds.
    void become_dense() noexcept { is_dense_ = true; }
    /// Values of the cores' rows are compared with oneDNN's; null: they are not.
    void check_values(stats::ValuesChecked* values) noexcept { values_ = values; }
    /// A track with a slice a row; none if null.
    void set_timeline(kernel::Timeline* timeline);

    /// Cores, the transposer, the aggregation core, the balancer, the vector unit, the DMA engine
    /// and the channels of the DRAM, over all rows so far.
    [[nodiscard]] std::vector<stats::UnitCycles> units() const;

private:
    /// Everything the cycles of mode dense alone depend on.
    using DenseKey = std::vector<std::int64_t>;
    struct Iteration;

    void check_capacity(const trace::TraceReader& reader, const MemoryPlan& plan) const;
    void run_row(Iteration& iteration, std::size_t index);
    stats::LayerRow run_layer(const Iteration& iteration, const PlannedRow& planned,
                              const accelerator::VectorWork& beside, const RowRequest& request);
    stats::LayerRow vector_row(const Iteration& iteration, const PlannedRow& planned,
                               const accelerator::RowCounts& counts);
    [[nodiscard]] clocked::RowTask task_of(const Iteration& iteration, const PlannedRow& planned,
                                           const LayerOperands& operands,
                                           const accelerator::RowWork& work) const;
    void compare(const clocked::RowTask& task, const ComputedRow& computed,
                 const stats::LayerRow& row);
    accelerator::RowChoice choose(RowSetup& row, const accelerator::RoleZeros& zeros);
    std::uint64_t cycles_alone(RowSetup& row, const reduction::Selection& selection,
                               accelerator::OutputMode output_mode);
    std::uint64_t dense_cycles_alone(const reduction::ConvolutionShape& shape,
                                     const accelerator::RowWork& work);
    void show(const std::vector<stats::LayerRow>& rows, std::uint64_t first_cycle);
    void add_units(const accelerator::RowCounts& counts, const accelerator::RowWork& work);

    const config::Config& config_;
    const accelerator::ChipParams& params_;
    ChipControl& chip_;
    base::TaskPool& pool_;
    bool is_clocked_;  ///< the chip wants rows element by element
    stats::ValuesChecked* values_ = nullptr;
    bool is_dense_ = false;
    std::map<DenseKey, std::uint64_t> dense_alone_;
    std::vector<stats::UnitCycles> cores_;
    std::uint64_t transposer_busy_cycles_ = 0;
    std::uint64_t aggregation_busy_cycles_ = 0;
    std::uint64_t balancer_busy_cycles_ = 0;
    std::uint64_t total_cycles_ = 0;
    kernel::Timeline* timeline_ = nullptr;
    std::uint32_t track_ = 0;
};

}  // namespace skipsim::system
