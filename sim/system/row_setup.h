// SPDX-License-Identifier: Apache-2.0
// What a row gives the chip to do, for any selection of roles: the row's reduction, with its
// columns balanced where the selection asks for that. Each form is made once.
#pragma once

#include <cstdint>
#include <memory>

#include "models/accelerator/row.h"
#include "sim/system/layer_operands.h"

namespace skipsim::system {

class RowSetup {
public:
    /// Keeps references to `params` and `operands`.
    RowSetup(const accelerator::ChipParams& params, const LayerOperands& operands,
             reduction::TrainingStage stage, std::uint64_t transposed_elements);

    /// The work points into this object.
    [[nodiscard]] accelerator::RowWork work(const reduction::Selection& selection,
                                            accelerator::OutputMode output_mode);

    [[nodiscard]] reduction::TrainingStage stage() const noexcept { return stage_; }
    [[nodiscard]] const reduction::ConvolutionShape& shape() const noexcept {
        return operands_.shape();
    }

private:
    [[nodiscard]] std::unique_ptr<reduction::Reduction> make_reduction() const;

    const accelerator::ChipParams& params_;
    const LayerOperands& operands_;
    reduction::TrainingStage stage_;
    std::uint64_t transposed_elements_;
    std::unique_ptr<reduction::Reduction> reduction_;
    std::unique_ptr<reduction::Reduction> balanced_;  ///< made when first asked for
    core::BalancerWork balancer_;                     ///< of `balanced_`
};

}  // namespace skipsim::system
