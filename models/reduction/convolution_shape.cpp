// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/convolution_shape.h"

namespace skipsim::reduction {
namespace {

/// (output position, tap) pairs of one axis that fall inside the input.
std::int64_t in_bounds_pairs(std::int64_t in_size, std::int64_t out_size, std::int64_t kernel,
                             std::int64_t stride, std::int64_t padding, std::int64_t dilation) {
    std::int64_t pairs = 0;
    for (std::int64_t out = 0; out < out_size; ++out) {
        for (std::int64_t tap = 0; tap < kernel; ++tap) {
            const std::int64_t in = out * stride - padding + tap * dilation;
            pairs += in >= 0 && in < in_size ? 1 : 0;
        }
    }
    return pairs;
}

}  // namespace

std::uint64_t dense_macs(const ConvolutionShape& shape) {
    const std::int64_t vertical =
        in_bounds_pairs(shape.in_size.vertical, shape.out_size.vertical, shape.kernel.vertical,
                        shape.stride.vertical, shape.padding.vertical, shape.dilation.vertical);
    const std::int64_t horizontal = in_bounds_pairs(
        shape.in_size.horizontal, shape.out_size.horizontal, shape.kernel.horizontal,
        shape.stride.horizontal, shape.padding.horizontal, shape.dilation.horizontal);
    return static_cast<std::uint64_t>(shape.samples * vertical * horizontal *
                                      shape.in_channels_per_group() * shape.out_channels);
}

}  // namespace skipsim::reduction
