# SPDX-License-Identifier: Apache-2.0
"""Masks of conv2d and linear layers as 0/1 tensors, read from a trace (traces/FORMAT.md)."""
import json

import h5py
import numpy as np
import torch


class MaskedLayer:
    """One layer in one iteration; masks are float64 so that convolutions of them count exactly.

    x, dx_needed [N,C,H,W]; w, weight_keep [F,C/G,R,S]; dy [N,F,P,Q]. A linear layer: 1 x 1 pixels.
    """

    def __init__(self, geometry, masks):
        self.geometry = geometry
        self.x, self.w, self.dy, self.dx_needed, self.weight_keep = masks

    @property
    def groups(self):
        return self.geometry["groups"]


class Trace:
    """An open trace file."""

    def __init__(self, path):
        self._file = h5py.File(path, "r")
        self.iterations = len(self._file["iterations"])
        self.networks = {name: Network(self._file, name) for name in sorted(self._file["networks"])}

    def close(self):
        self._file.close()

    def is_training(self, number):
        return _text(self._file["iterations"][str(number)].attrs["phase"]) == "train"


class Network:
    """One network of a trace; operators are its conv2d and linear ones by name, in graph order."""

    def __init__(self, file, name):
        self._file, self._name = file, name
        node = file["networks"][name]
        self.is_student = _text(node.attrs["role"]) == "student"
        graph = json.loads(node["graph"][()].tobytes())
        self._shapes = {e["name"]: e["shape"] for e in graph["tensors"] + graph["parameters"]}
        self.operators = {op["name"]: op for op in graph["operators"]
                          if op["kind"] in ("conv2d", "linear")}

    def layer(self, number, name):
        operator = self.operators[name]
        source, target = operator["inputs"][0], operator["outputs"][0]
        weight = operator["parameters"]["weight"]
        attributes = operator.get("attributes") or {}
        geometry = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "groups": 1}
        for key in geometry:
            value = attributes.get(key, geometry[key])
            geometry[key] = value if key == "groups" else tuple(value)
        masks = (self._tensor(number, source, "nonzero"), self._weight(number, weight),
                 self._tensor(number, target, "gradient_nonzero"),
                 self._tensor(number, source, "dx_needed"), self._keep(number, weight))
        return MaskedLayer(geometry, masks)

    def _node(self, number, kind, name):
        return self._file.get(f"iterations/{number}/networks/{self._name}/{kind}/{name}")

    def _tensor(self, number, name, dataset):
        samples = self._file[f"iterations/{number}/samples/id"].shape[0]
        shape = [samples] + list(self._shapes[name])
        node = self._node(number, "tensors", name)
        if node is None or dataset not in node:
            bits = np.ones(shape)
        else:
            packed = node[dataset][()]
            bits = np.stack([_bits(row, shape[1:]) for row in packed])
        return _four_axes(bits)

    def _parameter_node(self, number, name):
        node = self._node(number, "parameters", name)
        while node is not None and "same_as_iteration" in node.attrs:
            node = self._node(int(node.attrs["same_as_iteration"]), "parameters", name)
        return node

    def _weight(self, number, name):
        node, shape = self._parameter_node(number, name), self._shapes[name]
        if node is not None and "nonzero" in node:
            return _four_axes(_bits(node["nonzero"][()], shape))
        if node is not None and "values" in node:
            return _four_axes((node["values"][()] != 0).astype(np.float64))
        return self._keep(number, name)

    def _keep(self, number, name):
        node, shape = self._parameter_node(number, name), self._shapes[name]
        if node is None or "weight_keep" not in node:
            return _four_axes(np.ones(shape))
        return _four_axes(_bits(node["weight_keep"][()], shape))


def _text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def _bits(packed, shape):
    count = int(np.prod(shape))
    return np.unpackbits(packed, bitorder="little", count=count).astype(np.float64).reshape(shape)


def _four_axes(array):
    while array.ndim < 4:
        array = array[..., None]
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))
