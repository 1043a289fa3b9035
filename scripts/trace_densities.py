#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Densities of traces and the ceilings they put on each training stage.

    trace_densities.py TRACE...               a table per figure, in Markdown
    trace_densities.py --layers TRACE         every conv2d and linear layer of one trace
    trace_densities.py --update README.md TRACE...   replaces the tables in README.md
    trace_densities.py --check README.md TRACE...    fails if README.md has other tables

Reads the HDF5 file with h5py and NumPy alone (traces/FORMAT.md), sharing no code with the
simulator. Multiplies are counted exactly, over in-bounds taps: an FF multiply is effectual
if x and w are not zero, a BP multiply if dy and w are not zero and the result is needed, a
WG multiply if x and dy are not zero and the weight is not pruned. A ceiling is all
multiplies divided by the effectual ones.
"""
import argparse
import json
import os
import sys

import h5py
import numpy as np

_BLOCK = 16  # input channels that share an input pixel in the "row" column
_START, _END = "<!-- densities: made by scripts/trace_densities.py -->", "<!-- end -->"


def _bits(group, name, samples, shape):
    """Mask [samples, *shape]; an absent pattern is dense."""
    if group is None or name not in group:
        return np.ones((samples, *shape), dtype=bool)
    elements = int(np.prod(shape))
    bits = np.unpackbits(group[name][()], axis=1, bitorder="little")[:, :elements]
    return bits.reshape(samples, *shape).astype(bool)


def _parameter(iteration, network, name, shape):
    """(not zero, kept) masks of a weight."""
    groups = iteration.get(f"networks/{network}/parameters", {})
    group = groups.get(name)
    if group is not None and "same_as_iteration" in group.attrs:
        earlier = iteration.parent[str(group.attrs["same_as_iteration"])]
        group = earlier[f"networks/{network}/parameters/{name}"]
    elements = int(np.prod(shape))
    masks = {}
    for key in ("nonzero", "weight_keep"):
        if group is not None and key in group:
            bits = np.unpackbits(group[key][()], bitorder="little")[:elements]
            masks[key] = bits.reshape(shape).astype(bool)
    if "nonzero" not in masks and group is not None and "values" in group:
        masks["nonzero"] = group["values"][()] != 0
    dense = np.ones(shape, dtype=bool)
    return masks.get("nonzero", dense), masks.get("weight_keep", dense)


def _tap(x, r, s, attributes, size):
    """Rows of x that tap (r, s) meets, per output pixel, and which of them are in bounds."""
    (sy, sx), (py, px) = attributes["stride"], attributes["padding"]
    dy, dx = attributes["dilation"]
    rows = np.arange(size[0]) * sy - py + r * dy
    columns = np.arange(size[1]) * sx - px + s * dx
    fine_rows = (rows >= 0) & (rows < x.shape[2])
    fine_columns = (columns >= 0) & (columns < x.shape[3])
    return np.ix_(rows[fine_rows], columns[fine_columns]), np.ix_(fine_rows, fine_columns)


def _matrix(mask, where):
    """[samples * pixels, channels] of the pixels `where`, as float32."""
    picked = mask[:, :, where[0], where[1]]
    return picked.transpose(0, 2, 3, 1).reshape(-1, mask.shape[1]).astype(np.float32)


def _in_rows(needed):
    """Needed in the "row" sense: an element is, if any channel of its block is."""
    blocks = [needed[:, c:c + _BLOCK].any(1, keepdims=True).repeat(
        min(_BLOCK, needed.shape[1] - c), 1) for c in range(0, needed.shape[1], _BLOCK)]
    return np.concatenate(blocks, 1)


def _masked_sum(back, mask):
    if back.shape[1] == 1:
        return back[:, 0] @ mask.sum(1, dtype=float)
    return (back * mask).sum(dtype=float)


def count_macs(x, w, keep, dy, needed, attributes):
    """Multiplies of one group of a layer: dense, FF, BP without output, BP row, BP, WG."""
    row_needed, totals = _in_rows(needed), np.zeros(6)
    for r in range(w.shape[2]):
        for s in range(w.shape[3]):
            inside, outside = _tap(x, r, s, attributes, dy.shape[2:])
            a, e = _matrix(x, inside), _matrix(dy, outside)
            wt, kt = w[:, :, r, s].astype(np.float32), keep[:, :, r, s].astype(np.float32)
            errors = e.sum(1, dtype=float)
            # Results per pixel; with dense weights every input channel gets the same number.
            back = errors[:, None] if wt.all() else (e @ wt).astype(float)
            grown = (errors @ a.sum(1, dtype=float) if kt.all()
                     else (e.T @ a * kt).sum(dtype=float))
            totals += [len(a) * wt.size, (a.sum(0, dtype=float) * wt.sum(0)).sum(),
                       back.sum() * wt.shape[1] / back.shape[1],
                       _masked_sum(back, _matrix(row_needed, inside)),
                       _masked_sum(back, _matrix(needed, inside)), grown]
    return totals


def _attributes(operator):
    given = operator.get("attributes", {})
    return {"stride": given.get("stride", [1, 1]), "padding": given.get("padding", [0, 0]),
            "dilation": given.get("dilation", [1, 1]), "groups": given.get("groups", 1)}


def measure_layer(iteration, network, operator, shapes, parameters):
    """One layer in one iteration: densities of x, w, dy, needed dx, and count_macs."""
    samples = len(iteration["samples/id"])
    tensors = iteration.get(f"networks/{network}/tensors", {})
    source, target = operator["inputs"][0], operator["outputs"][0]
    weight = operator["parameters"]["weight"]
    x = _bits(tensors.get(source), "nonzero", samples, shapes[source])
    dy = _bits(tensors.get(target), "gradient_nonzero", samples, shapes[target])
    needed = _bits(tensors.get(source), "dx_needed", samples, shapes[source])
    w, keep = _parameter(iteration, network, weight, parameters[weight])
    if operator["kind"] == "linear":
        x, dy, needed = (m[:, :, None, None] for m in (x, dy, needed))
        w, keep = w[:, :, None, None], keep[:, :, None, None]
    has_bp = operator.get("input_gradient", True)
    a = _attributes(operator)
    macs, c, k = np.zeros(6), x.shape[1] // a["groups"], dy.shape[1] // a["groups"]
    for g in range(a["groups"]):
        ci, ki = slice(g * c, g * c + c), slice(g * k, g * k + k)
        macs += count_macs(x[:, ci], w[ki], keep[ki], dy[:, ki], needed[:, ci], a)
    densities = [x.mean(), w.mean(), dy.mean(), needed.mean() if has_bp else np.nan]
    return densities, macs, has_bp


def measure(path):
    """Layer names, then per iteration: densities [layers, 4], macs [layers, 6], BP [layers]."""
    with h5py.File(path, "r") as file:
        network = next(n for n, g in file["networks"].items()
                       if g.attrs["role"] in ("student", b"student"))
        graph = json.loads(file[f"networks/{network}/graph"][()].tobytes())
        shapes = {t["name"]: t["shape"] for t in graph["tensors"]}
        parameters = {p["name"]: p["shape"] for p in graph["parameters"]}
        layers = [o for o in graph["operators"] if o["kind"] in ("conv2d", "linear")]
        results = []
        for name in sorted(file["iterations"], key=int):
            rows = [measure_layer(file["iterations"][name], network, o, shapes, parameters)
                    for o in layers]
            results.append([np.array(column) for column in zip(*rows)])
    return [o["name"] for o in layers], results


def ceilings(macs, has_bp):
    """FF, BP none, BP row, BP, WG, whole step: all multiplies over the effectual ones."""
    total = macs.sum(0)
    back = macs[has_bp].sum(0)
    step = (2 * total[0] + back[0]) / (total[1] + back[4] + total[5])
    return [total[0] / total[1], back[0] / back[2], back[0] / back[3], back[0] / back[4],
            total[0] / total[5], step]


def _means(results, weighted):
    """Mean over iterations of the densities' means over layers (nan: no such layer)."""
    means = []
    for densities, macs, _ in results:
        weights = macs[:, 0:1] if weighted else np.ones((len(macs), 1))
        weights = np.where(np.isnan(densities), 0, weights)
        means.append((np.nan_to_num(densities) * weights).sum(0) / weights.sum(0))
    return np.mean(means, 0)


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def _spread(values):
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low}-{high}"


def tables(paths):
    densities, limits = [], []
    for path in paths:
        name = os.path.basename(path).rsplit(".", 1)[0]
        _, results = measure(path)
        plain, weighted = _means(results, False), _means(results, True)
        densities.append([name] + [f"{a:.3f} / {b:.3f}" for a, b in zip(plain, weighted)])
        columns = zip(*(ceilings(macs, has_bp) for _, macs, has_bp in results))
        limits.append([name] + [_spread(column) for column in columns])
    first = _table(["trace", "x", "w", "dy", "needed dx"], densities)
    second = _table(["trace", "FF: x, w", "BP: dy, w", f"BP: dy, w, output in rows of {_BLOCK}",
                     "BP: dy, w, output", "WG: x, dy, output", "FF + BP + WG"], limits)
    return "\n".join(["Density, mean over the layers: plain / weighted by multiplies.", "",
                      *first, "",
                      "Ceiling of the speed-up over computing everything, by the patterns that "
                      "are skipped (lowest-highest iteration).", "", *second])


def layer_table(path):
    names, results = measure(path)
    rows = []
    for index, name in enumerate(names):
        d = np.mean([densities[index] for densities, _, _ in results], 0)
        m = np.sum([macs[index] for _, macs, _ in results], 0)
        rows.append([name, str(int(results[0][1][index][0])),
                     *("-" if np.isnan(v) else f"{v:.3f}" for v in d),
                     *(f"{m[0] / v:.2f}" if v else "-" for v in (m[1], m[4], m[5]))])
    return "\n".join(_table(["layer", "multiplies", "x", "w", "dy", "needed dx", "FF", "BP", "WG"],
                            rows))


def _replaced(text, body):
    start, end = text.find(_START), text.find(_END)
    if start < 0 or end < start:
        raise SystemExit(f"trace_densities.py: expected the marks {_START} and {_END}")
    return text[:start + len(_START)] + "\n" + body + "\n" + text[end:]


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("traces", nargs="+", metavar="TRACE")
    parser.add_argument("--layers", action="store_true")
    parser.add_argument("--update", metavar="README")
    parser.add_argument("--check", metavar="README")
    options = parser.parse_args(arguments)
    if options.layers:
        print("\n\n".join(layer_table(path) for path in options.traces))
        return 0
    body = tables(options.traces)
    readme = options.update or options.check
    if not readme:
        print(body)
        return 0
    with open(readme, encoding="utf-8") as handle:
        before = handle.read()
    after = _replaced(before, body)
    if options.check and after != before:
        print(f"{readme}: the tables are not those of the traces; --update makes them again")
        return 1
    if options.update and after != before:
        with open(readme, "w", encoding="utf-8") as handle:
            handle.write(after)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
