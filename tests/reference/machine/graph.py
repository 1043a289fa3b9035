# SPDX-License-Identifier: Apache-2.0
"""The graph of a network in one iteration: who computes which gradient, and bytes of tensors.

A tensor of the memory system is a key (kind, name): value, gradient, value copy, gradient copy,
parameter, parameter gradient, master, momentum, second moment, saved (section 12 and the memory's).
"""
import math
from dataclasses import dataclass

from ..chip import divide_up

FP32_BYTES = 4
LAYERS = ("conv2d", "linear")


@dataclass(frozen=True)
class Use:
    """A tensor as a pass reads or writes it."""

    key: tuple
    bytes: int
    is_bitmap: bool = False  # only the bitmap of a compressed value


@dataclass
class Pass:
    adds: int = 0
    multiplies: int = 0
    compares: int = 0
    specials: int = 0
    reads: tuple = ()
    writes: tuple = ()

    def operations(self, chip):
        return (self.adds + self.multiplies + self.compares
                + self.specials * chip.vector_special_cycles)

    def moved(self):
        return sum(use.bytes for use in self.reads) + sum(use.bytes for use in self.writes)

    def cycles(self, chip):
        return max(divide_up(self.operations(chip), chip.vector_lanes),
                   divide_up(self.moved(), chip.vector_bytes)) + chip.vector_latency


class Graph:
    """Operators in order with the samples of an iteration; ones(tensor, dataset): of a pattern, or
    None where the trace has none."""

    def __init__(self, contents, samples, ones, chip):
        self.operators = contents["operators"]
        self.by_name = {entry["name"]: entry for entry in self.operators}
        self.samples, self._ones, self.chip = samples, ones, chip
        self._shapes = {entry["name"]: entry["shape"]
                        for entry in contents["tensors"] + contents["parameters"]}
        self._has_gradient = {tensor for entry in self.operators for tensor in entry["outputs"]
                              if has_input_gradient(entry) or trained(entry)}

    def shape(self, name):
        return self._shapes[name]

    def elements(self, name):
        """Of one sample, or of a parameter."""
        return math.prod(self._shapes[name])

    def batch(self, tensor):
        return self.samples * self.elements(tensor)

    def channels(self, tensor):
        return self._shapes[tensor][0]

    # Who computes what.

    def computes(self, entry):
        """Different inputs whose gradient the operator computes."""
        if not has_input_gradient(entry):
            return []
        inputs = list(dict.fromkeys(entry["inputs"]))
        wanted = [tensor for tensor in inputs if tensor in self._has_gradient]
        return wanted or inputs

    def _later(self, entry):
        return self.operators[self.operators.index(entry) + 1:]

    def meets(self, entry, tensor):
        """A later operator has written a gradient of the tensor already."""
        return any(tensor in self.computes(later) for later in self._later(entry))

    def shares_later(self, entry, parameter):
        return any(parameter in trained(later) for later in self._later(entry))

    def updates(self, entry):
        """Parameters that are updated in the operator's WU row."""
        earlier = self.operators[: self.operators.index(entry)]
        before = {parameter for other in earlier for parameter in trained(other)}
        return [parameter for parameter in trained(entry) if parameter not in before]

    def written_by_layer(self, tensor):
        return any(tensor in entry["outputs"] and entry["kind"] in LAYERS
                   for entry in self.operators)

    # Bytes.

    def _travelling(self, tensor, dataset):
        count, width = self.batch(tensor), self.chip.width
        if not self.chip.compressed:
            return divide_up(count * width, 8)
        ones = self._ones(tensor, dataset)
        return divide_up(count + (count if ones is None else ones) * width, 8)

    def value(self, tensor):
        return Use(("value", tensor), self._travelling(tensor, "nonzero"))

    def bitmap(self, tensor):
        return Use(("value", tensor), divide_up(self.batch(tensor), 8), True)

    def gradient(self, tensor):
        return Use(("gradient", tensor), self._travelling(tensor, "gradient_nonzero"))

    def parameter(self, name):
        return Use(("parameter", name), divide_up(self.elements(name) * self.chip.width, 8))

    def parameter_gradient(self, name):
        bits = self.elements(name) * self.chip.accumulator_width
        return Use(("parameter gradient", name), divide_up(bits, 8))

    def full(self, kind, name):
        """Four bytes an element: master, momentum, second moment."""
        return Use((kind, name), FP32_BYTES * self.elements(name))

    def master(self, name):
        return self.full("master", name)

    def copy(self, kind, entry, tensor):
        """The pixel-major copy that belongs to a layer."""
        bits = self.batch(tensor) * (self.chip.width + (1 if self.chip.zero_skipping else 0))
        return Use((kind, entry["name"]), divide_up(bits, 8))


def saved(entry, count):
    return Use(("saved", entry["name"], count), count)


def mask(entry, bits):
    return saved(entry, divide_up(bits, 8))


def has_input_gradient(entry):
    return entry.get("input_gradient", True)


def has_back_propagation(entry):
    return has_input_gradient(entry) or (entry["kind"] == "batch_norm" and bool(trained(entry)))


def trained(entry):
    parameters = entry.get("parameters", {})
    return [parameters[role] for role in ("weight", "bias") if role in parameters]


def role(entry, name):
    return entry.get("parameters", {}).get(name)
