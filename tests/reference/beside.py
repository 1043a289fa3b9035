# SPDX-License-Identifier: Apache-2.0
"""What the vector unit does beside the rows of a conv2d or linear (section 12): actions only."""
import math
from collections import Counter

from .chip import divide_up

_FP32_BYTES = 4


class GradientFlow:
    """Which operator computes the gradient of which tensor, from a trace's graph."""

    def __init__(self, graph):
        self._operators = {entry["name"]: entry for entry in graph["operators"]}
        self._shapes = {entry["name"]: entry["shape"]
                        for entry in graph["tensors"] + graph["parameters"]}
        self._order = [entry["name"] for entry in graph["operators"]]
        self._has_gradient = {tensor for entry in graph["operators"] for tensor in entry["outputs"]
                              if entry.get("input_gradient", True) or _trained(entry)}

    def elements(self, name):
        return math.prod(self._shapes[name])

    def bias_of(self, layer):
        return self._operators[layer].get("parameters", {}).get("bias")

    def _computes(self, entry):
        """Inputs whose gradient the operator computes."""
        if not entry.get("input_gradient", True):
            return []
        wanted = [tensor for tensor in entry["inputs"] if tensor in self._has_gradient]
        return wanted or entry["inputs"]

    def _later(self, layer):
        return [self._operators[name] for name in self._order[self._order.index(layer) + 1:]]

    def meets_a_gradient(self, layer, tensor):
        return any(tensor in self._computes(entry) for entry in self._later(layer))

    def shares_later(self, layer, parameter):
        return any(parameter in _trained(entry) for entry in self._later(layer))


def _trained(entry):
    parameters = entry.get("parameters", {})
    return [parameters[role] for role in ("weight", "bias") if role in parameters]


def beside_row(flow, chip, stage, layer, samples):
    """Actions of the vector unit beside a row."""
    adds = read_bytes = write_bytes = 0
    bias = flow.bias_of(layer.name)
    if stage == "FF" and bias:
        adds += samples * flow.elements(layer.output)
        read_bytes += _FP32_BYTES * flow.elements(bias)
    if stage == "BP" and flow.meets_a_gradient(layer.name, layer.input):
        adds += samples * flow.elements(layer.input)
        read_bytes += divide_up(samples * flow.elements(layer.input) * chip.width, 8)
    if stage == "WG":
        for parameter in filter(None, (layer.weight, bias)):
            count = flow.elements(parameter)
            size = divide_up(count * chip.accumulator_width, 8)
            if flow.shares_later(layer.name, parameter):
                adds += count
                read_bytes += size
            if parameter == bias:
                adds += samples * flow.elements(layer.output)
                read_bytes += divide_up(samples * flow.elements(layer.output) * chip.width, 8)
                write_bytes += size
    return Counter({"vector.add": adds, "vector.bit_read": 64 * adds, "vector.bit_write": 32 * adds,
                    "dram.read_byte": read_bytes, "dram.write_byte": write_bytes})
