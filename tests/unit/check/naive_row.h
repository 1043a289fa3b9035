// SPDX-License-Identifier: Apache-2.0
// A row computed straight from the definition of a convolution, product by product.
#pragma once

#include <cstdint>
#include <vector>

#include "models/reduction/clocked/result_tensor.h"
#include "models/reduction/clocked/row_task.h"
#include "tests/support/random_layer.h"

namespace skipsim::test {

/// Calls visit(element of x, element of w, element of y) for every product of a layer.
template <typename Visit>
void visit_products(const reduction::ConvolutionShape& s, Visit visit) {
    const std::int64_t per_group = s.in_channels_per_group();
    const std::int64_t taps = s.taps();
    const std::int64_t outputs = s.samples * s.out_channels * s.out_pixels();
    for (std::int64_t y = 0; y < outputs; ++y) {
        const std::int64_t q = y % s.out_size.horizontal;
        const std::int64_t p = y / s.out_size.horizontal % s.out_size.vertical;
        const std::int64_t f = y / s.out_pixels() % s.out_channels;
        const std::int64_t sample = y / s.out_pixels() / s.out_channels;
        for (std::int64_t c = 0; c < per_group; ++c) {
            for (std::int64_t tap = 0; tap < taps; ++tap) {
                const std::int64_t row = p * s.stride.vertical - s.padding.vertical +
                                         tap / s.kernel.horizontal * s.dilation.vertical;
                const std::int64_t column = q * s.stride.horizontal - s.padding.horizontal +
                                            tap % s.kernel.horizontal * s.dilation.horizontal;
                if (row < 0 || column < 0 || row >= s.in_size.vertical ||
                    column >= s.in_size.horizontal) {
                    continue;
                }
                const std::int64_t channel = f / s.out_channels_per_group() * per_group + c;
                const std::int64_t x =
                    ((sample * s.in_channels + channel) * s.in_size.vertical + row) *
                        s.in_size.horizontal +
                    column;
                visit(static_cast<std::size_t>(x),
                      static_cast<std::size_t>((f * per_group + c) * taps + tap),
                      static_cast<std::size_t>(y));
            }
        }
    }
}

/// Every result, by additions of type Sum.
template <typename Sum>
std::vector<float> naive(const clocked::RowTask& task) {
    const reduction::ConvolutionShape& shape = task.shape;
    const std::vector<float>& a = task.input.values;
    const std::vector<float>& b = task.weight.values;
    std::vector<Sum> sums;
    switch (task.stage) {
        case reduction::TrainingStage::feed_forward:
            sums.resize(shape.out_elements());
            visit_products(shape, [&](std::size_t x, std::size_t w, std::size_t y) {
                sums[y] += static_cast<Sum>(a[x]) * static_cast<Sum>(b[w]);
            });
            break;
        case reduction::TrainingStage::back_propagation:
            sums.resize(shape.in_elements());
            visit_products(shape, [&](std::size_t x, std::size_t w, std::size_t y) {
                sums[x] += static_cast<Sum>(a[y]) * static_cast<Sum>(b[w]);
            });
            break;
        case reduction::TrainingStage::weight_gradient:
            sums.resize(shape.weight_elements());
            visit_products(shape, [&](std::size_t x, std::size_t w, std::size_t y) {
                sums[w] += static_cast<Sum>(a[x]) * static_cast<Sum>(b[y]);
            });
            break;
    }
    return {sums.begin(), sums.end()};
}

constexpr reduction::TrainingStage kStages[] = {reduction::TrainingStage::feed_forward,
                                                reduction::TrainingStage::back_propagation,
                                                reduction::TrainingStage::weight_gradient};

/// Operands of a layer, element by element drawn by `draw`.
template <typename Draw>
clocked::RowTask drawn_task(reduction::TrainingStage stage,
                            const reduction::ConvolutionShape& shape, Draw draw) {
    clocked::RowTask task;
    task.stage = stage;
    task.shape = shape;
    const bool backward = stage == reduction::TrainingStage::back_propagation;
    const bool gradient = stage == reduction::TrainingStage::weight_gradient;
    task.input.values.resize(backward ? shape.out_elements() : shape.in_elements());
    task.weight.values.resize(gradient ? shape.out_elements() : shape.weight_elements());
    for (float& value : task.input.values) {
        value = draw();
    }
    for (float& value : task.weight.values) {
        value = draw();
    }
    return task;
}

}  // namespace skipsim::test
