// SPDX-License-Identifier: Apache-2.0
#include "models/core/convolution_core.h"

#include <algorithm>

#include "sim/base/bits.h"
#include "sim/base/check.h"
#include "sim/base/interrupt.h"

namespace skipsim::core {

reduction::TilingParams tiling_params(const CoreParams& params) {
    reduction::TilingParams tiling;
    tiling.rows = params.rows;
    tiling.columns = params.columns;
    tiling.lanes = params.lanes();
    tiling.chunk_operands = params.chunk_operands;
    tiling.tile_chunks = params.tile_chunks;
    tiling.operand_width_bits = params.operand_width_bits;
    tiling.psum_spill = params.psum_spill;
    tiling.private_groups = params.private_groups;
    tiling.coarse_runs = params.coarse_runs;
    return tiling;
}

ConvolutionCore::ConvolutionCore(const CoreParams& params) : array_(params) {}

void ConvolutionCore::start_row(const CoreWork& work) {
    work_ = work;
    array_.start_row({work.selection.input, work.selection.weight});
    reduction::TilingParams tiling = tiling_params(array_.params());
    tiling.packed_output = work.packs_output;
    sequencer_ = std::make_unique<reduction::TileSequencer>(*work.reduction, tiling, work.selection,
                                                            work.share, work.count_effectual);
    prepared_tiles_ = 0;
    worked_tiles_ = 0;
    exhausted_ = false;
    loads_ = CoreReport{};
    prepare();
    prepare();
}

void ConvolutionCore::prepare() {
    reduction::Tile& tile = tiles_[prepared_tiles_ % tiles_.size()];
    if (exhausted_ || !sequencer_->next(tile)) {
        exhausted_ = true;
        return;
    }
    ++prepared_tiles_;
    loads_.in_bounds_pairs += tile.in_bounds_pairs;
    loads_.input_load_bytes += tile.row_operands->load_bytes;
    loads_.input_load_words += base::ceil_divide(tile.row_operands->load_bytes, 8);
    loads_.weight_load_bytes += tile.weight_load_bytes;
    loads_.weight_load_words += base::ceil_divide(tile.weight_load_bytes, 8);
}

std::uint64_t ConvolutionCore::earliest_release(std::uint64_t ready_cycle) const {
    const reduction::Tile& next = tile(worked_tiles_);
    // PE (0, 0) has a place in every result and takes every chunk, unless the tile is uneven.
    const std::uint64_t free = next.is_uneven() ? 0 : array_.first_pe_free_cycle();
    return std::max(ready_cycle, free) + next.least_cycles;
}

std::uint64_t ConvolutionCore::work(std::uint64_t input_ready_cycle,
                                    std::uint64_t weight_ready_cycle) {
    base::require(has_tile(worked_tiles_), "convolution_core: no tile left to work on");
    base::throw_if_interrupted();  // a row of a huge layer can take minutes
    const reduction::Tile& current = tile(worked_tiles_);
    const std::uint64_t drained_before = array_.drained();
    const std::uint64_t release = array_.run_tile(current, input_ready_cycle, weight_ready_cycle);
    if (current.completes_result) {
        loads_.phase_results.resize(
            std::max<std::size_t>(loads_.phase_results.size(), std::size_t{current.phase} + 1));
        loads_.phase_results[current.phase] += array_.drained() - drained_before;
    }
    ++worked_tiles_;
    prepare();
    return release;
}

std::uint64_t ConvolutionCore::result_bytes() const noexcept {
    std::uint64_t results = 0;
    for (const std::uint64_t of_phase : loads_.phase_results) {
        results += of_phase;
    }
    return results * work_.result_width_bits / 8;
}

CoreReport ConvolutionCore::report() const {
    CoreReport report = loads_;
    report.end_cycle = array_.end_cycle();
    report.counts = array_.counts();
    report.jumped_pairs = report.counts.jumped_values;
    if (sequencer_) {
        report.in_bounds_pairs += sequencer_->left_out_pairs();
        report.jumped_pairs += sequencer_->left_out_values();
        report.output_bits = sequencer_->output_bits();
        report.coarse_bits = sequencer_->coarse_bits();
    }
    return report;
}

}  // namespace skipsim::core
