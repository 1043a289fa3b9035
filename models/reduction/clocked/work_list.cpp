// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/clocked/work_list.h"

#include <algorithm>

#include "models/reduction/clocked/column_block.h"
#include "models/reduction/clocked/stage_index.h"
#include "models/reduction/clocked/tile_maker.h"

namespace skipsim::clocked {

struct WorkList::State {
    State(const RowTask& task, const ListParams& list_params, const ColumnOrder& order,
          const reduction::Share& list_share)
        : params(list_params),
          share(list_share),
          index(task.stage, task.shape, task.zero_insertion),
          blocks(task, params, order, share, index, counts),
          maker(task, params, index, counts) {}

    bool next_piece(TilePiece& piece);
    void advance(const TilePiece& piece);
    [[nodiscard]] std::size_t results() const {
        return (block.rows() + params.rows - 1) / params.rows;
    }

    ListParams params;
    reduction::Share share;
    ListCounts counts;
    StageIndex index;
    BlockCutter blocks;
    TileMaker maker;
    ColumnBlock block;
    std::size_t result = 0;  ///< next one of the block
    std::int64_t chunk = 0;  ///< next one of the result, counted from the core's first
};

/// The next piece of work that can be a tile.
bool WorkList::State::next_piece(TilePiece& piece) {
    while (result >= results()) {
        if (!blocks.next(block)) {
            return false;
        }
        maker.enter_block(block);
        result = 0;
        chunk = 0;
    }
    const std::int64_t most = params.tile_chunks;
    piece = TilePiece();
    piece.first_result = result;
    piece.results = 1;
    piece.first_chunk = chunk;
    piece.end_chunk = std::min(block.chunks, chunk + most);
    if (block.chunks <= most) {
        const auto fit = static_cast<std::size_t>(most / block.chunks);
        piece.results = std::min(results() - result, fit);
    } else {
        piece.spills = params.psum_spill;
    }
    advance(piece);
    return true;
}

/// To the piece behind this one.
void WorkList::State::advance(const TilePiece& piece) {
    if (!piece.spills) {
        chunk = piece.end_chunk == block.chunks ? 0 : piece.end_chunk;
        result += chunk == 0 ? piece.results : 0;
        return;
    }
    ++result;
    if (result == results() && piece.end_chunk < block.chunks) {
        result = 0;  // the next slice of all results
        chunk = piece.end_chunk;
    }
}

WorkList::WorkList(const RowTask& task, const ListParams& params, const ColumnOrder& order,
                   const reduction::Share& share)
    : state_(std::make_unique<State>(task, params, order, share)) {}

WorkList::~WorkList() = default;

bool WorkList::next(TileWork& tile) {
    TilePiece piece;
    while (state_->next_piece(piece)) {
        if (state_->maker.make(piece, tile)) {
            return true;
        }
    }
    return false;
}

const ListCounts& WorkList::counts() const noexcept {
    return state_->counts;
}

}  // namespace skipsim::clocked
