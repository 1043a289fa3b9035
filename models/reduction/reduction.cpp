// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/reduction.h"

#include <algorithm>
#include <utility>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::reduction {
namespace {

/// weight_keep as [(r, s, channel of the group)][f].
ChannelLast kept_results(const std::vector<std::uint64_t>* keep, const ConvolutionShape& shape) {
    ChannelLast out;
    out.words_per_pixel = base::words_for_bits(static_cast<std::uint64_t>(shape.out_channels));
    if (keep == nullptr) {
        return out;
    }
    const std::int64_t channels = shape.in_channels_per_group();
    const std::int64_t taps = shape.taps();
    out.words.assign(static_cast<std::size_t>(taps * channels) * out.words_per_pixel, 0);
    for (std::int64_t f = 0; f < shape.out_channels; ++f) {
        for (std::int64_t c = 0; c < channels; ++c) {
            for (std::int64_t tap = 0; tap < taps; ++tap) {
                const auto index = static_cast<std::uint64_t>((f * channels + c) * taps + tap);
                if (base::test_bit(keep->data(), index)) {
                    const auto m = static_cast<std::size_t>(tap * channels + c);
                    base::set_bit(out.words.data() + m * out.words_per_pixel,
                                  static_cast<std::uint64_t>(f));
                }
            }
        }
    }
    return out;
}

/// Taps (r,s) that reach input pixels first, first + step, … through the stride, in k order.
std::vector<Tap> backward_taps(const ConvolutionShape& shape, Pair first, bool zero_insertion) {
    std::vector<Tap> taps;
    for (std::int64_t r = 0; r < shape.kernel.vertical; ++r) {
        const std::int64_t down =
            first.vertical + shape.padding.vertical - r * shape.dilation.vertical;
        for (std::int64_t s = 0; s < shape.kernel.horizontal; ++s) {
            const std::int64_t across =
                first.horizontal + shape.padding.horizontal - s * shape.dilation.horizontal;
            if (zero_insertion) {
                taps.push_back({{down, across}, r, s});
            } else if (down % shape.stride.vertical == 0 && across % shape.stride.horizontal == 0) {
                taps.push_back(
                    {{down / shape.stride.vertical, across / shape.stride.horizontal}, r, s});
            }
        }
    }
    return taps;
}

void reorder(ColumnMatrix& matrix, const std::vector<std::uint32_t>& order) {
    if (matrix.words.empty()) {
        return;
    }
    const std::vector<std::uint64_t> before = matrix.words;
    const auto words = static_cast<std::ptrdiff_t>(matrix.words_per_column);
    for (std::size_t column = 0; column < order.size(); ++column) {
        std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(order[column]) * words, words,
                    matrix.words.begin() + static_cast<std::ptrdiff_t>(column) * words);
    }
}

std::int64_t positions(std::int64_t size, std::int64_t first, std::int64_t step) {
    return first >= size ? 0 : (size - first + step - 1) / step;
}

}  // namespace

Reduction::Reduction(TrainingStage stage, const ConvolutionShape& shape,
                     const LayerPatterns& patterns, bool zero_insertion)
    : stage_(stage), in_size_(shape.in_size) {
    const bool backward = stage == TrainingStage::back_propagation;
    column_count_ = backward ? shape.in_channels : shape.out_channels;
    columns_per_group_ = backward ? shape.in_channels_per_group() : shape.out_channels_per_group();
    has_coarse_runs_ = patterns.coarse_runs != nullptr && stage != TrainingStage::weight_gradient;
    if (stage == TrainingStage::feed_forward) {
        add_forward(shape, patterns);
    } else if (backward) {
        add_backward(shape, patterns, zero_insertion);
    } else {
        add_weight_gradient(shape, patterns);
    }
}

void Reduction::add_forward(const ConvolutionShape& shape, const LayerPatterns& patterns) {
    source_ = channel_last(patterns.x, shape.in_channels, shape.in_pixels());
    TapWalk walk;
    walk.grid = shape.out_size;
    walk.step = shape.stride;
    walk.source = shape.in_size;
    walk.channels_per_group = shape.in_channels_per_group();
    for (std::int64_t r = 0; r < shape.kernel.vertical; ++r) {
        for (std::int64_t s = 0; s < shape.kernel.horizontal; ++s) {
            walk.taps.push_back({{r * shape.dilation.vertical - shape.padding.vertical,
                                  s * shape.dilation.horizontal - shape.padding.horizontal},
                                 r,
                                 s});
        }
    }
    Phase phase;
    phase.m_count = shape.samples * shape.out_pixels();
    phase.k_count = shape.taps() * shape.in_channels_per_group();
    phase.columns = forward_weights(patterns.weight, shape);
    if (has_coarse_runs_) {
        phase.runs = forward_runs(*patterns.coarse_runs, shape);
    }
    phase.input =
        std::make_unique<TapSource>(source_, std::move(walk), shape.samples, shape.in_channels);
    phases_.push_back(std::move(phase));
}

void Reduction::add_backward(const ConvolutionShape& shape, const LayerPatterns& patterns,
                             bool zero_insertion) {
    source_ = channel_last(patterns.dy, shape.out_channels, shape.out_pixels());
    if (patterns.dx_needed != nullptr) {
        needed_ = channel_last(patterns.dx_needed, shape.in_channels, shape.in_pixels());
    }
    if (zero_insertion) {
        add_backward_phase(shape, patterns, {0, 0}, {1, 1}, true);
        return;
    }
    for (std::int64_t down = 0; down < shape.stride.vertical; ++down) {
        for (std::int64_t across = 0; across < shape.stride.horizontal; ++across) {
            add_backward_phase(shape, patterns, {down, across}, shape.stride, false);
        }
    }
}

void Reduction::add_backward_phase(const ConvolutionShape& shape, const LayerPatterns& patterns,
                                   Pair first, Pair step, bool zero_insertion) {
    TapWalk walk;
    walk.taps = backward_taps(shape, first, zero_insertion);
    walk.grid = {positions(shape.in_size.vertical, first.vertical, step.vertical),
                 positions(shape.in_size.horizontal, first.horizontal, step.horizontal)};
    walk.source = shape.out_size;
    walk.channels_per_group = shape.out_channels_per_group();
    if (zero_insertion) {
        walk.upsample = shape.stride;
    }
    Phase phase;
    phase.m_count = shape.samples * walk.grid.vertical * walk.grid.horizontal;
    phase.k_count = static_cast<std::int64_t>(walk.taps.size()) * walk.channels_per_group;
    if (phase.m_count == 0 || phase.k_count == 0) {
        return;  // nothing reaches these pixels: their gradient is zero
    }
    phase.grid = {walk.grid, first, step};
    phase.columns = backward_weights(patterns.weight, shape, walk.taps);
    if (has_coarse_runs_) {
        phase.runs = backward_runs(*patterns.coarse_runs, shape, walk.taps);
    }
    phase.input =
        std::make_unique<TapSource>(source_, std::move(walk), shape.samples, shape.out_channels);
    phases_.push_back(std::move(phase));
}

void Reduction::add_weight_gradient(const ConvolutionShape& shape, const LayerPatterns& patterns) {
    needed_ = kept_results(patterns.weight_keep, shape);
    Phase phase;
    phase.m_count = shape.taps() * shape.in_channels_per_group();
    phase.k_count = shape.samples * shape.out_pixels();
    phase.columns = output_gradients(patterns.dy, shape);
    phase.input = std::make_unique<PixelSource>(patterns.x, shape);
    phases_.push_back(std::move(phase));
}

const std::uint64_t* Reduction::needed_columns(const Phase& phase, std::int64_t m) const {
    return needed_.words.data() + needed_word(phase, m);
}

std::size_t Reduction::needed_word(const Phase& phase, std::int64_t m) const {
    std::int64_t index = m;
    if (stage_ == TrainingStage::back_propagation) {
        const PhaseGrid& at = phase.grid;
        const std::int64_t column = m % at.grid.horizontal;
        const std::int64_t line = m / at.grid.horizontal;
        const std::int64_t row = line % at.grid.vertical;
        const std::int64_t sample = line / at.grid.vertical;
        index = (sample * in_size_.vertical + at.first.vertical + row * at.step.vertical) *
                    in_size_.horizontal +
                at.first.horizontal + column * at.step.horizontal;
    }
    return static_cast<std::size_t>(index) * needed_.words_per_pixel;
}

void Reduction::reorder_columns(std::size_t phase_index, const std::vector<std::uint32_t>& order) {
    base::require(columns_per_group_ == column_count_ &&
                      order.size() == static_cast<std::size_t>(column_count_),
                  "reduction: columns of one group, all of them");
    Phase& phase = phases_[phase_index];
    reorder(phase.columns, order);
    reorder(phase.runs, order);
    if (needed_.words.empty()) {
        return;
    }
    std::vector<std::uint64_t> before(needed_.words_per_pixel);
    for (std::int64_t m = 0; m < phase.m_count; ++m) {  // an m belongs to this phase alone
        std::uint64_t* bits = needed_.words.data() + needed_word(phase, m);
        std::copy_n(bits, before.size(), before.data());
        std::fill_n(bits, before.size(), 0);
        for (std::size_t column = 0; column < order.size(); ++column) {
            if (base::test_bit(before.data(), order[column])) {
                base::set_bit(bits, column);
            }
        }
    }
}

}  // namespace skipsim::reduction
