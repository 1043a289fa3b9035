// SPDX-License-Identifier: Apache-2.0
// One row of a result: a layer in one stage of one iteration, from what its cores report to cycles,
// multiplies and actions (models/MICROARCHITECTURE.md §6 to §9).
#pragma once

#include <cstdint>
#include <vector>

#include "models/accelerator/chip_params.h"
#include "models/accelerator/choice.h"
#include "models/accelerator/vector_unit.h"
#include "models/core/convolution_core.h"
#include "models/reduction/reduction.h"
#include "sim/base/actions.h"
#include "sim/base/pe_cycles.h"
#include "sim/base/task_pool.h"

namespace skipsim::accelerator {

/// Which operands of a row go between cores and DRAM; the others are in the global buffer.
struct StreamedOperands {
    bool input = true;
    bool weight = true;
    bool output = true;
};

/// What is to be done in a row.
struct RowWork {
    const reduction::Reduction* reduction = nullptr;
    reduction::TrainingStage stage = reduction::TrainingStage::feed_forward;
    reduction::Selection selection;
    OutputMode output_mode = OutputMode::row;
    core::BalancerWork balancer;  ///< of core::balance(), which reordered `reduction`; or nothing
    std::uint64_t dense_macs = 0;
    std::uint64_t transposed_elements = 0;  ///< of the second copy written beside this row
    bool count_effectual = true;
    StreamedOperands streamed;
    bool counts_copy = true;           ///< the copy's bytes go to DRAM and are counted here
    std::uint64_t minimum_cycles = 0;  ///< the row lasts at least so long: transfers beside it
};

/// Every cycle, multiply and action of a row; sums over all cores.
struct RowCounts {
    std::uint64_t cycles = 0;
    std::uint64_t issued = 0;
    std::uint64_t effectual = 0;
    std::uint64_t skipped_input = 0;
    std::uint64_t skipped_weight = 0;  ///< finely: zeros of chunks that were sent
    std::uint64_t skipped_coarse = 0;  ///< in chunks that were jumped
    std::uint64_t skipped_output = 0;
    base::PeCycles pe_cycles;
    base::ActionCounts actions;
    std::vector<std::uint64_t> core_end_cycles;  ///< of every core
    /// [cycles] of every core: at work, held up by results that have not left; timed runs only
    std::vector<std::uint64_t> core_busy_cycles;
    std::vector<std::uint64_t> core_blocked_cycles;
    std::uint64_t balancer_cycles = 0;     ///< before the cores start
    std::uint64_t aggregation_cycles = 0;  ///< after the last core's end
    std::uint64_t result_bytes = 0;        ///< of the results, each once

    [[nodiscard]] std::uint64_t dram_bytes() const noexcept {
        return actions[base::Action::dram_read_byte] + actions[base::Action::dram_write_byte];
    }
};

/// Whether the columns of a row are balanced: role weight selected, one group.
bool is_balanced(const ChipParams& params, const reduction::Reduction& reduction,
                 const reduction::Selection& selection);

core::CoreWork core_work(const ChipParams& params, const RowWork& work, std::int64_t core);

/// Puts the reports of all cores together.
RowCounts row_counts(const ChipParams& params, const RowWork& work,
                     const std::vector<core::CoreReport>& reports);

/// A row in which every PE of every core is idle.
RowCounts idle_row_counts(const ChipParams& params, std::uint64_t cycles);

/// Results of some phase are sums over several cores.
bool splits_k(const ChipParams& params, const RowWork& work);

/// One core alone, without SystemC: tile after tile with its own two load ports.
core::CoreReport simulate_core(const ChipParams& params, const core::CoreWork& work);

/// A whole row without SystemC, cores in parallel. The same numbers as the module hierarchy.
RowCounts simulate_row(const ChipParams& params, const RowWork& work, base::TaskPool& pool);

}  // namespace skipsim::accelerator
