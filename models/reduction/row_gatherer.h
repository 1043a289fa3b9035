// SPDX-License-Identifier: Apache-2.0
// Gathers operand A of a tile: the bits of its rows and the bytes that its input load moves
// (models/MICROARCHITECTURE.md §5).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/reduction/footprint.h"
#include "models/reduction/input_source.h"
#include "models/reduction/tile.h"

namespace skipsim::reduction {

/// Rows of one group.
struct RowBatch {
    const std::uint32_t* rows = nullptr;  ///< m indices
    std::size_t row_count = 0;
    std::int64_t group = 0;
};

/// What a tile reads.
struct GatherRequest {
    std::vector<RowBatch> batches;  ///< numbered on: row 0 of batch 1 follows the last of batch 0
    std::int64_t first_k = 0;       ///< a multiple of the chunk
    std::int64_t end_k = 0;
    /// Index row * chunks + chunk; true where some column takes the chunk; empty = everywhere.
    std::vector<std::uint8_t> sent;
};

class RowGatherer {
public:
    struct Params {
        std::uint32_t chunk_operands = 64;
        std::uint32_t operand_width_bits = 8;
        bool compressed = false;        ///< role input is selected: bitmap and non-zero values
        bool separate_nonzero = false;  ///< a separate non-zero pattern is wanted
    };
    RowGatherer(const Params& params, std::size_t footprint_words);

    /// `reads`: null, or receives the in-bounds positions of every row.
    std::shared_ptr<const RowOperands> gather(const InputSource& input,
                                              const GatherRequest& request,
                                              std::vector<std::uint64_t>* reads);

private:
    void mark_sent(const InputSource& input, const GatherRequest& request, std::size_t chunks);
    void mark_rows(const InputSource& input, const GatherRequest& request, const RowBatch& rows,
                   const std::uint8_t* sent, std::size_t chunks);

    Params params_;
    Footprint footprint_;
    std::vector<std::uint64_t> scratch_;
};

/// [bytes] of a load: a bit an element and the non-zero values if compressed, else every value.
std::uint64_t load_bytes(bool compressed, std::uint64_t elements, std::uint64_t nonzeros,
                         std::uint64_t width_bits) noexcept;

}  // namespace skipsim::reduction
