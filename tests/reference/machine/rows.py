# SPDX-License-Identifier: Apache-2.0
"""All rows of a run: layers, the vector unit, weight updates, on one time line an iteration."""
from collections import Counter

from ..core import CATEGORIES
from ..rows import (RowCounter, count_beside_cores, count_clock, counted_cores, described,
                    macs_fields)
from .graph import Graph
from .iteration import IterationMachine
from .operands import rows_of_iteration
from .update import optimizer_of


def rows_of_run(chip, trace, machine=IterationMachine, seen=None):
    """All rows of an open trace, in the order of the result."""
    rows = []
    for number in range(trace.iterations):
        for network in trace.networks:
            is_training = trace.is_training(number) and network.is_student
            iteration = Iteration(chip, network, number, is_training, trace.facts, machine)
            dense = Iteration(dense_chip(chip), network, number, is_training, trace.facts, machine)
            rows += iteration.rows([outcome.cycles for outcome in dense.outcomes])
            if seen is not None:
                seen.update(iteration.counter.seen)
    return rows


def dense_chip(chip):
    """Nothing skipped, nothing compressed, nothing balanced."""
    return chip.with_changes(skip=dict.fromkeys(("FF", "BP", "WG"), "dense"), compressed=False,
                             balancer=False)


class Iteration:
    """One iteration of one network, counted."""

    def __init__(self, chip, network, number, is_training, facts, machine):
        self.chip, self.network, self.number, self.is_training = chip, network, number, is_training
        self.counter = RowCounter(chip)
        self.graph = Graph(network.graph, network.samples(number),
                           lambda tensor, dataset: network.ones(number, tensor, dataset), chip)
        self.plan = rows_of_iteration(self.graph, is_training, optimizer_of(chip, facts))
        self._prepare_layers()
        self.outcomes = machine(chip, self.plan, self.runs, self._copied).run()

    def _prepare_layers(self):
        layers = {layer.name: layer for layer in self.network.layers}
        self.patterns = {name: self.network.patterns(self.number, layer)
                         for name, layer in layers.items()}
        self.runs, self._copies, self._described = {}, {}, {}
        for index, row in enumerate(self.plan):
            if row.is_layer:
                layer, patterns = layers[row.entry["name"]], self.patterns[row.entry["name"]]
                choice, run_with, copied = self.counter.choose(row.stage, layer, patterns,
                                                               self.is_training)
                self.runs[index] = run_with(choice.roles, choice.is_packed)
                self._copies[index] = copied
                self._described[index] = described(row.stage, layer, patterns, choice)

    def _copied(self, index):
        return self._copies[index]

    def rows(self, dense_cycles):
        return [{**self._row(index), "dense_cycles": cycles, "iteration": self.number,
                 "network": self.network.name} for index, cycles in enumerate(dense_cycles)]

    def _row(self, index):
        outcome = self.outcomes[index]
        cycles, actions, macs = outcome.cycles, Counter(outcome.actions), Counter()
        pe_cycles = Counter(dict.fromkeys(CATEGORIES, 0))
        if index in self.runs:
            of_cores, macs = counted_cores(self.chip, self.runs[index])
            actions.update(of_cores)
            count_beside_cores(self.chip, self.runs[index], actions, self._copies[index])
            pe_cycles.update(outcome.pe_cycles)
        pe_cycles["idle"] += self.chip.processing_elements * cycles - sum(pe_cycles.values())
        count_clock(self.chip, actions, cycles)
        return {"cycles": cycles, "pe_cycles": dict(pe_cycles), "macs": macs_fields(macs),
                "actions": dict(actions),
                "dram_bytes": actions["dram.read_byte"] + actions["dram.write_byte"],
                **self._description(index)}

    def _description(self, index):
        if index in self._described:
            return self._described[index]
        row, samples = self.plan[index], self.graph.samples
        return {"layer": row.entry["name"], "kind": row.entry["kind"], "stage": row.stage,
                "skip": "dense", "patterns": [],
                "samples": {"total": samples, "active": samples}}
