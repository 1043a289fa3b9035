// SPDX-License-Identifier: Apache-2.0
// One row of a result: a layer in one stage of one iteration, from what its cores report to cycles,
// multiplies and actions (models/MICROARCHITECTURE.md §6 to §9).
#pragma once

#include <cstdint>
#include <vector>

#include "models/accelerator/chip_params.h"
#include "models/core/convolution_core.h"
#include "models/reduction/reduction.h"
#include "sim/base/actions.h"
#include "sim/base/pe_cycles.h"
#include "sim/base/task_pool.h"

namespace skipsim::accelerator {

/// What is to be done in a row.
struct RowWork {
    const reduction::Reduction* reduction = nullptr;
    reduction::TrainingStage stage = reduction::TrainingStage::feed_forward;
    reduction::Selection selection;
    std::uint64_t dense_macs = 0;
    std::uint64_t transposed_elements = 0;  ///< of the second copy written beside this row
    bool count_effectual = true;
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

    [[nodiscard]] std::uint64_t dram_bytes() const noexcept {
        return actions[base::Action::dram_read_byte] + actions[base::Action::dram_write_byte];
    }
};

core::CoreWork core_work(const ChipParams& params, const RowWork& work, std::int64_t core);

/// Puts the reports of all cores together.
RowCounts row_counts(const ChipParams& params, const RowWork& work,
                     const std::vector<core::CoreReport>& reports);

/// One core alone, without SystemC: tile after tile with its own two load ports.
core::CoreReport simulate_core(const ChipParams& params, const core::CoreWork& work);

/// A whole row without SystemC, cores in parallel. The same numbers as the module hierarchy.
RowCounts simulate_row(const ChipParams& params, const RowWork& work, base::TaskPool& pool);

}  // namespace skipsim::accelerator
