// SPDX-License-Identifier: Apache-2.0
// Operand B of a reduction: one bit string per column, in k order.
#pragma once

#include <cstdint>
#include <vector>

#include "models/reduction/convolution_shape.h"
#include "models/reduction/input_source.h"
#include "models/reduction/tile.h"
#include "sim/base/bit_tensor.h"

namespace skipsim::reduction {

struct ColumnMatrix {
    std::int64_t k_count = 0;
    std::size_t words_per_column = 0;
    std::vector<std::uint64_t> words;  ///< empty if every element is one

    [[nodiscard]] const std::uint64_t* column(std::int64_t index) const noexcept {
        return words.data() + static_cast<std::size_t>(index) * words_per_column;
    }
};

/// Blocks of weights that are pruned as a whole: coarse_in input channels of a group times
/// coarse_out output channels of one tap.
struct CoarseRuns {
    std::int64_t coarse_in = 1;
    std::int64_t coarse_out = 1;
    /// Bits over [r][s][input block][output block]; 0 = pruned.
    const std::vector<std::uint64_t>* keep = nullptr;
};

/// FF: column f holds w[f] in order (r, s, channel). A null pattern is all ones.
ColumnMatrix forward_weights(const std::vector<std::uint64_t>* weight,
                             const ConvolutionShape& shape);
/// BP: column c (input channel) holds the weights that read it, taps as given, then channel f.
ColumnMatrix backward_weights(const std::vector<std::uint64_t>* weight,
                              const ConvolutionShape& shape, const std::vector<Tap>& taps);
/// WG: column f holds dy[f] in order (sample, p, q).
ColumnMatrix output_gradients(const base::BitTensor* dy, const ConvolutionShape& shape);

/// Ones where the block that holds the weight is kept, laid out like forward_weights() and
/// backward_weights().
ColumnMatrix forward_runs(const CoarseRuns& runs, const ConvolutionShape& shape);
ColumnMatrix backward_runs(const CoarseRuns& runs, const ConvolutionShape& shape,
                           const std::vector<Tap>& taps);

/// True if the column has a one in k values first_k .. end_k - 1.
bool any_one(const ColumnMatrix& matrix, std::int64_t column, std::int64_t first_k,
             std::int64_t end_k);

/// What of a column matrix one tile needs.
struct ColumnRequest {
    std::int64_t first_column = 0;
    std::uint32_t columns = 0;
    std::int64_t first_k = 0;  ///< a multiple of the chunk
    std::int64_t end_k = 0;
    std::uint32_t chunk_operands = 64;
    std::uint32_t lanes = 8;
    bool issue_nonzero_only = true;  ///< role weight is selected
    bool want_nonzero = false;       ///< a separate non-zero pattern
};

ColumnOperands gather_columns(const ColumnMatrix& matrix, const ColumnRequest& request);

/// Elements of the request that are not zero.
std::uint64_t count_nonzero(const ColumnMatrix& matrix, const ColumnRequest& request);

}  // namespace skipsim::reduction
