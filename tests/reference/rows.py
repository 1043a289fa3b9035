# SPDX-License-Identifier: Apache-2.0
"""Rows of a result: one layer in one stage of one iteration, counted (sections 3 to 9).

Rows of the vector unit are not counted here, what it does beside a layer's row is.
"""
from collections import Counter

from .beside import beside_row
from .chip import divide_up
from .choice import Choice
from .core import CATEGORIES, Machine
from .counts import CoreCounts
from .coverage import seen_in_run
from .operands import STAGES
from .run import Run
from .work import CoreWork

PATTERN_NAMES = {
    "FF": {"input": "x", "weight": "mask_w"},
    "BP": {"input": "dy", "weight": "mask_w", "output": "dx_needed"},
    "WG": {"input": "x", "weight": "dy", "output": "weight_keep"},
}


class RowCounter:
    """Counts rows on one chip. machine: the class that runs a core (tests put faulty ones here)."""

    def __init__(self, chip, machine=Machine, work=CoreWork):
        self.chip, self.machine, self.work = chip, machine, work
        self.seen = Counter()  # what the rows exercised: see coverage.py

    def row(self, stage, layer, patterns, is_training):
        """The row's fields but for trace and iteration."""
        choice, run_with, copied = self.choose(stage, layer, patterns, is_training)
        row = self._count(run_with(choice.roles, choice.is_packed), copied)
        row["dense_cycles"] = run_with((), False).cycles(copied)
        row.update(described(stage, layer, patterns, choice))
        return row

    def choose(self, stage, layer, patterns, is_training):
        """(choice, the row's Run under (roles, is packed), elements copied beside it)."""
        reduction = STAGES[stage](layer, patterns, self.chip)
        copied = _copied_elements(stage, layer, patterns, is_training)
        runs = {}

        def run_with(roles, is_packed):
            key = (tuple(roles), is_packed)
            if key not in runs:
                runs[key] = Run(self.chip, stage, reduction, roles, is_packed, self.machine,
                                self.work)
            return runs[key]

        choice = Choice(self.chip, stage, patterns, tuple(PATTERN_NAMES[stage]),
                        lambda *key: run_with(*key).cycles(copied))
        self.seen.update(seen_in_run(run_with(choice.roles, choice.is_packed), choice))
        return choice, run_with, copied

    def _count(self, run, copied):
        cycles = run.cycles(copied)
        pe_cycles = Counter(dict.fromkeys(CATEGORIES, 0))
        for end, machine in zip(run.ends, run.machines):
            for pe in machine.pes.values():
                pe_cycles.update(pe.counts)
                pe_cycles["idle"] += cycles - end
        actions, macs = counted_cores(self.chip, run)
        self._count_memory(run, actions, copied)
        count_beside_cores(self.chip, run, actions, copied)
        count_clock(self.chip, actions, cycles)
        return {"cycles": cycles, "pe_cycles": dict(pe_cycles), "macs": macs_fields(macs),
                "actions": dict(actions),
                "dram_bytes": actions["dram.read_byte"] + actions["dram.write_byte"]}

    def _count_memory(self, run, actions, copied):
        """Of loads: every one comes from the memory, every result goes there."""
        chip, aggregation = self.chip, run.aggregation
        width = chip.accumulator_width if run.stage == "WG" else chip.width
        actions["dram.read_byte"] += aggregation.spilled + sum(
            load.input_bytes + (load.weight_bytes or 0) for work in run.works
            for load in work.loads)
        actions["dram.write_byte"] += divide_up(aggregation.all_results * width, 8) + divide_up(
                copied_bits(chip, copied), 8) + aggregation.spilled


def described(stage, layer, patterns, choice):
    """What a row says about itself."""
    return {"layer": layer.name, "kind": layer.kind, "stage": stage,
            "skip": "+".join(choice.roles) or "dense",
            "patterns": [PATTERN_NAMES[stage][role] for role in choice.roles],
            "samples": {"total": patterns.samples, "active": patterns.samples},
            **choice.regret_fields()}


def counted_cores(chip, run):
    """(actions, multiplies) of all cores of a row."""
    actions, macs = Counter(), Counter()
    for work in run.works:
        counts = CoreCounts(chip, work)
        actions.update(counts.actions)
        macs.update(counts.macs)
    return actions, macs


def copied_bits(chip, copied):
    return copied * chip.width + (copied if chip.zero_skipping else 0)


def count_beside_cores(chip, run, actions, copied):
    """Transposer, aggregation core, balancer."""
    actions["transposer.bit"] += copied_bits(chip, copied)
    actions["aggregation.add"] += run.aggregation.adds
    actions["aggregation.read"] += run.aggregation.words
    actions["aggregation.write"] += run.aggregation.words
    actions.update(run.balancer_actions)


def count_clock(chip, actions, cycles):
    if chip.zero_skipping:
        fifo_bits = 2 * chip.chunk * chip.depth * chip.processing_elements
        actions["fifo.bit_clock"] += fifo_bits * cycles
    actions["clock.pe_cycle"] += chip.processing_elements * cycles
    actions["leakage.pe_cycle"] += chip.processing_elements * cycles


def _copied_elements(stage, layer, patterns, is_training):
    """Elements that the transposer copies beside this row."""
    if not is_training:
        return 0
    if stage == "FF":
        return int(patterns.x.size)
    copies_dy = stage == "BP" or (stage == "WG" and not layer.has_input_gradient)
    return int(patterns.dy.size) if copies_dy else 0


def macs_fields(macs):
    return {"dense": macs["dense"], "dense_all_samples": macs["dense"],
            "effectual": macs["effectual"], "issued": macs["issued"],
            "skipped": {"input": macs["input"], "weight_fine": macs["weight_fine"],
                        "weight_coarse": macs["weight_coarse"], "output": macs["output"],
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
