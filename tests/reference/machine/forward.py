# SPDX-License-Identifier: Apache-2.0
"""Passes of the vector unit in FF rows (section 12): `forward` gives (passes, work beside)."""
import math

from . import norm
from .graph import LAYERS, Pass, mask, role, saved
from .windows import pooling_windows, winner_bits

# Per element: adds, multiplies, compares, specials.
_ACTIVATIONS = {
    "relu": (0, 0, 1, 0), "relu6": (0, 0, 2, 0), "leaky_relu": (0, 1, 1, 0),
    "hardsigmoid": (1, 1, 2, 0), "hardswish": (1, 2, 2, 0), "sigmoid": (1, 0, 0, 2),
    "silu": (1, 1, 0, 2), "tanh": (0, 0, 0, 1), "gelu": (1, 3, 0, 1), "elu": (1, 1, 1, 1),
    "dropout": (0, 1, 1, 0)}
KEEP_A_MASK = ("relu", "relu6", "leaky_relu", "hardsigmoid", "dropout")


def forward(graph, entry, is_training):
    kind = entry["kind"]
    if kind in LAYERS:
        return [], _bias(graph, entry)
    if kind == "batch_norm":
        return norm.forward(graph, entry, is_training)
    if kind in ("flatten", "reshape", "identity") or (kind == "dropout" and not is_training):
        return [], Pass()
    if kind in _ACTIVATIONS:
        return [_activation(graph, entry, is_training)], Pass()
    return [_OTHERS[kind](graph, entry, is_training)], Pass()


def _bias(graph, entry):
    bias = role(entry, "bias")
    if not bias:
        return Pass()
    return Pass(adds=graph.batch(entry["outputs"][0]), reads=(graph.master(bias),))


def _values(graph, tensors):
    return tuple(graph.value(tensor) for tensor in dict.fromkeys(tensors))


def _moving(graph, entry, *operations, keeps=()):
    """A pass that reads the inputs and writes the outputs."""
    return Pass(*operations, reads=_values(graph, entry["inputs"]),
                writes=_values(graph, entry["outputs"]) + tuple(keeps))


def _activation(graph, entry, is_training):
    kind, count = entry["kind"], graph.batch(entry["outputs"][0])
    keeps = []
    if is_training and kind in KEEP_A_MASK and not (kind == "relu" and graph.chip.compressed):
        keeps = [mask(entry, count)]
    return _moving(graph, entry, *(count * each for each in _ACTIVATIONS[kind]), keeps=keeps)


def _max_pool(graph, entry, is_training):
    t, n, _ = pooling_windows(graph, entry)
    bits = graph.batch(entry["outputs"][0]) * winner_bits(entry)
    return _moving(graph, entry, 0, 0, t - n, keeps=[mask(entry, bits)] if is_training else [])


def _average(graph, entry, _):
    t, n, _ = pooling_windows(graph, entry)
    return _moving(graph, entry, t - n, graph.batch(entry["outputs"][0]))


def _mean(graph, entry, _):
    x, y = graph.batch(entry["inputs"][0]), graph.batch(entry["outputs"][0])
    return _moving(graph, entry, x - y, y)


def _add(graph, entry, _):
    return _moving(graph, entry, (len(entry["inputs"]) - 1) * graph.batch(entry["outputs"][0]))


def _mul(graph, entry, _):
    return _moving(graph, entry, 0, (len(entry["inputs"]) - 1) * graph.batch(entry["outputs"][0]))


def _copy(graph, entry, _):
    return _moving(graph, entry)


def _loss(graph, entry, is_training):
    logits, samples = entry["inputs"][0], graph.samples * math.prod(
        graph.shape(entry["inputs"][0])[1:])
    k = graph.channels(logits)
    step = Pass(adds=samples * (2 * k + 1), compares=samples * (k - 1), specials=samples * (k + 1),
                reads=(graph.value(logits), saved(entry, 4 * samples)), writes=(saved(entry, 4),))
    if is_training:
        step.specials += samples
        step.multiplies += samples * k
        step.writes += (saved(entry, 4 * samples * k),)
    return step


_OTHERS = {"max_pool2d": _max_pool, "avg_pool2d": _average, "adaptive_avg_pool2d": _average,
           "mean": _mean, "add": _add, "mul": _mul, "concat": _copy, "chunk": _copy,
           "channel_shuffle": _copy, "softmax_cross_entropy": _loss}
