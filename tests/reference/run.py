# SPDX-License-Identifier: Apache-2.0
"""One row under one choice of roles: the cores, what comes before and after them, its cycles."""
from functools import cached_property

from .chip import divide_up
from .columns import balancing
from .core import Machine, Step
from .work import CoreWork, Operands, parts_of_chip, share


class Run:
    """machine, work: the classes that run and divide (tests put faulty ones here)."""

    def __init__(self, chip, stage, reduction, roles, is_packed, machine=Machine, work=CoreWork):
        self.chip, self.stage, self.reduction, self.roles = chip, stage, reduction, tuple(roles)
        self.operands = Operands(chip, reduction, roles, is_packed)
        self.parts = parts_of_chip(chip, stage)
        self.works = [work(chip, self.operands, part) for part in self.parts]
        self._machine = machine
        self.aggregation = Aggregation(self)
        self.balancer_cycles, self.balancer_actions = balancing(chip, self.operands)

    @cached_property
    def machines(self):
        return [_machine_of(self.chip, core, self._machine) for core in self.works]

    @cached_property
    def ends(self):
        return [machine.run() for machine in self.machines]

    def cycles(self, copied):
        """The row alone; copied: elements that the transposer copies beside it."""
        worked = max(self.ends) + self.aggregation.cycles
        return max(worked,
                   divide_up(copied, self.chip.transposer_values)) + self.balancer_cycles


class Aggregation:
    """The aggregation core: adds up the results of cores that have parts of the same k axis."""

    def __init__(self, run):
        chip = run.chip
        partial, results, self.all_results = 0, 0, 0
        for phase in range(len(run.reduction.phases)):
            drained, distinct = _results_of_phase(run, phase)
            self.all_results += distinct
            if self.parts_with_work(run, phase) > 1:
                partial += drained
                results += distinct
        self.partial = partial
        self.adds = partial - results
        self.bytes = divide_up(partial * chip.accumulator_width, 8)
        self.words = partial * divide_up(chip.accumulator_width, 64)
        self.cycles = max(divide_up(self.adds, chip.aggregation_adds),
                          divide_up(self.bytes, chip.aggregation_bytes))
        buffer = chip.aggregation_buffer
        self.spilled = 0 if buffer is None else max(0, self.bytes - buffer)

    @staticmethod
    def parts_with_work(run, phase):
        """Parts of the k axis that hold a chunk of this phase."""
        _, parts = run.parts[0].k
        count = run.operands.chunk_count(phase)
        return sum(len(share(count, part, parts)) > 0 for part in range(parts))


def _results_of_phase(run, phase):
    """(results that leave the cores, different (m, n) among them)."""
    drained, distinct = 0, set()
    for work in run.works:
        for result in work.results:
            block = work.blocks[result.block]
            if block.phase == phase:
                drained += len(result.m)
                distinct.update((m, block.columns[j]) for (_, j), m in result.m.items())
    return drained, len(distinct)


def _machine_of(chip, work, machine):
    steps = [step_of(chip, work, piece) for pieces in work.pieces for piece in pieces]
    loads = [(divide_up(load.input_bytes, chip.input_bytes),
              None if load.weight_bytes is None else divide_up(load.weight_bytes,
                                                               chip.weight_bytes))
             for load in work.loads]
    return machine(chip.rows, chip.columns, chip.depth, chip.latency, steps, loads,
                   chip.input_ports)


def operand_chunks(work, piece):
    """{position: (chunk of A, chunk of B, is the result needed)} of the receiving PEs."""
    block, operands = work.block_of(piece), work.operands
    m_values = work.reduction.phases[block.phase].m_values
    return {(i, j): (operands.row(block.phase, block.groups[j], m)[piece.chunk],
                     operands.column(block.phase, block.columns[j])[piece.chunk],
                     work.reduction.is_needed(m_values[m], block.columns[j]))
            for (i, j), m in piece.receivers.items()}


def step_of(chip, work, piece):
    """The piece as the clocked core wants it."""
    roles, received = work.operands.roles, operand_chunks(work, piece)
    inputs = {place: payload(chip, a, "input" in roles) for place, (a, _, _) in received.items()}
    columns = {j: payload(chip, b, "weight" in roles) for (_, j), (_, b, _) in received.items()}
    is_private = work.block_of(piece).is_private
    return Step(piece.name, piece.tile,
                {} if is_private else {i: cycles for (i, _), cycles in inputs.items()}, columns,
                {place: pair(chip, *chunks)[2] for place, chunks in received.items()},
                inputs if is_private else None, set(work.results[piece.result].m))


def payload(chip, operand_chunk, is_selected):
    return max(1, divide_up(operand_chunk.values, chip.bus_values),
               divide_up(chip.chunk if is_selected else 0, chip.bus_bits))


def pair(chip, a, b, needed):
    """(issued, effectual, categories of the busy cycles) of one chunk pair."""
    issued = (a.counted & b.counted).bit_count()
    effectual = (a.nonzero & b.nonzero).bit_count() if needed else 0
    mac = divide_up(effectual, chip.issue_width)
    issuing = divide_up(issued, chip.issue_width)
    cost = max(1, issuing, divide_up(chip.chunk, chip.scan_bits))
    busy = ["mac"] * mac + ["ineffectual"] * (issuing - mac) + ["empty_chunk"] * (cost - issuing)
    return issued, effectual, busy
