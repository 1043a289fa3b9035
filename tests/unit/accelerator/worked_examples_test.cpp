// SPDX-License-Identifier: Apache-2.0
// The worked examples of models/MICROARCHITECTURE.md §19 that need no memory system; the page
// derives the numbers.
#include <gtest/gtest.h>

#include "tests/support/worked_example.h"

namespace skipsim::accelerator {
namespace {

using test::categories;
using test::LinearExample;
using test::small_chip;
using test::small_example;

RowCounts run(const ChipParams& chip, const LinearExample& layer, bool dense = false) {
    const reduction::Reduction reduction = layer.forward();
    RowWork work = layer.work(reduction);
    if (dense) {
        work.selection = {};
    }
    base::TaskPool pool(1);
    return simulate_row(chip, work, pool);
}

TEST(WorkedExamples, Mac) {
    EXPECT_EQ(categories(run(small_chip(), small_example())), "mac 1 wait_operand 1 idle 1 of 3");
}

TEST(WorkedExamples, Ineffectual) {
    EXPECT_EQ(categories(run(small_chip(), small_example(), true)),
              "mac 1 ineffectual 2 wait_operand 1 idle 1 of 5");
}

TEST(WorkedExamples, EmptyChunk) {
    EXPECT_EQ(categories(run(small_chip(), LinearExample({"101"}, {"010"}))),
              "empty_chunk 1 wait_operand 1 idle 1 of 3");
}

TEST(WorkedExamples, WaitMemory) {
    ChipParams chip = small_chip();
    chip.input_port = {1, 5};
    chip.weight_port = {0, 5};
    EXPECT_EQ(categories(run(chip, small_example())),
              "mac 1 wait_memory 8 wait_operand 1 idle 1 of 11");
}

TEST(WorkedExamples, WaitWeight) {
    ChipParams chip = small_chip();
    chip.weight_port = {1, 0};
    EXPECT_EQ(categories(run(chip, small_example())),
              "mac 1 wait_weight 3 wait_operand 1 idle 1 of 6");
}

TEST(WorkedExamples, WaitSibling) {
    ChipParams chip = small_chip();
    chip.core.columns = 2;
    chip.core.tile_chunks = 4;
    const LinearExample layer({"111111111111111111111111"},
                              {"100000001000000010000000", "111111111111111111111111"});
    EXPECT_EQ(categories(run(chip, layer)), "mac 27 wait_sibling 6 wait_operand 4 idle 15 of 26");
}

TEST(WorkedExamples, WaitDrain) {
    ChipParams chip = small_chip();
    chip.core.rows = 2;
    chip.core.fifo_depth_chunks = 4;
    chip.core.tile_chunks = 4;
    EXPECT_EQ(categories(run(chip, LinearExample({"1", "1", "1"}, {"1", "1"}))),
              "mac 6 wait_operand 3 wait_drain 1 idle 6 of 8");
}

}  // namespace
}  // namespace skipsim::accelerator
