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
    const std::int64_t columns = reduction.column_count();
    next_column_ = part_begin(share.column_part, columns, share.column_parts);
    end_column_ = part_begin(share.column_part + 1, columns, share.column_parts);
    for (const Phase& phase : reduction.phases()) {
        base::require(phase.m_count <= std::numeric_limits<std::uint32_t>::max(),
                      "tile_sequencer: more than 2^32 rows in a phase");
    }
}

/// Moves to the next block of columns that has rows; false at the end of the last phase.
bool TileSequencer::next_block() {
    const std::int64_t per_group = reduction_.columns_per_group();
    const std::int64_t columns = reduction_.column_count();
    while (phase_ < reduction_.phases().size()) {
        if (next_column_ >= end_column_) {
            ++phase_;
            kept_are_complete_ = false;
            next_column_ = part_begin(share_.column_part, columns, share_.column_parts);
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

/// Which columns of the block jump which chunks; the last chunk of a result is never jumped.
void TileSequencer::find_jumps() {
    jumps_.clear();
    if (!params_.coarse_runs || !selection_.weight || !reduction_.has_coarse_runs()) {
        return;
    }
    const Phase& phase = reduction_.phases()[phase_];
    const std::int64_t size = params_.chunk_operands;
    const std::int64_t chunks = (phase.k_count + size - 1) / size;
    coarse_bits_ += static_cast<std::uint64_t>(chunks) * block_columns_;
    bool some = false;
    jumps_.assign(static_cast<std::size_t>(chunks) * params_.lanes, 0);
    for (std::int64_t chunk = 0; chunk + 1 < chunks; ++chunk) {
        for (std::uint32_t column = 0; column < block_columns_; ++column) {
            if (!any_one(phase.runs, first_column_ + column, chunk * size, (chunk + 1) * size)) {
                jumps_[static_cast<std::size_t>(chunk) * params_.lanes + column] =
                    ~std::uint64_t{0};
                some = true;
            }
        }
    }
    if (!some) {
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
        const Phase& phase = reduction_.phases()[phase_];
        const std::int64_t chunk = params_.chunk_operands;
        const std::int64_t chunks = chunk_of(phase.k_count);
        const std::int64_t most = params_.tile_chunks;
        const std::size_t left = lists_.rows() - next_row_;
        if (chunks <= most) {
            const auto results = static_cast<std::size_t>(most / chunks);
            fill_columns(tile, 0, phase.k_count);
            fill_rows(tile, std::min(left, results * params_.rows), 0, phase.k_count);
            tile.starts_result = true;
            tile.ends_result = true;
            next_row_ += tile.row_count;
            return true;
        }
        const std::int64_t slices = (chunks + most - 1) / most;
        const std::int64_t first_k = next_slice_ * most * chunk;
        const std::int64_t end_k = std::min(phase.k_count, first_k + most * chunk);
        const std::size_t row_count = std::min<std::size_t>(left, params_.rows);
        const bool is_tile = has_receiver(first_k, end_k);
        if (is_tile) {
            fill_columns(tile, first_k, end_k);
            fill_rows(tile, row_count, first_k, end_k);
            tile.starts_result = next_slice_ == 0;
            tile.ends_result = next_slice_ + 1 == slices;
        } else {
            leave_out(row_count, first_k, end_k);
        }
        const bool ends_result = next_slice_ + 1 == slices;
        next_slice_ = ends_result ? 0 : next_slice_ + 1;
        next_row_ += ends_result ? row_count : 0;
        if (is_tile) {
            return true;
        }
    }
}

}  // namespace skipsim::reduction
