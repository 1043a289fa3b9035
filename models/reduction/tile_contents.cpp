// SPDX-License-Identifier: Apache-2.0
// What TileSequencer puts into a tile: columns, rows, places and the bytes of its loads.
#include <algorithm>
#include <iterator>
#include <utility>

#include "models/reduction/tile_sequencer.h"
#include "sim/base/bits.h"

namespace skipsim::reduction {
namespace {

/// [bytes] of gathered rows one core keeps for its next block of columns.
constexpr std::size_t kKeptRowsLimit = std::size_t{32} << 20U;

}  // namespace

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
    const std::int64_t first = first_column_ * reduction_.phases()[phase_].k_count + first_k;
    tile.weight_first_byte = static_cast<std::uint64_t>(first) * params_.operand_width_bits / 8;
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

/// The part of a column's list that the tile holds.
std::pair<const std::uint32_t*, const std::uint32_t*> TileSequencer::part_of_list(
    const Tile& tile, std::uint32_t column) const noexcept {
    const std::vector<std::uint32_t>& list = lists_.of(column);
    const std::size_t first = std::min(next_row_, list.size());
    const std::size_t count = std::min<std::size_t>(tile.row_count, list.size() - first);
    return {list.data() + first, list.data() + first + count};
}

/// The distinct rows of the tile, group after group.
void TileSequencer::collect_group_rows(const Tile& tile) {
    group_rows_.assign(static_cast<std::size_t>(group_of(block_columns_ - 1) - group_of(0) + 1),
                       {});
    for (std::uint32_t column = 0; column < block_columns_; ++column) {
        const auto [first, last] = part_of_list(tile, column);
        std::vector<std::uint32_t>& rows =
            group_rows_[static_cast<std::size_t>(group_of(column) - group_of(0))];
        if (lists_.own.empty()) {
            rows.assign(first, last);
            continue;
        }
        std::vector<std::uint32_t> merged;
        std::set_union(rows.begin(), rows.end(), first, last, std::back_inserter(merged));
        rows.swap(merged);
    }
}

/// Which of these rows every processing element works on.
void TileSequencer::place_rows(Tile& tile) {
    collect_group_rows(tile);
    tile.place.assign(std::size_t{tile.row_count} * params_.lanes, kNoPlace);
    std::size_t group = 0;
    std::uint32_t rows_before = 0;
    for (std::uint32_t column = 0; column < block_columns_; ++column) {
        for (; static_cast<std::int64_t>(group) < group_of(column) - group_of(0); ++group) {
            rows_before += static_cast<std::uint32_t>(group_rows_[group].size());
        }
        const std::vector<std::uint32_t>& rows = group_rows_[group];
        const auto [first, last] = part_of_list(tile, column);
        auto at = rows.begin();
        std::size_t place = column;
        for (const std::uint32_t* m = first; m != last; ++m, place += params_.lanes) {
            at = std::lower_bound(at, rows.end(), *m);
            tile.place[place] = rows_before + static_cast<std::uint32_t>(at - rows.begin());
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
