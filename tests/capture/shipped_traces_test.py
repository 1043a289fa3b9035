# SPDX-License-Identifier: Apache-2.0
"""The shipped traces of real training: whole, small, described by README.md as they are."""
import glob
import json
import os

import h5py
import numpy as np
import pytest

import trace_densities
import trace_rules

_FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "traces")
_RESNETS = [f"resnet20-cifar10-{e}.h5" for e in ("e01", "e04", "e12")]
_ALL = ["digits-cnn.h5", *_RESNETS]


def _path(name):
    return os.path.join(_FOLDER, name)


@pytest.mark.parametrize("name", _ALL)
def test_a_shipped_trace_keeps_the_format(name):
    assert trace_rules.broken_rules(_path(name)) == []
    with h5py.File(_path(name)) as file:
        assert trace_rules.text(file.attrs["zero_rule"]) == "exact"
        assert len(file["iterations"]) >= 4
        assert all(len(i["samples/id"]) == 32 for i in file["iterations"].values())
        epochs = [e for e in file["epochs"].values()]
        for epoch in epochs:
            visited = np.sort(epoch["id"][()])
            assert np.array_equal(visited, np.arange(file["run"].attrs["dataset_samples"]))


@pytest.mark.parametrize("name", _RESNETS)
def test_a_resnet_trace_holds_one_epoch_after_its_checkpoint(name):
    with h5py.File(_path(name)) as file:
        epoch = int(name[-5:-3])
        steps_per_epoch = int(file["run"].attrs["steps_per_epoch"])
        steps = [int(file[f"iterations/{i}"].attrs["step"]) for i in range(4)]
        assert all(step // steps_per_epoch == epoch for step in steps)
        gaps = np.diff(steps)
        assert gaps.min() >= steps_per_epoch // 4 and gaps.max() - gaps.min() <= 1
        assert int(file["epochs/0"].attrs["epoch"]) == epoch
        graph = json.loads(file["networks/student/graph"][()].tobytes())
        kinds = [o["kind"] for o in graph["operators"]]
        assert kinds.count("conv2d") == 21 and kinds.count("add") == 9


@pytest.mark.parametrize("name", _RESNETS)
def test_the_captured_samples_are_those_of_the_epochs_record(name):
    """A captured step's samples stand in the record of its epoch, where the step was."""
    with h5py.File(_path(name)) as file:
        record = file["epochs/0"]
        per_epoch, size = (int(file["run"].attrs[k]) for k in ("steps_per_epoch", "batch_size"))
        for iteration in file["iterations"].values():
            begin = int(iteration.attrs["step"]) % per_epoch * size
            for key in ("id", "label", "prediction"):
                assert np.array_equal(iteration[f"samples/{key}"][()],
                                      record[key][begin:begin + size])


@pytest.mark.parametrize("name", _RESNETS)
def test_the_continued_epoch_learns_as_the_original_one_did(name):
    with h5py.File(_path(name)) as file:
        record, accuracy = file["epochs/0"], file["run/accuracy"]
        epochs = accuracy["epoch"][()].tolist()
        same = min(int(record.attrs["epoch"]), epochs[-1])  # the run was over after its last
        original = accuracy["training"][()][epochs.index(same)]
        ours = np.mean(record["label"][()] == record["prediction"][()])
        assert abs(ours - original) < 0.02


def test_the_traces_stay_small():
    total = sum(os.path.getsize(p) for p in glob.glob(os.path.join(_FOLDER, "**", "*.h5"),
                                                      recursive=True))
    assert total <= 15e6


def test_the_tables_of_the_readme_are_those_of_the_traces():
    assert 0 == trace_densities.main(
        ["--check", _path("README.md"), *map(_path, _ALL)])


def test_multiplies_are_counted_as_a_plain_loop_counts_them():
    random = np.random.RandomState(3)
    for stride, padding, dilation, kernel in (((1, 1), (1, 1), (1, 1), (3, 3)),
                                              ((2, 1), (1, 0), (1, 2), (3, 2))):
        n, c, k, h, w = 2, 3, 4, 7, 6
        size = [(s + 2 * p - d * (f - 1) - 1) // t + 1 for s, p, d, f, t in
                zip((h, w), padding, dilation, kernel, stride)]
        x, needed = random.rand(n, c, h, w) < 0.5, random.rand(n, c, h, w) < 0.5
        weight, keep = random.rand(k, c, *kernel) < 0.5, random.rand(k, c, *kernel) < 0.7
        weight[:, :, 0], keep[:, :, 1] = True, True  # dense taps are counted another way
        dy = random.rand(n, k, *size) < 0.5
        want = np.zeros(6)
        for i in np.ndindex(n, c, k, *size, *kernel):
            b, ci, ki, p, q, r, s = i
            row = p * stride[0] - padding[0] + r * dilation[0]
            column = q * stride[1] - padding[1] + s * dilation[1]
            if not (0 <= row < h and 0 <= column < w):
                continue
            back = dy[b, ki, p, q] & weight[ki, ci, r, s]
            want += [1, x[b, ci, row, column] & weight[ki, ci, r, s], back,
                     back & needed[b, :, row, column].any(), back & needed[b, ci, row, column],
                     x[b, ci, row, column] & dy[b, ki, p, q] & keep[ki, ci, r, s]]
        got = trace_densities.count_macs(x, weight, keep, dy, needed, {
            "stride": stride, "padding": padding, "dilation": dilation, "groups": 1})
        assert np.array_equal(got, want)
