// SPDX-License-Identifier: Apache-2.0
#include "sim/system/row_setup.h"

#include <utility>
#include <vector>

namespace skipsim::system {
namespace {

/// Which columns jump which chunks of the whole k axis; the last chunk is never jumped.
core::JumpPatterns jump_patterns(const reduction::Reduction& reduction,
                                 const core::CoreParams& params) {
    core::JumpPatterns patterns;
    if (!params.coarse_runs || !reduction.has_coarse_runs()) {
        return patterns;
    }
    const std::int64_t size = params.chunk_operands;
    for (const reduction::Phase& phase : reduction.phases()) {
        const std::int64_t chunks = (phase.k_count + size - 1) / size;
        patterns.emplace_back();
        for (std::int64_t column = 0; column < reduction.column_count(); ++column) {
            std::vector<bool> jumped(static_cast<std::size_t>(chunks), false);
            for (std::int64_t chunk = 0; chunk + 1 < chunks; ++chunk) {
                jumped[static_cast<std::size_t>(chunk)] =
                    !reduction::any_one(phase.runs, column, chunk * size, (chunk + 1) * size);
            }
            patterns.back().push_back(std::move(jumped));
        }
    }
    return patterns;
}

}  // namespace

RowSetup::RowSetup(const accelerator::ChipParams& params, const LayerOperands& operands,
                   reduction::TrainingStage stage, std::uint64_t transposed_elements)
    : params_(params),
      operands_(operands),
      stage_(stage),
      transposed_elements_(transposed_elements),
      reduction_(make_reduction()) {}

std::unique_ptr<reduction::Reduction> RowSetup::make_reduction() const {
    return std::make_unique<reduction::Reduction>(stage_, operands_.shape(), operands_.patterns(),
                                                  params_.zero_insertion);
}

accelerator::RowWork RowSetup::work(const reduction::Selection& selection,
                                    accelerator::OutputMode output_mode) {
    accelerator::RowWork work;
    work.reduction = reduction_.get();
    work.stage = stage_;
    work.selection = selection;
    work.output_mode = output_mode;
    work.dense_macs = reduction::dense_macs(operands_.shape());
    work.transposed_elements = transposed_elements_;
    if (accelerator::is_balanced(params_, *reduction_, selection)) {
        if (!balanced_) {
            balanced_ = make_reduction();
            balancer_ = core::balance(*balanced_, jump_patterns(*balanced_, params_.core),
                                      params_.partition.share_of(0, stage_).column_parts,
                                      params_.core.columns);
        }
        work.reduction = balanced_.get();
        work.balancer = balancer_;
    }
    return work;
}

}  // namespace skipsim::system
