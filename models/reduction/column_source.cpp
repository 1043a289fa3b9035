// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/column_source.h"

#include <algorithm>

#include "sim/base/bits.h"

namespace skipsim::reduction {
namespace {

ColumnMatrix empty_matrix(std::int64_t columns, std::int64_t k_count, bool all_ones) {
    ColumnMatrix matrix;
    matrix.k_count = k_count;
    matrix.words_per_column = base::words_for_bits(static_cast<std::uint64_t>(k_count));
    if (!all_ones) {
        matrix.words.assign(static_cast<std::size_t>(columns) * matrix.words_per_column, 0);
    }
    return matrix;
}

/// Index of w[f, c, r, s] in the weight pattern.
std::uint64_t weight_index(const ConvolutionShape& shape, std::int64_t f, std::int64_t c,
                           std::int64_t r, std::int64_t s) {
    return static_cast<std::uint64_t>(
        ((f * shape.in_channels_per_group() + c) * shape.kernel.vertical + r) *
            shape.kernel.horizontal +
        s);
}

/// True if the block that holds w[f, c, r, s] is kept.
bool is_kept(const CoarseRuns& runs, const ConvolutionShape& shape, std::int64_t f, std::int64_t c,
             std::int64_t r, std::int64_t s) {
    const auto blocks = [](std::int64_t channels, std::int64_t size) {
        return (channels + size - 1) / size;
    };
    const std::int64_t in_blocks = blocks(shape.in_channels_per_group(), runs.coarse_in);
    const std::int64_t out_blocks = blocks(shape.out_channels, runs.coarse_out);
    const std::int64_t tap = r * shape.kernel.horizontal + s;
    const std::int64_t block =
        (tap * in_blocks + c / runs.coarse_in) * out_blocks + f / runs.coarse_out;
    return base::test_bit(runs.keep->data(), static_cast<std::uint64_t>(block));
}

/// Bits first .. first + count - 1 of a column, count <= 64.
std::uint64_t column_bits(const ColumnMatrix& matrix, std::int64_t column, std::int64_t first,
                          std::uint32_t count) {
    if (matrix.words.empty()) {
        return base::low_bits(count);
    }
    return base::read_bits(matrix.column(column), static_cast<std::uint64_t>(first), count);
}

}  // namespace

ColumnMatrix forward_weights(const std::vector<std::uint64_t>* weight,
                             const ConvolutionShape& shape) {
    const std::int64_t per_group = shape.in_channels_per_group();
    ColumnMatrix matrix =
        empty_matrix(shape.out_channels, shape.taps() * per_group, weight == nullptr);
    if (weight == nullptr) {
        return matrix;
    }
    for (std::int64_t f = 0; f < shape.out_channels; ++f) {
        std::uint64_t* column =
            matrix.words.data() + static_cast<std::size_t>(f) * matrix.words_per_column;
        for (std::int64_t c = 0; c < per_group; ++c) {
            for (std::int64_t tap = 0; tap < shape.taps(); ++tap) {
                if (base::test_bit(weight->data(), weight_index(shape, f, c, 0, tap))) {
                    base::set_bit(column, static_cast<std::uint64_t>(tap * per_group + c));
                }
            }
        }
    }
    return matrix;
}

ColumnMatrix backward_weights(const std::vector<std::uint64_t>* weight,
                              const ConvolutionShape& shape, const std::vector<Tap>& taps) {
    const std::int64_t per_group = shape.out_channels_per_group();
    const auto tap_count = static_cast<std::int64_t>(taps.size());
    ColumnMatrix matrix = empty_matrix(shape.in_channels, tap_count * per_group, weight == nullptr);
    if (weight == nullptr) {
        return matrix;
    }
    for (std::int64_t channel = 0; channel < shape.in_channels; ++channel) {
        const std::int64_t group = channel / shape.in_channels_per_group();
        const std::int64_t c = channel % shape.in_channels_per_group();
        std::uint64_t* column =
            matrix.words.data() + static_cast<std::size_t>(channel) * matrix.words_per_column;
        for (std::int64_t tap = 0; tap < tap_count; ++tap) {
            const Tap& at = taps[static_cast<std::size_t>(tap)];
            for (std::int64_t f = 0; f < per_group; ++f) {
                const std::uint64_t index =
                    weight_index(shape, group * per_group + f, c, at.row, at.column);
                if (base::test_bit(weight->data(), index)) {
                    base::set_bit(column, static_cast<std::uint64_t>(tap * per_group + f));
                }
            }
        }
    }
    return matrix;
}

ColumnMatrix forward_runs(const CoarseRuns& runs, const ConvolutionShape& shape) {
    const std::int64_t per_group = shape.in_channels_per_group();
    ColumnMatrix matrix = empty_matrix(shape.out_channels, shape.taps() * per_group, false);
    for (std::int64_t f = 0; f < shape.out_channels; ++f) {
        std::uint64_t* column =
            matrix.words.data() + static_cast<std::size_t>(f) * matrix.words_per_column;
        for (std::int64_t k = 0; k < matrix.k_count; ++k) {
            const std::int64_t tap = k / per_group;
            if (is_kept(runs, shape, f, k % per_group, tap / shape.kernel.horizontal,
                        tap % shape.kernel.horizontal)) {
                base::set_bit(column, static_cast<std::uint64_t>(k));
            }
        }
    }
    return matrix;
}

ColumnMatrix backward_runs(const CoarseRuns& runs, const ConvolutionShape& shape,
                           const std::vector<Tap>& taps) {
    const std::int64_t per_group = shape.out_channels_per_group();
    const auto tap_count = static_cast<std::int64_t>(taps.size());
    ColumnMatrix matrix = empty_matrix(shape.in_channels, tap_count * per_group, false);
    for (std::int64_t channel = 0; channel < shape.in_channels; ++channel) {
        const std::int64_t group = channel / shape.in_channels_per_group();
        const std::int64_t c = channel % shape.in_channels_per_group();
        std::uint64_t* column =
            matrix.words.data() + static_cast<std::size_t>(channel) * matrix.words_per_column;
        for (std::int64_t k = 0; k < matrix.k_count; ++k) {
            const Tap& at = taps[static_cast<std::size_t>(k / per_group)];
            if (is_kept(runs, shape, group * per_group + k % per_group, c, at.row, at.column)) {
                base::set_bit(column, static_cast<std::uint64_t>(k));
            }
        }
    }
    return matrix;
}

bool any_one(const ColumnMatrix& matrix, std::int64_t column, std::int64_t first_k,
             std::int64_t end_k) {
    for (std::int64_t k = first_k; k < end_k; k += 64) {
        const auto count = static_cast<std::uint32_t>(std::min<std::int64_t>(64, end_k - k));
        if (column_bits(matrix, column, k, count) != 0) {
            return true;
        }
    }
    return false;
}

ColumnMatrix output_gradients(const base::BitTensor* dy, const ConvolutionShape& shape) {
    const std::int64_t pixels = shape.out_pixels();
    ColumnMatrix matrix = empty_matrix(shape.out_channels, shape.samples * pixels, dy == nullptr);
    if (dy == nullptr) {
        return matrix;
    }
    for (std::int64_t f = 0; f < shape.out_channels; ++f) {
        base::BitString column;
        for (std::int64_t sample = 0; sample < shape.samples; ++sample) {
            column.append_from(dy->sample_words(static_cast<std::uint64_t>(sample)),
                               static_cast<std::uint64_t>(f * pixels),
                               static_cast<std::uint64_t>(pixels));
        }
        std::copy(column.words().begin(), column.words().end(),
                  matrix.words.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(f) *
                                                                     matrix.words_per_column));
    }
    return matrix;
}

ColumnOperands gather_columns(const ColumnMatrix& matrix, const ColumnRequest& request) {
    ColumnOperands out;
    const std::uint32_t words = (request.chunk_operands + 63) / 64;
    const std::int64_t chunk_size = request.chunk_operands;
    out.columns_active = request.columns;
    out.chunks = static_cast<std::uint32_t>(
        base::ceil_divide(static_cast<std::uint64_t>(request.end_k - request.first_k),
                          static_cast<std::uint64_t>(chunk_size)));
    out.issue.assign(std::size_t{out.chunks} * words * request.lanes, 0);
    if (request.want_nonzero) {
        out.nonzero.assign(out.issue.size(), 0);
    }
    for (std::uint32_t lane = 0; lane < request.columns; ++lane) {
        for (std::uint32_t chunk = 0; chunk < out.chunks; ++chunk) {
            const std::int64_t chunk_first = request.first_k + chunk * chunk_size;
            const std::int64_t chunk_end = std::min(request.end_k, chunk_first + chunk_size);
            for (std::uint32_t word = 0; chunk_first + std::int64_t{word} * 64 < chunk_end;
                 ++word) {
                const std::int64_t k = chunk_first + std::int64_t{word} * 64;
                const auto count =
                    static_cast<std::uint32_t>(std::min<std::int64_t>(64, chunk_end - k));
                const std::uint64_t bits =
                    column_bits(matrix, request.first_column + lane, k, count);
                const std::size_t at = (std::size_t{chunk} * words + word) * request.lanes + lane;
                out.issue[at] = request.issue_nonzero_only ? bits : base::low_bits(count);
                if (request.want_nonzero) {
                    out.nonzero[at] = bits;
                }
            }
        }
    }
    return out;
}

std::uint64_t count_nonzero(const ColumnMatrix& matrix, const ColumnRequest& request) {
    std::uint64_t nonzero = 0;
    for (std::uint32_t lane = 0; lane < request.columns; ++lane) {
        for (std::int64_t k = request.first_k; k < request.end_k; k += 64) {
            const auto count =
                static_cast<std::uint32_t>(std::min<std::int64_t>(64, request.end_k - k));
            nonzero += base::count_ones(column_bits(matrix, request.first_column + lane, k, count));
        }
    }
    return nonzero;
}

}  // namespace skipsim::reduction
