# SPDX-License-Identifier: Apache-2.0
"""Fixed cases through `skipsim run`: some worked out by hand, some that random cases rarely hit."""
import copy
import pathlib
import shutil
import sys

import numpy as np
import pytest
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from reference.fuzz import ENERGY_TABLE, PROGRAM, ROOT, counted_rows, simulated_rows  # noqa: E402
from reference.compare import differences  # noqa: E402
from reference.write_case import write_config, write_trace  # noqa: E402

ONE_PE = {
    "name": "one processing element", "clocks": {"core_mhz": 50},
    "accelerator": {"clusters": 1, "cores_per_cluster": 1},
    "core": {"rows": 1, "columns": 1, "chunk_operands": 8, "fifo_depth_chunks": 1, "tile_chunks": 1,
             "operand_format": "fp8"},
    "skip": {"ff": "input+weight", "bp": "input+weight", "wg": "input+weight"}}


def changed(config, **sections):
    result = copy.deepcopy(config)
    for section, values in sections.items():
        result.setdefault(section, {}).update(values)
    return result


def linear(inputs, outputs, input_gradient=True):
    return {"inputs": ["x"],
            "tensors": [{"name": "x", "shape": [inputs]}, {"name": "y", "shape": [outputs]}],
            "parameters": [{"name": "w", "shape": [outputs, inputs]}],
            "operators": [{"name": "fc", "kind": "linear", "inputs": ["x"], "outputs": ["y"],
                           "parameters": {"weight": "w"},
                           "input_gradient": input_gradient}]}


def convolution(shape, filters, taps, out, **attributes):
    groups = attributes.get("groups", 1)
    return {"inputs": ["x"],
            "tensors": [{"name": "x", "shape": shape}, {"name": "y", "shape": [filters] + out}],
            "parameters": [{"name": "w", "shape": [filters, shape[0] // groups] + taps}],
            "operators": [{"name": "conv", "kind": "conv2d", "inputs": ["x"], "outputs": ["y"],
                           "parameters": {"weight": "w"},
                           "attributes": attributes}]}


def iteration(graph, samples=1, phase="train", **masks):
    """masks: x, dx_needed, dy, w, weight_keep as flat lists; the trace lacks those left out."""
    shapes = {entry["name"]: entry["shape"] for entry in graph["tensors"] + graph["parameters"]}
    shape_of = {"x": [samples] + shapes["x"], "dx_needed": [samples] + shapes["x"],
                "dy": [samples] + shapes["y"],
                "w": shapes["w"], "weight_keep": shapes["w"]}
    array = {name: np.array(bits, dtype=bool).reshape(shape_of[name])
             for name, bits in masks.items()}
    pick = lambda names: {key: array[name] for key, name in names.items() if name in array}
    return {"phase": phase, "samples": samples, "networks": {"net": {
            "tensors": {"x": pick({"nonzero": "x", "dx_needed": "dx_needed"}),
                        "y": pick({"gradient_nonzero": "dy"})},
            "parameters": {"w": pick({"nonzero": "w", "weight_keep": "weight_keep"})}}}}


def rows_of_both(folder, config, graph, iterations):
    write_config(folder / "chip.yaml", config, ENERGY_TABLE)
    write_trace(folder / "case.h5", {"net": {"role": "student", "graph": graph}}, iterations)
    rows = simulated_rows(PROGRAM, folder)
    assert differences(counted_rows(config, folder / "case.h5"), rows) == []
    return rows


def test_worked_example_of_the_contract(tmp_path):
    graph = linear(3, 1)
    row = rows_of_both(tmp_path, ONE_PE, graph,
                       [iteration(graph, phase="inference", x=[1, 0, 1], w=[1, 1, 0])])[0]
    assert row["cycles"] == 3
    assert {name: value for name, value in row["pe_cycles"].items() if value} == {"wait_operand": 1,
                                                                                  "mac": 1,
                                                                                  "idle": 1}
    assert [row["macs"][name] for name in ("dense", "issued", "effectual")] == [3, 1, 1]
    assert row["macs"]["skipped"] == {"input": 1, "weight_fine": 1, "weight_coarse": 0, "output": 0,
                                      "sample": 0}


def test_dense_row_by_hand(tmp_path):
    # 20 inputs, 1 output, dense, depth 1: three chunks of 8, 8, 4 pairs. s0 = 1, f0 = 9; chunk 1
    # was sent in cycle 2: s1 = 9, f1 = 17; chunk 2: f2 = 21 = d; end 22. Waits only cycle 0; one
    # cycle to drain.
    graph = linear(20, 1)
    config = changed(ONE_PE, core={"tile_chunks": 8}, skip={"ff": "dense"})
    row = rows_of_both(tmp_path, config, graph,
                       [iteration(graph, phase="inference", x=[0] * 20)])[0]
    assert row["cycles"] == row["dense_cycles"] == 22
    assert {name: value for name, value in row["pe_cycles"].items() if value} == {"wait_operand": 1,
                                                                                  "ineffectual": 20,
                                                                                  "idle": 1}


def test_output_skipping_by_hand(tmp_path):
    # BP of a linear layer: 2 samples, 3 inputs, 8 outputs; sample 1 needs nothing. One column: per
    # column block (one input) both samples are offered, sample 1 is dropped: 3 results of one chunk
    # of 8 pairs, 3 x 8 multiplies skipped as output.
    graph = linear(3, 8)
    config = changed(ONE_PE, skip={"bp": "output"})
    rows = rows_of_both(tmp_path, config, graph,
                        [iteration(graph, 2, dx_needed=[1, 1, 1, 0, 0, 0])])
    row = next(row for row in rows if row["stage"] == "BP")
    # s0 = 1, f0 = 9; s1 = 9 (chunk sent in 2), f1 = 17; third result: s2 = max(17, d0 + 1 = 10), f2
    # = 25 = d; end 26.
    assert row["cycles"] == 26
    macs = row["macs"]
    assert macs["issued"] == macs["effectual"] == macs["skipped"]["output"] == 24
    assert row["actions"]["sequencer.output_bit"] == 6


def test_strided_layer_by_hand(tmp_path):
    # One dimension: 5 inputs, kernel 3, stride 2, padding 1, 3 outputs. In bounds: 2 + 3 + 2 = 7
    # pairs in every stage. BP: phase 0: pixels 0, 2, 4 with tap 1 (3 pairs), phase 1: pixels 1, 3
    # with taps 0, 2 (4 pairs). 5 results of one chunk. PE: s = 1, f = 2; chunk t is sent in the
    # cycle after the start of t - 1: s = 3, 5; phase 1: s = 7, f = 9; s = 9, f = 11 = d.
    graph = convolution([1, 1, 5], 1, [1, 3], [1, 3], stride=[1, 2], padding=[0, 1])
    rows = rows_of_both(tmp_path, changed(ONE_PE, skip={"bp": "dense"}), graph, [iteration(graph)])
    assert [row["macs"]["dense"] for row in rows] == [7, 7, 7]
    assert rows[1]["stage"] == "BP" and rows[1]["cycles"] == 12


MIDDLE = changed(ONE_PE, core={"rows": 3, "columns": 3, "fifo_depth_chunks": 2, "tile_chunks": 3},
                 memory={"input_bytes_per_cycle": 2, "weight_bytes_per_cycle": 2,
                         "latency_cycles": 5})


@pytest.mark.parametrize("mode",
                         ["dense", "input+weight", "input+output", "weight+output", "adaptive"])
@pytest.mark.parametrize("name, graph", [
    ("depthwise", convolution([6, 5, 5], 6, [3, 3], [5, 5], padding=[1, 1], groups=6)),
    ("grouped and strided",
     convolution([6, 5, 6], 4, [3, 3], [3, 3], padding=[1, 1], stride=[2, 2], groups=2)),
    ("dilated", convolution([3, 7, 7], 4, [3, 3], [5, 5], padding=[1, 1], dilation=[2, 2])),
    ("kernel larger than the image", convolution([2, 2, 2], 4, [3, 3], [2, 2], padding=[1, 1])),
    ("stride larger than the kernel", convolution([4, 7, 7], 5, [1, 2], [3, 2], stride=[3, 3])),
    ("phases of a stride without taps",
     convolution([2, 3, 3], 3, [2, 2], [1, 1], stride=[2, 2], dilation=[2, 2])),
    ("fully connected", linear(70, 11)),
])
def test_layer_shapes(tmp_path, name, graph, mode):
    shapes = {entry["name"]: entry["shape"] for entry in graph["tensors"] + graph["parameters"]}
    random = np.random.default_rng(len(name))
    bits = lambda shape, samples, density: random.random(samples * int(np.prod(shape))) < density
    keep = bits(shapes["w"], 1, 0.6)
    masks = {"x": bits(shapes["x"], 2, 0.5), "dx_needed": bits(shapes["x"], 2, 0.2),
             "dy": bits(shapes["y"], 2, 0.4),
             "w": keep & bits(shapes["w"], 1, 0.9), "weight_keep": keep}
    config = changed(MIDDLE, skip={"ff": mode, "bp": mode, "wg": mode})
    rows = rows_of_both(tmp_path, config, graph, [iteration(graph, 2, **masks)])
    assert [row["stage"] for row in rows] == ["FF", "BP", "WG"]


@pytest.mark.parametrize("config", ["tiny", "pnpu"])
@pytest.mark.parametrize("trace", ["inference", "layers", "strides", "teacher"])
def test_shipped_chips_on_shipped_tiny_traces(tmp_path, config, trace):
    shipped = yaml.safe_load((ROOT / "configs" / f"{config}.yaml").read_text())
    shipped["memory"]["dram"] = "ideal"  # a modelled DRAM has a checker of its own
    write_config(tmp_path / "chip.yaml", {**shipped, "energy": {}}, ENERGY_TABLE)
    shutil.copy(ROOT / "traces" / "tiny" / f"{trace}.h5", tmp_path / "case.h5")
    expected = counted_rows(shipped, tmp_path / "case.h5", whole=True)
    assert differences(expected, simulated_rows(PROGRAM, tmp_path, whole=True)) == []
