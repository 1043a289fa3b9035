// SPDX-License-Identifier: Apache-2.0
// The layer and the chip of the worked examples (models/MICROARCHITECTURE.md §11 and §19).
#pragma once

#include <string>
#include <vector>

#include "models/accelerator/row.h"

namespace skipsim::test {

/// A linear layer in FF, mode input+weight: the bits of x and of w, "101".
struct LinearExample {
    /// x: one string a sample; w: one an output.
    LinearExample(const std::vector<std::string>& x, const std::vector<std::string>& w) {
        shape.samples = static_cast<std::int64_t>(x.size());
        shape.in_channels = static_cast<std::int64_t>(w.front().size());
        shape.out_channels = static_cast<std::int64_t>(w.size());
        input = base::BitTensor(x.size(), w.front().size());
        weight.assign(base::words_for_bits(shape.weight_elements()), 0);
        for (std::size_t sample = 0; sample < x.size(); ++sample) {
            for (std::size_t at = 0; at < x[sample].size(); ++at) {
                if (x[sample][at] == '1') {
                    input.set(sample, at);
                }
            }
        }
        for (std::size_t at = 0; at < shape.weight_elements(); ++at) {
            const std::string& column = w[at / w.front().size()];
            if (column[at % column.size()] == '1') {
                base::set_bit(weight.data(), at);
            }
        }
    }

    [[nodiscard]] accelerator::RowWork work(const reduction::Reduction& reduction) const {
        accelerator::RowWork work;
        work.reduction = &reduction;
        work.selection = {true, true, false};
        work.dense_macs = reduction::dense_macs(shape);
        return work;
    }
    [[nodiscard]] reduction::Reduction forward() const {
        return {reduction::TrainingStage::feed_forward,
                shape,
                {&input, nullptr, nullptr, &weight, nullptr},
                false};
    }

    reduction::ConvolutionShape shape;
    base::BitTensor input;
    std::vector<std::uint64_t> weight;
};

/// x = (1, 0, 2), w = (3, 4, 0)
inline LinearExample small_example(std::size_t samples = 1) {
    return {std::vector<std::string>(samples, "101"), {"110"}};
}

/// 1 PE, chunk 8, depth 1, everything else unlimited.
inline accelerator::ChipParams small_chip() {
    accelerator::ChipParams chip;
    chip.core.rows = 1;
    chip.core.columns = 1;
    chip.core.chunk_operands = 8;
    chip.core.fifo_depth_chunks = 1;
    chip.core.tile_chunks = 1;
    return chip;
}

/// "mac 1 wait_operand 1 idle 1 of 3": categories that occur, in the order of the contract, and
/// the row's cycles.
inline std::string categories(const accelerator::RowCounts& row) {
    std::string text;
    for (std::size_t category = 0; category < base::kPeCategoryCount; ++category) {
        const auto which = static_cast<base::PeCategory>(category);
        if (row.pe_cycles[which] != 0) {
            text += std::string(base::kPeCategoryNames[category]) + ' ' +
                    std::to_string(row.pe_cycles[which]) + ' ';
        }
    }
    return text + "of " + std::to_string(row.cycles);
}

}  // namespace skipsim::test
