# SPDX-License-Identifier: Apache-2.0
"""Rows of an iteration with their passes and operands, and names for the same bytes."""
from dataclasses import dataclass, field

from .backward import backward, weight_gradient
from .buffer import Operand
from .forward import forward
from .graph import LAYERS, Pass, has_back_propagation, has_input_gradient, trained
from .update import update

_ADDRESS_CHANGES = ("flatten", "reshape", "identity")
OUTLIVE = ("parameter", "master", "momentum", "second moment")


@dataclass
class Row:
    entry: dict  # of the graph
    stage: str
    passes: list
    beside: Pass
    operands: list = field(default_factory=list)
    names: dict = field(default_factory=dict)  # {key as named: key of the bytes}

    @property
    def is_layer(self):
        return self.entry["kind"] in LAYERS and self.stage != "WU"


def rows_of_iteration(graph, is_training, optimizer):
    rows = [Row(entry, "FF", *forward(graph, entry, is_training)) for entry in graph.operators]
    if is_training:
        for entry in reversed(graph.operators):
            if has_back_propagation(entry):
                rows.append(Row(entry, "BP", *backward(graph, entry)))
            if entry["kind"] in LAYERS:
                rows.append(Row(entry, "WG", [], weight_gradient(graph, entry)))
        rows += [Row(entry, "WU", update(graph, entry, optimizer), Pass())
                 for entry in reversed(graph.operators) if graph.updates(entry)]
    names = Names()
    for row in rows:
        _collect(graph, row, names, is_training)
        names.after(row, graph)
    return rows


class Names:
    """Which tensor's bytes a name means."""

    def __init__(self):
        self._other, self._written = {}, set()

    def of(self, key):
        return self._other.get(key, key)

    def write(self, key):
        self._other.pop(key, None)
        self._written.add(key)
        return key

    def after(self, row, graph):
        kind, entry = row.entry["kind"], row.entry
        if row.stage == "FF" and kind in _ADDRESS_CHANGES:
            self._other["value", entry["outputs"][0]] = self.of(("value", entry["inputs"][0]))
        if row.stage == "BP" and kind in _ADDRESS_CHANGES + ("add",):
            for tensor in graph.computes(entry):
                if ("gradient", tensor) not in self._written:
                    self._other["gradient", tensor] = self.of(("gradient", entry["outputs"][0]))


def _collect(graph, row, names, is_training):
    found = {}

    def use(thing, writes):
        key = names.write(thing.key) if writes else names.of(thing.key)
        row.names[thing.key, writes] = key
        operand = found.setdefault(key, Operand(key))
        operand.bytes = max(operand.bytes, thing.bytes)
        operand.is_bitmap &= thing.is_bitmap
        if writes:
            operand.is_written = True
        elif not operand.is_written:
            operand.is_read = True

    for thing, writes in layer_uses(graph, row, is_training) if row.is_layer else []:
        use(thing, writes)
    for step in row.passes + [row.beside]:
        for thing in step.reads:
            use(thing, False)
        for thing in step.writes:
            use(thing, True)
    row.operands = list(found.values())


def layer_uses(graph, row, is_training):
    """(tensor, is it written) of what the cores read and write, and of the transposed copy."""
    entry = row.entry
    x, y, w = entry["inputs"][0], entry["outputs"][0], entry["parameters"]["weight"]
    if row.stage == "FF":
        uses = [(graph.value(x), False), (graph.parameter(w), False), (graph.value(y), True)]
        return uses + [(graph.copy("value copy", entry, x), True)] if is_training else uses
    copy = graph.copy("gradient copy", entry, y)
    if row.stage == "BP":
        return [(graph.gradient(y), False), (graph.parameter(w), False),
                (graph.gradient(x), True), (copy, True)]
    own = [] if has_input_gradient(entry) else [(copy, True)]
    return [(graph.copy("value copy", entry, x), False)] + own + [
        (copy, False), (graph.parameter_gradient(w), True)]


def last_gradient_rows(rows):
    """{row index: WU row index}: after which row an operator's update is handed over."""
    updates = {row.entry["name"]: n for n, row in enumerate(rows) if row.stage == "WU"}
    last = {}
    for number, row in enumerate(rows):
        if row.stage in ("BP", "WG") and row.entry["name"] in updates:
            last[row.entry["name"]] = number
    return {number: updates[name] for name, number in last.items()}


__all__ = ["Row", "rows_of_iteration", "last_gradient_rows", "OUTLIVE", "trained"]
