// SPDX-License-Identifier: Apache-2.0
#include "sim/check/left_out.h"

#include <algorithm>

#include "sim/base/check.h"

namespace skipsim::check {
namespace {

using clocked::RowTask;
using reduction::ConvolutionShape;
using reduction::TrainingStage;

/// Taps of one direction that reach each pixel 0 … stride - 1, and so every pixel congruent to it.
std::vector<std::int64_t> reaching_taps(std::int64_t kernel, std::int64_t stride,
                                        std::int64_t padding, std::int64_t dilation) {
    std::vector<std::int64_t> taps(static_cast<std::size_t>(stride), 0);
    for (std::int64_t pixel = 0; pixel < stride; ++pixel) {
        for (std::int64_t tap = 0; tap < kernel; ++tap) {
            if ((pixel + padding - tap * dilation) % stride == 0) {
                ++taps[static_cast<std::size_t>(pixel)];
            }
        }
    }
    return taps;
}

/// Columns that a core works on at once: what decides together whether an m is left out.
using Blocks = std::vector<std::vector<std::int64_t>>;

/// Cuts the positions of the column axis as §4 says, for the cores of every part of it.
Blocks blocks_of(const std::vector<std::int64_t>& columns, std::int64_t per_group,
                 const accelerator::ChipParams& params, TrainingStage stage) {
    Blocks blocks;
    const std::int64_t parts = params.partition.share_of(0, stage).column_parts;
    const auto count = static_cast<std::int64_t>(columns.size());
    for (std::int64_t part = 0; part < parts; ++part) {
        const std::int64_t end = (part + 1) * count / parts;
        std::int64_t first = part * count / parts;
        while (first < end) {
            std::int64_t next = std::min(first + std::int64_t{params.core.columns}, end);
            if (!params.core.private_groups) {
                next = std::min(next, (first / per_group + 1) * per_group);
            }
            blocks.emplace_back(columns.begin() + first, columns.begin() + next);
            first = next;
        }
    }
    return blocks;
}

/// The results of all columns at one m.
struct Spot {
    std::size_t phase = 0;
    std::uint64_t first = 0;     ///< element of column 0
    std::uint64_t distance = 0;  ///< of the elements of neighbouring columns
};

std::vector<Spot> spots_of(const RowTask& task) {
    const ConvolutionShape& shape = task.shape;
    std::vector<Spot> spots;
    if (task.stage == TrainingStage::weight_gradient) {
        const auto per_column =
            static_cast<std::uint64_t>(shape.in_channels_per_group() * shape.taps());
        for (std::uint64_t first = 0; first < per_column; ++first) {
            spots.push_back({0, first, per_column});
        }
        return spots;
    }
    const BackwardPhases phases(shape, task.zero_insertion);
    const auto pixels = static_cast<std::uint64_t>(shape.in_pixels());
    for (std::int64_t sample = 0; sample < shape.samples; ++sample) {
        std::uint64_t first = static_cast<std::uint64_t>(sample * shape.in_channels) * pixels;
        for (std::int64_t row = 0; row < shape.in_size.vertical; ++row) {
            for (std::int64_t column = 0; column < shape.in_size.horizontal; ++column) {
                spots.push_back({phases.of_pixel(row, column), first++, pixels});
            }
        }
    }
    return spots;
}

/// Marks what is left out of a spot in a phase without work, or with role output selected.
class Marker {
public:
    Marker(const RowTask& task, const accelerator::ChipParams& params,
           const clocked::ColumnOrder& order, std::size_t phases)
        : task_(task) {
        const bool backward = task.stage == TrainingStage::back_propagation;
        columns_ = backward ? task.shape.in_channels : task.shape.out_channels;
        const std::int64_t per_group = columns_ / task.shape.groups;
        base::require(order.columns.empty() || order.columns.size() == phases,
                      "left_out: an order of the columns for every phase that has work");
        std::vector<std::int64_t> columns(static_cast<std::size_t>(columns_));
        for (std::size_t phase = 0; phase < phases; ++phase) {
            for (std::size_t column = 0; column < columns.size(); ++column) {
                columns[column] = order.columns.empty() ? static_cast<std::int64_t>(column)
                                                        : order.columns[phase].at(column);
            }
            blocks_.push_back(blocks_of(columns, per_group, params, task.stage));
        }
    }

    void mark(const Spot& spot, std::vector<std::uint8_t>& left_out) const {
        if (spot.phase == BackwardPhases::kNone) {
            for (std::int64_t column = 0; column < columns_; ++column) {
                left_out[element(spot, column)] = 1;
            }
            return;
        }
        if (!task_.selection.output || task_.needed.empty()) {
            return;
        }
        for (const std::vector<std::int64_t>& block : blocks_[spot.phase]) {
            mark_block(spot, block, left_out);
        }
    }

private:
    static std::uint64_t element(const Spot& spot, std::int64_t column) noexcept {
        return spot.first + static_cast<std::uint64_t>(column) * spot.distance;
    }
    [[nodiscard]] bool is_needed(const Spot& spot, std::int64_t column) const {
        return task_.needed[element(spot, column)] != 0;
    }
    void mark_block(const Spot& spot, const std::vector<std::int64_t>& block,
                    std::vector<std::uint8_t>& left_out) const {
        const bool stays = !task_.packs_output &&
                           std::any_of(block.begin(), block.end(), [&](std::int64_t column) {
                               return is_needed(spot, column);
                           });
        for (const std::int64_t column : block) {
            left_out[element(spot, column)] = stays || is_needed(spot, column) ? 0 : 1;
        }
    }

    const RowTask& task_;
    std::int64_t columns_ = 0;
    std::vector<Blocks> blocks_;  ///< of each phase that has work
};

}  // namespace

BackwardPhases::BackwardPhases(const ConvolutionShape& shape, bool zero_insertion)
    : stride_(shape.stride) {
    const std::vector<std::int64_t> down =
        reaching_taps(shape.kernel.vertical, shape.stride.vertical, shape.padding.vertical,
                      shape.dilation.vertical);
    const std::vector<std::int64_t> across =
        reaching_taps(shape.kernel.horizontal, shape.stride.horizontal, shape.padding.horizontal,
                      shape.dilation.horizontal);
    for (std::int64_t row = 0; row < stride_.vertical; ++row) {
        for (std::int64_t column = 0; column < stride_.horizontal; ++column) {
            const std::int64_t taps =
                down[static_cast<std::size_t>(row)] * across[static_cast<std::size_t>(column)];
            const bool has_pixels =
                row < shape.in_size.vertical && column < shape.in_size.horizontal;
            taps_.push_back(taps);
            if (zero_insertion) {
                phase_.push_back(0);
            } else {
                phase_.push_back(taps > 0 && has_pixels ? count_++ : kNone);
            }
        }
    }
    count_ = zero_insertion ? 1 : count_;
}

std::size_t BackwardPhases::place(std::int64_t row, std::int64_t column) const {
    return static_cast<std::size_t>(row % stride_.vertical * stride_.horizontal +
                                    column % stride_.horizontal);
}

std::size_t BackwardPhases::of_pixel(std::int64_t row, std::int64_t column) const {
    return phase_[place(row, column)];
}

std::int64_t BackwardPhases::taps(std::int64_t row, std::int64_t column) const {
    return taps_[place(row, column)];
}

std::vector<std::uint8_t> left_out(const RowTask& task, const accelerator::ChipParams& params,
                                   const clocked::ColumnOrder& order) {
    if (task.stage == TrainingStage::feed_forward) {
        return std::vector<std::uint8_t>(task.shape.out_elements(), 0);
    }
    const bool backward = task.stage == TrainingStage::back_propagation;
    std::vector<std::uint8_t> left_out(
        backward ? task.shape.in_elements() : task.shape.weight_elements(), 0);
    base::require(task.needed.empty() || task.needed.size() == left_out.size(),
                  "left_out: the needed results do not fit the shape");
    const std::size_t phases =
        backward ? BackwardPhases(task.shape, task.zero_insertion).count() : 1;
    const Marker marker(task, params, order, phases);
    for (const Spot& spot : spots_of(task)) {
        marker.mark(spot, left_out);
    }
    return left_out;
}

}  // namespace skipsim::check
