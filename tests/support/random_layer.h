// SPDX-License-Identifier: Apache-2.0
// Random small layers with random patterns for tests of the reduction and everything above it.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <vector>

#include "models/reduction/reduction.h"
#include "sim/base/bit_tensor.h"
#include "sim/base/random.h"

namespace skipsim::test {

inline std::int64_t pick(base::Random& random, std::int64_t lowest, std::int64_t highest) {
    return lowest + static_cast<std::int64_t>(
                        random.below(static_cast<std::uint64_t>(highest - lowest + 1)));
}

/// A layer whose patterns are all there.
struct RandomLayer {
    reduction::ConvolutionShape shape;
    base::BitTensor x;
    base::BitTensor dy;
    base::BitTensor dx_needed;
    std::vector<std::uint64_t> weight;
    std::vector<std::uint64_t> weight_keep;
    std::shared_ptr<const std::vector<std::uint64_t>> coarse_keep;  ///< null = none
    reduction::CoarseRuns coarse_runs;

    /// Points into this object.
    [[nodiscard]] reduction::LayerPatterns patterns() const {
        return {&x, &dy, &dx_needed, &weight, &weight_keep, coarse_keep ? &coarse_runs : nullptr};
    }
};

inline std::int64_t out_size(std::int64_t in, std::int64_t kernel, std::int64_t stride,
                             std::int64_t padding, std::int64_t dilation) {
    return (in + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

/// Draws until the kernel fits the padded image.
inline reduction::ConvolutionShape random_shape(base::Random& random) {
    for (;;) {
        reduction::ConvolutionShape shape;
        shape.samples = pick(random, 1, 3);
        shape.groups = pick(random, 1, 4);
        shape.in_channels = shape.groups * pick(random, 1, 5);
        shape.out_channels = shape.groups * pick(random, 1, 5);
        shape.in_size = {pick(random, 1, 7), pick(random, 1, 7)};
        shape.kernel = {pick(random, 1, 3), pick(random, 1, 3)};
        shape.stride = {pick(random, 1, 3), pick(random, 1, 3)};
        shape.padding = {pick(random, 0, 3), pick(random, 0, 3)};
        shape.dilation = {pick(random, 1, 2), pick(random, 1, 2)};
        const std::int64_t p_span = shape.in_size.vertical + 2 * shape.padding.vertical -
                                    shape.dilation.vertical * (shape.kernel.vertical - 1);
        const std::int64_t q_span = shape.in_size.horizontal + 2 * shape.padding.horizontal -
                                    shape.dilation.horizontal * (shape.kernel.horizontal - 1);
        if (p_span < 1 || q_span < 1) {
            continue;
        }
        shape.out_size = {
            out_size(shape.in_size.vertical, shape.kernel.vertical, shape.stride.vertical,
                     shape.padding.vertical, shape.dilation.vertical),
            out_size(shape.in_size.horizontal, shape.kernel.horizontal, shape.stride.horizontal,
                     shape.padding.horizontal, shape.dilation.horizontal)};
        return shape;
    }
}

inline base::BitTensor random_tensor(base::Random& random, std::int64_t samples,
                                     std::int64_t elements, double density) {
    base::BitTensor tensor(static_cast<std::uint64_t>(samples),
                           static_cast<std::uint64_t>(elements));
    for (std::uint64_t sample = 0; sample < tensor.samples(); ++sample) {
        for (std::uint64_t element = 0; element < tensor.elements(); ++element) {
            if (random.uniform_unit() < density) {
                tensor.set(sample, element);
            }
        }
    }
    return tensor;
}

inline std::vector<std::uint64_t> random_bits(base::Random& random, std::uint64_t count,
                                              double density) {
    std::vector<std::uint64_t> words(base::words_for_bits(count), 0);
    for (std::uint64_t bit = 0; bit < count; ++bit) {
        if (random.uniform_unit() < density) {
            base::set_bit(words.data(), bit);
        }
    }
    return words;
}

/// Kept weights may be zero; weights that are not kept are zero.
inline RandomLayer random_layer(base::Random& random, const reduction::ConvolutionShape& shape) {
    const double density = 0.1 + 0.9 * random.uniform_unit();
    RandomLayer layer;
    layer.shape = shape;
    layer.x = random_tensor(random, shape.samples, shape.in_channels * shape.in_pixels(), density);
    layer.dy =
        random_tensor(random, shape.samples, shape.out_channels * shape.out_pixels(), density);
    layer.dx_needed =
        random_tensor(random, shape.samples, shape.in_channels * shape.in_pixels(), 0.3);
    layer.weight = random_bits(random, shape.weight_elements(), density);
    layer.weight_keep = random_bits(random, shape.weight_elements(), 0.5);
    for (std::size_t word = 0; word < layer.weight.size(); ++word) {
        layer.weight_keep[word] |= layer.weight[word];
    }
    return layer;
}

/// The same with blocks of weights pruned: about two thirds of them.
inline RandomLayer random_coarse_layer(base::Random& random,
                                       const reduction::ConvolutionShape& shape) {
    RandomLayer layer = random_layer(random, shape);
    const std::int64_t coarse_in = pick(random, 1, 4);
    const std::int64_t coarse_out = pick(random, 1, 4);
    const std::int64_t per_group = shape.in_channels_per_group();
    const std::int64_t in_blocks = (per_group + coarse_in - 1) / coarse_in;
    const std::int64_t out_blocks = (shape.out_channels + coarse_out - 1) / coarse_out;
    layer.coarse_keep = std::make_shared<const std::vector<std::uint64_t>>(random_bits(
        random, static_cast<std::uint64_t>(shape.taps() * in_blocks * out_blocks), 1.0 / 3));
    layer.coarse_runs = {coarse_in, coarse_out, layer.coarse_keep.get()};
    for (std::int64_t f = 0; f < shape.out_channels; ++f) {
        for (std::int64_t c = 0; c < per_group; ++c) {
            for (std::int64_t tap = 0; tap < shape.taps(); ++tap) {
                const auto block = static_cast<std::uint64_t>(
                    (tap * in_blocks + c / coarse_in) * out_blocks + f / coarse_out);
                if (!base::test_bit(layer.coarse_keep->data(), block)) {
                    const auto weight =
                        static_cast<std::uint64_t>((f * per_group + c) * shape.taps() + tap);
                    base::clear_bit(layer.weight.data(), weight);
                    base::clear_bit(layer.weight_keep.data(), weight);
                }
            }
        }
    }
    return layer;
}

}  // namespace skipsim::test
