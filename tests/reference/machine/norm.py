# SPDX-License-Identifier: Apache-2.0
"""batch_norm in FF and BP (section 12)."""
from .graph import FP32_BYTES, Pass, role, saved, has_input_gradient


def _parameters(graph, entry, names):
    return tuple(graph.master(role(entry, name)) for name in names if role(entry, name))


def _kept(graph, entry):
    """Mean and 1/sigma of every channel."""
    return saved(entry, 2 * FP32_BYTES * graph.channels(entry["inputs"][0]))


def forward(graph, entry, is_training):
    running = ("running_mean", "running_var")
    if not is_training and all(role(entry, name) for name in running):
        return [_one_pass(graph, entry)], Pass()
    x, y = entry["inputs"][0], entry["outputs"][0]
    count = graph.batch(x)
    sums = Pass(adds=2 * count, multiplies=count)
    passes, beside = [_channels(graph, entry, is_training),
                      Pass(count, count, reads=(graph.value(x),), writes=(graph.value(y),))], Pass()
    if graph.written_by_layer(x):
        beside = sums
    else:
        sums.reads = (graph.value(x),)
        passes.insert(0, sums)
    return passes, beside


def _one_pass(graph, entry):
    x, y, channels = entry["inputs"][0], entry["outputs"][0], graph.channels(entry["inputs"][0])
    count = graph.batch(x)
    weight, bias = bool(role(entry, "weight")), bool(role(entry, "bias"))
    return Pass(count + channels * (1 + bias), count + channels * (1 + weight), 0, 2 * channels,
                (graph.value(x),) + _parameters(
                    graph, entry, ("running_mean", "running_var", "weight", "bias")),
                (graph.value(y),))


def _channels(graph, entry, is_training):
    has = {name: bool(role(entry, name))
           for name in ("weight", "bias", "running_mean", "running_var")}
    changes = is_training
    mean, variance = has["running_mean"] and changes, has["running_var"] and changes
    adds = 1 + 1 + has["bias"] + 2 * mean + 2 * variance
    multiplies = 3 + has["weight"] + 1 + mean + 2 * variance
    running = _parameters(graph, entry, ("running_mean", "running_var")) if changes else ()
    channels = graph.channels(entry["inputs"][0])
    return Pass(adds * channels, multiplies * channels, 0, 2 * channels,
                running + _parameters(graph, entry, ("weight", "bias")),
                running + ((_kept(graph, entry),) if is_training else ()))


def backward(graph, entry, met):
    """met: reads of a gradient of x that is there already."""
    x, count = entry["inputs"][0], graph.batch(entry["inputs"][0])
    dy, channels = graph.gradient(entry["outputs"][0]), graph.channels(x)
    weight, bias = role(entry, "weight"), role(entry, "bias")
    gradients = tuple(graph.parameter_gradient(name) for name in (weight, bias) if name)
    there = tuple(graph.parameter_gradient(name) for name in (weight, bias)
                  if name and graph.shares_later(entry, name))
    if not has_input_gradient(entry) and not weight:
        return [Pass(adds=count + len(there) * channels, reads=(dy,) + there, writes=gradients)]
    passes = [Pass(2 * count + (1 + len(there)) * channels, count + 2 * channels, 0, 0,
                   (dy, graph.value(x), _kept(graph, entry)) + there, gradients)]
    if has_input_gradient(entry):
        factor = (graph.master(weight),) if weight else ()
        passes.append(Pass(2 * count + channels, 2 * count + (6 if weight else 5) * channels, 0, 0,
                           (dy,) + met + (graph.value(x),) + factor, (graph.gradient(x),)))
    return passes
