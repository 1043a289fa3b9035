// SPDX-License-Identifier: Apache-2.0
// PeArray against the scalar model of tests/support, on random tiles of every kind in random order.
#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "models/core/pe_array.h"
#include "sim/base/random.h"
#include "tests/support/random_layer.h"
#include "tests/support/scalar_array.h"

namespace skipsim::core {
namespace {

using base::Random;
using test::pick;

std::uint32_t draw(Random& random, std::int64_t lowest, std::int64_t highest) {
    return static_cast<std::uint32_t>(pick(random, lowest, highest));
}

CoreParams random_params(Random& random) {
    constexpr std::uint32_t kChunks[] = {8, 13, 64, 100, 130};
    CoreParams params;
    params.rows = draw(random, 1, 5);
    params.columns = draw(random, 1, 11);
    params.chunk_operands = kChunks[random.below(5)];
    params.fifo_depth_chunks = draw(random, 1, 5);
    params.bus_values = draw(random, 0, 1) * draw(random, 1, 20);
    params.bus_bits = draw(random, 0, 1) * draw(random, 1, 70);
    params.issue_width_pairs = draw(random, 0, 1) == 0 ? 1 : draw(random, 1, 7);
    params.scan_bits = draw(random, 0, 1) * draw(random, 7, 70);
    params.operand_width_bits = draw(random, 1, 33);
    params.input_ports = draw(random, 1, 20);
    return params;
}

class TileMaker {
public:
    /// `apart`: every slice ends like a result, without an end mark. No tile is even then: a PE may
    /// have a place in what its bus served last and yet have taken nothing of it.
    TileMaker(Random& random, const CoreParams& params, bool apart)
        : random_(random), params_(params), lanes_(params.lanes()), slices_apart_(apart) {}

    /// The slices of a result, or one tile of several results.
    std::vector<reduction::Tile> make() {
        const std::uint32_t columns = draw(random_, 1, params_.columns);
        const bool is_private = random_.below(2) == 0;
        const bool is_coarse = slices_apart_ || random_.below(2) == 0;
        const bool apart = random_.below(3) == 0;
        const bool with_needed = random_.below(3) == 0;
        const std::uint32_t slices = random_.below(3) == 0 ? draw(random_, 2, 3) : 1;
        const std::uint32_t rows = draw(random_, 1, slices == 1 ? 3 * params_.rows : params_.rows);
        std::vector<std::uint32_t> place(std::size_t{rows} * lanes_, reduction::kNoPlace);
        std::uint32_t longest = 0;
        const std::uint32_t distinct = is_private ? draw(random_, 1, 2 * rows) : rows;
        for (std::uint32_t column = 0; is_private && column < columns; ++column) {
            std::uint32_t length = random_.below(2) == 0 ? rows : draw(random_, 0, rows);
            length = column + 1 == columns && longest < rows ? rows : length;
            longest = std::max(longest, length);
            for (std::uint32_t row = 0; row < length; ++row) {
                place[row * lanes_ + column] = draw(random_, 0, distinct - 1);
            }
        }
        std::vector<reduction::Tile> tiles;
        for (std::uint32_t slice = 0; slice < slices; ++slice) {
            reduction::Tile tile;
            tile.chunks = draw(random_, 1, 5);
            tile.row_count = rows;
            tile.starts_result = slices_apart_ || slice == 0;
            tile.ends_result = slices_apart_ || slice + 1 == slices;
            tile.is_private = is_private;
            if (is_private) {
                tile.place = place;
            }
            tile.row_operands = row_operands(distinct, tile.chunks, apart);
            const bool has_end_mark = slice + 1 == slices;
            tile.column_operands = column_operands(columns, tile, is_coarse, has_end_mark, apart);
            if (with_needed) {
                tile.needed.assign(std::size_t{rows} * lanes_, 0);
                for (std::uint64_t& mask : tile.needed) {
                    mask = random_.below(2) == 0 ? 0 : ~std::uint64_t{0};
                }
            }
            tiles.push_back(tile);
        }
        return tiles;
    }

private:
    [[nodiscard]] std::uint64_t word_bits(std::uint32_t word) {
        const std::uint32_t left = params_.chunk_operands - word * 64;
        std::uint64_t bits = random_.next();
        for (std::uint64_t thin = random_.below(4); thin > 0; --thin) {
            bits &= random_.next();
        }
        return random_.below(8) == 0 ? 0 : bits & base::low_bits(std::min(left, 64U));
    }
    std::shared_ptr<reduction::RowOperands> row_operands(std::uint32_t rows, std::uint32_t chunks,
                                                         bool apart) {
        auto operands = std::make_shared<reduction::RowOperands>();
        for (std::uint32_t chunk = 0; chunk < rows * chunks; ++chunk) {
            for (std::uint32_t word = 0; word < params_.words_per_chunk(); ++word) {
                operands->issue.push_back(word_bits(word));
                if (apart) {
                    operands->nonzero.push_back(operands->issue.back() & random_.next());
                }
            }
        }
        return operands;
    }
    std::shared_ptr<reduction::ColumnOperands> column_operands(std::uint32_t columns,
                                                               const reduction::Tile& tile,
                                                               bool is_coarse, bool has_end_mark,
                                                               bool apart) {
        const std::uint32_t words = params_.words_per_chunk();
        auto operands = std::make_shared<reduction::ColumnOperands>();
        operands->columns_active = columns;
        operands->chunks = tile.chunks;
        operands->issue.assign(std::size_t{tile.chunks} * words * lanes_, 0);
        operands->nonzero.assign(apart ? operands->issue.size() : 0, 0);
        operands->jumped.assign(is_coarse ? std::size_t{tile.chunks} * lanes_ : 0, 0);
        for (std::size_t chunk = 0; chunk < tile.chunks; ++chunk) {
            const bool is_last = has_end_mark && chunk + 1 == tile.chunks;
            const bool all = random_.below(4) == 0;
            for (std::size_t lane = 0; lane < columns; ++lane) {
                for (std::uint32_t word = 0; word < words; ++word) {
                    const std::size_t at = (chunk * words + word) * lanes_ + lane;
                    operands->issue[at] = word_bits(word);
                    if (apart) {
                        operands->nonzero[at] = operands->issue[at] & random_.next();
                    }
                }
                if (is_coarse && !is_last && (all || random_.below(3) == 0)) {
                    operands->jumped[chunk * lanes_ + lane] = ~std::uint64_t{0};
                }
            }
        }
        return operands;
    }

    Random& random_;
    const CoreParams& params_;
    std::uint32_t lanes_;
    bool slices_apart_;
};

void expect_equal(const CoreCounts& fast, const CoreCounts& slow) {
    EXPECT_EQ(fast.issued, slow.issued);
    EXPECT_EQ(fast.effectual, slow.effectual);
    EXPECT_EQ(fast.row_values, slow.row_values);
    EXPECT_EQ(fast.row_chunks, slow.row_chunks);
    EXPECT_EQ(fast.row_words, slow.row_words);
    EXPECT_EQ(fast.column_values, slow.column_values);
    EXPECT_EQ(fast.column_chunks, slow.column_chunks);
    EXPECT_EQ(fast.column_words, slow.column_words);
    EXPECT_EQ(fast.received_values, slow.received_values);
    EXPECT_EQ(fast.pair_row_values, slow.pair_row_values);
    EXPECT_EQ(fast.pair_chunks, slow.pair_chunks);
    EXPECT_EQ(fast.jumped_values, slow.jumped_values);
    EXPECT_EQ(fast.results, slow.results);
    for (std::size_t category = 0; category < base::kPeCategoryCount; ++category) {
        const auto which = static_cast<base::PeCategory>(category);
        EXPECT_EQ(fast.pe_cycles[which], slow.pe_cycles[which]) << "category " << category;
    }
}

TEST(UnevenTiles, AgreeWithTheScalarModelOnEveryCycleAndCount) {
    Random random(20240501);
    for (int trial = 0; trial < 3000 && !::testing::Test::HasFailure(); ++trial) {
        SCOPED_TRACE(trial);
        const CoreParams params = random_params(random);
        const BitmapUse bitmaps{random.below(2) == 0, random.below(2) == 0};
        PeArray fast(params);
        fast.start_row(bitmaps);
        test::ScalarArray slow(params, bitmaps);
        TileMaker maker(random, params, random.below(4) == 0);
        std::uint64_t ready[2] = {0, 0};
        for (int block = 0; block < 8; ++block) {
            for (const reduction::Tile& tile : maker.make()) {
                for (std::uint64_t& cycle : ready) {
                    cycle += random.below(3) == 0 ? random.below(40) : 0;
                }
                ASSERT_EQ(fast.run_tile(tile, ready[0], ready[1]),
                          slow.run_tile(tile, ready[0], ready[1]))
                    << "block " << block;
            }
        }
        EXPECT_EQ(fast.end_cycle(), slow.end_cycle());
        expect_equal(fast.counts(), slow.counts());
    }
}

}  // namespace
}  // namespace skipsim::core
