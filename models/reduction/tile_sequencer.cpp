// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/tile_sequencer.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::reduction {
namespace {

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
      count_effectual_(count_effectual),
      gatherer_(
          {params.chunk_operands, params.operand_width_bits, selection.input,
           count_effectual && !(selection.input && selection.weight)},
          reduction.phases().empty() ? 0 : reduction.phases().front().input->footprint_words()) {
    if (!reduction.phases().empty()) {
        enter_phase();
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
    const std::int64_t chunks = chunk_of(reduction_.phases()[phase_].k_count);
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
        next_column_ = std::min(next_column_ + params_.columns, end_column_);
        private_ = selection_.output && params_.packed_output;
        if (params_.private_groups) {
            private_ |= next_column_ > group_end;
        } else {
            next_column_ = std::min(next_column_, group_end);
        }
        block_columns_ = static_cast<std::uint32_t>(next_column_ - first_column_);
        const bool was_complete = kept_are_complete_ && same_group;
        collect_rows();
        find_jumps();
        kept_are_complete_ &= !private_ && jumps_.empty();
        if (!was_complete || !kept_are_complete_) {
            kept_rows_.clear();
            kept_bytes_ = 0;
        }
        tile_of_block_ = 0;
        next_row_ = 0;
        next_slice_ = 0;
        resident_k_ = -1;
        if (lists_.rows() != 0) {
            return true;
        }
    }
    return false;
}

void TileSequencer::collect_rows() {
    const Phase& phase = reduction_.phases()[phase_];
    const std::int64_t begin = part_begin(share_.m_part, phase.m_count, share_.m_parts);
    const std::int64_t end = part_begin(share_.m_part + 1, phase.m_count, share_.m_parts);
    lists_.clear();
    if (selection_.output) {
        output_bits_ += static_cast<std::uint64_t>(end - begin) * block_columns_;
    }
    kept_are_complete_ = true;
    std::vector<std::uint32_t>& rows = lists_.common;
    if (!selection_.output || !reduction_.has_unneeded()) {
        rows.resize(static_cast<std::size_t>(end - begin));
        std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(begin));
        return;
    }
    if (params_.packed_output) {
        collect_packed_rows(begin, end);
        return;
    }
    for (std::int64_t m = begin; m < end; ++m) {
        if (any_bit(reduction_.needed_columns(phase, m), first_column_, block_columns_)) {
            rows.push_back(static_cast<std::uint32_t>(m));
        }
    }
    kept_are_complete_ = rows.size() == static_cast<std::size_t>(end - begin);
}

void TileSequencer::collect_packed_rows(std::int64_t begin, std::int64_t end) {
    const Phase& phase = reduction_.phases()[phase_];
    lists_.own.resize(block_columns_);
    for (std::int64_t m = begin; m < end; ++m) {
        const std::uint64_t* needed = reduction_.needed_columns(phase, m);
        for (std::uint32_t column = 0; column < block_columns_; ++column) {
            if (base::test_bit(needed, static_cast<std::uint64_t>(first_column_) + column)) {
                lists_.own[column].push_back(static_cast<std::uint32_t>(m));
            }
        }
    }
}

/// Which columns of the block jump which of the core's chunks; the last of them is never jumped.
void TileSequencer::find_jumps() {
    jumps_.clear();
    if (!params_.coarse_runs || !selection_.weight || !reduction_.has_coarse_runs()) {
        return;
    }
    const Phase& phase = reduction_.phases()[phase_];
    const std::int64_t size = params_.chunk_operands;
    const std::int64_t chunks = (phase.k_count + size - 1) / size;
    coarse_bits_ += static_cast<std::uint64_t>(end_chunk_ - first_chunk_) * block_columns_;
    bool some = false;
    jumps_.assign(static_cast<std::size_t>(chunks) * params_.lanes, 0);
    for (std::int64_t chunk = first_chunk_; chunk + 1 < end_chunk_; ++chunk) {
        for (std::uint32_t column = 0; column < block_columns_; ++column) {
            if (!any_one(phase.runs, first_column_ + column, chunk * size, (chunk + 1) * size)) {
                jumps_[static_cast<std::size_t>(chunk) * params_.lanes + column] =
                    ~std::uint64_t{0};
                some = true;
            }
        }
    }
    if (!some && !params_.psum_spill) {
        jumps_.clear();
    }
}

std::int64_t TileSequencer::group_of(std::uint32_t column) const noexcept {
    return (first_column_ + column) / reduction_.columns_per_group();
}

/// Number of chunks before k, a partly filled one counted.
std::int64_t TileSequencer::chunk_of(std::int64_t k) const noexcept {
    return (k + params_.chunk_operands - 1) / params_.chunk_operands;
}

bool TileSequencer::jumps(std::int64_t chunk, std::uint32_t column) const noexcept {
    return !jumps_.empty() && jumps_[static_cast<std::size_t>(chunk) * params_.lanes + column] != 0;
}

/// True if a chunk of the slice of the next result is sent to anybody.
bool TileSequencer::has_receiver(std::int64_t first_k, std::int64_t end_k) const {
    if (jumps_.empty()) {
        return true;
    }
    for (std::uint32_t column = 0; column < block_columns_; ++column) {
        for (std::int64_t chunk = chunk_of(first_k); chunk < chunk_of(end_k); ++chunk) {
            if (lists_.has(next_row_, column) && !jumps(chunk, column)) {
                return true;
            }
        }
    }
    return false;
}

/// Counts the multiplies of a slice that is no tile.
void TileSequencer::leave_out(std::size_t row_count, std::int64_t first_k, std::int64_t end_k) {
    Tile tile;
    tile.chunks = static_cast<std::uint32_t>(chunk_of(end_k) - chunk_of(first_k));
    fill_rows(tile, row_count, first_k, end_k);
    left_out_pairs_ += tile.in_bounds_pairs;
    const std::vector<std::uint64_t>& issue = tile.row_operands->issue;
    const std::size_t words = std::size_t{tile.chunks} * ((params_.chunk_operands + 63) / 64);
    const auto values = [&issue, words](std::size_t row) {
        return base::count_ones(issue.data() + row * words, words);
    };
    if (!private_) {
        left_out_values_ += base::count_ones(issue.data(), issue.size()) * block_columns_;
        return;
    }
    for (const std::uint32_t row : tile.place) {
        left_out_values_ += row == kNoPlace ? 0 : values(row);
    }
}

bool TileSequencer::next(Tile& tile) {
    for (;;) {
        if (next_row_ >= lists_.rows() && !next_block()) {
            return false;
        }
        tile.phase = static_cast<std::uint32_t>(phase_);
        const std::int64_t chunks = end_chunk_ - first_chunk_;
        if (chunks <= params_.tile_chunks) {
            next_results(tile);
            return true;
        }
        if (next_slice(tile)) {
            return true;
        }
    }
}

/// Last k of the core's chunks before `chunk`.
std::int64_t TileSequencer::end_of(std::int64_t chunk) const noexcept {
    return std::min(reduction_.phases()[phase_].k_count, chunk * params_.chunk_operands);
}

/// Whole results, as many as a tile holds.
void TileSequencer::next_results(Tile& tile) {
    const std::int64_t first_k = first_chunk_ * params_.chunk_operands;
    const std::int64_t end_k = end_of(end_chunk_);
    const auto results =
        static_cast<std::size_t>(params_.tile_chunks / (end_chunk_ - first_chunk_));
    fill_columns(tile, first_k, end_k);
    fill_rows(tile, std::min(lists_.rows() - next_row_, results * params_.rows), first_k, end_k);
    tile.starts_result = true;
    tile.ends_result = true;
    tile.completes_result = true;
    next_row_ += tile.row_count;
}

/// One slice of one result: the slices of a result one after the other, or with psum_spill a slice
/// of every result of the block before the next slice. False if nobody receives it: no tile.
bool TileSequencer::next_slice(Tile& tile) {
    const std::int64_t most = params_.tile_chunks;
    const std::int64_t first = first_chunk_ + next_slice_ * most;
    const std::int64_t end = std::min(end_chunk_, first + most);
    const std::int64_t first_k = first * params_.chunk_operands;
    const std::int64_t end_k = end_of(end);
    const bool is_last = end == end_chunk_;
    const std::size_t row_count = std::min<std::size_t>(lists_.rows() - next_row_, params_.rows);
    const bool is_tile = has_receiver(first_k, end_k);
    if (is_tile) {
        fill_columns(tile, first_k, end_k);
        fill_rows(tile, row_count, first_k, end_k);
        tile.starts_result = params_.psum_spill || next_slice_ == 0;
        tile.ends_result = params_.psum_spill || is_last;
        tile.completes_result = is_last;
    } else {
        leave_out(row_count, first_k, end_k);
    }
    if (params_.psum_spill) {
        next_row_ += row_count;
        if (next_row_ >= lists_.rows() && !is_last) {
            next_row_ = 0;
            ++next_slice_;
        }
    } else {
        next_slice_ = is_last ? 0 : next_slice_ + 1;
        next_row_ += is_last ? row_count : 0;
    }
    return is_tile;
}

}  // namespace skipsim::reduction
