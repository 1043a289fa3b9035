// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/clocked/tile_maker.h"

#include <algorithm>

#include "sim/base/check.h"

namespace skipsim::clocked {
namespace {

std::size_t index_of(std::int64_t number) {
    return static_cast<std::size_t>(number);
}

}  // namespace

TileMaker::TileMaker(const RowTask& task, const ListParams& params, const StageIndex& index,
                     ListCounts& counts)
    : task_(task),
      params_(params),
      index_(index),
      counts_(counts),
      input_load_(task, index, params.operand_width_bits),
      input_elements_(params.chunk_operands),
      weight_elements_(params.chunk_operands) {}

void TileMaker::enter_block(const ColumnBlock& block) {
    block_ = &block;
    phase_ = &index_.phases[block.phase];
    open_result_ = nullptr;
}

bool TileMaker::has_place(std::size_t result, std::size_t row, std::size_t column) const {
    return column < block_->columns.size() &&
           result * params_.rows + row < block_->list(column).size();
}

bool TileMaker::has_receiver(const TilePiece& piece) const {
    for (std::size_t column = 0; column < block_->columns.size(); ++column) {
        for (std::int64_t chunk = piece.first_chunk; chunk < piece.end_chunk; ++chunk) {
            if (has_place(piece.first_result, 0, column) && !block_->jumps(column, chunk)) {
                return true;
            }
        }
    }
    return false;
}

bool TileMaker::make(const TilePiece& piece, TileWork& tile) {
    piece_ = piece;
    rows_.clear();
    located_row_ = nullptr;
    const bool is_tile = has_receiver(piece);
    tile = TileWork();
    tile.phase = block_->phase;
    if (is_tile) {
        tile.number = tiles_++;
        load_weight(piece, tile);
    }
    for (std::size_t at = 0; at < piece.results; ++at) {
        Result result;
        make_result(piece, piece.first_result + at, result);
        if (is_tile) {
            result.work = result_work(piece, piece.first_result + at);
        }
        for (std::int64_t chunk = piece.first_chunk; chunk < piece.end_chunk; ++chunk) {
            ChunkWork work;
            make_chunk_work(piece, result, chunk, work);
            if (!work.pes.empty()) {
                tile.chunks.push_back(std::move(work));
            }
        }
    }
    input_load_.finish(tile);
    return is_tile;
}

/// What the PEs of a result read, and between which chunks their part of it lies.
void TileMaker::make_result(const TilePiece& piece, std::size_t number, Result& result) {
    const std::size_t columns = params_.columns;
    result.inputs.assign(std::size_t{params_.rows} * columns, nullptr);
    for (std::size_t pe = 0; pe < result.inputs.size(); ++pe) {
        const std::size_t column = pe % columns;
        if (!has_place(number, pe / columns, column)) {
            continue;
        }
        const std::int64_t m = block_->list(column)[number * params_.rows + pe / columns];
        const std::int64_t group = block_->groups[column];
        InputRow& row = rows_[m * task_.shape.groups + group];
        if (row.chunks.empty()) {
            row.group = group;
            row.m = m;
            row.chunks.resize(index_of(piece.end_chunk - piece.first_chunk));
            row.is_loaded.assign(row.chunks.size(), 0);
        }
        result.inputs[pe] = &row;
    }
    // Sums stay in the PE from slice to slice, unless they spill.
    const std::int64_t first = piece.spills ? piece.first_chunk : 0;
    const std::int64_t end = piece.spills ? piece.end_chunk : block_->chunks;
    result.first_chunk.assign(block_->columns.size(), -1);
    result.last_chunk.assign(block_->columns.size(), -1);
    for (std::size_t column = 0; column < block_->columns.size(); ++column) {
        for (std::int64_t chunk = first; chunk < end; ++chunk) {
            if (!block_->jumps(column, chunk)) {
                result.first_chunk[column] =
                    result.first_chunk[column] < 0 ? chunk : result.first_chunk[column];
                result.last_chunk[column] = chunk;
            }
        }
    }
}

/// Some chunk of the core's part before `end_chunk` is delivered to the column.
bool TileMaker::took_part(std::size_t column, std::int64_t end_chunk) const {
    for (std::int64_t chunk = 0; chunk < end_chunk; ++chunk) {
        if (!block_->jumps(column, chunk)) {
            return true;
        }
    }
    return false;
}

std::shared_ptr<ResultWork> TileMaker::result_work(const TilePiece& piece, std::size_t number) {
    const bool is_whole = piece.end_chunk == block_->chunks;
    if (open_result_ != nullptr) {
        std::shared_ptr<ResultWork> result = open_result_;
        open_result_ = is_whole ? nullptr : open_result_;
        return result;
    }
    auto result = std::make_shared<ResultWork>();
    const std::size_t columns = params_.columns;
    const std::size_t pes = std::size_t{params_.rows} * columns;
    result->number = results_++;
    result->phase = block_->phase;
    result->is_private = block_->is_private;
    result->completes = !piece.spills || is_whole;
    result->block_columns = static_cast<std::uint32_t>(block_->columns.size());
    result->m.assign(pes, ResultWork::kNoPlace);
    result->column.assign(columns, ResultWork::kNoPlace);
    std::copy(block_->columns.begin(), block_->columns.end(), result->column.begin());
    result->is_needed.assign(pes, 0);
    result->continues.assign(pes, 0);
    for (std::size_t pe = 0; pe < pes; ++pe) {
        const std::size_t column = pe % columns;
        if (!has_place(number, pe / columns, column)) {
            continue;
        }
        const std::int64_t m = block_->list(column)[number * params_.rows + pe / columns];
        const std::int64_t element = phase_->result_element(m, block_->columns[column]);
        result->m[pe] = m;
        result->is_needed[pe] =
            task_.needed.empty() || task_.needed[index_of(element)] != 0 ? 1 : 0;
        result->continues[pe] = piece.spills && took_part(column, piece.first_chunk) ? 1 : 0;
    }
    if (!piece.spills && !is_whole) {
        open_result_ = result;
    }
    return result;
}

/// Leaves `work` empty if nobody receives the chunk.
void TileMaker::make_chunk_work(const TilePiece& piece, const Result& result, std::int64_t chunk,
                                ChunkWork& work) {
    const std::size_t columns = params_.columns;
    for (std::size_t pe = 0; pe < result.inputs.size(); ++pe) {
        if (result.inputs[pe] == nullptr) {
            continue;
        }
        const std::size_t column = pe % columns;
        if (block_->jumps(column, chunk)) {
            count_jumped(*input_chunk(*result.inputs[pe], chunk - piece.first_chunk));
            continue;
        }
        if (work.pes.empty()) {
            work.result = result.work;
            work.input.resize(block_->is_private ? result.inputs.size() : params_.rows);
            work.weight.resize(columns);
            work.pes.resize(result.inputs.size());
        }
        take_pe(result, chunk, pe / columns, column, work);
    }
}

/// The PE receives the chunk.
void TileMaker::take_pe(const Result& result, std::int64_t chunk, std::size_t row,
                        std::size_t column, ChunkWork& work) {
    const std::size_t pe = row * params_.columns + column;
    const std::int64_t at = chunk - piece_.first_chunk;
    InputRow& input = *result.inputs[pe];
    ChunkPointer& sent = work.input[block_->is_private ? pe : row];
    if (sent == nullptr) {
        sent = input_chunk(input, at);
        load_input(input, at);
    }
    if (work.weight[column] == nullptr) {
        work.weight[column] = weight_chunk(column, at);
    }
    work.pes[pe].receives = true;
    work.pes[pe].starts = chunk == result.first_chunk[column];
    work.pes[pe].ends = chunk == result.last_chunk[column];
}

void TileMaker::count_jumped(const OperandChunk& input) {
    counts_.skipped_jumped_input += ones_of(input.in_bounds) - input.sent_count;
    counts_.skipped_weight_coarse += input.sent_count;
}

/// Elements of A stay where they are until another chunk is asked for.
void TileMaker::locate_input(const InputRow& row, std::int64_t chunk) {
    if (located_row_ == &row && located_chunk_ == chunk) {
        return;
    }
    located_row_ = &row;
    located_chunk_ = chunk;
    const std::int64_t number = block_->first_chunk + piece_.first_chunk + chunk;
    phase_->input_elements(row.m, row.group, number * params_.chunk_operands,
                           input_elements_.size(), input_elements_.data());
}

const TileMaker::ChunkPointer& TileMaker::input_chunk(InputRow& row, std::int64_t chunk) {
    ChunkPointer& kept = row.chunks[index_of(chunk)];
    if (kept == nullptr) {
        locate_input(row, chunk);
        kept = make_chunk(task_.input, input_elements_, task_.selection.input);
    }
    return kept;
}

void TileMaker::load_input(InputRow& row, std::int64_t chunk) {
    if (row.is_loaded[index_of(chunk)] == 0) {
        row.is_loaded[index_of(chunk)] = 1;
        locate_input(row, chunk);
        input_load_.add(input_elements_);
    }
}

const TileMaker::ChunkPointer& TileMaker::weight_chunk(std::size_t column, std::int64_t chunk) {
    ChunkPointer& kept = weights_[column][index_of(chunk)];
    if (kept == nullptr) {
        const std::int64_t number = block_->first_chunk + piece_.first_chunk + chunk;
        phase_->weight_elements(block_->columns[column], number * params_.chunk_operands,
                                weight_elements_.size(), weight_elements_.data());
        kept = make_chunk(task_.weight, weight_elements_, task_.selection.weight);
    }
    return kept;
}

/// The weights of the tile before stay if they are of the same block and slice.
void TileMaker::load_weight(const TilePiece& piece, TileWork& tile) {
    const std::int64_t first_k = (block_->first_chunk + piece.first_chunk) * params_.chunk_operands;
    const std::int64_t before = block_->first_position * phase_->k_count() + first_k;
    tile.weight_first_byte = static_cast<std::uint64_t>(before) * params_.operand_width_bits / 8;
    tile.loads_weight = loaded_block_ != block_->number || loaded_chunk_ != piece.first_chunk;
    if (!tile.loads_weight) {
        return;
    }
    loaded_block_ = block_->number;
    loaded_chunk_ = piece.first_chunk;
    const std::int64_t chunks = piece.end_chunk - piece.first_chunk;
    weights_.assign(block_->columns.size(), std::vector<ChunkPointer>(index_of(chunks)));
    std::uint64_t elements = 0;
    std::uint64_t nonzeros = 0;
    for (std::size_t column = 0; column < weights_.size(); ++column) {
        for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
            if (has_place(piece.first_result, 0, column) &&
                !block_->jumps(column, piece.first_chunk + chunk)) {
                const ChunkPointer& loaded = weight_chunk(column, chunk);
                elements += ones_of(loaded->in_bounds);
                nonzeros += ones_of(loaded->nonzero);
            }
        }
    }
    tile.weight_bytes =
        bytes_of_load(task_.selection.weight, elements, nonzeros, params_.operand_width_bits);
}

}  // namespace skipsim::clocked
