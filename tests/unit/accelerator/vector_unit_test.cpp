// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_unit.h"

#include <gtest/gtest.h>

#include "models/accelerator/pooling_windows.h"
#include "models/accelerator/row.h"

namespace skipsim::accelerator {
namespace {

using base::Action;

/// The `relu` and `sigmoid` of models/MICROARCHITECTURE.md §12.
VectorPass relu() {
    VectorPass pass;
    pass.compares = 16;
    pass.reads = {{TensorSpace::value, 0, 16}};
    pass.writes = {{TensorSpace::value, 1, 16}, {TensorSpace::saved, 0, 2}};
    return pass;
}

VectorPass sigmoid() {
    VectorPass pass;
    pass.adds = 16;
    pass.specials = 32;
    pass.reads = {{TensorSpace::value, 0, 16}};
    pass.writes = {{TensorSpace::value, 1, 16}};
    return pass;
}

// relu: max(16/4, ceil(34/8)) + 2 = 7; sigmoid: max((16 + 32·4)/4, 32/8) + 2 = 38.
TEST(VectorUnit, APassLastsAsLongAsItsOperationsOrItsBytes) {
    const VectorUnitParams unit{4, 4, 8, 2};
    EXPECT_EQ(pass_cycles(unit, relu()), 7u);
    EXPECT_EQ(pass_cycles(unit, sigmoid()), 38u);
    EXPECT_EQ(vector_cycles(unit, {{relu(), sigmoid()}, {}}), 45u);
}

TEST(VectorUnit, UnlimitedLanesOrBytesCostNothing) {
    EXPECT_EQ(pass_cycles({0, 4, 8, 0}, sigmoid()), 4u);
    EXPECT_EQ(pass_cycles({4, 4, 0, 0}, relu()), 4u);
    EXPECT_EQ(pass_cycles({}, sigmoid()), 0u);
}

TEST(VectorUnit, WithoutAPassThereIsNoLatency) {
    const VectorUnitParams unit{4, 4, 8, 2};
    EXPECT_EQ(pass_cycles(unit, {}), 0u);
    EXPECT_EQ(vector_cycles(unit, {{}, sigmoid()}), 0u);  // beside a drain
}

TEST(VectorUnit, ActionsAreThoseOfThePassesAndOfWhatIsDoneBeside) {
    const base::ActionCounts actions = vector_actions({{relu()}, sigmoid()});
    EXPECT_EQ(actions[Action::vector_add], 16u);
    EXPECT_EQ(actions[Action::vector_multiply], 0u);
    EXPECT_EQ(actions[Action::vector_compare], 16u);
    EXPECT_EQ(actions[Action::vector_special], 32u);
    // relu 32 · 2 · 16 and 32 · 16; sigmoid 32 · (2 · 16 + 32) and 32 · (16 + 32)
    EXPECT_EQ(actions[Action::vector_bit_read], 1024u + 2048u);
    EXPECT_EQ(actions[Action::vector_bit_write], 512u + 1536u);
    // Bytes are counted where they go: DRAM or the global buffer.
    EXPECT_EQ(actions[Action::dram_read_byte], 0u);
    EXPECT_EQ(actions[Action::dram_write_byte], 0u);
}

TEST(VectorUnit, InARowOfItEveryPeIsIdleAndClocked) {
    ChipParams chip;
    chip.core.rows = 2;
    chip.core.columns = 2;
    chip.core.chunk_operands = 8;
    chip.core.fifo_depth_chunks = 2;
    chip.partition.core_m = 3;
    const RowCounts row = idle_row_counts(chip, 7);
    EXPECT_EQ(row.cycles, 7u);
    EXPECT_EQ(row.pe_cycles[base::PeCategory::idle], 12u * 7);
    EXPECT_EQ(row.pe_cycles.total(), 12u * 7);
    EXPECT_EQ(row.actions[Action::clock_pe_cycle], 12u * 7);
    EXPECT_EQ(row.actions[Action::fifo_bit_clock], 2u * 8 * 2 * 12 * 7);
    EXPECT_EQ(row.dram_bytes(), 0u);
    EXPECT_EQ(row.core_end_cycles, (std::vector<std::uint64_t>{0, 0, 0}));
}

TEST(VectorUnit, SpecialCyclesHaveBounds) {
    EXPECT_TRUE(VectorUnitParams{}.problems().empty());
    EXPECT_EQ((VectorUnitParams{0, 0, 0, 0}.problems().size()), 1u);
    EXPECT_EQ((VectorUnitParams{0, 65, 0, 0}.problems().size()), 1u);
}

void expect_counts(const WindowCounts& found, std::uint64_t taps, std::uint64_t windows,
                   std::uint64_t covered) {
    EXPECT_EQ(found.taps, taps);
    EXPECT_EQ(found.windows, windows);
    EXPECT_EQ(found.covered, covered);
}

TEST(PoolingWindows, OnlyInputsInsideTheTensorCount) {
    // 4 inputs, kernel 3, stride 2, padding 1: windows -1..1, 1..3: 2 + 3 taps, all 4 covered.
    expect_counts(pooling_windows({4, 2, 3, 2, 1, 1}), 5, 2, 4);
    // Dilation 2, kernel 3, padding 1, 3 inputs, 1 output: -1, 1, 3: one tap.
    expect_counts(pooling_windows({3, 1, 3, 1, 1, 2}), 1, 1, 1);
    // Kernel 1, stride 3, 5 inputs: 0 and 3.
    expect_counts(pooling_windows({5, 2, 1, 3, 0, 1}), 2, 2, 2);
    // Kernel 2, padding 2, 2 inputs, stride 1: windows -2..-1 and 2..3 lie outside.
    expect_counts(pooling_windows({2, 5, 2, 1, 2, 1}), 4, 3, 2);
}

TEST(PoolingWindows, AdaptiveWindowsMayOverlap) {
    expect_counts(adaptive_windows(3, 2), 4, 2, 3);  // 0..1, 1..2
    expect_counts(adaptive_windows(8, 1), 8, 1, 8);
    expect_counts(adaptive_windows(2, 4), 4, 4, 2);  // 0, 0, 1, 1
    expect_counts(combined(adaptive_windows(3, 2), adaptive_windows(3, 2), 4), 64, 16, 36);
}

}  // namespace
}  // namespace skipsim::accelerator
