// SPDX-License-Identifier: Apache-2.0
// Random cores and random tiles for them: broadcast and private results with any places, columns
// that jump chunks, results longer than a tile, partial sums that leave between slices.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/core/params.h"
#include "models/reduction/clocked/tile_work.h"
#include "sim/base/random.h"
#include "tests/support/clocked_tiles.h"

namespace skipsim::test {

class RandomTiles {
public:
    explicit RandomTiles(std::uint64_t seed) : random_(seed) {
        params.rows = 1 + below(3);
        params.columns = 1 + below(3);
        params.chunk_operands = one_of({8, 16, 64, 72, 200});
        params.fifo_depth_chunks = 1 + below(4);
        params.bus_values = one_of({0, 0, 1, 4, 16});
        params.bus_bits = one_of({0, 0, 5, 32});
        params.issue_width_pairs = 1 + below(3);
        params.scan_bits = one_of({0, 0, 3, 16});
        params.input_ports = 1 + below(4);
        input_role = below(2) != 0;
        weight_role = below(2) != 0;
        is_sparse_ = below(2) != 0;
        const std::uint32_t blocks = 1 + below(4);
        for (std::uint32_t block = 0; block < blocks; ++block) {
            add_block();
        }
        const bool is_slow = below(2) != 0;
        for (std::size_t tile = 0; tile < tiles.size(); ++tile) {
            operands.push_back(is_slow ? Operands{below(20), below(20), below(30), below(30)}
                                       : Operands{});
        }
    }

    core::CoreParams params;
    bool input_role = false;
    bool weight_role = false;
    std::vector<clocked::TileWork> tiles;
    std::vector<Operands> operands;

private:
    std::uint32_t below(std::uint32_t count) {
        return static_cast<std::uint32_t>(random_.below(count));
    }
    std::uint32_t one_of(const std::vector<std::uint32_t>& values) {
        return values[below(static_cast<std::uint32_t>(values.size()))];
    }

    /// Some results of one kind, with T chunks each: several to a tile, or a tile for each slice.
    void add_block() {
        phase_ += below(2);
        const bool is_private = below(2) != 0;
        const std::uint32_t columns = 1 + below(params.columns);
        const std::uint32_t chunks = 1 + below(5);
        const std::uint32_t results = 1 + below(4);
        std::vector<std::shared_ptr<clocked::ResultWork>> block;
        for (std::uint32_t result = 0; result < results; ++result) {
            block.push_back(make_result(is_private, columns));
        }
        jumped_.assign(chunks * params.columns, 0);
        if (below(2) != 0) {
            for (std::size_t at = 0; at < (chunks - 1) * params.columns; ++at) {
                jumped_[at] = below(3) == 0 ? 1 : 0;
            }
        }
        const std::uint32_t kind = below(3);
        if (kind == 0) {
            add_whole(block, chunks);
        } else if (kind == 1) {
            add_slices(block, chunks);
        } else {
            add_spilled(block, chunks);
        }
    }

    std::shared_ptr<clocked::ResultWork> make_result(bool is_private, std::uint32_t columns) {
        auto result = result_of(params, 0, params.rows, columns);
        result->phase = phase_;
        result->is_private = is_private;
        bool has_any = false;
        const std::uint32_t rows = 1 + below(params.rows);
        for (std::size_t pe = 0; pe < params.processing_elements(); ++pe) {
            const bool has_place = is_private ? below(4) != 0 : pe / params.columns < rows;
            if (!has_place) {
                result->m[pe] = clocked::ResultWork::kNoPlace;
            } else if (result->has_place(pe)) {
                result->m[pe] = next_m_++;
                has_any = true;
            }
            result->is_needed[pe] = below(4) != 0 ? 1 : 0;
        }
        if (!has_any) {
            result->m[0] = next_m_++;
        }
        return result;
    }

    std::vector<ChunkOperands> operands_of(const clocked::ResultWork& result, std::uint32_t first,
                                           std::uint32_t last) {
        std::vector<ChunkOperands> chunks;
        for (std::uint32_t chunk = first; chunk < last; ++chunk) {
            ChunkOperands operand;
            const std::size_t inputs =
                result.is_private ? params.processing_elements() : params.rows;
            for (std::size_t at = 0; at < inputs; ++at) {
                operand.input.push_back(make_chunk(input_role));
            }
            for (std::size_t column = 0; column < params.columns; ++column) {
                operand.weight.push_back(jumped_[chunk * params.columns + column] != 0
                                             ? nullptr
                                             : make_chunk(weight_role));
            }
            chunks.push_back(operand);
        }
        return chunks;
    }

    ChunkPointer make_chunk(bool is_skipped) {
        auto chunk = std::make_shared<clocked::OperandChunk>();
        const std::size_t words = params.words_per_chunk();
        chunk->in_bounds.assign(words, 0);
        chunk->nonzero.assign(words, 0);
        for (std::uint32_t at = 0; at < params.chunk_operands; ++at) {
            if (below(8) == 0) {
                continue;
            }
            base::set_bit(chunk->in_bounds.data(), at);
            if (below(is_sparse_ ? 8 : 2) == 0) {
                base::set_bit(chunk->nonzero.data(), at);
            }
        }
        chunk->sent = is_skipped ? chunk->nonzero : chunk->in_bounds;
        for (std::uint32_t at = 0; at < params.chunk_operands; ++at) {
            if (base::test_bit(chunk->sent.data(), at)) {
                const bool is_zero = !base::test_bit(chunk->nonzero.data(), at);
                chunk->values.push_back(
                    is_zero ? 0.0F : static_cast<float>(random_.uniform_unit()) + 0.1F);
            }
        }
        chunk->sent_count = static_cast<std::uint32_t>(chunk->values.size());
        return chunk;
    }

    void add_tile(clocked::TileWork tile) {
        if (!tile.chunks.empty()) {
            tile.number = tiles.size();
            tile.phase = phase_;
            tiles.push_back(std::move(tile));
        }
    }

    /// Results of a block, as many as there are, in tiles of one or two.
    void add_whole(const std::vector<std::shared_ptr<clocked::ResultWork>>& block,
                   std::uint32_t chunks) {
        const std::size_t each = 1 + below(2);
        for (std::size_t first = 0; first < block.size(); first += each) {
            clocked::TileWork tile;
            for (std::size_t at = first; at < std::min(first + each, block.size()); ++at) {
                block[at]->number = next_result_++;
                skipsim::test::add_result(tile, params, block[at],
                                          operands_of(*block[at], 0, chunks));
            }
            add_tile(std::move(tile));
        }
    }

    /// Partial sums stay in the PE.
    void add_slices(const std::vector<std::shared_ptr<clocked::ResultWork>>& block,
                    std::uint32_t chunks) {
        for (const auto& result : block) {
            result->number = next_result_++;
            clocked::TileWork whole;
            skipsim::test::add_result(whole, params, result, operands_of(*result, 0, chunks));
            const std::size_t each = 1 + below(2);
            for (std::size_t first = 0; first < whole.chunks.size(); first += each) {
                clocked::TileWork tile;
                const std::size_t last = std::min(first + each, whole.chunks.size());
                tile.chunks.assign(whole.chunks.begin() + static_cast<std::ptrdiff_t>(first),
                                   whole.chunks.begin() + static_cast<std::ptrdiff_t>(last));
                add_tile(std::move(tile));
            }
        }
    }

    /// Slices outermost, each (result, slice) a result of its own.
    void add_spilled(const std::vector<std::shared_ptr<clocked::ResultWork>>& block,
                     std::uint32_t chunks) {
        const std::uint32_t each = 1 + below(2);
        std::vector<std::uint8_t> took_part(params.columns, 0);
        for (std::uint32_t first = 0; first < chunks; first += each) {
            const std::uint32_t last = std::min(first + each, chunks);
            for (const auto& result : block) {
                auto slice = std::make_shared<clocked::ResultWork>(*result);
                slice->number = next_result_++;
                slice->completes = last == chunks;
                for (std::size_t pe = 0; pe < params.processing_elements(); ++pe) {
                    slice->continues[pe] =
                        slice->has_place(pe) ? took_part[pe % params.columns] : std::uint8_t{0};
                }
                clocked::TileWork tile;
                skipsim::test::add_result(tile, params, slice, operands_of(*slice, first, last));
                add_tile(std::move(tile));
            }
            for (std::uint32_t column = 0; column < params.columns; ++column) {
                for (std::uint32_t chunk = first; chunk < last; ++chunk) {
                    if (jumped_[chunk * params.columns + column] == 0) {
                        took_part[column] = 1;
                    }
                }
            }
        }
    }

    base::Random random_;
    bool is_sparse_ = false;
    std::uint32_t phase_ = 0;
    std::int64_t next_m_ = 0;
    std::uint64_t next_result_ = 0;
    std::vector<std::uint8_t> jumped_;  // [chunk][column]
};

}  // namespace skipsim::test
