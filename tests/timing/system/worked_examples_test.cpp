// SPDX-License-Identifier: Apache-2.0
// The worked examples of models/MICROARCHITECTURE.md §19 with the memory system; the page derives
// the numbers. Each TEST elaborates its own design, so each needs a process of its own: run with
// ctest.
#include <gtest/gtest.h>

#include "sim/system/chip_module.h"
#include "tests/support/dram_files.h"
#include "tests/support/worked_example.h"

namespace skipsim::system {
namespace {

using base::Action;
using test::categories;
using test::small_chip;
using test::small_example;

constexpr memory::TensorId kInput = 0;
constexpr memory::TensorId kWeight = 1;
constexpr memory::TensorId kOutput = 2;

memory::TensorUse use(memory::TensorId id, std::uint64_t bytes, bool is_written) {
    memory::TensorUse use;
    use.id = id;
    use.bytes = bytes;
    use.is_read = !is_written;
    use.is_written = is_written;
    return use;
}

/// Value of x, parameter, value of y of the small layer: inference, so no copy of x.
RowMemory layer_memory(std::uint64_t samples) {
    RowMemory row;
    row.uses = {use(kInput, 3 * samples, false), use(kWeight, 3, false),
                use(kOutput, samples, true)};
    row.input = kInput;
    row.weight = kWeight;
    row.output = kOutput;
    return row;
}

struct Chip {
    explicit Chip(const accelerator::ChipParams& params)
        : module("chip", params, pool), addresses({0, 4096, 8192}) {}

    accelerator::RowCounts run_layer(std::size_t samples) {
        const test::LinearExample layer = small_example(samples);
        const reduction::Reduction reduction = layer.forward();
        const RowMemory row = layer_memory(samples);
        return module.run_row(layer.work(reduction), request(row));
    }
    [[nodiscard]] RowRequest request(const RowMemory& row) const {
        return {"row", &row, nullptr, &addresses};
    }

    base::TaskPool pool{1};
    AcceleratorModule module;
    TensorAddresses addresses;
};

accelerator::ChipParams chip_with_ideal_memory(std::uint64_t bytes_per_cycle,
                                               std::uint64_t latency_cycles) {
    accelerator::ChipParams chip = small_chip();
    chip.memory.dma.ideal_bytes_per_cycle = bytes_per_cycle;
    chip.memory.dma.ideal_latency_cycles = latency_cycles;
    return chip;
}

TEST(WorkedExamples, Fill) {
    accelerator::ChipParams params = chip_with_ideal_memory(1, 2);
    params.memory.global_buffer_bytes = 4096;
    Chip chip(params);
    const accelerator::RowCounts row = chip.run_layer(1);
    EXPECT_EQ(categories(row), "mac 1 wait_memory 5 wait_weight 3 wait_operand 1 idle 1 of 11");
    EXPECT_EQ(row.actions[Action::dram_read_byte], 6U);
    EXPECT_EQ(row.actions[Action::global_buffer_write], 1U + 1 + 1) << "two fills, the result";
    EXPECT_EQ(row.actions[Action::global_buffer_read], 1U + 1) << "two loads";
    EXPECT_EQ(row.actions[Action::dram_write_byte], 0U);
}

// y is dirty but neither read later nor outlives the iteration: nothing is written back.
TEST(WorkedExamples, AnOperandThatStaysIsThereAtOnce) {
    accelerator::ChipParams params = chip_with_ideal_memory(1, 2);
    params.memory.global_buffer_bytes = 4096;
    Chip chip(params);
    chip.run_layer(1);
    EXPECT_EQ(categories(chip.run_layer(1)), "mac 1 wait_operand 1 idle 1 of 3");
    const accelerator::RowCounts end = chip.module.end_iteration(chip.addresses);
    EXPECT_EQ(end.cycles, 0U);
    EXPECT_EQ(end.actions[Action::dram_write_byte], 0U);
}

TEST(WorkedExamples, Stream) {
    Chip chip(chip_with_ideal_memory(1, 2));
    const accelerator::RowCounts row = chip.run_layer(2);
    EXPECT_EQ(categories(row), "mac 2 wait_memory 5 wait_weight 6 wait_operand 2 idle 1 of 16");
    EXPECT_EQ(row.actions[Action::dram_read_byte], 9U);
    EXPECT_EQ(row.actions[Action::dram_write_byte], 2U);
}

TEST(WorkedExamples, ClusterBuffer) {
    accelerator::ChipParams params = chip_with_ideal_memory(0, 4);
    params.partition.core_m = 2;
    params.memory.cluster.ports = 1;
    params.memory.cluster.banks = 1;
    params.memory.cluster.burst_bytes = 2;
    params.memory.cluster.port_bytes_per_cycle = 1;
    params.memory.cluster.fill_bytes_per_cycle = 1;
    Chip chip(params);
    const accelerator::RowCounts row = chip.run_layer(2);
    EXPECT_EQ(categories(row), "mac 2 wait_memory 8 wait_weight 14 wait_operand 2 idle 2 of 14");
    EXPECT_EQ(row.actions[Action::cluster_buffer_write], 1U) << "one fetch for both cores";
    EXPECT_EQ(row.actions[Action::cluster_buffer_read], 2U) << "two bursts, joined";
    EXPECT_EQ(row.actions[Action::dram_read_byte], 9U);
    EXPECT_EQ(row.actions[Action::weight_buffer_write], 2U) << "each core's own";
}

TEST(WorkedExamples, OutputBuffer) {
    accelerator::ChipParams params = chip_with_ideal_memory(1, 10);
    params.memory.stores_hold_tiles = true;
    Chip chip(params);
    EXPECT_EQ(categories(chip.run_layer(3)),
              "mac 3 wait_memory 25 wait_weight 6 wait_operand 3 idle 1 of 38");
}

TEST(WorkedExamples, OutputBufferWithoutEnd) {
    Chip chip(chip_with_ideal_memory(1, 10));
    EXPECT_EQ(categories(chip.run_layer(3)),
              "mac 3 wait_memory 24 wait_weight 6 wait_operand 3 idle 1 of 37");
}

/// Core and memory at 1200 MHz: 833 ps both.
accelerator::ChipParams chip_with_ddr4(std::uint64_t crossing_cycles) {
    accelerator::ChipParams chip = small_chip();
    chip.memory.global_buffer_bytes = 4096;
    chip.memory.dram = test::dram_params(test::shipped_memory("ddr4-2400"));
    chip.memory.core_period_ps = 833;
    chip.memory.memory_period_ps = 833;
    chip.memory.crossing_cycles = crossing_cycles;
    chip.memory.dma.ideal = false;
    chip.memory.dma.burst_bytes = chip.memory.dram->burst_bytes();
    return chip;
}

TEST(WorkedExamples, Dram) {
    Chip chip(chip_with_ddr4(0));
    const accelerator::RowCounts row = chip.run_layer(1);
    EXPECT_EQ(categories(row), "mac 1 wait_memory 37 wait_weight 6 wait_operand 1 idle 1 of 46");
    EXPECT_EQ(row.actions[Action::dram_activate], 1U);
    EXPECT_EQ(row.actions[Action::dram_read_burst], 2U);
}

TEST(WorkedExamples, Crossing) {
    Chip chip(chip_with_ddr4(2));
    EXPECT_EQ(categories(chip.run_layer(1)),
              "mac 1 wait_memory 39 wait_weight 6 wait_operand 1 idle 1 of 48");
}

/// A pass of `cycles` cycles on one lane; 192 bytes of tensor 0 are read or written.
accelerator::RowCounts run_pass(Chip& chip, std::uint64_t cycles, bool is_write) {
    accelerator::VectorWork work;
    work.passes.emplace_back();
    work.passes.front().adds = cycles;
    RowMemory row;
    row.uses = {use(kInput, 192, is_write)};
    row.passes.emplace_back();
    (is_write ? row.passes.front().writes : row.passes.front().reads) = {{kInput, 192}};
    return chip.module.run_vector_row(work, chip.request(row));
}

accelerator::ChipParams vector_chip() {
    accelerator::ChipParams chip = chip_with_ideal_memory(16, 0);
    chip.vector_unit.lanes = 1;
    chip.memory.vector_block_bytes = 64;
    return chip;
}

TEST(WorkedExamples, LoadBound) {
    Chip chip(vector_chip());
    const accelerator::RowCounts row = run_pass(chip, 6, false);
    EXPECT_EQ(row.cycles, 14U);
    EXPECT_EQ(chip.module.vector_unit_cycles().busy, 6U);
    EXPECT_EQ(chip.module.vector_unit_cycles().blocked, 0U);
    EXPECT_EQ(row.actions[Action::dram_read_byte], 192U);
}

TEST(WorkedExamples, ComputeBound) {
    Chip chip(vector_chip());
    EXPECT_EQ(run_pass(chip, 30, false).cycles, 34U);
}

TEST(WorkedExamples, StoreBound) {
    Chip chip(vector_chip());
    EXPECT_EQ(run_pass(chip, 3, true).cycles, 6U);
    EXPECT_EQ(chip.module.vector_unit_cycles().blocked, 3U);
    // Stores 1-5, 5-9, 9-13: 7 cycles after the row.
    EXPECT_EQ(chip.module.end_iteration(chip.addresses).cycles, 7U);
}

/// 40 adds on 4 lanes, handed over before the layer's row; the cycles of its WU row.
std::uint64_t update_cycles_behind(std::uint64_t layer_latency) {
    accelerator::ChipParams params = chip_with_ideal_memory(0, 0);
    params.vector_unit.lanes = 4;
    params.input_port.latency_cycles = layer_latency;
    Chip chip(params);
    accelerator::VectorWork work;
    work.passes.emplace_back();
    work.passes.front().adds = 40;
    RowMemory row;
    row.passes.emplace_back();
    const std::size_t update = chip.module.start_update(work, chip.request(row));
    EXPECT_EQ(chip.run_layer(1).cycles, 3 + layer_latency);
    return chip.module.finish_update(update).cycles;
}

TEST(WorkedExamples, ExposedUpdate) {
    EXPECT_EQ(update_cycles_behind(0), 7U);
}

TEST(WorkedExamples, HiddenUpdate) {
    EXPECT_EQ(update_cycles_behind(8), 0U);
}

}  // namespace
}  // namespace skipsim::system
