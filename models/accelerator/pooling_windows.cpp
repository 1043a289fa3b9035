// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/pooling_windows.h"

#include <algorithm>
#include <vector>

#include "sim/base/bits.h"

namespace skipsim::accelerator {
namespace {

class AxisCounter {
public:
    explicit AxisCounter(std::uint64_t inputs) : is_covered_(inputs, false) {}

    /// One window: `taps` inputs from `first` on, `step` apart.
    void add(std::uint64_t first, std::uint64_t taps, std::uint64_t step) {
        counts_.taps += taps;
        counts_.windows += taps > 0 ? 1 : 0;
        for (std::uint64_t tap = 0; tap < taps; ++tap) {
            const std::uint64_t input = first + tap * step;
            counts_.covered += is_covered_[input] ? 0 : 1;
            is_covered_[input] = true;
        }
    }
    [[nodiscard]] const WindowCounts& counts() const noexcept { return counts_; }

private:
    std::vector<bool> is_covered_;
    WindowCounts counts_;
};

}  // namespace

WindowCounts pooling_windows(const WindowAxis& axis) {
    AxisCounter counter(axis.inputs);
    for (std::uint64_t output = 0; output < axis.outputs; ++output) {
        const std::uint64_t start = output * axis.stride;  // in the padded input
        const std::uint64_t before =
            start < axis.padding ? base::ceil_divide(axis.padding - start, axis.dilation) : 0;
        const std::uint64_t first = start + before * axis.dilation;
        const std::uint64_t end = axis.inputs + axis.padding;
        const std::uint64_t fitting =
            first < end ? base::ceil_divide(end - first, axis.dilation) : 0;
        const std::uint64_t left = axis.kernel > before ? axis.kernel - before : 0;
        counter.add(first - axis.padding, std::min(fitting, left), axis.dilation);
    }
    return counter.counts();
}

WindowCounts adaptive_windows(std::uint64_t inputs, std::uint64_t outputs) {
    AxisCounter counter(inputs);
    for (std::uint64_t output = 0; output < outputs; ++output) {
        const std::uint64_t first = output * inputs / outputs;
        const std::uint64_t end = base::ceil_divide((output + 1) * inputs, outputs);
        counter.add(first, end - first, 1);
    }
    return counter.counts();
}

WindowCounts combined(const WindowCounts& vertical, const WindowCounts& horizontal,
                      std::uint64_t planes) {
    return {vertical.taps * horizontal.taps * planes,
            vertical.windows * horizontal.windows * planes,
            vertical.covered * horizontal.covered * planes};
}

}  // namespace skipsim::accelerator
