# SPDX-License-Identifier: Apache-2.0
"""Passes of the vector unit in BP and WG rows (section 12)."""
from . import norm
from .forward import KEEP_A_MASK
from .graph import LAYERS, Pass, has_input_gradient, mask, role, saved
from .windows import pooling_windows, winner_bits

_ACTIVATIONS = {
    "relu": (0, 0, 1, 0), "relu6": (0, 0, 1, 0), "leaky_relu": (0, 1, 1, 0),
    "hardsigmoid": (0, 1, 1, 0), "hardswish": (1, 2, 2, 0), "sigmoid": (1, 2, 0, 0),
    "silu": (3, 3, 0, 2), "tanh": (1, 2, 0, 0), "gelu": (2, 6, 0, 2), "elu": (1, 1, 1, 0),
    "dropout": (0, 1, 1, 0)}
_READ_X, _READ_Y = ("hardswish", "silu", "gelu"), ("sigmoid", "tanh", "elu")
_PASS_ON = ("add", "flatten", "reshape", "identity")


def backward(graph, entry):
    """(passes, work beside) of a BP row."""
    kind = entry["kind"]
    if kind in LAYERS:
        return [], _beside_layer(graph, entry)
    if kind in _PASS_ON:
        return _passes_on(graph, entry), Pass()
    met = _met(graph, entry)
    if kind == "batch_norm":
        passes = norm.backward(graph, entry, met)
    else:
        passes = [_one_pass(graph, entry, met)]
    if has_input_gradient(entry):
        passes[-1].adds += sum(_additions(graph, entry, tensor)
                               for tensor in graph.computes(entry))
    return passes, Pass()


def _met(graph, entry):
    return tuple(graph.gradient(tensor) for tensor in graph.computes(entry)
                 if graph.meets(entry, tensor))


def _additions(graph, entry, tensor):
    named = entry["inputs"].count(tensor)
    return graph.batch(tensor) * (named - 1 + graph.meets(entry, tensor))


def _beside_layer(graph, entry):
    met, x = _met(graph, entry), entry["inputs"][0]
    return Pass(adds=graph.batch(x) if met else 0, reads=met)


def _passes_on(graph, entry):
    """A pass per input that has to be added to something."""
    dy, passes = graph.gradient(entry["outputs"][0]), []
    for tensor in graph.computes(entry):
        adds, dx = _additions(graph, entry, tensor), graph.gradient(tensor)
        if adds:
            passes.append(Pass(adds, reads=(dy, dx) if graph.meets(entry, tensor) else (dy,),
                               writes=(dx,)))
    return passes


def _one_pass(graph, entry, met):
    make = _OTHERS.get(entry["kind"], _activation)
    step, saved_reads = make(graph, entry)
    if entry["kind"] != "softmax_cross_entropy":
        step.reads = tuple(graph.gradient(y) for y in entry["outputs"])
    step.reads += met + tuple(saved_reads)
    step.writes = tuple(graph.gradient(tensor) for tensor in graph.computes(entry))
    return step


def _activation(graph, entry):
    kind, count = entry["kind"], graph.batch(entry["outputs"][0])
    step = Pass(*(count * each for each in _ACTIVATIONS[kind]))
    if kind == "relu" and graph.chip.compressed:
        return step, [graph.bitmap(entry["outputs"][0])]
    if kind in KEEP_A_MASK:
        return step, [mask(entry, count)]
    name = entry["inputs"][0] if kind in _READ_X else entry["outputs"][0]
    return step, [graph.value(name)]


def _max_pool(graph, entry):
    t, n, v = pooling_windows(graph, entry)
    bits = graph.batch(entry["outputs"][0]) * winner_bits(entry)
    return Pass(adds=n if t > v else 0, compares=n), [mask(entry, bits)]


def _average(graph, entry):
    t, _, v = pooling_windows(graph, entry)
    return Pass(adds=t - v, multiplies=graph.batch(entry["outputs"][0])), []


def _mean(graph, entry):
    return Pass(multiplies=graph.batch(entry["outputs"][0])), []


def _copy(graph, entry):
    del graph, entry
    return Pass(), []


def _mul(graph, entry):
    inputs, wanted = entry["inputs"], graph.computes(entry)
    count, step, factors = graph.batch(entry["outputs"][0]), Pass(), set()
    for position, tensor in enumerate(inputs):
        if tensor in wanted:
            step.multiplies += (len(inputs) - 1) * count
            step.adds += count - graph.batch(tensor)
            factors.update(inputs[:position] + inputs[position + 1:])
    return step, [graph.value(tensor) for tensor in dict.fromkeys(inputs) if tensor in factors]


def _loss(graph, entry):
    count = graph.batch(entry["inputs"][0])
    samples = count // graph.channels(entry["inputs"][0])
    return Pass(adds=count, multiplies=count), [saved(entry, 4 * count), saved(entry, 4 * samples)]


_OTHERS = {"max_pool2d": _max_pool, "avg_pool2d": _average, "adaptive_avg_pool2d": _average,
           "mean": _mean, "mul": _mul, "concat": _copy, "chunk": _copy, "channel_shuffle": _copy,
           "softmax_cross_entropy": _loss}


def weight_gradient(graph, entry):
    """Work beside the WG row of a layer."""
    beside, dy = Pass(), entry["outputs"][0]
    for name in filter(None, (role(entry, "weight"), role(entry, "bias"))):
        gradient = graph.parameter_gradient(name)
        if name == role(entry, "bias"):
            beside.adds += graph.batch(dy)
            beside.reads += (graph.gradient(dy),)
            beside.writes += (gradient,)
        if graph.shares_later(entry, name):
            beside.adds += graph.elements(name)
            beside.reads += (gradient,)
    return beside
