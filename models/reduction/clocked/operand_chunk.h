// SPDX-License-Identifier: Apache-2.0
// Chunks of an operand and the bytes of loads, from the elements that stand at their positions
// (models/MICROARCHITECTURE.md §5, §15.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/reduction/clocked/row_task.h"
#include "models/reduction/clocked/stage_index.h"
#include "models/reduction/clocked/tile_work.h"

namespace skipsim::clocked {

/// `elements`: of every position of the chunk; PhaseIndex::kOutside where out of bounds.
/// `sends_nonzero_only`: the operand's role is selected.
std::shared_ptr<const OperandChunk> make_chunk(const OperandTensor& tensor,
                                               const std::vector<std::int64_t>& elements,
                                               bool sends_nonzero_only);

/// Ones of a chunk's bitmap.
std::uint32_t ones_of(const std::vector<std::uint64_t>& bitmap);

/// Bitmap and non-zeros of a selected role, else all elements.
std::uint64_t bytes_of_load(bool sends_nonzero_only, std::uint64_t elements, std::uint64_t nonzeros,
                            std::uint64_t width_bits);

/// What a tile reads of A: every element once, however often it is read.
class InputLoad {
public:
    /// Keeps references to `task` and `index`.
    InputLoad(const RowTask& task, const StageIndex& index, std::uint32_t width_bits);

    /// Elements of some positions; kOutside is passed over.
    void add(const std::vector<std::int64_t>& elements);
    /// Sets bytes and first byte of the tile's input load; the next load starts empty.
    void finish(TileWork& tile);

private:
    [[nodiscard]] std::int64_t place_in_memory(std::int64_t element) const;

    const RowTask& task_;
    TensorDims dims_;
    std::uint32_t width_bits_;
    std::vector<std::uint64_t> seen_;     ///< bits over the tensor
    std::vector<std::int64_t> elements_;  ///< what is seen
};

}  // namespace skipsim::clocked
