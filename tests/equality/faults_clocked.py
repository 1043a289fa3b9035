# SPDX-License-Identifier: Apache-2.0
"""Faults in the clocked engine; see faults.py."""
from .faults import Fault

_CORE = "models/core/clocked/"
_PE = _CORE + "processing_element.cpp"
_LISTS = _CORE + "array_lists.cpp"
_FLOW = _CORE + "deliveries.h"
_TILES = "models/reduction/clocked/"
_DMA = "models/memory/clocked/dma_engine.cpp"
_BANKS = "models/cluster/clocked/weight_banks.cpp"
_VECTOR = "models/accelerator/clocked/vector_unit.cpp"
_CHIP = "sim/system/clocked_chip_module.cpp"

_ARRAY = [
    Fault("a FIFO has a slot less", _CORE + "fifo.h",
          "number < seen + slots_.size();", "number + 1 < seen + slots_.size();", says="status 70"),
    Fault("a chunk is seen in the cycle in which it arrives", _CORE + "fifo.h",
          "slot.cycle == cycle ? nullptr : slot.chunk;", "cycle == kNoCycle ? nullptr : slot.chunk;"),
    Fault("a clocked PE has one accumulator", _PE,
          "const Accumulator& other = accumulators_[current_ ^ 1U];\n            return !next",
          "const Accumulator& other = accumulators_[current_];\n            return !next"),
    Fault("a drained accumulator is free in the same cycle's eyes", _PE,
          "accumulator.state = AccumulatorState::free;\n    accumulator.cycle = cycle;",
          "accumulator.state = AccumulatorState::free;\n    accumulator.cycle = cycle + 1;"),
    Fault("waiting for a sibling comes before idle", _CORE + "processing_element.h",
          "no_chunk, memory, weight, idle, sibling, operand",
          "no_chunk, memory, weight, sibling, idle, operand"),
    Fault("a sum drains in the cycle in which it is finished", _CORE + "processing_element.h",
          "oldest.state == AccumulatorState::finished && oldest.cycle != cycle;",
          "oldest.state == AccumulatorState::finished && cycle != kNoCycle;"),
    Fault("a drain is lost", _LISTS,
          "drains[end.pe % params.columns].add(end.pe);",
          "if (end.result != 1) {\n            drains[end.pe % params.columns].add(end.pe);\n"
          "        }", says="status 70"),
    Fault("a drain takes rows backwards", _LISTS,
          "std::pair(a.result, a.pe) < std::pair(b.result, b.pe);",
          "std::pair(a.result, b.pe) < std::pair(b.result, a.pe);"),
    Fault("a bus does not wait for weights", _CORE + "bus.cpp",
          "!next.tile->has_input || !next.tile->has_weight", "!next.tile->has_input"),
    Fault("a bus forgets its last value", _FLOW,
          "base::ceil_divide(chunk.sent_count, bus_values)",
          "base::ceil_divide(chunk.sent_count - (chunk.sent_count > 0 ? 1 : 0), bus_values)"),
    Fault("partly filled words of a buffer are not counted", _FLOW,
          "words_ += base::words_for_bits(bits);", "words_ += bits / 64;"),
    Fault("a slot of the feed takes what its first receiver takes", _LISTS,
          "step.slot_cycles = std::max(step.slot_cycles, row_wires.rules.cycles(*chunk.input[pe]));",
          "step.slot_cycles = step.receiver_count == 1 ? "
          "row_wires.rules.cycles(*chunk.input[pe]) : step.slot_cycles;"),
    Fault("a feed serves one PE in a slot", _CORE + "feed.cpp",
          "std::min(step.receiver_count, served_ + ports_);",
          "std::min(step.receiver_count, served_ + 1);"),
    Fault("idle is where the PE had a place", _LISTS,
          "before != nullptr && !before->has_place(pe);",
          "before != nullptr && before->has_place(pe);"),
    Fault("a detector does not scan on behind the last pair", _CORE + "detector.h",
          "return pairs_left_ == 0 && bits_left_ == 0;", "return pairs_left_ == 0;"),
    Fault("clocked operands are read once a multiply", _CORE + "array.cpp",
          "2 * pes.issued * rules.operand_bits;", "pes.issued * rules.operand_bits;"),
    Fault("unneeded results are effectual", _PE,
          "effectual_ = work.result->is_needed[number_] != 0 ? both_nonzero : 0;",
          "effectual_ = both_nonzero;"),
    Fault("three tiles are on their way", _CORE + "core_module.cpp",
          "constexpr std::uint64_t kTilesAhead = 2;", "constexpr std::uint64_t kTilesAhead = 3;"),
    Fault("tiles are not held back by results", _CORE + "core_module.cpp",
          "state.waits_for_results = before.sends_results && !before.has_sent;",
          "state.waits_for_results = false && before.sends_results;"),
]

_VALUES = [
    Fault("a spilled sum is lost", _PE,
          "work.takes_partial && rules_.sums != nullptr ? partial(*work.result) : 0.0F;",
          "work.takes_partial && rules_.sums == nullptr ? partial(*work.result) : 0.0F;",
          says="must be equal"),
    Fault("a product is lost", _PE,
          "accumulators_[current_].sum.value += row_->values[row] * column_->values[column];",
          "accumulators_[current_].sum.value += position == 7 ? 0.0F : "
          "row_->values[row] * column_->values[column];", says="must be equal"),
    Fault("sums of parts of k are added twice", _TILES + "result_tensor.cpp",
          "sums.values[at] + value : value;", "sums.values[at] + value + value : value;",
          says="must be equal"),
    Fault("operands are cut, not rounded", _TILES + "number_format.cpp",
          "std::nearbyint(std::ldexp(value, -quantum))", "std::trunc(std::ldexp(value, -quantum))",
          judge="reduction_unit"),
]

_LIST = [
    Fault("the clocked last chunk of a result may be jumped", _TILES + "column_block.cpp",
          "chunk + 1 < block.chunks; ++chunk", "chunk < block.chunks; ++chunk"),
    Fault("clocked columns with less work come first", _TILES + "column_order.cpp",
          "left.work > right.work", "left.work < right.work"),
    Fault("clocked columns are dealt in one direction only", _TILES + "column_order.cpp",
          "step = -step;", "part = step > 0 ? 0 : part;"),
    Fault("a clocked load loses its last, partly filled byte", _TILES + "operand_chunk.cpp",
          "return base::ceil_divide(bits, 8);", "return bits / 8;"),
    Fault("repeated elements are loaded again", _TILES + "operand_chunk.cpp",
          "if ((word & bit) == 0) {", "if ((word & bit) == 0 || element % 8 == 7) {"),
    Fault("weights of the slice before are kept", _TILES + "tile_maker.cpp",
          "loaded_block_ != block_->number || loaded_chunk_ != piece.first_chunk;",
          "loaded_block_ != block_->number;"),
    Fault("partial sums count twice", _TILES + "result_tensor.cpp",
          "cores == 1 ? 0U : cores == 2 ? 2U : 1U;", "cores == 1 ? 0U : 2U;"),
]

_MEMORY = [
    Fault("a burst too many at the end of a job", _DMA,
          "(transfer.address + transfer.bytes - 1) / params_.burst_bytes + 1;",
          "(transfer.address + transfer.bytes) / params_.burst_bytes + 1;"),
    Fault("the crossing is ignored", _DMA,
          "home_.push(job, crossing_cycles_ + (edge == Edge::this_one ? 0 : 1));",
          "home_.push(job, edge == Edge::this_one ? 0 : 1);"),
    Fault("jobs of a cycle enter backwards", _DMA,
          "return left.client < right.client;", "return left.client > right.client;"),
    Fault("a burst more is under way", _DMA,
          "under_way_ < params_.outstanding_bursts", "under_way_ <= params_.outstanding_bursts"),
    Fault("an engine hands over a burst more a cycle", _DMA,
          "handed_over_ < params_.bytes_per_cycle / params_.burst_bytes;",
          "handed_over_ <= params_.bytes_per_cycle / params_.burst_bytes;"),
    Fault("an ideal memory has a cycle more of latency", _DMA,
          "occupied_ + params_.ideal_latency_cycles);",
          "occupied_ + params_.ideal_latency_cycles + 1);"),
    Fault("a load port moves a byte more a cycle", "models/memory/clocked/port.cpp",
          "std::min(loads_.front(), params_.bytes_per_cycle);",
          "std::min(loads_.front(), params_.bytes_per_cycle + 1);"),
    Fault("a lost answer of the memory", "models/memory/clocked/dma_engine_module.cpp",
          "done_.erase(found);\n        done();",
          "done_.erase(found);\n        if (job != 5) {\n            done();\n        }",
          says="status 70"),
    Fault("clocked bursts that are queued are not joined", _BANKS,
          "return burst.tile == tile && burst.index == index;",
          "return burst.tile == nullptr && burst.index == index;"),
    Fault("clocked weight buffers drop the tile asked for last", _BANKS,
          "tile->second.last_request < oldest->second.last_request",
          "tile->second.last_request > oldest->second.last_request"),
    Fault("a bank serves two ports", _BANKS,
          "if (!bank_is_busy_[bank] && !queues_[bank].empty() &&", "if (!queues_[bank].empty() &&"),
    Fault("cores of a cluster are served backwards", _BANKS,
          "return left.core < right.core;", "return left.core > right.core;"),
    Fault("vector blocks are rounded up", _VECTOR,
          "const bool one_more = carried_ >= blocks_;\n    carried_ -= one_more ? blocks_ : 0;",
          "const bool one_more = carried_ >= blocks_ || (rest_ != 0 && carried_ == rest_);\n"
          "    carried_ -= carried_ >= blocks_ ? blocks_ : 0;"),
    Fault("vector blocks of updates go first", _VECTOR,
          "{foreground(), oldest_background()}", "{oldest_background(), foreground()}"),
    Fault("a vector block does not wait for its loads", _VECTOR,
          "job->is_loaded() && job->has_room()", "job->has_room()"),
    Fault("the transposer does not wait for the balancer", _CHIP,
          "clock_.cycle() + balancer_cycles_,", "clock_.cycle(),"),
]

CLOCKED = _ARRAY + _VALUES + _LIST + _MEMORY
