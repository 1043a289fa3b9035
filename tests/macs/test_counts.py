# SPDX-License-Identifier: Apache-2.0
"""The counts against loops over all multiplies; the laws against results that break them."""
import itertools
import json
import pathlib
import sys

import pytest
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from macs.counts import StageCounts, chosen_roles, column_blocks  # noqa: E402
from macs.identities import result_problems  # noqa: E402
from macs.masks import MaskedLayer  # noqa: E402

GEOMETRIES = [  # channels, size, filters, taps, stride, padding, dilation, groups
    (2, (4, 4), 3, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    (4, (5, 6), 6, (3, 2), (2, 3), (1, 1), (1, 1), 2),
    (3, (6, 5), 3, (3, 3), (2, 2), (2, 1), (2, 1), 3),
    (2, (7, 7), 4, (1, 2), (3, 3), (0, 0), (1, 1), 1),
    (5, (1, 1), 7, (1, 1), (1, 1), (0, 0), (1, 1), 1),
]
CHIP = {"accelerator": {"partition": {"cluster_n": 1, "core_n": 2}}, "core": {"columns": 2}}
ROLES = [(), ("input",), ("weight",), ("output",), ("input", "weight"), ("input", "output"),
         ("weight", "output")]


def random_layer(geometry):
    channels, size, filters, taps, stride, padding, dilation, groups = geometry
    out = [(size[i] + 2 * padding[i] - dilation[i] * (taps[i] - 1) - 1) // stride[i] + 1
           for i in (0, 1)]
    generator = torch.Generator().manual_seed(channels * 100 + filters)
    mask = lambda *shape: (torch.rand(shape, generator=generator) < 0.5).double()
    x, dy = mask(2, channels, *size), mask(2, filters, *out)
    w = mask(filters, channels // groups, *taps)
    needed = mask(2, 1, *size) * mask(2, channels, *size)
    attributes = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return MaskedLayer(attributes, (x, w, dy, needed, mask(*w.shape)))


def all_multiplies(layer):
    """(sample, f, p, q, c, h, w, channel of the group, r, s) of every multiply."""
    g, (filters, group_channels, taps_v, taps_h) = layer.geometry, layer.w.shape
    samples, channels, height, width = layer.x.shape
    for n, f, p, q in itertools.product(*(range(extent) for extent in layer.dy.shape)):
        for cl, r, s in itertools.product(range(group_channels), range(taps_v), range(taps_h)):
            c = f // (filters // g["groups"]) * group_channels + cl
            h = p * g["stride"][0] - g["padding"][0] + r * g["dilation"][0]
            w = q * g["stride"][1] - g["padding"][1] + s * g["dilation"][1]
            if 0 <= h < height and 0 <= w < width:
                yield n, f, p, q, c, h, w, cl, r, s


def facts_of(layer, stage, multiply):
    """(A is not zero, B is not zero, index of the result)."""
    n, f, p, q, c, h, w, cl, r, s = multiply
    x, weight, dy = layer.x[n, c, h, w], layer.w[f, cl, r, s], layer.dy[n, f, p, q]
    return {"FF": (x, weight, (n, f, p, q)), "BP": (dy, weight, (n, c, h, w)),
            "WG": (x, dy, (f, cl, r, s))}[stage]


def is_kept(needed, stage, result, blocks):
    """Some column of the result's block needs its result at the same m."""
    axis = 1 if stage == "BP" else 0
    block = next(b for b in blocks if result[axis] in b)
    return any(needed[result[:axis] + (column,) + result[axis + 1 :]] for column in block)


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("stage", ["FF", "BP", "WG"])
def test_counts_are_those_of_a_loop_over_all_multiplies(geometry, stage):
    layer = random_layer(geometry)
    counts = StageCounts(layer, stage)
    columns = layer.x.shape[1] if stage == "BP" else layer.w.shape[0]
    blocks = column_blocks(columns, columns // layer.groups, CHIP)
    for roles in ROLES if stage != "FF" else [r for r in ROLES if "output" not in r]:
        names = ("dense", "issued", "effectual", "output", "input", "weight_fine")
        expected = dict.fromkeys(names, 0)
        for multiply in all_multiplies(layer):
            a, b, result = facts_of(layer, stage, multiply)
            expected["dense"] += 1
            expected["effectual"] += bool(a and b and counts.needed[result])
            if "output" in roles and not is_kept(counts.needed, stage, result, blocks):
                expected["output"] += 1
            elif "input" in roles and not a:
                expected["input"] += 1
            elif "weight" in roles and not b:
                expected["weight_fine"] += 1
            else:
                expected["issued"] += 1
        macs = counts.macs(roles, CHIP)
        found = {**macs, **macs["skipped"]}
        assert {name: found[name] for name in expected} == expected, roles


def test_blocks_end_at_parts_groups_and_array_width():
    # 10 columns in groups of 5, two parts (0-4, 5-9), two columns wide.
    assert column_blocks(10, 5, CHIP) == [range(0, 2), range(2, 4), range(4, 5), range(5, 7),
                                          range(7, 9), range(9, 10)]
    # 6 columns in groups of 2: parts 0-2 and 3-5; group borders at 2 and 4.
    assert column_blocks(6, 2, CHIP) == [range(0, 2), range(2, 3), range(3, 4), range(4, 6)]


def test_adaptive_takes_the_two_emptiest_roles():
    layer = random_layer(GEOMETRIES[0])
    ones = lambda: (torch.ones_like(layer.x), torch.ones_like(layer.w), torch.ones_like(layer.dy),
                    torch.ones_like(layer.dx_needed), torch.ones_like(layer.weight_keep))
    full = MaskedLayer(layer.geometry, ones())
    assert chosen_roles("adaptive", StageCounts(full, "BP")) == ("input", "weight")
    full.dx_needed.zero_()
    assert chosen_roles("adaptive", StageCounts(full, "BP")) == ("input", "output")
    full.w.zero_()
    assert chosen_roles("adaptive", StageCounts(full, "BP")) == ("weight", "output")
    assert chosen_roles("adaptive", StageCounts(full, "FF")) == ("input", "weight")
    assert chosen_roles("input+output", StageCounts(full, "FF")) == ("input",)


def sound_result():
    """A result of one row of one PE: 3 multiplies, 1 issued, in 4 cycles."""
    macs = {"dense": 3, "dense_all_samples": 3, "effectual": 1, "issued": 1,
            "skipped": {"input": 1, "weight_fine": 1, "weight_coarse": 0, "output": 0, "sample": 0}}
    row = {"trace": "t", "iteration": 0, "layer": "fc", "stage": "FF", "skip": "input+weight",
           "cycles": 4, "dense_cycles": 5,
           "samples": {"total": 1, "active": 1}, "macs": macs,
           "pe_cycles": {"mac": 1, "ineffectual": 0, "idle": 3},
           "dram_bytes": 7, "energy_pj": 2.0,
           "actions": {"pe.mac_fp8": 1, "dram.read_byte": 4, "dram.write_byte": 3}}
    totals = {"cycles": 4, "dram_bytes": 7, "energy_pj": 2.0,
              "energy_pj_by_component": {"pe": 0.5, "dram": 1.5}, "macs": macs}
    config = {"accelerator": {"clusters": 1, "cores_per_cluster": 1},
              "core": {"rows": 1, "columns": 1, "issue_width_pairs": 1, "operand_format": "fp8"}}
    return json.loads(json.dumps({"config": config, "layers": [row], "totals": totals,
                                  "totals_by_stage": {"FF": totals}}))


def test_a_sound_result_breaks_no_law():
    assert result_problems(sound_result()) == []


@pytest.mark.parametrize("path, value", [
    (("layers", 0, "cycles"), 5), (("layers", 0, "macs", "issued"), 2),
    (("layers", 0, "macs", "effectual"), 2),
    (("layers", 0, "macs", "dense_all_samples"), 4), (("layers", 0, "pe_cycles", "idle"), 2),
    (("layers", 0, "dram_bytes"), 8), (("layers", 0, "energy_pj"), 2.00001),
    (("totals", "cycles"), 3),
    (("totals", "energy_pj_by_component", "pe"), 0.6), (("totals_by_stage", "FF", "dram_bytes"), 6),
    (("totals", "macs", "dense"), 2), (("totals", "macs", "skipped", "input"), 2),
    (("layers", 0, "samples", "active"), 0),
    (("layers", 0, "skip"), "input+output"), (("layers", 0, "actions", "pe.mac_fp8"), 3),
    (("layers", 0, "pe_cycles", "ineffectual"), 1),
])
def test_a_broken_law_is_seen(path, value):
    result = sound_result()
    place = result
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert result_problems(result) != []
