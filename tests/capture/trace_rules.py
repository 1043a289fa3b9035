# SPDX-License-Identifier: Apache-2.0
"""Checks a trace file against traces/FORMAT.md; shares no code with writer or simulator.

    trace_rules.py FILE...     one line per broken rule; exit status 1 if there is any
"""
import json
import math
import re
import sys

import h5py
import numpy as np

_NAME = re.compile(r"[A-Za-z0-9_:-][A-Za-z0-9_.:-]{0,199}")
_KINDS = """conv2d linear batch_norm relu relu6 hardswish hardsigmoid sigmoid silu tanh gelu
leaky_relu elu max_pool2d avg_pool2d adaptive_avg_pool2d mean add mul concat chunk
channel_shuffle flatten reshape identity dropout softmax_cross_entropy""".split()
_SAME_SHAPE = """batch_norm relu relu6 hardswish hardsigmoid sigmoid silu tanh gelu leaky_relu elu
add channel_shuffle identity dropout""".split()


class Rules:
    def __init__(self, path):
        self.problems = []
        self.path = path

    def require(self, condition, where, what):
        if not condition:
            self.problems.append(f"{self.path}:{where}: {what}")
        return bool(condition)


def text(value):
    """An attribute's text, of fixed or variable length."""
    return value.decode() if isinstance(value, bytes) else value


def _words(elements):
    return -(-elements // 8)


def _check_graph(rules, where, graph):
    shapes = {t["name"]: t["shape"] for t in graph["tensors"]}
    parameters = {p["name"]: p["shape"] for p in graph["parameters"]}
    rules.require(len(shapes) == len(graph["tensors"]), where, "a tensor is listed twice")
    known = set(graph["inputs"])
    for name in [*shapes, *parameters, *(o["name"] for o in graph["operators"])]:
        rules.require(_NAME.fullmatch(name), where, f"bad name {name}")
    names = [o["name"] for o in graph["operators"]]
    rules.require(len(set(names)) == len(names), where, "an operator name is used twice")
    for o in graph["operators"]:
        at = f"{where} {o['name']}"
        rules.require(o["kind"] in _KINDS, at, f"unknown kind {o['kind']}")
        rules.require(set(o["inputs"]) <= known, at, "reads a tensor nobody wrote before")
        rules.require(not known & set(o["outputs"]), at, "writes a tensor twice")
        rules.require(set(o["inputs"] + o["outputs"]) <= set(shapes), at, "unknown tensor")
        rules.require(set(o.get("parameters", {}).values()) <= set(parameters), at,
                      "unknown parameter")
        known |= set(o["outputs"])
        _check_shapes(rules, at, o, shapes, parameters)
    rules.require(known == set(shapes), where, "a tensor is never written")
    rules.require(graph.get("loss") in (None, *names), where, "loss names no operator")
    return shapes, parameters


def _check_shapes(rules, at, o, shapes, parameters):
    x = [shapes[t] for t in o["inputs"]]
    y = [shapes[t] for t in o["outputs"]]
    a, kind = o.get("attributes", {}), o["kind"]
    if kind == "conv2d":
        expected = _convolved(x[0], parameters[o["parameters"]["weight"]], a)
        rules.require(y[0] == expected, at, f"expected shape {expected}, found {y[0]}")
        k, c_group = parameters[o["parameters"]["weight"]][:2]
        rules.require(c_group * a.get("groups", 1) == x[0][0] and k == y[0][0], at, "channels")
    elif kind == "linear":
        rules.require(parameters[o["parameters"]["weight"]] == [y[0][0], x[0][0]], at, "features")
    elif kind in _SAME_SHAPE:
        rules.require(all(s == y[0] for s in x), at, "expected equal shapes")
    elif kind == "concat":
        rules.require(len(x) >= 2, at, "concat of fewer than two")
        axis = a.get("axis", 0)
        rules.require(sum(s[axis] for s in x) == y[0][axis], at, "concatenated sizes")
    elif kind == "chunk":
        rules.require(len(y) >= 2, at, "chunk into fewer than two")
        axis = a.get("axis", 0)
        rules.require(sum(s[axis] for s in y) == x[0][axis], at, "chunk sizes")
    elif kind in ("flatten", "reshape"):
        rules.require(math.prod(x[0]) == math.prod(y[0]), at, "element count")
    elif kind == "mul":
        rules.require(max(x) == y[0] and all(s in (y[0], [y[0][0], 1, 1]) for s in x), at, "mul")


def _convolved(x, w, a):
    size = []
    for axis in (0, 1):
        padding, dilation = a.get("padding", [0, 0])[axis], a.get("dilation", [1, 1])[axis]
        reach = dilation * (w[2 + axis] - 1)
        size.append((x[1 + axis] + 2 * padding - reach - 1) // a.get("stride", [1, 1])[axis] + 1)
    return [w[0], *size]


def _check_bits(rules, where, dataset, lead, elements):
    if not rules.require(dataset.dtype == np.uint8 and dataset.shape == (*lead, _words(elements)),
                         where, f"expected uint8 {(*lead, _words(elements))}, found "
                                f"{dataset.dtype} {dataset.shape}"):
        return None
    bits = np.unpackbits(dataset[()], axis=-1, bitorder="little")
    rules.require(not bits[..., elements:].any(), where, "unused bits are set")
    return bits[..., :elements]


def _check_values(rules, where, dataset, shape, bits):
    if rules.require(dataset.shape == tuple(shape), where, f"shape {dataset.shape}"):
        values = dataset[()]
        rules.require(np.isfinite(values).all(), where, "not finite")
        if bits is not None:
            flat = values.reshape(bits.shape)
            rules.require(not flat[bits == 0].any(), where, "a zero of the pattern has a value")
            if values.dtype == np.float32:
                rules.require(np.array_equal(flat != 0, bits == 1), where, "pattern and values")


def _check_tensor(rules, where, group, shape, samples):
    elements, bits = math.prod(shape), {}
    for name in group:
        if name in ("nonzero", "gradient_nonzero", "dx_needed"):
            bits[name] = _check_bits(rules, f"{where}/{name}", group[name], (samples,), elements)
        else:
            rules.require(name in ("values", "gradient_values"), where, f"unknown {name}")
    for name, pattern in (("values", "nonzero"), ("gradient_values", "gradient_nonzero")):
        if name in group:
            dense = np.ones((samples, elements), dtype=np.uint8)
            _check_values(rules, f"{where}/{name}", group[name], (samples, *shape),
                          bits.get(pattern, dense))


def _check_parameter(rules, where, group, shape, samples):
    for name in group:
        at = f"{where}/{name}"
        if name in ("nonzero", "weight_keep"):
            _check_bits(rules, at, group[name], (), math.prod(shape))
        elif name == "values":
            _check_values(rules, at, group[name], shape, None)
        elif name == "gradient_samples":
            chosen = group[name][()]
            rules.require((np.diff(chosen) > 0).all() and 0 <= chosen[0] and chosen[-1] < samples,
                          at, "not increasing positions in the batch")
            rules.require(group["gradient_absolute_mean"].shape == chosen.shape, at, "length")
        else:
            rules.require(name in ("gradient_absolute_mean", "coarse_keep"), at, "unknown")


def _check_samples(rules, where, group, count=None):
    count = len(group["id"]) if count is None else count
    for name in group:
        rules.require(name in ("id", "label", "prediction", "confidence"), where, f"odd {name}")
        rules.require(group[name].shape == (count,), f"{where}/{name}", "length")
    if "confidence" in group:
        confidence = group["confidence"][()]
        rules.require(((confidence >= 0) & (confidence <= 1)).all(), where, "confidence range")
    return count


def _check_iterations(rules, file, networks):
    last_step = -1
    for index, name in enumerate(sorted(file["iterations"], key=int)):
        where, group = f"/iterations/{name}", file["iterations"][name]
        rules.require(int(name) == index, where, "numbers have a gap")
        rules.require(group.attrs["step"] > last_step, where, "step does not increase")
        rules.require(text(group.attrs["phase"]) in ("train", "inference"), where, "phase")
        last_step = group.attrs["step"]
        samples = _check_samples(rules, f"{where}/samples", group["samples"])
        for network, content in group["networks"].items():
            shapes, parameters = networks[network]
            at = f"{where}/networks/{network}"
            for tensor, arrays in content.get("tensors", {}).items():
                if rules.require(tensor in shapes, at, f"unknown tensor {tensor}"):
                    _check_tensor(rules, f"{at}/tensors/{tensor}", arrays, shapes[tensor], samples)
            for parameter, arrays in content.get("parameters", {}).items():
                if rules.require(parameter in parameters, at, f"unknown parameter {parameter}"):
                    _check_parameter(rules, f"{at}/parameters/{parameter}", arrays,
                                     parameters[parameter], samples)


def _check_filters(rules, file):
    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            rules.require(item.fletcher32 and item.shuffle and item.compression == "gzip",
                          f"/{name}", "not chunked, shuffled, compressed and checksummed")
    file.visititems(visit)


def broken_rules(path):
    """The rules `path` breaks, one line each."""
    rules = Rules(path)
    with h5py.File(path, "r") as file:
        rules.require(text(file.attrs["schema"]) == "skipsim-trace/1", "/", "schema")
        rules.require(text(file.attrs["zero_rule"]) in ("exact", "flushed"), "/", "zero_rule")
        for name in ("dataset", "dataset_samples", "steps_per_epoch", "batch_size"):
            rules.require(name in file["run"].attrs, "/run", f"no {name}")
        if "accuracy" in file["run"]:
            accuracy = file["run/accuracy"]
            rules.require((np.diff(accuracy["epoch"][()]) > 0).all(), "/run/accuracy", "epochs")
            for name in accuracy:
                rules.require(accuracy[name].shape == accuracy["epoch"].shape,
                              f"/run/accuracy/{name}", "length")
        networks = {}
        for name, group in file["networks"].items():
            graph = json.loads(group["graph"][()].tobytes())
            networks[name] = _check_graph(rules, f"/networks/{name}", graph)
        _check_iterations(rules, file, networks)
        for name, group in file.get("epochs", {}).items():
            _check_samples(rules, f"/epochs/{name}", group)
        _check_filters(rules, file)
    return rules.problems


if __name__ == "__main__":
    found = [line for argument in sys.argv[1:] for line in broken_rules(argument)]
    print("\n".join(found) or "no broken rules")
    sys.exit(1 if found else 0)
