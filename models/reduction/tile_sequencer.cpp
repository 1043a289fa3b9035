// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/tile_sequencer.h"

#include <algorithm>
#include <iterator>
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

void TileSequencer::fill_columns(Tile& tile, std::int64_t first_k, std::int64_t end_k) {
    tile.chunks = static_cast<std::uint32_t>(chunk_of(end_k) - chunk_of(first_k));
    tile.loads_weight = resident_k_ != first_k;
    if (tile.loads_weight) {
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
        auto columns = std::make_shared<ColumnOperands>(gather_columns(matrix, request));
        if (!jumps_.empty()) {
            const auto first = jumps_.begin() + chunk_of(first_k) * params_.lanes;
            columns->jumped.assign(first, first + std::int64_t{tile.chunks} * params_.lanes);
        }
        columns_ = std::move(columns);
        column_bytes_ = column_load(request);
        resident_k_ = first_k;
    }
    tile.column_operands = columns_;
    tile.weight_load_bytes = tile.loads_weight ? column_bytes_ : 0;
}

/// [bytes] Columns with a place in the tile, without the chunks they jump.
std::uint64_t TileSequencer::column_load(const ColumnRequest& request) const {
    const ColumnMatrix& matrix = reduction_.phases()[phase_].columns;
    std::uint64_t elements = 0;
    std::uint64_t nonzeros = 0;
    const auto add = [&](const ColumnRequest& part) {
        elements += static_cast<std::uint64_t>(part.end_k - part.first_k) * part.columns;
        nonzeros += selection_.weight ? count_nonzero(matrix, part) : 0;
    };
    if (!private_ && jumps_.empty()) {
        add(request);
        return load_bytes(selection_.weight, elements, nonzeros, params_.operand_width_bits);
    }
    ColumnRequest part = request;
    part.columns = 1;
    for (std::uint32_t column = 0; column < block_columns_; ++column) {
        part.first_column = first_column_ + column;
        for (std::int64_t k = request.first_k; k < request.end_k; k += params_.chunk_operands) {
            part.first_k = k;
            part.end_k = std::min<std::int64_t>(request.end_k, k + params_.chunk_operands);
            if (lists_.has(next_row_, column) && !jumps(chunk_of(k), column)) {
                add(part);
            }
        }
    }
    return load_bytes(selection_.weight, elements, nonzeros, params_.operand_width_bits);
}

void TileSequencer::fill_rows(Tile& tile, std::size_t row_count, std::int64_t first_k,
                              std::int64_t end_k) {
    tile.row_count = static_cast<std::uint32_t>(row_count);
    tile.is_private = private_;
    if (private_) {
        fill_private_rows(tile, first_k, end_k);
    } else {
        fill_broadcast_rows(tile, first_k, end_k);
    }
    tile.least_cycles = least_cycles(tile, first_k);
    fill_needed(tile);
}

void TileSequencer::fill_broadcast_rows(Tile& tile, std::int64_t first_k, std::int64_t end_k) {
    tile.place.clear();
    if (tile_of_block_ < kept_rows_.size()) {
        tile.row_operands = kept_rows_[tile_of_block_];
    } else {
        GatherRequest request;
        request.batches = {{lists_.common.data() + next_row_, tile.row_count, group_of(0)}};
        request.first_k = first_k;
        request.end_k = end_k;
        mark_sent(tile, request);
        const InputSource& input = *reduction_.phases()[phase_].input;
        tile.row_operands = gatherer_.gather(input, request, nullptr);
        const std::size_t bytes =
            (tile.row_operands->issue.size() + tile.row_operands->nonzero.size()) * 8;
        if (kept_are_complete_ && tile_of_block_ == kept_rows_.size() &&
            kept_bytes_ + bytes <= kKeptRowsLimit) {
            kept_rows_.push_back(tile.row_operands);
            kept_bytes_ += bytes;
        }
    }
    ++tile_of_block_;
    tile.in_bounds_pairs = tile.row_operands->in_bounds_reads * block_columns_;
}

void TileSequencer::fill_private_rows(Tile& tile, std::int64_t first_k, std::int64_t end_k) {
    place_rows(tile);
    GatherRequest request;
    request.first_k = first_k;
    request.end_k = end_k;
    for (std::size_t group = 0; group < group_rows_.size(); ++group) {
        const std::vector<std::uint32_t>& rows = group_rows_[group];
        request.batches.push_back(
            {rows.data(), rows.size(), group_of(0) + static_cast<std::int64_t>(group)});
    }
    mark_sent(tile, request);
    const InputSource& input = *reduction_.phases()[phase_].input;
    tile.row_operands = gatherer_.gather(input, request, &reads_);
    tile.in_bounds_pairs = 0;
    for (const std::uint32_t row : tile.place) {
        tile.in_bounds_pairs += row == kNoPlace ? 0 : reads_[row];
    }
}

/// Finds the distinct rows of the tile and which of them every processing element works on.
void TileSequencer::place_rows(Tile& tile) {
    const auto groups = static_cast<std::size_t>(group_of(block_columns_ - 1) - group_of(0) + 1);
    group_rows_.assign(groups, {});
    const auto part_of = [this, &tile](std::uint32_t column) {
        const std::vector<std::uint32_t>& list = lists_.of(column);
        const std::size_t first = std::min(next_row_, list.size());
        const std::size_t count = std::min<std::size_t>(tile.row_count, list.size() - first);
        return std::make_pair(list.begin() + static_cast<std::ptrdiff_t>(first),
                              list.begin() + static_cast<std::ptrdiff_t>(first + count));
    };
    const auto rows_of = [this](std::uint32_t column) -> std::vector<std::uint32_t>& {
        return group_rows_[static_cast<std::size_t>(group_of(column) - group_of(0))];
    };
    for (std::uint32_t column = 0; column < block_columns_; ++column) {
        const auto [first, last] = part_of(column);
        std::vector<std::uint32_t>& rows = rows_of(column);
        if (lists_.own.empty()) {
            rows.assign(first, last);
            continue;
        }
        std::vector<std::uint32_t> merged;
        std::set_union(rows.begin(), rows.end(), first, last, std::back_inserter(merged));
        rows.swap(merged);
    }
    std::vector<std::uint32_t> offset(groups, 0);
    for (std::size_t group = 1; group < groups; ++group) {
        offset[group] =
            offset[group - 1] + static_cast<std::uint32_t>(group_rows_[group - 1].size());
    }
    tile.place.assign(std::size_t{tile.row_count} * params_.lanes, kNoPlace);
    for (std::uint32_t column = 0; column < block_columns_; ++column) {
        const auto [first, last] = part_of(column);
        const std::vector<std::uint32_t>& rows = rows_of(column);
        auto at = rows.begin();
        std::size_t place = column;
        for (auto m = first; m != last; ++m, place += params_.lanes) {
            at = std::lower_bound(at, rows.end(), *m);
            tile.place[place] = offset[static_cast<std::size_t>(group_of(column) - group_of(0))] +
                                static_cast<std::uint32_t>(at - rows.begin());
        }
    }
}

/// Which chunks of which rows go to at least one column; nothing where no chunk is jumped.
void TileSequencer::mark_sent(const Tile& tile, GatherRequest& request) const {
    if (jumps_.empty()) {
        return;
    }
    std::size_t rows = 0;
    for (const RowBatch& batch : request.batches) {
        rows += batch.row_count;
    }
    request.sent.assign(rows * tile.chunks, 0);
    const std::int64_t first_chunk = chunk_of(request.first_k);
    for (std::size_t row = 0; row < tile.row_count; ++row) {
        for (std::uint32_t column = 0; column < block_columns_; ++column) {
            const std::size_t gathered = private_ ? tile.place[row * params_.lanes + column] : row;
            for (std::uint32_t chunk = 0; gathered != kNoPlace && chunk < tile.chunks; ++chunk) {
                if (!jumps(first_chunk + chunk, column)) {
                    request.sent[gathered * tile.chunks + chunk] = 1;
                }
            }
        }
    }
}

/// Chunks of the processing element of row 0 that takes most of them: each takes a cycle.
std::uint64_t TileSequencer::least_cycles(const Tile& tile, std::int64_t first_k) const {
    std::uint64_t most = 0;
    for (std::uint32_t column = 0; column < block_columns_; ++column) {
        std::uint64_t taken = tile.chunks;
        for (std::uint32_t chunk = 0; !jumps_.empty() && chunk < tile.chunks; ++chunk) {
            taken -= jumps(chunk_of(first_k) + chunk, column) ? 1 : 0;
        }
        const std::size_t listed = lists_.of(column).size();
        const std::size_t rows =
            std::min<std::size_t>(tile.row_count, listed - std::min(listed, next_row_));
        most = std::max(most, base::ceil_divide(rows, params_.rows) * taken);
    }
    return most;
}

void TileSequencer::fill_needed(Tile& tile) const {
    tile.needed.clear();
    if (!count_effectual_ || !reduction_.has_unneeded() || !lists_.own.empty()) {
        return;
    }
    const Phase& phase = reduction_.phases()[phase_];
    tile.needed.assign(std::size_t{tile.row_count} * params_.lanes, 0);
    for (std::size_t row = 0; row < tile.row_count; ++row) {
        const std::uint64_t* bits =
            reduction_.needed_columns(phase, lists_.common[next_row_ + row]);
        for (std::uint32_t lane = 0; lane < block_columns_; ++lane) {
            if (base::test_bit(bits, static_cast<std::uint64_t>(first_column_) + lane)) {
                tile.needed[row * params_.lanes + lane] = ~std::uint64_t{0};
            }
        }
    }
}

}  // namespace skipsim::reduction
