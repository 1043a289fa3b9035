// SPDX-License-Identifier: Apache-2.0
#include "sim/base/actions.h"

namespace skipsim::base {

const std::array<ActionDescription, kActionCount>& action_catalogue() noexcept {
    static constexpr std::array<ActionDescription, kActionCount> kCatalogue{{
        {Action::pe_mac, "pe.mac", "pe", "multiply-accumulate",
         "an issued pair of operands, multiplied and accumulated"},
        {Action::pe_accumulator_write, "pe.accumulator_write", "pe", "result",
         "a finished result handed from an accumulator to its column's drain"},
        {Action::detector_bit, "detector.bit", "detector", "bit",
         "a mask bit looked at by a leading-one detector"},
        {Action::and_bit, "and.bit", "detector", "bit", "a bit of two operand bitmaps ANDed"},
        {Action::fifo_bit_write, "fifo.bit_write", "fifo", "bit",
         "a bitmap bit written into a FIFO of a processing element"},
        {Action::fifo_bit_read, "fifo.bit_read", "fifo", "bit",
         "a bitmap bit read from a FIFO of a processing element"},
        {Action::fifo_bit_clock, "fifo.bit_clock", "fifo", "bit cycle",
         "a flip-flop of the bitmap FIFOs clocked for one cycle"},
        {Action::operand_buffer_bit_write, "operand_buffer.bit_write", "operand_buffer", "bit",
         "an operand bit written into a processing element's local buffer"},
        {Action::operand_buffer_bit_read, "operand_buffer.bit_read", "operand_buffer", "bit",
         "an operand bit read from a processing element's local buffer"},
        {Action::bus_bit, "bus.bit", "bus", "bit",
         "a bit (operand or bitmap) driven once over a row or column bus"},
        {Action::input_buffer_read, "input_buffer.read", "input_buffer", "64-bit word",
         "a word read from a core's input buffer for a row bus"},
        {Action::input_buffer_write, "input_buffer.write", "input_buffer", "64-bit word",
         "a word of a loaded input tile written into a core's input buffer"},
        {Action::weight_buffer_read, "weight_buffer.read", "weight_buffer", "64-bit word",
         "a word read from the weight buffer for a column bus"},
        {Action::weight_buffer_write, "weight_buffer.write", "weight_buffer", "64-bit word",
         "a word of a loaded weight tile written into the weight buffer"},
        {Action::output_buffer_write, "output_buffer.write", "output_buffer", "64-bit word",
         "a drained result written into a core's output buffer"},
        {Action::sequencer_output_bit, "sequencer.output_bit", "sequencer", "bit",
         "a bit of the output pattern looked at while the list of needed rows is made"},
        {Action::sequencer_coarse_bit, "sequencer.coarse_bit", "sequencer", "bit",
         "a bit, one a chunk and column, looked at to jump pruned blocks of weights"},
        {Action::transposer_bit, "transposer.bit", "transposer", "bit",
         "a bit of the pixel-major second copy written for the weight gradient"},
        {Action::dram_read_byte, "dram.read_byte", "dram", "byte", "a byte read from memory"},
        {Action::dram_write_byte, "dram.write_byte", "dram", "byte", "a byte written to memory"},
        {Action::clock_pe_cycle, "clock.pe_cycle", "clock", "PE cycle",
         "one processing element clocked for one cycle, with its share of the chip"},
        {Action::leakage_pe_cycle, "leakage.pe_cycle", "leakage", "PE cycle",
         "one processing element leaking for one cycle, with its share of the chip"},
    }};
    return kCatalogue;
}

}  // namespace skipsim::base
