// SPDX-License-Identifier: Apache-2.0
// Dense-equivalent multiply-accumulates per second of the fast engine on one thread: FIFO
// back-pressure and all PE categories on. `array`: the PE array alone, operands prepared.
// `row`: a whole core, with gathering the operands (im2col) and tile loads.
#include <benchmark/benchmark.h>

#include "models/accelerator/row.h"
#include "sim/base/random.h"
#include "tests/support/random_layer.h"

namespace {

using namespace skipsim;

/// 3 × 3, 64 → 64 channels on 56 × 56: the layer peers are measured on.
reduction::ConvolutionShape layer_shape() {
    reduction::ConvolutionShape shape;
    shape.in_channels = 64;
    shape.out_channels = 64;
    shape.in_size = {56, 56};
    shape.out_size = {56, 56};
    shape.kernel = {3, 3};
    shape.padding = {1, 1};
    return shape;
}

test::RandomLayer layer_with_zeros(double zeros) {
    base::Random random(42);
    test::RandomLayer layer;
    layer.shape = layer_shape();
    layer.x = test::random_tensor(random, 1, 64 * 56 * 56, 1.0 - zeros);
    layer.dy = test::random_tensor(random, 1, 64 * 56 * 56, 1.0 - zeros);
    layer.dx_needed = layer.x;
    layer.weight = test::random_bits(random, layer.shape.weight_elements(), 1.0 - zeros);
    layer.weight_keep = layer.weight;
    return layer;
}

accelerator::ChipParams chip_params(std::int64_t chunk) {
    accelerator::ChipParams chip;
    chip.core.chunk_operands = static_cast<std::uint32_t>(chunk);
    chip.core.bus_values = 16;
    chip.input_port = {16, 100};
    chip.weight_port = {16, 100};
    return chip;
}

void report_rate(benchmark::State& state, double macs, double cycles) {
    state.counters["dense_MAC"] = benchmark::Counter(macs, benchmark::Counter::kIsRate);
    state.counters["chip_cycle"] = benchmark::Counter(cycles, benchmark::Counter::kIsRate);
}

/// Arguments: chunk [operands], zeros in both operands [percent].
void array(benchmark::State& state) {
    const test::RandomLayer layer = layer_with_zeros(static_cast<double>(state.range(1)) / 100.0);
    const accelerator::ChipParams chip = chip_params(state.range(0));
    const reduction::Reduction reduction(reduction::TrainingStage::feed_forward, layer.shape,
                                         layer.patterns(), false);
    reduction::TileSequencer sequencer(reduction, core::tiling_params(chip.core),
                                       {true, true, false}, {}, true);
    std::vector<reduction::Tile> tiles(50);
    std::uint64_t pairs = 0;
    for (reduction::Tile& tile : tiles) {
        sequencer.next(tile);
        pairs += tile.row_operands->in_bounds_reads * tile.column_operands->columns_active;
    }
    core::PeArray pe_array(chip.core);
    double macs = 0;
    double cycles = 0;
    for (auto _ : state) {
        pe_array.start_row({true, true});
        for (const reduction::Tile& tile : tiles) {
            pe_array.run_tile(tile, 0, 0);
        }
        macs += static_cast<double>(pairs);
        cycles += static_cast<double>(pe_array.end_cycle());
    }
    report_rate(state, macs, cycles);
}

/// The array alone on uneven tiles, 50 % zeros. Arguments: chunk [operands]; private (1): every PE
/// fed by itself, or (0) broadcast with one column that jumps one chunk.
void uneven_array(benchmark::State& state) {
    const test::RandomLayer layer = layer_with_zeros(0.5);
    accelerator::ChipParams chip = chip_params(state.range(0));
    reduction::TilingParams tiling = core::tiling_params(chip.core);
    tiling.packed_output = state.range(1) == 1;
    const reduction::Reduction reduction(reduction::TrainingStage::back_propagation, layer.shape,
                                         layer.patterns(), false);
    reduction::TileSequencer sequencer(reduction, tiling, {true, true, tiling.packed_output}, {},
                                       true);
    std::vector<reduction::Tile> tiles(50);
    std::uint64_t pairs = 0;
    for (reduction::Tile& tile : tiles) {
        sequencer.next(tile);
        pairs += tile.in_bounds_pairs;
        if (!tile.is_private) {
            auto columns = std::make_shared<reduction::ColumnOperands>(*tile.column_operands);
            columns->jumped.assign(std::size_t{tile.chunks} * chip.core.lanes(), 0);
            columns->jumped[0] = ~std::uint64_t{0};
            tile.column_operands = columns;
        }
    }
    core::PeArray pe_array(chip.core);
    double macs = 0;
    double cycles = 0;
    for (auto _ : state) {
        pe_array.start_row({true, true});
        for (const reduction::Tile& tile : tiles) {
            pe_array.run_tile(tile, 0, 0);
        }
        macs += static_cast<double>(pairs);
        cycles += static_cast<double>(pe_array.end_cycle());
    }
    report_rate(state, macs, cycles);
}

/// A depthwise layer, 3 × 3, 64 channels on 56 × 56. Arguments: group_columns private (1) or
/// separate (0), stage (0 FF, 1 BP, 2 WG).
void depthwise_row(benchmark::State& state) {
    test::RandomLayer layer = layer_with_zeros(0.5);
    layer.shape.groups = 64;
    accelerator::ChipParams chip = chip_params(64);
    chip.core.private_groups = state.range(0) == 1;
    accelerator::RowWork work;
    work.stage = static_cast<reduction::TrainingStage>(state.range(1));
    const reduction::Reduction reduction(work.stage, layer.shape, layer.patterns(), false);
    work.reduction = &reduction;
    work.selection = {true, true, false};
    work.dense_macs = reduction::dense_macs(layer.shape);
    base::TaskPool pool(1);
    double macs = 0;
    double cycles = 0;
    for (auto _ : state) {
        cycles += static_cast<double>(accelerator::simulate_row(chip, work, pool).cycles);
        macs += static_cast<double>(work.dense_macs);
    }
    report_rate(state, macs, cycles);
}

/// Arguments: chunk [operands], zeros [percent], stage (0 FF, 1 BP, 2 WG).
void row(benchmark::State& state) {
    const test::RandomLayer layer = layer_with_zeros(static_cast<double>(state.range(1)) / 100.0);
    const accelerator::ChipParams chip = chip_params(state.range(0));
    accelerator::RowWork work;
    work.stage = static_cast<reduction::TrainingStage>(state.range(2));
    const reduction::Reduction reduction(work.stage, layer.shape, layer.patterns(), false);
    work.reduction = &reduction;
    work.selection = {true, true, false};
    work.dense_macs = reduction::dense_macs(layer.shape);
    base::TaskPool pool(1);
    double macs = 0;
    double cycles = 0;
    for (auto _ : state) {
        cycles += static_cast<double>(accelerator::simulate_row(chip, work, pool).cycles);
        macs += static_cast<double>(work.dense_macs);
    }
    report_rate(state, macs, cycles);
}

BENCHMARK(array)->ArgsProduct({{32, 64, 128, 256}, {0, 90}})->ArgNames({"chunk", "zeros"});
BENCHMARK(uneven_array)->ArgsProduct({{32, 64, 128, 256}, {0, 1}})->ArgNames({"chunk", "private"});
BENCHMARK(depthwise_row)
    ->ArgsProduct({{0, 1}, {0, 1, 2}})
    ->ArgNames({"private", "stage"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(row)
    ->ArgsProduct({{64, 128}, {0, 50, 90}, {0, 1, 2}})
    ->ArgNames({"chunk", "zeros", "stage"})
    ->Unit(benchmark::kMillisecond);

}  // namespace
