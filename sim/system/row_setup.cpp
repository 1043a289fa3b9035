// SPDX-License-Identifier: Apache-2.0
#include "sim/system/row_setup.h"

namespace skipsim::system {

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
            const core::JumpPatterns no_coarse_runs;
            balancer_ = core::balance(*balanced_, no_coarse_runs,
                                      params_.partition.share_of(0, stage_).column_parts,
                                      params_.core.columns);
        }
        work.reduction = balanced_.get();
        work.balancer = balancer_;
    }
    return work;
}

}  // namespace skipsim::system
