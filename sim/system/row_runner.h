// SPDX-License-Identifier: Apache-2.0
// Turns a planned row into a result row: operands from the trace, skip mode, the chip, and the
// cycles the same chip would need in mode dense; or the work of the vector unit.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/accelerator/choice.h"
#include "sim/config/config.h"
#include "sim/stats/run_result.h"
#include "sim/system/chip_module.h"
#include "sim/system/plan.h"
#include "sim/system/vector_rows.h"
#include "sim/system/row_setup.h"

namespace skipsim::system {

class RowRunner {
public:
    RowRunner(const config::Config& config, const accelerator::ChipParams& params,
              AcceleratorModule& chip, base::TaskPool& pool);

    /// `vector_rows` is that of the reader.
    stats::LayerRow run(const trace::TraceReader& reader, VectorRows& vector_rows,
                        const PlannedRow& planned);

    /// Cores, the transposer, the aggregation core, the balancer, over all rows so far.
    [[nodiscard]] std::vector<stats::UnitCycles> units() const;

private:
    /// Everything the cycles of mode dense depend on.
    using DenseKey = std::vector<std::int64_t>;

    stats::LayerRow run_layer(const trace::TraceReader& reader,
                              const accelerator::VectorWork& beside, const PlannedRow& planned);
    stats::LayerRow run_vector(const trace::TraceReader& reader,
                               const accelerator::VectorWork& work, const PlannedRow& planned);
    accelerator::RowChoice choose(RowSetup& row, const accelerator::RoleZeros& zeros);
    std::uint64_t cycles_alone(RowSetup& row, const reduction::Selection& selection,
                               accelerator::OutputMode output_mode);
    std::uint64_t dense_cycles(const reduction::ConvolutionShape& shape,
                               const accelerator::RowWork& work);
    void add_units(const accelerator::RowCounts& counts, const accelerator::RowWork& work);

    const config::Config& config_;
    const accelerator::ChipParams& params_;
    AcceleratorModule& chip_;
    base::TaskPool& pool_;
    std::map<DenseKey, std::uint64_t> dense_cycles_;
    std::vector<std::uint64_t> core_busy_cycles_;
    std::uint64_t transposer_busy_cycles_ = 0;
    std::uint64_t vector_unit_busy_cycles_ = 0;
    std::uint64_t aggregation_busy_cycles_ = 0;
    std::uint64_t balancer_busy_cycles_ = 0;
    std::uint64_t total_cycles_ = 0;
};

}  // namespace skipsim::system
