# SPDX-License-Identifier: Apache-2.0
"""Shapes of a graph worked out anew after a change, and masks cut to them."""
import math

import numpy as np

from reference.generate_features import CoarseMask

_DEFAULTS = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1]}


class BadGraph(Exception):
    """The change does not make a network."""


def shapes_of(graph, kind="tensors"):
    return {entry["name"]: list(entry["shape"]) for entry in graph[kind]}


def infer(graph):
    """Sets the shapes of all that operators write and of all parameters; BadGraph if they clash.

    What stands in the graph as shapes of inputs, filters and taps is kept."""
    tensors, parameters = shapes_of(graph), shapes_of(graph, "parameters")
    known = {name: tensors[name] for name in graph["inputs"]}
    settled = {}
    for operator in graph["operators"]:
        inputs = [known[name] for name in operator["inputs"]]
        own = {role: list(parameters[name])
               for role, name in operator.get("parameters", {}).items()}
        outputs = _outputs(operator, inputs, own, [tensors[name] for name in operator["outputs"]])
        known.update(zip(operator["outputs"], outputs))
        for role, name in operator.get("parameters", {}).items():
            if settled.setdefault(name, own[role]) != own[role]:
                raise BadGraph(f"{name} would have two shapes")
    for entry in graph["tensors"]:
        entry["shape"] = known[entry["name"]]
    for entry in graph["parameters"]:
        entry["shape"] = settled[entry["name"]]
    if any(min(entry["shape"], default=0) < 1 for entry in graph["tensors"] + graph["parameters"]):
        raise BadGraph("an empty tensor")


def _outputs(operator, inputs, parameters, before):
    """Shapes of the outputs; sets those of its parameters."""
    kind, attributes, shape = operator["kind"], operator.get("attributes", {}), inputs[0]
    if kind in ("conv2d", "linear"):
        return [_layer(kind, attributes, shape, parameters)]
    for role in parameters:
        parameters[role] = [shape[0]]
    if kind.endswith("pool2d"):
        return [_pooled(kind, attributes, shape)]
    if kind == "mean":
        keeps = len(before[0]) == len(shape)
        return [[1 if axis + 1 in (2, 3) else side for axis, side in enumerate(shape)]
                if keeps else [shape[0]]]
    if kind == "softmax_cross_entropy":
        return []
    return _arranged(kind, attributes, inputs, before)


def _arranged(kind, attributes, inputs, before):
    shape = inputs[0]
    if kind == "concat":
        if any(other[1:] != shape[1:] for other in inputs):
            raise BadGraph("concat of unlike inputs")
        return [[sum(other[0] for other in inputs)] + shape[1:]]
    if kind == "chunk":
        first = min(before[0][0], shape[0] - 1)
        return [[first] + shape[1:], [shape[0] - first] + shape[1:]]
    if kind == "flatten":
        return [[math.prod(shape)]]
    if kind == "reshape":
        return [[1, 1, math.prod(shape)] if len(before[0]) == 3 else [math.prod(shape)]]
    if kind == "channel_shuffle" and shape[0] % attributes["groups"]:
        raise BadGraph("groups of a shuffle")
    narrow = [shape[:1] + [1] * (len(shape) - 1)] if kind == "mul" else []
    if any(other != shape and other not in narrow for other in inputs):
        raise BadGraph(f"{kind} of unlike inputs")
    return [shape]


def _layer(kind, attributes, shape, parameters):
    if len(shape) != (3 if kind == "conv2d" else 1):
        raise BadGraph(f"{kind} of a tensor of {len(shape)} axes")
    weight = parameters["weight"]
    filters = weight[0]
    if "bias" in parameters:
        parameters["bias"] = [filters]
    if kind == "linear":
        parameters["weight"] = [filters, shape[0]]
        return [filters]
    groups = attributes.get("groups", 1)
    if shape[0] % groups or filters % groups:
        raise BadGraph("groups of a convolution")
    parameters["weight"] = [filters, shape[0] // groups] + weight[2:]
    return [filters] + _windows(attributes, shape, weight[2:])


def _pooled(kind, attributes, shape):
    if kind == "adaptive_avg_pool2d":
        return [shape[0]] + [min(side, most)
                             for side, most in zip(attributes["output_size"], shape[1:])]
    kernel = attributes["kernel"]
    return [shape[0]] + _windows({"stride": kernel, **attributes}, shape, kernel)


def _windows(attributes, shape, taps):
    own = {**_DEFAULTS, **attributes}
    sides = []
    for axis in range(2):
        room = (shape[1 + axis] + 2 * own["padding"][axis]
                - own["dilation"][axis] * (taps[axis] - 1) - 1)
        if room < 0:
            raise BadGraph("a window larger than the image")
        sides.append(room // own["stride"][axis] + 1)
    return sides


# Masks and numbers.

def fit_case(case):
    """Cuts or fills everything in the iterations to the shapes of the graphs and the samples."""
    for iteration in case.iterations:
        for name, masks in iteration["networks"].items():
            graph = case.networks[name]["graph"]
            masks["tensors"] = _fitted(masks["tensors"], shapes_of(graph), iteration["samples"])
            masks["parameters"] = _fitted(masks["parameters"], shapes_of(graph, "parameters"))


def _fitted(entries, shapes, samples=None):
    first = [] if samples is None else [samples]
    return {name: {key: _fit(data, first + shapes[name]) for key, data in own.items()}
            for name, own in entries.items() if name in shapes}


def _fit(data, shape):
    if isinstance(data, CoarseMask):
        filters, channels, *taps = list(shape) + [1] * (4 - len(shape))
        blocks = taps + [math.ceil(channels / data.coarse_in), math.ceil(filters / data.coarse_out)]
        return CoarseMask(_fit(data.keep, blocks), data.coarse_in, data.coarse_out, tuple(shape))
    if not isinstance(data, np.ndarray):
        return data  # same_as_iteration
    if data.ndim != len(shape):
        return np.ones(shape, dtype=data.dtype)
    kept = data[tuple(slice(0, side) for side in shape)]
    missing = [(0, side - own) for side, own in zip(shape, kept.shape)]
    return np.pad(kept, missing, constant_values=1)
