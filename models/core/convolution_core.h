// SPDX-License-Identifier: Apache-2.0
// One convolution core working through its share of a row: tile after tile, each prepared (operands
// gathered, load sizes known) two tiles ahead, because a tile's release requests the load of the
// next but one. Knows no time but cycle numbers; who drives it supplies the cycles in which loads
// are complete.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/core/pe_array.h"
#include "models/reduction/tile_sequencer.h"

namespace skipsim::core {

/// What a core did in one row, for actions and multiplies.
struct CoreReport {
    std::uint64_t end_cycle = 0;
    CoreCounts counts;
    std::uint64_t in_bounds_pairs = 0;  ///< [multiplies] of the results that were computed
    std::uint64_t jumped_pairs = 0;  ///< [multiplies] of chunks jumped, whose A counts for issuing
    std::uint64_t input_load_bytes = 0;
    std::uint64_t input_load_words = 0;  ///< [64-bit words]
    std::uint64_t weight_load_bytes = 0;
    std::uint64_t weight_load_words = 0;  ///< [64-bit words]
    std::uint64_t output_bits = 0;        ///< [bits] of the output pattern looked at
    /// [results] that left the core for good, of each phase; without those drained to come back.
    std::vector<std::uint64_t> phase_results;
    std::uint64_t coarse_bits = 0;  ///< [bits] of the coarse pattern looked at
};

/// A core's part of a row.
struct CoreWork {
    const reduction::Reduction* reduction = nullptr;
    reduction::Selection selection;
    reduction::Share share;
    bool count_effectual = true;
    bool packs_output = false;            ///< output skipping gives each column its own list of m
    std::uint64_t result_width_bits = 0;  ///< of a result that leaves the core
};

reduction::TilingParams tiling_params(const CoreParams& params);

class ConvolutionCore {
public:
    explicit ConvolutionCore(const CoreParams& params);

    /// Cold start of a row; prepares tiles 0 and 1.
    void start_row(const CoreWork& work);

    /// True while tile `number` exists and is prepared.
    [[nodiscard]] bool has_tile(std::uint64_t number) const noexcept {
        return number < prepared_tiles_;
    }
    /// Requires has_tile(number), of the last three tiles prepared.
    [[nodiscard]] const reduction::Tile& tile(std::uint64_t number) const noexcept {
        return tiles_[number % tiles_.size()];
    }
    /// A cycle no later than the release of the next tile, if its operands are there in `ready`:
    /// a PE takes at least one cycle a chunk.
    [[nodiscard]] std::uint64_t earliest_release(std::uint64_t ready_cycle) const;
    /// Runs the next tile (0, 1, …) and prepares the one after the next. Returns its release.
    std::uint64_t work(std::uint64_t input_ready_cycle, std::uint64_t weight_ready_cycle);

    /// One after the cycle of the last drain so far.
    [[nodiscard]] std::uint64_t drained_cycle() const noexcept { return array_.end_cycle(); }
    /// [bytes] of the results that have left the core for good.
    [[nodiscard]] std::uint64_t result_bytes() const noexcept;

    [[nodiscard]] CoreReport report() const;

private:
    void prepare();

    PeArray array_;
    CoreWork work_;
    std::unique_ptr<reduction::TileSequencer> sequencer_;
    std::array<reduction::Tile, 3> tiles_;
    std::uint64_t prepared_tiles_ = 0;
    std::uint64_t worked_tiles_ = 0;
    bool exhausted_ = false;
    CoreReport loads_;
};

}  // namespace skipsim::core
