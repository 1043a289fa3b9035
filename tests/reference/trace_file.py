# SPDX-License-Identifier: Apache-2.0
"""Reads from a trace (traces/FORMAT.md) what the counter needs: layers and their bit patterns."""
import json
from dataclasses import dataclass

import h5py
import numpy as np

from .beside import GradientFlow


@dataclass(frozen=True)
class Layer:
    """A conv2d, or a linear layer seen as a convolution of one pixel."""

    name: str
    kind: str
    input: str
    output: str
    weight: str
    channels: int
    height: int
    width: int
    filters: int
    out_height: int
    out_width: int
    taps_vertical: int
    taps_horizontal: int
    stride: tuple
    padding: tuple
    dilation: tuple
    groups: int
    has_input_gradient: bool


@dataclass(frozen=True)
class CoarsePattern:
    """Blocks of coarse_in input channels (of a group) and coarse_out output channels of a tap."""

    keep: np.ndarray  # [R, S, ceil(C/G / coarse_in), ceil(F / coarse_out)]
    coarse_in: int
    coarse_out: int

    def is_kept(self, tap, channel, output):
        block = (channel // self.coarse_in, output // self.coarse_out)
        return bool(self.keep[tap + block])


@dataclass(frozen=True)
class LayerPatterns:
    """Patterns of one layer in one iteration as boolean arrays; an absent pattern is all ones."""

    samples: int
    x: np.ndarray  # [N, C, H, W]
    w: np.ndarray  # [F, C/G, R, S]
    dy: np.ndarray  # [N, F, P, Q]
    dx_needed: np.ndarray  # [N, C, H, W]
    weight_keep: np.ndarray  # [F, C/G, R, S]
    coarse: CoarsePattern = None  # None: the trace holds none


def layers_of_graph(graph):
    """The conv2d and linear operators in graph order."""
    shapes = {entry["name"]: entry["shape"] for entry in graph["tensors"] + graph["parameters"]}
    return [_layer(entry, shapes) for entry in graph["operators"]
            if entry["kind"] in ("conv2d", "linear")]


def _layer(entry, shapes):
    attributes = entry.get("attributes", {})
    x, y = entry["inputs"][0], entry["outputs"][0]
    weight = entry["parameters"]["weight"]
    pad = lambda shape: (list(shape) + [1, 1])[:3]
    (channels, height, width), (filters, out_height, out_width) = pad(shapes[x]), pad(shapes[y])
    taps = (list(shapes[weight]) + [1, 1])[2:4]
    return Layer(
        entry["name"], entry["kind"], x, y, weight, channels, height, width, filters, out_height,
        out_width, taps[0], taps[1],
        tuple(attributes.get("stride", (1, 1))), tuple(attributes.get("padding", (0, 0))),
        tuple(attributes.get("dilation", (1, 1))), attributes.get("groups", 1),
        entry.get("input_gradient", True))


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


class TraceFile:
    """One open trace."""

    def __init__(self, path):
        self._file = h5py.File(path, "r")
        self.iterations = len(self._file["iterations"])
        self.networks = [Network(self._file, name) for name in sorted(self._file["networks"])]
        self.facts = {name: _text(value) if name == "optimizer" else float(value)
                      for name, value in self._file["run"].attrs.items()
                      if name in ("optimizer", "momentum", "weight_decay", "nesterov")}

    def close(self):
        self._file.close()

    def is_training(self, iteration):
        return _text(self._file[f"iterations/{iteration}"].attrs["phase"]) == "train"


class Network:
    """One network of a trace and its patterns."""

    def __init__(self, file, name):
        self._file, self.name = file, name
        group = file["networks"][name]
        self.is_student = _text(group.attrs["role"]) == "student"
        self.graph = json.loads(bytes(group["graph"][()]).decode())
        self.layers, self.flow = layers_of_graph(self.graph), GradientFlow(self.graph)

    def samples(self, iteration):
        return len(self._file[f"iterations/{iteration}/samples/id"])

    def ones(self, iteration, tensor, dataset):
        """Of a tensor's pattern over the batch; None where the trace has none."""
        group = self._file.get(f"iterations/{iteration}/networks/{self.name}/tensors/{tensor}")
        if group is None or dataset not in group:
            return None
        return int(np.unpackbits(group[dataset][()]).sum())

    def patterns(self, iteration, layer):
        samples = self.samples(iteration)
        x_shape = (samples, layer.channels, layer.height, layer.width)
        y_shape = (samples, layer.filters, layer.out_height, layer.out_width)
        w_shape = (layer.filters, layer.channels // layer.groups, layer.taps_vertical,
                   layer.taps_horizontal)
        parameter = self._parameter(iteration, layer.weight)
        return LayerPatterns(
            samples,
            self._tensor(iteration, layer.input, "nonzero", x_shape),
            self._weight(parameter, w_shape),
            self._tensor(iteration, layer.output, "gradient_nonzero", y_shape),
            self._tensor(iteration, layer.input, "dx_needed", x_shape),
            _unpacked(parameter, "weight_keep", w_shape), _coarse(parameter, w_shape))

    def _tensor(self, iteration, tensor, dataset, shape):
        group = self._file.get(f"iterations/{iteration}/networks/{self.name}/tensors/{tensor}")
        if group is None or dataset not in group:
            return np.ones(shape, dtype=bool)
        elements = int(np.prod(shape[1:]))
        bits = np.unpackbits(group[dataset][()], axis=1, bitorder="little")[:, :elements]
        return bits.astype(bool).reshape(shape)

    def _parameter(self, iteration, parameter):
        place = f"iterations/{iteration}/networks/{self.name}"
        group = self._file.get(f"{place}/parameters/{parameter}")
        if group is not None and "same_as_iteration" in group.attrs:
            return self._parameter(int(group.attrs["same_as_iteration"]), parameter)
        return group

    @staticmethod
    def _weight(group, shape):
        if group is not None and "nonzero" not in group:
            if "values" in group:
                return (group["values"][()] != 0).reshape(shape)
            return _unpacked(group, "weight_keep", shape)
        return _unpacked(group, "nonzero", shape)


def _coarse(group, w_shape):
    if group is None or "coarse_keep" not in group:
        return None
    filters, channels, *taps = w_shape
    data = group["coarse_keep"]
    sides = [int(data.attrs[name]) for name in ("coarse_in", "coarse_out")]
    blocks = [-(-channels // sides[0]), -(-filters // sides[1])]
    return CoarsePattern(_unpacked(group, "coarse_keep", taps + blocks), *sides)


def _unpacked(group, dataset, shape):
    if group is None or dataset not in group:
        return np.ones(shape, dtype=bool)
    bits = np.unpackbits(group[dataset][()], bitorder="little")[: int(np.prod(shape))]
    return bits.astype(bool).reshape(shape)
