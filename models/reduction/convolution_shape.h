// SPDX-License-Identifier: Apache-2.0
// The shape of a convolution and the number of multiplies it stands for. A linear layer is a
// convolution whose images and kernel are 1 × 1.
#pragma once

#include <cstdint>

namespace skipsim::reduction {

/// [vertical, horizontal]
struct Pair {
    std::int64_t vertical = 1;
    std::int64_t horizontal = 1;
};

struct ConvolutionShape {
    std::int64_t samples = 1;
    std::int64_t in_channels = 1;
    Pair in_size;
    std::int64_t out_channels = 1;
    Pair out_size;
    Pair kernel;
    Pair stride;
    Pair padding{0, 0};
    Pair dilation;
    std::int64_t groups = 1;

    [[nodiscard]] std::int64_t in_channels_per_group() const noexcept {
        return in_channels / groups;
    }
    [[nodiscard]] std::int64_t out_channels_per_group() const noexcept {
        return out_channels / groups;
    }
    [[nodiscard]] std::int64_t in_pixels() const noexcept {
        return in_size.vertical * in_size.horizontal;
    }
    [[nodiscard]] std::int64_t out_pixels() const noexcept {
        return out_size.vertical * out_size.horizontal;
    }
    [[nodiscard]] std::int64_t taps() const noexcept { return kernel.vertical * kernel.horizontal; }
    [[nodiscard]] std::uint64_t in_elements() const noexcept {
        return static_cast<std::uint64_t>(samples * in_channels * in_pixels());
    }
    [[nodiscard]] std::uint64_t out_elements() const noexcept {
        return static_cast<std::uint64_t>(samples * out_channels * out_pixels());
    }
    [[nodiscard]] std::uint64_t weight_elements() const noexcept {
        return static_cast<std::uint64_t>(out_channels * in_channels_per_group() * taps());
    }
};

/// [multiplies] (sample, output pixel, in-bounds tap, input channel, output channel) combinations:
/// the same number for FF, BP and WG.
std::uint64_t dense_macs(const ConvolutionShape& shape);

}  // namespace skipsim::reduction
