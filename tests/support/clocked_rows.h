// SPDX-License-Identifier: Apache-2.0
// Random rows of a layer for tests of the clocked engine: small integers as values, so that every
// sum is exact in any order; and the convolution they stand for, computed directly.
#pragma once

#include <cstdint>
#include <ostream>
#include <vector>

#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/work_list.h"
#include "tests/support/random_layer.h"

namespace skipsim::test {

/// Which patterns of the layer the trace holds.
struct KnownPatterns {
    bool x = true;
    bool dy = true;
    bool weight = true;
    bool needed = true;  ///< dx_needed, weight_keep
};

/// Bits to bytes; without the pattern every element is one.
inline std::vector<std::uint8_t> bytes_of(const base::BitTensor& bits) {
    std::vector<std::uint8_t> bytes;
    for (std::uint64_t sample = 0; sample < bits.samples(); ++sample) {
        for (std::uint64_t element = 0; element < bits.elements(); ++element) {
            bytes.push_back(bits.test(sample, element) ? 1 : 0);
        }
    }
    return bytes;
}

inline std::vector<std::uint8_t> bytes_of(const std::vector<std::uint64_t>& words,
                                          std::uint64_t count) {
    std::vector<std::uint8_t> bytes;
    for (std::uint64_t bit = 0; bit < count; ++bit) {
        bytes.push_back(base::test_bit(words.data(), bit) ? 1 : 0);
    }
    return bytes;
}

/// Values from ±1 to ±3 where the pattern is one, else 0.
inline clocked::OperandTensor operand(base::Random& random, std::vector<std::uint8_t> nonzero,
                                      bool is_known) {
    clocked::OperandTensor tensor;
    for (std::uint8_t& is_one : nonzero) {
        is_one = is_known ? is_one : std::uint8_t{1};
        const auto size = static_cast<float>(pick(random, 1, 3));
        tensor.values.push_back(is_one == 0 ? 0.0F : pick(random, 0, 1) == 0 ? size : -size);
    }
    if (is_known) {
        tensor.nonzero = std::move(nonzero);
    }
    return tensor;
}

/// Operands of the layer in a stage; selection and what the chip has are left to the caller.
inline clocked::RowTask row_task(base::Random& random, const RandomLayer& layer,
                                 reduction::TrainingStage stage, const KnownPatterns& known) {
    using reduction::TrainingStage;
    clocked::RowTask task;
    task.stage = stage;
    task.shape = layer.shape;
    const std::uint64_t weights = layer.shape.weight_elements();
    const bool backward = stage == TrainingStage::back_propagation;
    const bool gradient = stage == TrainingStage::weight_gradient;
    task.input = backward ? operand(random, bytes_of(layer.dy), known.dy)
                          : operand(random, bytes_of(layer.x), known.x);
    task.weight = gradient ? operand(random, bytes_of(layer.dy), known.dy)
                           : operand(random, bytes_of(layer.weight, weights), known.weight);
    if (known.needed && backward) {
        task.needed = bytes_of(layer.dx_needed);
    } else if (known.needed && gradient) {
        task.needed = bytes_of(layer.weight_keep, weights);
    }
    if (layer.coarse_keep != nullptr) {
        const std::int64_t in = layer.coarse_runs.coarse_in;
        const std::int64_t out = layer.coarse_runs.coarse_out;
        const std::int64_t blocks = layer.shape.taps() *
                                    ((layer.shape.in_channels_per_group() + in - 1) / in) *
                                    ((layer.shape.out_channels + out - 1) / out);
        task.coarse = {in, out, bytes_of(*layer.coarse_keep, static_cast<std::uint64_t>(blocks))};
    }
    return task;
}

/// y, dx or dw by the definition of a convolution, and how many products every element is made of.
struct DirectSums {
    std::vector<float> values;
    std::vector<std::uint32_t> products;
};

/// Calls product(x, w, y) with the elements of every product of the convolution.
template <typename Product>
void for_each_product(const reduction::ConvolutionShape& shape, Product product) {
    const auto in = [](std::int64_t at, std::int64_t size) { return at >= 0 && at < size; };
    const reduction::Pair out = shape.out_size;
    const reduction::Pair kernel = shape.kernel;
    const std::int64_t per_group = shape.in_channels_per_group();
    const std::int64_t filter = per_group * shape.taps();
    for (std::int64_t y = 0; y < static_cast<std::int64_t>(shape.out_elements()); ++y) {
        const std::int64_t q = y % out.horizontal;
        const std::int64_t p = y / out.horizontal % out.vertical;
        const std::int64_t f = y / shape.out_pixels() % shape.out_channels;
        const std::int64_t n = y / shape.out_pixels() / shape.out_channels;
        const std::int64_t group = f / shape.out_channels_per_group();
        for (std::int64_t tap = 0; tap < filter; ++tap) {
            const std::int64_t s = tap % kernel.horizontal;
            const std::int64_t r = tap / kernel.horizontal % kernel.vertical;
            const std::int64_t c = group * per_group + tap / shape.taps();
            const std::int64_t row =
                p * shape.stride.vertical - shape.padding.vertical + r * shape.dilation.vertical;
            const std::int64_t column = q * shape.stride.horizontal - shape.padding.horizontal +
                                        s * shape.dilation.horizontal;
            if (in(row, shape.in_size.vertical) && in(column, shape.in_size.horizontal)) {
                product((n * shape.in_channels + c) * shape.in_pixels() +
                            row * shape.in_size.horizontal + column,
                        f * filter + tap, y);
            }
        }
    }
}

inline DirectSums direct_sums(const clocked::RowTask& task) {
    using reduction::TrainingStage;
    const bool forward = task.stage == TrainingStage::feed_forward;
    const bool backward = task.stage == TrainingStage::back_propagation;
    DirectSums sums;
    sums.values.assign(static_cast<std::size_t>(forward    ? task.shape.out_elements()
                                                : backward ? task.shape.in_elements()
                                                           : task.shape.weight_elements()),
                       0.0F);
    sums.products.assign(sums.values.size(), 0);
    for_each_product(task.shape, [&](std::int64_t x, std::int64_t w, std::int64_t y) {
        const auto a = static_cast<std::size_t>(backward ? y : x);
        const auto b = static_cast<std::size_t>(forward || backward ? w : y);
        const auto o = static_cast<std::size_t>(forward ? y : backward ? x : w);
        sums.values[o] += task.input.values[a] * task.weight.values[b];
        ++sums.products[o];
    });
    return sums;
}

/// A row and a chip for it.
struct RandomRow {
    RandomLayer layer;
    KnownPatterns known;
    clocked::RowTask task;
    clocked::ListParams params;
    reduction::Share parts;  ///< of which only the numbers of parts are set
};

inline RandomRow random_row(base::Random& random) {
    using reduction::TrainingStage;
    RandomRow row;
    const auto flip = [&random] { return pick(random, 0, 1) == 1; };
    reduction::ConvolutionShape shape = random_shape(random);
    if (pick(random, 0, 2) == 0) {  // results of many chunks
        shape.in_channels *= pick(random, 1, 8);
        shape.out_channels *= pick(random, 1, 4);
    }
    if (pick(random, 0, 3) == 0) {  // depthwise
        const std::int64_t multiplier = pick(random, 1, 2);
        shape.groups = shape.in_channels;
        shape.out_channels = shape.groups * multiplier;
    }
    row.layer = flip() ? random_coarse_layer(random, shape) : random_layer(random, shape);
    const auto rarely = [&random] { return pick(random, 0, 4) == 0; };
    row.known = {!rarely(), !rarely(), !rarely(), !rarely()};
    if (row.layer.coarse_keep != nullptr) {
        row.known.weight = true;  // a pruned weight is zero
    }
    const TrainingStage stages[] = {TrainingStage::feed_forward, TrainingStage::back_propagation,
                                    TrainingStage::weight_gradient};
    row.task = row_task(random, row.layer, stages[pick(random, 0, 2)], row.known);
    row.task.selection = {flip(), flip(), flip()};
    row.task.packs_output = flip();
    row.task.zero_insertion = rarely();
    row.task.balances = flip();
    const std::uint32_t chunks[] = {8, 8, 16, 24, 72, 130};
    row.params.rows = static_cast<std::uint32_t>(pick(random, 1, 5));
    row.params.columns = static_cast<std::uint32_t>(pick(random, 1, 6));
    row.params.chunk_operands = chunks[pick(random, 0, 5)];
    row.params.tile_chunks = static_cast<std::uint32_t>(pick(random, 1, flip() ? 3 : 12));
    row.params.operand_width_bits = flip() ? 8 : 16;
    row.params.psum_spill = flip();
    row.params.private_groups = flip();
    row.params.coarse_runs = flip();
    row.parts.m_parts = pick(random, 1, 2);
    row.parts.column_parts = pick(random, 1, 3);
    row.parts.k_parts = pick(random, 1, 3);
    return row;
}

/// The shares of all cores, in order.
inline std::vector<reduction::Share> all_shares(const reduction::Share& parts) {
    std::vector<reduction::Share> shares;
    for (std::int64_t m = 0; m < parts.m_parts; ++m) {
        for (std::int64_t n = 0; n < parts.column_parts; ++n) {
            for (std::int64_t k = 0; k < parts.k_parts; ++k) {
                shares.push_back({m, parts.m_parts, n, parts.column_parts, k, parts.k_parts});
            }
        }
    }
    return shares;
}

}  // namespace skipsim::test
