# SPDX-License-Identifier: Apache-2.0
"""Faults that scripts/mutation_check.py plants, one at a time: exact text and what takes its place.

judge: who has to see the fault. `engines`: the comparison of both engines (its default). What both
share can be wrong in both: `reference` is the independent counter of tests/reference, every other
name a test program, e.g. `dram_unit`.
says: a text that the first line about the fault has to hold, e.g. `status 70` for a deadlock.
"""
from dataclasses import dataclass

_CHUNK = "models/core/chunk_kernel.cpp"
_UNEVEN = "models/core/uneven_kernel.cpp"
_BOOKS = "models/core/uneven.cpp"
_ROW = "models/accelerator/row.cpp"
_VECTOR = "models/accelerator/vector_unit_module.cpp"
_DMA = "models/memory/dma.cpp"
_BUFFER = "models/cluster/weight_buffer.cpp"
_TILES = "models/reduction/tile_sequencer.cpp"


@dataclass(frozen=True)
class Fault:
    name: str
    file: str
    old: str
    new: str
    judge: str = "engines"
    says: str = ""


FAST = [
    Fault("a FIFO slot is free when the chunk is done, not when it starts", _CHUNK,
          "hn::IfThenElse(active, hn::Add(start, one), load(slot_free + lane));",
          "hn::IfThenElse(active, hn::Add(start, cost), load(slot_free + lane));"),
    Fault("a PE has one accumulator", _CHUNK,
          "load(&state.drained_before[pe_row + lane])", "load(&state.drained[pe_row + lane])"),
    Fault("waiting for weights comes before waiting for memory", _CHUNK,
          "hn::And(mask, hn::Sub(memory, free)));\n"
          "    sums.wait_weight = hn::Add(sums.wait_weight, hn::And(mask, hn::Sub(weight, memory)));",
          "hn::And(mask, hn::Sub(weight, hn::Max(free, splat(result.weight_ready)))));\n"
          "    sums.wait_weight = hn::Add(sums.wait_weight, hn::And(mask, hn::Sub(\n"
          "        hn::Max(free, splat(result.weight_ready)), free)));"),
    Fault("column buses are free a cycle late", _CHUNK,
          "store(hn::Add(send, load(payload + lane)), &state.lane_arrive[lane]);",
          "store(hn::Add(hn::Add(send, load(payload + lane)), splat(1)), "
          "&state.lane_arrive[lane]);"),
    Fault("a column drains two results in a cycle", "models/core/pe_array.cpp",
          "std::max(state.drain_free[lane], state.pe_free[pe]) + 1;",
          "std::max(state.drain_free[lane], state.pe_free[pe] + 1);"),
    Fault("a feed serves one PE less in a slot", _BOOKS,
          "in_slot = in_slot == ports ? 1 : in_slot + 1;",
          "in_slot = in_slot == ports && ports > 1 ? 2 : in_slot + 1;"),
    Fault("every PE hears the feed in its first slot", _UNEVEN,
          "multiply(load(&uneven.feed_slot[pe]), splat(source.payload))",
          "splat(source.payload)"),
    Fault("a chunk that every column jumps takes a cycle of the column buses", _UNEVEN,
          "        if (uneven.feed_slots != 0) {\n",
          "        if (uneven.feed_slots == 0) {\n"
          "            for (std::uint64_t& free : state.lane_bus_free) {\n"
          "                free += 1;\n            }\n        } else {\n"),
    Fault("the last chunk of a result may be jumped", _TILES,
          "chunk + 1 < end_chunk_; ++chunk", "chunk < end_chunk_; ++chunk"),
    Fault("a spilled result waits for nothing in a tile that starts none", _TILES,
          "tile.starts_result = params_.psum_spill || next_slice_ == 0;",
          "tile.starts_result = next_slice_ == 0;"),
    Fault("a compressed load loses its last, partly filled byte",
          "models/reduction/row_gatherer.cpp",
          "compressed ? elements + nonzeros * width_bits :",
          "compressed ? (elements + nonzeros * width_bits) / 8 * 8 :"),
    Fault("loads of a port overlap", "models/memory/load_port.h",
          "free_cycle_ = std::max(free_cycle_, cycle) + transfer;",
          "free_cycle_ = cycle + transfer;"),
    Fault("operands are read once a multiply", _ROW,
          "2 * counts.issued * width", "counts.issued * width"),
    Fault("the transposer runs before the cores", _ROW,
          "row.cycles = std::max(\n            row.cycles, ceil_divide(",
          "row.cycles = std::max<std::uint64_t>(\n            0, row.cycles + ceil_divide("),
    Fault("every part of k is added", "models/accelerator/aggregation.cpp",
          "sums.partial_sums - sums.shared_results;", "sums.partial_sums;"),
    Fault("bursts are counted from the first byte", _DMA,
          "base::ceil_divide(job.address + job.bytes - first, burst);",
          "base::ceil_divide(job.bytes, burst);", says="status 70"),
    Fault("background jobs go first", _DMA,
          "const std::deque<Waiting>& queue = foreground_.empty() ? background_ : foreground_;",
          "const std::deque<Waiting>& queue = background_.empty() ? foreground_ : background_;"),
    Fault("any number of bursts is under way", _DMA,
          "cycle < free_cycle_ || is_full() || queue.empty()",
          "cycle < free_cycle_ || queue.empty()"),
    Fault("an engine is taken for the latency of an ideal memory", _DMA,
          "return IdealJob{job.id, free_cycle_ + params_.ideal_latency_cycles};",
          "return IdealJob{job.id, free_cycle_ += params_.ideal_latency_cycles};"),
    Fault("data crosses clocks in no time", "models/memory/dma_module.cpp",
          "due_bursts_.emplace(edge + crossing_cycles_, flight->burst);\n"
          "            wake_completion(edge + crossing_cycles_);",
          "due_bursts_.emplace(edge, flight->burst);\n            wake_completion(edge);"),
    Fault("a weight buffer drops the tile asked for last", _BUFFER,
          "tile->stamp < oldest->stamp", "tile->stamp > oldest->stamp"),
    Fault("bursts that are queued are not joined", _BUFFER,
          "if (Burst* queued = queued_burst(tile.tile.key, index)) {",
          "if (Burst* queued = queued_burst(tile.tile.key + 1, index)) {"),
    Fault("a weight buffer serves the youngest burst", _BUFFER,
          "queue.front().number < oldest->front().number",
          "queue.front().number > oldest->front().number"),
    Fault("results hold nothing back", "models/core/convolution_core_module.cpp",
          "const bool store_due = waits_for_stores_ && tile_ >= 2;",
          "const bool store_due = waits_for_stores_ && tile_ >= 3;"),
    Fault("a vector block does not wait for stores", _VECTOR,
          "job->stores_left[parity] > 0", "job->stores_left[parity] > 1"),
    Fault("weight updates go before rows of the vector unit", _VECTOR,
          "(next->background && !job->background)", "(!next->background && job->background)"),
    Fault("columns go to the parts in one direction only", "models/core/balancer.cpp",
          "const std::int64_t part = along < parts ? along : 2 * parts - 1 - along;",
          "const std::int64_t part = along % parts;"),
    Fault("columns with less work come first", "models/core/balancer.cpp",
          "a.ones > b.ones;", "a.ones < b.ones;"),
]

SHARED = [
    Fault("the global buffer drops the tensor used last", "models/memory/tensor_cache.cpp",
          "entry->stamp < victim->stamp", "entry->stamp > victim->stamp", judge="reference"),
    Fault("DRAM is refreshed half as often", "models/memory/dram/channel.cpp",
          "ranks_[chosen.bank].due += params_.timings.t_refi;",
          "ranks_[chosen.bank].due += 2 * params_.timings.t_refi;", judge="dram_unit"),
]
