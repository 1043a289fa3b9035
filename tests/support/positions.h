// SPDX-License-Identifier: Apache-2.0
// What position (m, k) of operand A must hold, straight from the definition of a convolution.
#pragma once

#include <cstdint>
#include <tuple>

#include "tests/support/random_layer.h"

namespace skipsim::test {

/// What position (m, k) of A must hold.
struct Position {
    bool in_bounds = false;
    bool nonzero = false;
    std::tuple<std::int64_t, std::int64_t> element;  // sample, index in the sample
};

inline Position read(const base::BitTensor& tensor, std::int64_t sample, std::int64_t channel,
                     std::int64_t row, std::int64_t column, reduction::Pair size) {
    if (row < 0 || column < 0 || row >= size.vertical || column >= size.horizontal) {
        return {};
    }
    const std::int64_t index = (channel * size.vertical + row) * size.horizontal + column;
    return {true,
            tensor.test(static_cast<std::uint64_t>(sample), static_cast<std::uint64_t>(index)),
            {sample, index}};
}

/// A[m, k] of FF for group `group`, straight from the definition.
inline Position forward_input(const RandomLayer& layer, std::int64_t group, std::int64_t m,
                              std::int64_t k) {
    const reduction::ConvolutionShape& s = layer.shape;
    const std::int64_t q = m % s.out_size.horizontal;
    const std::int64_t p = m / s.out_size.horizontal % s.out_size.vertical;
    const std::int64_t n = m / s.out_pixels();
    const std::int64_t per_group = s.in_channels_per_group();
    const std::int64_t tap = k / per_group;
    return read(layer.x, n, group * per_group + k % per_group,
                p * s.stride.vertical - s.padding.vertical +
                    tap / s.kernel.horizontal * s.dilation.vertical,
                q * s.stride.horizontal - s.padding.horizontal +
                    tap % s.kernel.horizontal * s.dilation.horizontal,
                s.in_size);
}

inline Position gradient_input(const RandomLayer& layer, std::int64_t group, std::int64_t m,
                               std::int64_t k) {
    const reduction::ConvolutionShape& s = layer.shape;
    const std::int64_t per_group = s.in_channels_per_group();
    const std::int64_t tap = m / per_group;
    const std::int64_t q = k % s.out_size.horizontal;
    const std::int64_t p = k / s.out_size.horizontal % s.out_size.vertical;
    return read(layer.x, k / s.out_pixels(), group * per_group + m % per_group,
                p * s.stride.vertical - s.padding.vertical +
                    tap / s.kernel.horizontal * s.dilation.vertical,
                q * s.stride.horizontal - s.padding.horizontal +
                    tap % s.kernel.horizontal * s.dilation.horizontal,
                s.in_size);
}

}  // namespace skipsim::test
