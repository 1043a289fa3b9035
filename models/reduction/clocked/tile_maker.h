// SPDX-License-Identifier: Apache-2.0
// Makes a tile out of a piece of a column block: who receives which chunk, what is loaded, and what
// no PE ever sees (models/MICROARCHITECTURE.md §4.2, §4.3, §5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "models/reduction/clocked/column_block.h"
#include "models/reduction/clocked/operand_chunk.h"
#include "models/reduction/clocked/stage_index.h"
#include "models/reduction/clocked/tile_work.h"
#include "models/reduction/clocked/work_list.h"

namespace skipsim::clocked {

/// Some results of a block, or a slice of one. Chunks are counted from the core's first.
struct TilePiece {
    std::size_t first_result = 0;
    std::size_t results = 1;
    std::int64_t first_chunk = 0;
    std::int64_t end_chunk = 0;
    bool spills = false;  ///< a slice that is a result of its own (psum_spill)
};

class TileMaker {
public:
    /// Keeps references to all of them.
    TileMaker(const RowTask& task, const ListParams& params, const StageIndex& index,
              ListCounts& counts);

    /// `block` must stay until the next one.
    void enter_block(const ColumnBlock& block);
    /// Fills the tile; false if nobody receives anything of the piece. Counts jumped multiplies in
    /// both cases.
    bool make(const TilePiece& piece, TileWork& tile);

private:
    using ChunkPointer = std::shared_ptr<const OperandChunk>;

    /// A of one (group, m): its chunks in the piece.
    struct InputRow {
        std::int64_t group = 0;
        std::int64_t m = 0;
        std::vector<ChunkPointer> chunks;     ///< null = not looked at yet
        std::vector<std::uint8_t> is_loaded;  ///< somebody receives it
    };
    /// A result as the piece sees it.
    struct Result {
        std::shared_ptr<ResultWork> work;
        std::vector<InputRow*> inputs;          ///< of each PE; null without a place
        std::vector<std::int64_t> first_chunk;  ///< of each column: first one delivered
        std::vector<std::int64_t> last_chunk;
    };

    [[nodiscard]] bool has_place(std::size_t result, std::size_t row, std::size_t column) const;
    [[nodiscard]] bool has_receiver(const TilePiece& piece) const;
    void make_result(const TilePiece& piece, std::size_t number, Result& result);
    std::shared_ptr<ResultWork> result_work(const TilePiece& piece, std::size_t number);
    [[nodiscard]] bool took_part(std::size_t column, std::int64_t end_chunk) const;
    void make_chunk_work(const TilePiece& piece, const Result& result, std::int64_t chunk,
                         ChunkWork& work);
    void take_pe(const Result& result, std::int64_t chunk, std::size_t row, std::size_t column,
                 ChunkWork& work);
    void count_jumped(const OperandChunk& input);
    const ChunkPointer& input_chunk(InputRow& row, std::int64_t chunk);
    void load_input(InputRow& row, std::int64_t chunk);
    const ChunkPointer& weight_chunk(std::size_t column, std::int64_t chunk);
    void locate_input(const InputRow& row, std::int64_t chunk);
    void load_weight(const TilePiece& piece, TileWork& tile);

    const RowTask& task_;
    const ListParams& params_;
    const StageIndex& index_;
    ListCounts& counts_;
    const ColumnBlock* block_ = nullptr;
    const PhaseIndex* phase_ = nullptr;
    InputLoad input_load_;

    std::uint64_t tiles_ = 0;
    std::uint64_t results_ = 0;
    std::vector<std::int64_t> input_elements_;  ///< of chunk located_chunk_ of located_row_
    const InputRow* located_row_ = nullptr;
    std::int64_t located_chunk_ = -1;
    std::vector<std::int64_t> weight_elements_;
    TilePiece piece_;  ///< the current one
    std::unordered_map<std::int64_t, InputRow> rows_;
    std::shared_ptr<ResultWork> open_result_;  ///< its later slices are still to come
    std::uint64_t loaded_block_ = 0;           ///< block and slice whose weights are loaded
    std::int64_t loaded_chunk_ = -1;
    std::vector<std::vector<ChunkPointer>> weights_;  ///< of them: [column][chunk of the slice]
};

}  // namespace skipsim::clocked
