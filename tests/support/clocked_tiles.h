// SPDX-License-Identifier: Apache-2.0
// Tiles of the clocked engine made by hand, and a driver that hands them to an array the way a core
// does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "models/core/clocked/array.h"
#include "models/core/params.h"
#include "models/reduction/clocked/tile_work.h"
#include "sim/base/bits.h"

namespace skipsim::test {

using ChunkPointer = std::shared_ptr<const clocked::OperandChunk>;

/// A chunk of at most 64 positions, of which only the non-zero ones are sent (`is_skipped`) or all
/// that are in bounds. `values` of what is sent.
inline ChunkPointer chunk_of(std::uint64_t in_bounds, std::uint64_t nonzero, bool is_skipped,
                             std::vector<float> values = {}) {
    auto chunk = std::make_shared<clocked::OperandChunk>();
    chunk->in_bounds = {in_bounds};
    chunk->nonzero = {nonzero};
    chunk->sent = {is_skipped ? nonzero : in_bounds};
    chunk->sent_count = base::count_ones(chunk->sent[0]);
    chunk->values = std::move(values);
    return chunk;
}

/// A result in which the first `rows` rows and `columns` columns of the array have a place: m is
/// the row, column the column.
inline std::shared_ptr<clocked::ResultWork> result_of(const core::CoreParams& params,
                                                      std::uint64_t number, std::uint32_t rows,
                                                      std::uint32_t columns) {
    auto result = std::make_shared<clocked::ResultWork>();
    result->number = number;
    result->block_columns = columns;
    result->m.assign(params.processing_elements(), clocked::ResultWork::kNoPlace);
    result->column.assign(params.columns, clocked::ResultWork::kNoPlace);
    result->is_needed.assign(params.processing_elements(), 1);
    result->continues.assign(params.processing_elements(), 0);
    for (std::uint32_t column = 0; column < columns; ++column) {
        result->column[column] = column;
        for (std::uint32_t row = 0; row < rows; ++row) {
            result->m[row * params.columns + column] = row;
        }
    }
    return result;
}

/// The chunks of a result: A of each row (or, private, of each PE), B of each column, chunk by
/// chunk. A null column is jumped.
struct ChunkOperands {
    std::vector<ChunkPointer> input;
    std::vector<ChunkPointer> weight;
};

inline void add_result(clocked::TileWork& tile, const core::CoreParams& params,
                       const std::shared_ptr<const clocked::ResultWork>& result,
                       const std::vector<ChunkOperands>& operands) {
    const std::size_t pes = params.processing_elements();
    std::vector<std::size_t> last(pes, 0);
    std::vector<std::uint8_t> has_started(pes, 0);
    const auto receives = [&](const ChunkOperands& chunk, std::size_t pe) {
        return result->has_place(pe) && chunk.weight[pe % params.columns] != nullptr;
    };
    for (std::size_t chunk = 0; chunk < operands.size(); ++chunk) {
        for (std::size_t pe = 0; pe < pes; ++pe) {
            last[pe] = receives(operands[chunk], pe) ? chunk : last[pe];
        }
    }
    for (std::size_t chunk = 0; chunk < operands.size(); ++chunk) {
        clocked::ChunkWork work;
        work.result = result;
        work.input = operands[chunk].input;
        work.weight = operands[chunk].weight;
        work.pes.resize(pes);
        for (std::size_t pe = 0; pe < pes; ++pe) {
            if (receives(operands[chunk], pe)) {
                work.pes[pe] = {true, has_started[pe] == 0, last[pe] == chunk};
                has_started[pe] = 1;
            }
        }
        if (std::any_of(work.pes.begin(), work.pes.end(),
                        [](const clocked::PeChunk& pe) { return pe.receives; })) {
            tile.chunks.push_back(work);
        }
    }
}

/// Keeps what drains.
class Sums : public clocked::SumStore {
public:
    void drain(std::uint32_t phase, std::int64_t m, std::int64_t column, float sum) override {
        sums[{phase, m, column}] = sum;
        ++drained;
    }
    [[nodiscard]] float partial(std::uint32_t phase, std::int64_t m,
                                std::int64_t column) const override {
        const auto found = sums.find({phase, m, column});
        return found == sums.end() ? 0.0F : found->second;
    }
    std::map<std::tuple<std::uint32_t, std::int64_t, std::int64_t>, float> sums;
    std::uint64_t drained = 0;
};

/// When the operands of a tile are there: at a cycle of its own, but not before so many cycles
/// after it was handed over.
struct Operands {
    std::uint64_t input_ready = 0;
    std::uint64_t weight_ready = 0;
    std::uint64_t input_latency = 0;
    std::uint64_t weight_latency = 0;
};

struct ArrayRun {
    std::vector<std::uint64_t> release;  ///< of each tile
    std::vector<std::uint64_t> drained;  ///< of each tile: edge at which its results have drained
    std::uint64_t end = 0;
    clocked::ArrayCounts counts;
};

/// Hands over tiles 0 and 1 at cycle 0, tile t at the release of tile t - 2; steps until the array
/// is empty.
class ArrayDriver {
public:
    ArrayDriver(clocked::Array& array, std::vector<clocked::TileWork> tiles,
                std::vector<Operands> operands)
        : array_(array), tiles_(std::move(tiles)), operands_(std::move(operands)) {
        operands_.resize(tiles_.size());
        input_.resize(tiles_.size());
        weight_.resize(tiles_.size());
    }

    ArrayRun run(std::uint64_t most_cycles = 1000000) {
        hand_over();
        hand_over();
        for (; cycle_ < most_cycles; ++cycle_) {
            while (run_.release.size() < added_ && array_.is_through(run_.release.size())) {
                run_.release.push_back(cycle_);
                hand_over();
            }
            while (run_.drained.size() < added_ && array_.has_drained(run_.drained.size())) {
                run_.drained.push_back(cycle_);
            }
            if (array_.is_empty()) {
                run_.end = cycle_;
                run_.counts = array_.counts();
                return run_;
            }
            for (std::size_t tile = 0; tile < added_; ++tile) {
                if (input_[tile] == cycle_) {
                    array_.input_is_there(tile);
                }
                if (weight_[tile] == cycle_) {
                    array_.weight_is_there(tile);
                }
            }
            array_.step();
        }
        return run_;
    }

private:
    void hand_over() {
        if (added_ == tiles_.size()) {
            array_.end_of_list();
            return;
        }
        const Operands& operands = operands_[added_];
        input_[added_] = std::max(operands.input_ready, cycle_ + operands.input_latency);
        weight_[added_] = std::max(operands.weight_ready, cycle_ + operands.weight_latency);
        tiles_[added_].number = added_;
        array_.add_tile(std::move(tiles_[added_]));
        ++added_;
    }

    clocked::Array& array_;
    std::vector<clocked::TileWork> tiles_;
    std::vector<Operands> operands_;
    std::vector<std::uint64_t> input_;
    std::vector<std::uint64_t> weight_;
    std::size_t added_ = 0;
    std::uint64_t cycle_ = 0;
    ArrayRun run_;
};

}  // namespace skipsim::test
