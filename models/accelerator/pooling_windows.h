// SPDX-License-Identifier: Apache-2.0
// How many inputs the windows of a pooling cover (models/MICROARCHITECTURE.md, "The vector unit").
#pragma once

#include <cstdint>

namespace skipsim::accelerator {

/// Along one axis, or, as the product of two axes, channels and samples, of a whole tensor.
struct WindowCounts {
    std::uint64_t taps = 0;     ///< Σ over windows of the inputs inside the tensor
    std::uint64_t windows = 0;  ///< windows with at least one
    std::uint64_t covered = 0;  ///< inputs that lie in at least one window
};

struct WindowAxis {
    std::uint64_t inputs = 1;
    std::uint64_t outputs = 1;
    std::uint64_t kernel = 1;
    std::uint64_t stride = 1;
    std::uint64_t padding = 0;
    std::uint64_t dilation = 1;
};

/// Windows at o · stride − padding + k · dilation.
WindowCounts pooling_windows(const WindowAxis& axis);

/// Window o is ⌊o · inputs / outputs⌋ … ⌈(o + 1) · inputs / outputs⌉ − 1.
WindowCounts adaptive_windows(std::uint64_t inputs, std::uint64_t outputs);

/// `planes`: channels times samples.
WindowCounts combined(const WindowCounts& vertical, const WindowCounts& horizontal,
                      std::uint64_t planes);

}  // namespace skipsim::accelerator
