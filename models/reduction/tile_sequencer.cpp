// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/tile_sequencer.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::reduction {
namespace {

/// [bytes] of gathered rows one core keeps for its next block of columns.
constexpr std::size_t kKeptRowsLimit = std::size_t{32} << 20U;

std::int64_t part_begin(std::int64_t part, std::int64_t count, std::int64_t parts) {
    return part * count / parts;
}

bool any_bit(const std::uint64_t* words, std::int64_t first, std::uint32_t count) {
    for (std::uint32_t at = 0; at < count; at += 64) {
        const std::uint32_t take = std::min<std::uint32_t>(64, count - at);
        if (base::read_bits(words, static_cast<std::uint64_t>(first) + at, take) != 0) {
            return true;
        }
    }
    return false;
}

}  // namespace

TileSequencer::TileSequencer(const Reduction& reduction, const TilingParams& params,
                             const Selection& selection, const Share& share, bool count_effectual)
    : reduction_(reduction),
      params_(params),
      selection_(selection),
      share_(share),
      count_effectual_(count_effectual) {
    if (!reduction.phases().empty()) {
        enter_phase();
        footprint_.reset(reduction.phases().front().input->footprint_words());
    }
    for (const Phase& phase : reduction.phases()) {
        base::require(phase.m_count <= std::numeric_limits<std::uint32_t>::max(),
                      "tile_sequencer: more than 2^32 rows in a phase");
    }
}

/// The core's columns and its chunks of k; without chunks it has no work in the phase, so no
/// column either.
void TileSequencer::enter_phase() {
    const std::int64_t columns = reduction_.column_count();
    const std::int64_t chunk = params_.chunk_operands;
    const std::int64_t chunks = (reduction_.phases()[phase_].k_count + chunk - 1) / chunk;
    first_chunk_ = part_begin(share_.k_part, chunks, share_.k_parts);
    end_chunk_ = part_begin(share_.k_part + 1, chunks, share_.k_parts);
    next_column_ = part_begin(share_.column_part, columns, share_.column_parts);
    end_column_ = first_chunk_ == end_chunk_
                      ? next_column_
                      : part_begin(share_.column_part + 1, columns, share_.column_parts);
    kept_are_complete_ = false;
}

/// Moves to the next block of columns that has rows; false at the end of the last phase.
bool TileSequencer::next_block() {
    const std::int64_t per_group = reduction_.columns_per_group();
    while (phase_ < reduction_.phases().size()) {
        if (next_column_ >= end_column_) {
            ++phase_;
            if (phase_ < reduction_.phases().size()) {
                enter_phase();
            }
            continue;
        }
        const std::int64_t group_end = (next_column_ / per_group + 1) * per_group;
        const bool same_group = next_column_ != group_end - per_group;
        first_column_ = next_column_;
        next_column_ = std::min({next_column_ + params_.columns, group_end, end_column_});
        block_columns_ = static_cast<std::uint32_t>(next_column_ - first_column_);
        const bool was_complete = kept_are_complete_ && same_group;
        collect_rows();
        if (!was_complete || !kept_are_complete_) {
            kept_rows_.clear();
            kept_bytes_ = 0;
        }
        tile_of_block_ = 0;
        next_row_ = 0;
        next_slice_ = 0;
        weight_resident_ = false;
        if (!rows_.empty()) {
            return true;
        }
    }
    return false;
}

void TileSequencer::collect_rows() {
    const Phase& phase = reduction_.phases()[phase_];
    const std::int64_t begin = part_begin(share_.m_part, phase.m_count, share_.m_parts);
    const std::int64_t end = part_begin(share_.m_part + 1, phase.m_count, share_.m_parts);
    rows_.clear();
    if (selection_.output) {
        output_bits_ += static_cast<std::uint64_t>(end - begin) * block_columns_;
    }
    kept_are_complete_ = true;
    if (!selection_.output || !reduction_.has_unneeded()) {
        rows_.resize(static_cast<std::size_t>(end - begin));
        std::iota(rows_.begin(), rows_.end(), static_cast<std::uint32_t>(begin));
        return;
    }
    for (std::int64_t m = begin; m < end; ++m) {
        if (any_bit(reduction_.needed_columns(phase, m), first_column_, block_columns_)) {
            rows_.push_back(static_cast<std::uint32_t>(m));
        }
    }
    kept_are_complete_ = rows_.size() == static_cast<std::size_t>(end - begin);
}

bool TileSequencer::next(Tile& tile) {
    if (next_row_ >= rows_.size() && !next_block()) {
        return false;
    }
    tile.phase = static_cast<std::uint32_t>(phase_);
    const std::int64_t chunks = end_chunk_ - first_chunk_;
    if (chunks > params_.tile_chunks) {
        return next_slice(tile);
    }
    const std::int64_t chunk = params_.chunk_operands;
    const std::int64_t first_k = first_chunk_ * chunk;
    const std::int64_t end_k = std::min(reduction_.phases()[phase_].k_count, end_chunk_ * chunk);
    const auto results = static_cast<std::size_t>(params_.tile_chunks / chunks);
    fill_columns(tile, first_k, end_k);
    fill_rows(tile, std::min(rows_.size() - next_row_, results * params_.rows), first_k, end_k);
    tile.starts_result = true;
    tile.ends_result = true;
    tile.completes_result = true;
    next_row_ += tile.row_count;
    return true;
}

/// One slice of one result: the slices of a result one after the other, or with psum_spill a slice
/// of every result of the block before the next slice.
bool TileSequencer::next_slice(Tile& tile) {
    const std::int64_t chunk = params_.chunk_operands;
    const std::int64_t most = params_.tile_chunks;
    const std::int64_t first = first_chunk_ + next_slice_ * most;
    const std::int64_t end = std::min(end_chunk_, first + most);
    const std::int64_t first_k = first * chunk;
    const std::int64_t end_k = std::min(reduction_.phases()[phase_].k_count, end * chunk);
    const bool is_last = end == end_chunk_;
    // Every slice has columns of its own, which stay while its results go by.
    weight_resident_ = params_.psum_spill && next_row_ > 0;
    fill_columns(tile, first_k, end_k);
    fill_rows(tile, std::min<std::size_t>(rows_.size() - next_row_, params_.rows), first_k, end_k);
    tile.starts_result = params_.psum_spill || next_slice_ == 0;
    tile.ends_result = params_.psum_spill || is_last;
    tile.completes_result = is_last;
    if (params_.psum_spill) {
        next_row_ += tile.row_count;
        if (next_row_ >= rows_.size() && !is_last) {
            next_row_ = 0;
            ++next_slice_;
        }
    } else {
        next_slice_ = is_last ? 0 : next_slice_ + 1;
        next_row_ += is_last ? tile.row_count : 0;
    }
    return true;
}

void TileSequencer::fill_columns(Tile& tile, std::int64_t first_k, std::int64_t end_k) {
    tile.loads_weight = !weight_resident_;
    if (!weight_resident_) {
        ColumnRequest request;
        request.first_column = first_column_;
        request.columns = block_columns_;
        request.first_k = first_k;
        request.end_k = end_k;
        request.chunk_operands = params_.chunk_operands;
        request.lanes = params_.lanes;
        request.issue_nonzero_only = selection_.weight;
        request.want_nonzero = count_effectual_ && !(selection_.input && selection_.weight);
        const ColumnMatrix& matrix = reduction_.phases()[phase_].columns;
        columns_ = std::make_shared<const ColumnOperands>(gather_columns(matrix, request));
        const auto elements = static_cast<std::uint64_t>(end_k - first_k) * block_columns_;
        const std::uint64_t nonzeros =
            selection_.weight ? count_nonzero(matrix, request) : elements;
        column_bytes_ = load_bytes(selection_.weight, elements, nonzeros);
        weight_resident_ = true;
    }
    tile.column_operands = columns_;
    tile.weight_load_bytes = tile.loads_weight ? column_bytes_ : 0;
    const std::int64_t first = first_column_ * reduction_.phases()[phase_].k_count + first_k;
    tile.weight_first_byte = static_cast<std::uint64_t>(first) * params_.operand_width_bits / 8;
}

void TileSequencer::fill_rows(Tile& tile, std::size_t row_count, std::int64_t first_k,
                              std::int64_t end_k) {
    tile.chunks = columns_->chunks;
    tile.row_count = static_cast<std::uint32_t>(row_count);
    if (tile_of_block_ < kept_rows_.size()) {
        tile.row_operands = kept_rows_[tile_of_block_];
    } else {
        tile.row_operands = gather_rows(row_count, first_k, end_k);
        const std::size_t bytes =
            (tile.row_operands->issue.size() + tile.row_operands->nonzero.size()) * 8;
        if (tile_of_block_ == kept_rows_.size() && kept_bytes_ + bytes <= kKeptRowsLimit) {
            kept_rows_.push_back(tile.row_operands);
            kept_bytes_ += bytes;
        }
    }
    ++tile_of_block_;
    fill_needed(tile);
}

std::shared_ptr<const RowOperands> TileSequencer::gather_rows(std::size_t row_count,
                                                              std::int64_t first_k,
                                                              std::int64_t end_k) {
    auto rows = std::make_shared<RowOperands>();
    RowTarget target;
    target.words_per_row = std::size_t{columns_->chunks} * ((params_.chunk_operands + 63) / 64);
    rows->issue.assign(row_count * target.words_per_row, 0);
    target.issue = rows->issue.data();
    if (count_effectual_ && !(selection_.input && selection_.weight)) {
        rows->nonzero.assign(rows->issue.size(), 0);
        target.nonzero = rows->nonzero.data();
    }
    RowRequest request;
    request.rows = rows_.data() + next_row_;
    request.row_count = row_count;
    request.group = first_column_ / reduction_.columns_per_group();
    request.first_k = first_k;
    request.end_k = end_k;
    request.chunk_operands = params_.chunk_operands;
    request.issue_nonzero_only = selection_.input;
    footprint_.next_tile();
    const InputSource& input = *reduction_.phases()[phase_].input;
    input.gather(request, target, footprint_);
    const Footprint::Size size = input.footprint_size(footprint_);
    rows->in_bounds_reads = footprint_.reads();
    rows->load_bytes = load_bytes(selection_.input, size.elements, size.nonzeros);
    rows->first_byte = input.element_at(footprint_.lowest()) * params_.operand_width_bits / 8;
    return rows;
}

void TileSequencer::fill_needed(Tile& tile) const {
    tile.needed.clear();
    if (!count_effectual_ || !reduction_.has_unneeded()) {
        return;
    }
    const Phase& phase = reduction_.phases()[phase_];
    tile.needed.assign(std::size_t{tile.row_count} * params_.lanes, 0);
    for (std::size_t row = 0; row < tile.row_count; ++row) {
        const std::uint64_t* bits = reduction_.needed_columns(phase, rows_[next_row_ + row]);
        for (std::uint32_t lane = 0; lane < block_columns_; ++lane) {
            if (base::test_bit(bits, static_cast<std::uint64_t>(first_column_) + lane)) {
                tile.needed[row * params_.lanes + lane] = ~std::uint64_t{0};
            }
        }
    }
}

std::uint64_t TileSequencer::load_bytes(bool compressed, std::uint64_t elements,
                                        std::uint64_t nonzeros) const noexcept {
    const std::uint64_t width = params_.operand_width_bits;
    const std::uint64_t bits = compressed ? elements + nonzeros * width : elements * width;
    return base::ceil_divide(bits, 8);
}

}  // namespace skipsim::reduction
