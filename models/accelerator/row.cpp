// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/row.h"

#include <algorithm>
#include <array>
#include <future>

#include "sim/base/bits.h"
#include "sim/base/check.h"
#include "sim/base/errors.h"

namespace skipsim::accelerator {
namespace {

using base::Action;
using base::ceil_divide;
using core::CoreCounts;
using core::CoreReport;

/// Buses, FIFOs, local buffers, detectors, multipliers.
void add_array_actions(base::ActionCounts& actions, const CoreCounts& counts,
                       const core::CoreParams& core, const reduction::Selection& selection) {
    const std::uint64_t chunk = core.chunk_operands;
    const std::uint64_t width = core.operand_width_bits;
    const std::uint64_t row_bits = selection.input ? chunk : 0;
    const std::uint64_t column_bits = selection.weight ? chunk : 0;
    const std::uint64_t fifo_bits = counts.pair_chunks * (row_bits + column_bits);
    actions[Action::pe_mac] += counts.issued;
    actions[Action::pe_accumulator_write] += counts.results;
    actions[Action::output_buffer_write] += counts.results;
    actions[Action::detector_bit] +=
        selection.input || selection.weight ? counts.pair_chunks * chunk : 0;
    actions[Action::and_bit] +=
        selection.input && selection.weight ? counts.pair_chunks * chunk : 0;
    actions[Action::fifo_bit_write] += fifo_bits;
    actions[Action::fifo_bit_read] += fifo_bits;
    actions[Action::operand_buffer_bit_write] += counts.received_values * width;
    actions[Action::operand_buffer_bit_read] += 2 * counts.issued * width;
    actions[Action::bus_bit] += counts.row_values * width + counts.row_chunks * row_bits +
                                counts.column_values * width + counts.column_chunks * column_bits;
    actions[Action::input_buffer_read] += counts.row_words;
    actions[Action::weight_buffer_read] += counts.column_words;
}

/// `shared_weights`: weight tiles come through the cluster's buffer, which counts for itself.
void add_load_actions(base::ActionCounts& actions, const CoreReport& report,
                      const StreamedOperands& streamed, bool shared_weights) {
    actions[Action::input_buffer_write] += report.input_load_words;
    actions[Action::weight_buffer_write] += report.weight_load_words;
    actions[Action::sequencer_output_bit] += report.output_bits;
    actions[Action::sequencer_coarse_bit] += report.coarse_bits;
    if (streamed.input) {
        actions[Action::dram_read_byte] += report.input_load_bytes;
    } else {
        actions[Action::global_buffer_read] += report.input_load_words;
    }
    if (shared_weights) {
        return;
    }
    if (streamed.weight) {
        actions[Action::dram_read_byte] += report.weight_load_bytes;
    } else {
        actions[Action::global_buffer_read] += report.weight_load_words;
    }
}

void add_written(base::ActionCounts& actions, std::uint64_t bytes, bool streamed) {
    if (streamed) {
        actions[Action::dram_write_byte] += bytes;
    } else {
        actions[Action::global_buffer_write] += ceil_divide(bytes, 8);
    }
}

/// The pixel-major second copy: values, and bitmap if the chip has bitmaps.
void add_transposer_actions(base::ActionCounts& actions, const ChipParams& params,
                            std::uint64_t elements, bool counts_copy) {
    const std::uint64_t bits =
        elements * (params.core.operand_width_bits + (params.zero_skipping ? 1 : 0));
    actions[Action::transposer_bit] += bits;
    actions[Action::dram_write_byte] += counts_copy ? ceil_divide(bits, 8) : 0;
}

/// Partial sums drained to come back for a later slice: each is read once.
void add_spill_actions(base::ActionCounts& actions, const CoreReport& report,
                       std::uint64_t accumulator_width_bits) {
    std::uint64_t finished = 0;
    for (const std::uint64_t results : report.phase_results) {
        finished += results;
    }
    base::require(finished <= report.counts.results, "row: more results than were drained");
    actions[Action::output_buffer_read] +=
        (report.counts.results - finished) * ceil_divide(accumulator_width_bits, 64);
}

/// Parts of the k axis that hold a chunk, of each phase.
std::vector<std::uint64_t> k_parts(const ChipParams& params, const RowWork& work) {
    std::vector<std::uint64_t> parts;
    if (work.reduction == nullptr) {
        return parts;
    }
    const auto axis = static_cast<std::uint64_t>(params.partition.share_of(0, work.stage).k_parts);
    for (const reduction::Phase& phase : work.reduction->phases()) {
        parts.push_back(std::min(axis, ceil_divide(static_cast<std::uint64_t>(phase.k_count),
                                                   params.core.chunk_operands)));
    }
    return parts;
}

/// The aggregation core and the results that leave the chip.
void add_results(RowCounts& row, const ChipParams& params, const RowWork& work,
                 const std::vector<CoreReport>& reports) {
    base::ActionCounts& actions = row.actions;
    std::vector<std::vector<std::uint64_t>> drained;
    for (const CoreReport& report : reports) {
        drained.push_back(report.phase_results);
    }
    const PartialSums sums = partial_sums(drained, k_parts(params, work));
    const AggregationWork added =
        aggregate(params.aggregation, sums, params.accumulator_width_bits);
    actions[Action::aggregation_add] += added.adds;
    actions[Action::aggregation_read] += added.words;
    actions[Action::aggregation_write] += added.words;
    actions[Action::dram_read_byte] += added.spill_bytes;
    actions[Action::dram_write_byte] += added.spill_bytes;
    const bool weight_gradient = work.stage == reduction::TrainingStage::weight_gradient;
    const std::uint64_t width =
        weight_gradient ? params.accumulator_width_bits : params.core.operand_width_bits;
    row.result_bytes = ceil_divide(sums.results * width, 8);
    add_written(actions, row.result_bytes, work.streamed.output);
    row.aggregation_cycles = added.cycles;
}

/// Clocks.
void add_row_actions(base::ActionCounts& actions, const ChipParams& params, std::uint64_t cycles) {
    const std::uint64_t pe_cycles = params.processing_elements() * cycles;
    actions[Action::clock_pe_cycle] += pe_cycles;
    actions[Action::leakage_pe_cycle] += pe_cycles;
    if (params.zero_skipping) {
        actions[Action::fifo_bit_clock] +=
            pe_cycles * 2 * params.core.chunk_operands * params.core.fifo_depth_chunks;
    }
}

void add_multiplies(RowCounts& row, const RowWork& work, std::uint64_t in_bounds_pairs,
                    std::uint64_t row_pairs, std::uint64_t jumped_pairs) {
    base::require(work.dense_macs >= in_bounds_pairs &&
                      in_bounds_pairs >= row_pairs + jumped_pairs && row_pairs >= row.issued &&
                      row.issued >= row.effectual,
                  "row: multiplies do not add up");
    row.skipped_output = work.dense_macs - in_bounds_pairs;
    row.skipped_input = in_bounds_pairs - row_pairs - jumped_pairs;
    row.skipped_coarse = jumped_pairs;
    row.skipped_weight = row_pairs - row.issued;
}

}  // namespace

bool is_balanced(const ChipParams& params, const reduction::Reduction& reduction,
                 const reduction::Selection& selection) {
    return params.balancer.enabled && selection.weight &&
           reduction.columns_per_group() == reduction.column_count();
}

core::CoreWork core_work(const ChipParams& params, const RowWork& work, std::int64_t core) {
    core::CoreWork core_work{work.reduction, work.selection,
                             params.partition.share_of(core, work.stage), work.count_effectual};
    core_work.packs_output = work.output_mode == OutputMode::packed;
    const bool drains_sums =
        work.stage == reduction::TrainingStage::weight_gradient || splits_k(params, work);
    core_work.result_width_bits =
        drains_sums ? params.accumulator_width_bits : params.core.operand_width_bits;
    return core_work;
}

RowCounts row_counts(const ChipParams& params, const RowWork& work,
                     const std::vector<CoreReport>& reports) {
    RowCounts row;
    std::uint64_t in_bounds_pairs = 0;
    std::uint64_t row_pairs = 0;
    std::uint64_t jumped_pairs = 0;
    for (const CoreReport& report : reports) {
        row.cycles = std::max(row.cycles, report.end_cycle);
        row.core_end_cycles.push_back(report.end_cycle);
        row.issued += report.counts.issued;
        row.effectual += report.counts.effectual;
        row.pe_cycles += report.counts.pe_cycles;
        in_bounds_pairs += report.in_bounds_pairs;
        row_pairs += report.counts.pair_row_values;
        jumped_pairs += report.jumped_pairs;
        add_array_actions(row.actions, report.counts, params.core, work.selection);
        add_load_actions(row.actions, report, work.streamed, params.memory.cluster.ports != 0);
        add_spill_actions(row.actions, report, params.accumulator_width_bits);
    }
    add_results(row, params, work, reports);
    row.cycles += row.aggregation_cycles;
    if (params.transposer_values_per_cycle != 0) {
        row.cycles = std::max(
            row.cycles, ceil_divide(work.transposed_elements, params.transposer_values_per_cycle));
    }
    row.balancer_cycles = core::balancer_cycles(params.balancer, work.balancer);
    row.cycles = std::max(row.cycles + row.balancer_cycles, work.minimum_cycles);
    row.actions[Action::balancer_bit] += work.balancer.bits;
    row.actions[Action::balancer_compare] += work.balancer.compares;
    const std::uint64_t pe_cycles = params.processing_elements() * row.cycles;
    base::require(row.pe_cycles.total() <= pe_cycles, "row: more PE cycles than there are");
    row.pe_cycles[base::PeCategory::idle] += pe_cycles - row.pe_cycles.total();
    add_row_actions(row.actions, params, row.cycles);
    add_transposer_actions(row.actions, params, work.transposed_elements, work.counts_copy);
    add_multiplies(row, work, in_bounds_pairs, row_pairs, jumped_pairs);
    return row;
}

RowCounts idle_row_counts(const ChipParams& params, std::uint64_t cycles) {
    RowCounts row;
    row.cycles = cycles;
    row.core_end_cycles.assign(static_cast<std::size_t>(params.partition.cores()), 0);
    row.pe_cycles[base::PeCategory::idle] = params.processing_elements() * cycles;
    add_row_actions(row.actions, params, cycles);
    return row;
}

bool splits_k(const ChipParams& params, const RowWork& work) {
    const std::vector<std::uint64_t> parts = k_parts(params, work);
    return std::any_of(parts.begin(), parts.end(), [](std::uint64_t count) { return count > 1; });
}

core::CoreReport simulate_core(const ChipParams& params, const core::CoreWork& work) {
    core::ConvolutionCore core(params.core);
    memory::LoadPort input_port(params.input_port);
    memory::LoadPort weight_port(params.weight_port);
    std::array<std::uint64_t, 2> input_ready{};
    std::array<std::uint64_t, 2> weight_ready{};
    const auto request = [&](std::uint64_t tile, std::uint64_t cycle) {
        if (!core.has_tile(tile)) {
            return;
        }
        const reduction::Tile& next = core.tile(tile);
        input_ready[tile % 2] = input_port.request(cycle, next.row_operands->load_bytes);
        weight_ready[tile % 2] =
            next.loads_weight ? weight_port.request(cycle, next.weight_load_bytes) : 0;
    };
    core.start_row(work);
    request(0, 0);
    request(1, 0);
    for (std::uint64_t tile = 0; core.has_tile(tile); ++tile) {
        const std::uint64_t release = core.work(input_ready[tile % 2], weight_ready[tile % 2]);
        request(tile + 2, release);
    }
    return core.report();
}

RowCounts simulate_row(const ChipParams& params, const RowWork& work, base::TaskPool& pool) {
    const std::int64_t cores = params.partition.cores();
    std::vector<CoreReport> reports(static_cast<std::size_t>(cores));
    std::vector<std::future<std::uint64_t>> done;
    for (std::int64_t core = 0; core < cores; ++core) {
        CoreReport& report = reports[static_cast<std::size_t>(core)];
        done.push_back(pool.submit([&params, &work, &report, core] {
            report = simulate_core(params, core_work(params, work, core));
            return std::uint64_t{0};
        }));
    }
    for (std::future<std::uint64_t>& task : done) {
        task.wait();  // all of them, before an exception may end this frame
    }
    for (std::future<std::uint64_t>& task : done) {
        task.get();
    }
    return row_counts(params, work, reports);
}

}  // namespace skipsim::accelerator
