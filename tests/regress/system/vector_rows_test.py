# SPDX-License-Identifier: Apache-2.0
"""Rows of the vector unit in a whole run: order, sizes from the graph, optimizer, transport."""
import json
import os
import pathlib
import subprocess

import h5py
import numpy
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPSIM = os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim"))
SAMPLES = 2
IMAGE, CHANNELS = [2, 4, 4], 3  # 32 elements; 48 behind the convolutions

# conv1 -> bn -> relu -> {conv2, add}; add -> pool -> flatten -> fc -> loss
GRAPH = {
    "inputs": ["image"], "loss": "loss",
    "tensors": [{"name": "image", "shape": IMAGE}]
    + [{"name": name, "shape": [CHANNELS, 4, 4]} for name in ("c1", "n", "r", "c2", "s")]
    + [{"name": "p", "shape": [CHANNELS, 2, 2]}, {"name": "f", "shape": [12]},
       {"name": "y", "shape": [5]}],
    "parameters": [{"name": "w1", "shape": [CHANNELS, 2, 1, 1]},
                   {"name": "w2", "shape": [CHANNELS, CHANNELS, 1, 1]},
                   {"name": "w3", "shape": [5, 12]}, {"name": "b3", "shape": [5]}]
    + [{"name": name, "shape": [CHANNELS]} for name in ("gamma", "beta", "mean", "var")],
    "operators": [
        {"name": "conv1", "kind": "conv2d", "inputs": ["image"], "outputs": ["c1"],
         "parameters": {"weight": "w1"}, "input_gradient": False},
        {"name": "bn", "kind": "batch_norm", "inputs": ["c1"], "outputs": ["n"],
         "parameters": {"weight": "gamma", "bias": "beta", "running_mean": "mean",
                        "running_var": "var"}},
        {"name": "relu", "kind": "relu", "inputs": ["n"], "outputs": ["r"]},
        {"name": "conv2", "kind": "conv2d", "inputs": ["r"], "outputs": ["c2"],
         "parameters": {"weight": "w2"}},
        {"name": "add", "kind": "add", "inputs": ["c2", "r"], "outputs": ["s"]},
        {"name": "pool", "kind": "max_pool2d", "inputs": ["s"], "outputs": ["p"],
         "attributes": {"kernel": [2, 2]}},
        {"name": "flat", "kind": "flatten", "inputs": ["p"], "outputs": ["f"]},
        {"name": "fc", "kind": "linear", "inputs": ["f"], "outputs": ["y"],
         "parameters": {"weight": "w3", "bias": "b3"}},
        {"name": "loss", "kind": "softmax_cross_entropy", "inputs": ["y"], "outputs": []}]}


def text(value):
    return numpy.bytes_(value.encode())


def write_trace(path, phase="train", teacher=False, optimizer=None, patterns=None, **run_facts):
    with h5py.File(path, "w", libver="latest") as file:
        for name, value in (("schema", "skipsim-trace/1"), ("number_format", "fp8_e4m3"),
                            ("zero_rule", "exact")):
            file.attrs[name] = text(value)
        run = file.create_group("run")
        run.attrs["dataset"] = text("none")
        for name in ("dataset_samples", "batch_size"):
            run.attrs[name] = SAMPLES
        run.attrs["steps_per_epoch"] = 1
        if optimizer:
            run.attrs["optimizer"] = text(optimizer)
        for name, value in run_facts.items():
            run.attrs[name] = value
        data = numpy.frombuffer(json.dumps(GRAPH).encode(), "u1")
        for name, role in [("net", "student")] + ([("old", "teacher")] if teacher else []):
            network = file.create_group(f"networks/{name}")
            network.attrs["role"] = text(role)
            network.create_dataset("graph", data=data)
        iteration = file.create_group("iterations/0")
        iteration.attrs["epoch"] = iteration.attrs["step"] = 0
        iteration.attrs["phase"] = text(phase)
        iteration.create_dataset("samples/id", data=numpy.arange(SAMPLES))
        for (tensor, name), ones in (patterns or {}).items():
            bits = numpy.zeros((SAMPLES, 48), dtype=bool)
            bits.reshape(-1)[:ones] = True
            iteration.create_dataset(f"networks/net/tensors/{tensor}/{name}",
                                     data=numpy.packbits(bits, axis=1, bitorder="little"))
    return path


def run(trace, out, *more):
    return subprocess.run([SKIPSIM, "run", ROOT / "configs/tiny.yaml", "--trace", trace, "--out",
                           out, "--force", "--quiet", "--set", "update.overlap=false", *more],
                          capture_output=True, text=True, check=False)


def rows_of(trace, out, *more):
    done = run(trace, out, *more)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "result.json").read_text(encoding="utf-8"))["layers"]


def row(rows, layer, stage):
    return next(row for row in rows if (row["layer"], row["stage"]) == (layer, stage))


def counts(rows, layer, stage):
    """(cycles, adds, multiplies, compares, specials, bytes read, bytes written)"""
    found = row(rows, layer, stage)
    names = ("vector.add", "vector.multiply", "vector.compare", "vector.special", "dram.read_byte",
             "dram.write_byte")
    return (found["cycles"], *(found["actions"][name] for name in names))


FORWARD = ["conv1", "bn", "relu", "conv2", "add", "pool", "flat", "fc", "loss"]


def test_rows_stand_in_the_order_of_the_contract(tmp_path):
    rows = rows_of(write_trace(tmp_path / "t.h5", teacher=True), tmp_path / "r")
    student = [(row["layer"], row["stage"]) for row in rows if row["network"] == "net"]
    assert student == [(name, "FF") for name in FORWARD] + [
        ("loss", "BP"), ("fc", "BP"), ("fc", "WG"), ("flat", "BP"), ("pool", "BP"), ("add", "BP"),
        ("conv2", "BP"), ("conv2", "WG"), ("relu", "BP"), ("bn", "BP"), ("conv1", "WG"),
        ("fc", "WU"), ("conv2", "WU"), ("bn", "WU"), ("conv1", "WU")]
    assert [(row["layer"], row["stage"]) for row in rows if row["network"] == "old"] == [
        (name, "FF") for name in FORWARD]


def test_vector_rows_by_hand(tmp_path):
    # tiny.yaml: 4 lanes, specials 4 lane cycles, 8 bytes a cycle, latency 2; e = 96 behind conv1.
    rows = rows_of(write_trace(tmp_path / "t.h5"), tmp_path / "r")
    # bn FF: beside 192 adds, 96 multiplies. Channels: 21 adds, 24 multiplies, 6 specials (69 lane
    # cycles: 18), read 48, written 24 + 24 (96 bytes: 12): 18 + 2. Normalisation: 192 / 4 = 48, + 2.
    assert counts(rows, "bn", "FF") == (70, 192 + 21 + 96, 96 + 24 + 96, 0, 6, 48 + 96, 48 + 96)
    # bn BP: 192 + 3 adds, 96 + 6 multiplies (75), + 2; 192 + 3 adds, 192 + 18 multiplies (102), + 2.
    assert counts(rows, "bn", "BP") == (77 + 104, 390, 312, 0, 0, 192 + 24 + 192 + 12, 24 + 96)
    assert counts(rows, "relu", "FF") == (28, 0, 0, 96, 0, 96, 108)  # 204 / 8 = 26 > 24
    assert counts(rows, "add", "FF") == (38, 96, 0, 0, 0, 192, 96)  # 288 / 8 = 36
    assert counts(rows, "add", "BP") == (0, 0, 0, 0, 0, 0, 0)
    # pool FF: 24 windows of 4: 72 compares; winners 2 bits of 24; BP: no overlap.
    assert counts(rows, "pool", "FF") == (20, 0, 0, 72, 0, 96, 24 + 6)
    assert counts(rows, "pool", "BP") == (18, 0, 0, 24, 0, 24 + 6, 96)
    assert counts(rows, "flat", "FF") == (0, 0, 0, 0, 0, 0, 0)
    # fc WU, plain sgd: 60 weights (120 / 4 = 30; 240 + 240 + 240 + 60 bytes: 98), 5 biases (60: 8).
    assert counts(rows, "fc", "WU") == (100 + 10, 65, 65, 0, 0, 520, 320)
    for found in rows:
        if found["kind"] not in ("conv2d", "linear") or found["stage"] == "WU":
            assert found["pe_cycles"]["idle"] == sum(found["pe_cycles"].values())
            assert found["macs"]["dense"] == 0 and found["dense_cycles"] == found["cycles"]


def test_work_beside_the_cores_has_no_cycles(tmp_path):
    rows = rows_of(write_trace(tmp_path / "t.h5"), tmp_path / "r")
    added = lambda layer, stage: row(rows, layer, stage)["actions"]["vector.add"]
    # r is read by add as well, later in graph order: conv2 adds its 96 gradients to those there.
    assert [added("conv2", stage) for stage in ("FF", "BP", "WG")] == [0, 96, 0]
    assert [added("fc", stage) for stage in ("FF", "BP", "WG")] == [10, 0, 10]  # bias
    fast = rows_of(write_trace(tmp_path / "t.h5"), tmp_path / "r", "--set", "vector_unit.lanes=64")
    assert row(fast, "conv2", "BP")["cycles"] == row(rows, "conv2", "BP")["cycles"]


def test_a_choice_of_layers_and_stages_is_about_every_operator(tmp_path):
    trace = write_trace(tmp_path / "t.h5")
    rows = rows_of(trace, tmp_path / "r", "--stages", "WU", "--layers", "*n*")
    assert [(row["layer"], row["stage"]) for row in rows] == [
        ("conv2", "WU"), ("bn", "WU"), ("conv1", "WU")]


def test_inference_has_forward_rows_without_anything_kept(tmp_path):
    rows = rows_of(write_trace(tmp_path / "t.h5", phase="inference"), tmp_path / "r")
    assert [row["layer"] for row in rows] == FORWARD
    # One pass: 96 + 6 adds, 96 + 6 multiplies, 6 specials (228 / 4 = 57), + 2.
    assert counts(rows, "bn", "FF") == (59, 102, 102, 0, 6, 96 + 48, 96)
    assert counts(rows, "relu", "FF")[-1] == 96
    assert counts(rows, "pool", "FF")[-1] == 24


@pytest.mark.parametrize("optimizer, facts, more, adds, specials, moved", [
    ("sgd", {}, [], 65, 0, 840),
    (None, {}, [], 65, 0, 840),
    ("sgd", {"momentum": 0.9}, [], 130, 0, 840 + 520),
    ("sgd", {"momentum": 0.9, "weight_decay": 1e-4}, [], 195, 0, 840 + 520),
    ("sgd", {"momentum": 0.9, "nesterov": 1}, [], 195, 0, 840 + 520),
    ("adam", {}, [], 260, 130, 840 + 1040),
    ("sgd", {}, ["--set", "update.optimizer=adam"], 260, 130, 840 + 1040),
    ("lion", {"momentum": 0.9}, ["--set", "update.optimizer=sgd"], 130, 0, 840 + 520)])
def test_the_update_is_that_of_the_trace(tmp_path, optimizer, facts, more, adds, specials, moved):
    trace = write_trace(tmp_path / "t.h5", optimizer=optimizer, **facts)
    found = row(rows_of(trace, tmp_path / "r", *more), "fc", "WU")
    assert found["actions"]["vector.add"] == adds
    assert found["actions"]["vector.special"] == specials
    assert found["dram_bytes"] == moved


def test_an_unknown_optimizer_is_refused_in_one_line(tmp_path):
    trace = write_trace(tmp_path / "t.h5", optimizer="lion")
    done = run(trace, tmp_path / "r")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f'{trace}: /run: optimizer "lion" is unknown; set update.optimizer to sgd or adam']
    assert run(trace, tmp_path / "r", "--stages", "FF").returncode == 0


def test_compressed_tensors_travel_as_bitmap_and_non_zeros(tmp_path):
    patterns = {("r", "nonzero"): 40, ("r", "gradient_nonzero"): 50, ("n", "gradient_nonzero"): 30}
    trace = write_trace(tmp_path / "t.h5", patterns=patterns)
    rows = rows_of(trace, tmp_path / "r", "--set", "transport.compressed=true")
    # 96 elements: bitmap 12 bytes. FF: n all of 96, r 40, no mask. BP: dr 50, r's bitmap, dn 30.
    assert counts(rows, "relu", "FF")[-2:] == (12 + 96, 12 + 40)
    assert counts(rows, "relu", "BP")[-2:] == (12 + 50 + 12, 12 + 30)
    plain = rows_of(trace, tmp_path / "r")
    assert counts(plain, "relu", "BP")[-2:] == (96 + 12, 96)
    # conv2 reads the 50 non-zero gradients that are there to add to them.
    less = row(plain, "conv2", "BP")["dram_bytes"] - row(rows, "conv2", "BP")["dram_bytes"]
    assert less == 96 - (12 + 50)


def test_a_chip_without_bitmaps_cannot_compress(tmp_path):
    done = subprocess.run([SKIPSIM, "config", "check", ROOT / "configs/dense.yaml", "--set",
                           "transport.compressed=true"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 2
    assert "transport.compressed (true)" in done.stderr and "core.zero_skipping" in done.stderr


def test_the_vector_unit_is_a_unit(tmp_path):
    rows = rows_of(write_trace(tmp_path / "t.h5"), tmp_path / "r")
    result = json.loads((tmp_path / "r/result.json").read_text(encoding="utf-8"))
    unit = next(unit for unit in result["units"] if unit["unit"] == "vector_unit")
    vector = [row["cycles"] for row in rows
              if row["kind"] not in ("conv2d", "linear") or row["stage"] == "WU"]
    assert unit["busy"] == sum(vector)
    assert unit["busy"] + unit["starved"] == result["totals"]["cycles"]
    assert result["not_modelled"] == []
