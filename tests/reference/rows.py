# SPDX-License-Identifier: Apache-2.0
"""Rows of a result: one layer in one stage of one iteration, counted (sections 3 to 9).

Rows of the vector unit are not counted here, what it does beside a layer's row is.
"""
from collections import Counter
from fractions import Fraction

from .beside import beside_row
from .chip import divide_up
from .core import CATEGORIES, Machine, Step
from .operands import STAGES
from .work import CoreWork, Operands, parts_of_chip

PATTERN_NAMES = {
    "FF": {"input": "x", "weight": "mask_w"},
    "BP": {"input": "dy", "weight": "mask_w", "output": "dx_needed"},
    "WG": {"input": "x", "weight": "dy", "output": "weight_keep"},
}


class RowCounter:
    """Counts rows on one chip. machine: the class that runs a core (tests put faulty ones here)."""

    def __init__(self, chip, machine=Machine, work=CoreWork):
        self.chip, self.machine, self.work = chip, machine, work

    def row(self, stage, layer, patterns, is_training):
        """The row's fields but for trace and iteration."""
        names = PATTERN_NAMES[stage]
        roles = [role for role in resolved_roles(self.chip.skip[stage], stage, patterns)
                 if role in names]
        reduction = STAGES[stage](layer, patterns, self.chip)
        copied = _copied_elements(stage, layer, patterns, is_training)
        row = self._count(stage, reduction, roles, copied)
        row.update(
            layer=layer.name, kind=layer.kind, stage=stage, skip="+".join(roles) or "dense",
            dense_cycles=self._cycles(self._cores(reduction, ())[1], copied),
            patterns=[names[role] for role in roles],
            samples={"total": patterns.samples, "active": patterns.samples})
        return row

    def _cores(self, reduction, roles):
        """(work, (end, machine)) of every core."""
        operands = Operands(reduction, roles, self.chip.chunk)
        works = [self.work(self.chip, operands, *part) for part in parts_of_chip(self.chip)]
        return works, [self._run_core(work) for work in works]

    def _cycles(self, cores, copied):
        return max([end for end, _ in cores] + [divide_up(copied, self.chip.transposer_values)])

    def _count(self, stage, reduction, roles, copied):
        works, cores = self._cores(reduction, roles)
        cycles = self._cycles(cores, copied)
        pe_cycles = Counter(dict.fromkeys(CATEGORIES, 0))
        for end, machine in cores:
            for pe in machine.pes.values():
                pe_cycles.update(pe.counts)
                pe_cycles["idle"] += cycles - end
        actions, macs = Counter(), Counter()
        for work in works:
            _count_core(self.chip, work, actions, macs)
        self._count_chip(stage, actions, copied, cycles)
        return {"cycles": cycles, "pe_cycles": dict(pe_cycles), "macs": _macs(macs),
                "actions": dict(actions),
                "dram_bytes": actions["dram.read_byte"] + actions["dram.write_byte"]}

    def _run_core(self, work):
        steps = [step for tile in range(len(work.tiles))
                 for step in _steps_of_tile(self.chip, work, tile)]
        loads = [(divide_up(load.input_bytes, self.chip.input_bytes),
                  None if load.weight_bytes is None else divide_up(load.weight_bytes,
                                                                   self.chip.weight_bytes))
                 for load in work.loads]
        machine = self.machine(self.chip.rows, self.chip.columns, self.chip.depth,
                               self.chip.latency, steps, loads)
        return machine.run(), machine

    def _count_chip(self, stage, actions, copied, cycles):
        chip = self.chip
        width = chip.accumulator_width if stage == "WG" else chip.width
        copy_bits = copied * chip.width + (copied if chip.zero_skipping else 0)
        actions["transposer.bit"] += copy_bits
        actions["dram.write_byte"] += divide_up(actions["pe.accumulator_write"] * width,
                                                8) + divide_up(copy_bits, 8)
        if chip.zero_skipping:
            fifo_bits = 2 * chip.chunk * chip.depth * chip.processing_elements
            actions["fifo.bit_clock"] += fifo_bits * cycles
        actions["clock.pe_cycle"] += chip.processing_elements * cycles
        actions["leakage.pe_cycle"] += chip.processing_elements * cycles


def resolved_roles(mode, stage, patterns):
    """`adaptive`: the two roles with most zeros, input before weight before output."""
    if mode != "adaptive":
        return [] if mode == "dense" else mode.split("+")
    if stage == "FF":
        return ["input", "weight"]
    tensors = {"BP": (patterns.dy, patterns.w, patterns.dx_needed),
               "WG": (patterns.x, patterns.dy, patterns.weight_keep)}[stage]
    zeros = [Fraction(int(tensor.size - tensor.sum()), int(tensor.size)) for tensor in tensors]
    chosen = sorted(sorted(range(3), key=lambda role: -zeros[role])[:2])
    return [("input", "weight", "output")[role] for role in chosen]


def _copied_elements(stage, layer, patterns, is_training):
    """Elements that the transposer copies beside this row."""
    if not is_training:
        return 0
    if stage == "FF":
        return int(patterns.x.size)
    copies_dy = stage == "BP" or (stage == "WG" and not layer.has_input_gradient)
    return int(patterns.dy.size) if copies_dy else 0


def _pair(chip, row, column, needed):
    """(issued, effectual, categories of the busy cycles) of one chunk pair."""
    issued = (row.counted & column.counted).bit_count()
    effectual = (row.nonzero & column.nonzero).bit_count() if needed else 0
    mac = divide_up(effectual, chip.issue_width)
    issuing = divide_up(issued, chip.issue_width)
    cost = max(1, issuing, divide_up(chip.chunk, chip.scan_bits))
    busy = ["mac"] * mac + ["ineffectual"] * (issuing - mac) + ["empty_chunk"] * (cost - issuing)
    return issued, effectual, busy


def _payload(chip, operand_chunk, is_selected):
    return max(1, divide_up(operand_chunk.values, chip.bus_values),
               divide_up(chip.chunk if is_selected else 0, chip.bus_bits))


def _pieces(work, tile_number):
    """(result, chunk, row chunks, column chunks, needed[i][j]) of a tile, in order."""
    tile = work.tiles[tile_number]
    block = work.blocks[tile.block]
    m_values = work.reduction.phases[block.phase].m_values
    for result in tile.results:
        m_of_row = work.results[result].m
        needed = [[work.reduction.is_needed(m_values[m], n) for n in block.columns]
                  for m in m_of_row]
        for chunk in tile.chunks:
            rows = [work.operands.row(block.phase, block.group, m)[chunk] for m in m_of_row]
            columns = [work.operands.column(block.phase, n)[chunk] for n in block.columns]
            yield result, chunk, rows, columns, needed


def _steps_of_tile(chip, work, tile):
    roles = work.operands.roles
    last = work.operands.chunk_count(work.blocks[work.tiles[tile].block].phase) - 1
    for result, chunk, rows, columns, needed in _pieces(work, tile):
        busy = [[_pair(chip, row, column, needed[i][j])[2] for j, column in enumerate(columns)]
                for i, row in enumerate(rows)]
        yield Step(result, tile, chunk == 0, chunk == last,
                   [_payload(chip, row, "input" in roles) for row in rows],
                   [_payload(chip, column, "weight" in roles) for column in columns], busy)


def _count_core(chip, work, actions, macs):
    """Actions and multiplies of one core, by walking through everything it was given."""
    roles = work.operands.roles
    z_row, z_column = chip.chunk * ("input" in roles), chip.chunk * ("weight" in roles)
    for tile in range(len(work.tiles)):
        for _, chunk, rows, columns, needed in _pieces(work, tile):
            for row in rows:
                _count_broadcast(actions, "input_buffer.read", row.values * chip.width + z_row)
            for column in columns:
                _count_broadcast(actions, "weight_buffer.read",
                                 column.values * chip.width + z_column)
            for i, row in enumerate(rows):
                for j, column in enumerate(columns):
                    _count_pair(chip, roles, row, column, needed[i][j], actions, macs)
            actions["pe.accumulator_write"] += len(rows) * len(columns) * (chunk == 0)
            actions["output_buffer.write"] += len(rows) * len(columns) * (chunk == 0)
    for load in work.loads:
        _count_load(actions, "input_buffer.write", load.input_bytes)
        if load.weight_bytes is not None:
            _count_load(actions, "weight_buffer.write", load.weight_bytes)
    for block in work.blocks:
        _count_block(work, block, actions, macs)


def _count_broadcast(actions, read, bits):
    actions["bus.bit"] += bits
    actions[read] += divide_up(bits, 64)


def _count_load(actions, write, count):
    actions[write] += divide_up(count, 8)
    actions["dram.read_byte"] += count


def _count_pair(chip, roles, row, column, needed, actions, macs):
    issued, effectual, _ = _pair(chip, row, column, needed)
    bitmap_bits = chip.chunk * ("input" in roles) + chip.chunk * ("weight" in roles)
    actions["fifo.bit_write"] += bitmap_bits
    actions["fifo.bit_read"] += bitmap_bits
    actions["operand_buffer.bit_write"] += (row.values + column.values) * chip.width
    actions["operand_buffer.bit_read"] += 2 * issued * chip.width
    actions["and.bit"] += chip.chunk if "input" in roles and "weight" in roles else 0
    actions["detector.bit"] += chip.chunk if "input" in roles or "weight" in roles else 0
    actions[f"pe.mac_{chip.operand_format}"] += issued
    macs["issued"] += issued
    macs["effectual"] += effectual
    pairs = row.in_bounds & column.in_bounds
    macs["dense"] += pairs.bit_count()
    zero_in_a = pairs & ~row.nonzero if "input" in roles else 0
    zero_in_b = pairs & ~column.nonzero & ~zero_in_a if "weight" in roles else 0
    macs["input"] += zero_in_a.bit_count()
    macs["weight_fine"] += zero_in_b.bit_count()


def _count_block(work, block, actions, macs):
    if work.drops_outputs():
        actions["sequencer.output_bit"] += block.share_m * len(block.columns)
    for m in block.dropped_m:
        in_bounds = sum(e is not None
                        for e in work.operands.row_elements(block.phase, block.group, m))
        macs["output"] += in_bounds * len(block.columns)
        macs["dense"] += in_bounds * len(block.columns)


def _macs(macs):
    return {"dense": macs["dense"], "dense_all_samples": macs["dense"],
            "effectual": macs["effectual"], "issued": macs["issued"],
            "skipped": {"input": macs["input"], "weight_fine": macs["weight_fine"],
                        "weight_coarse": 0, "output": macs["output"],
                        "sample": 0}}


def rows_of_trace(counter, trace):
    """All rows of an open trace, in the order of the result."""
    rows = []
    for iteration in range(trace.iterations):
        for network in trace.networks:
            is_training = trace.is_training(iteration) and network.is_student
            for row in _rows_of_network(counter, network, iteration, is_training):
                row.update(iteration=iteration, network=network.name)
                rows.append(row)
    return rows


def _rows_of_network(counter, network, iteration, is_training):
    for stage, layer, patterns in _work_of_network(network, iteration, is_training):
        row = counter.row(stage, layer, patterns, is_training)
        beside = beside_row(network.flow, counter.chip, stage, layer, patterns.samples)
        row["actions"] = dict(Counter(row["actions"]) + beside)
        row["dram_bytes"] += beside["dram.read_byte"] + beside["dram.write_byte"]
        yield row


def _work_of_network(network, iteration, is_training):
    """(stage, layer, patterns) of every row."""
    patterns = {layer.name: network.patterns(iteration, layer) for layer in network.layers}
    for layer in network.layers:
        yield "FF", layer, patterns[layer.name]
    if is_training:
        for layer in reversed(network.layers):
            if layer.has_input_gradient:
                yield "BP", layer, patterns[layer.name]
            yield "WG", layer, patterns[layer.name]
