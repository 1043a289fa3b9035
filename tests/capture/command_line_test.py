# SPDX-License-Identifier: Apache-2.0
"""capture_trace.py as its user meets it: files, refusals, options."""
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import types

import h5py
import numpy as np
import pytest
import torch

import capture_trace
import trace_rules
from capture import data, formats, models, options, training
from capture.errors import InputError

_SCRIPT = capture_trace.__file__
_DIGITS = ["--model", "digits_cnn", "--data", "digits", "--limit", "128", "--batch-size", "32"]


def _run(*arguments):
    """Exit status and output of the program, in this process: a new one costs seconds."""
    out, complaints = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints):
        status = capture_trace.main([str(a) for a in arguments])
    return types.SimpleNamespace(returncode=status, stdout=out.getvalue(),
                                 stderr=complaints.getvalue())


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    """Path of a small trace with everything in it."""
    path = tmp_path_factory.mktemp("trace") / "digits.h5"
    done = _run(*_DIGITS, "--epochs", 2, "--iterations", "0,2@epoch1", "--values", "conv2,fc1",
                "--per-sample-gradients", 4, "--out", path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "" and "3 iterations" in done.stdout
    return path


def test_a_trace_keeps_the_format_and_tells_the_run(trace):
    assert trace_rules.broken_rules(str(trace)) == []
    with h5py.File(trace) as file:
        run = dict(file["run"].attrs)
        assert (run["dataset"].decode(), run["dataset_samples"], run["steps_per_epoch"]) == ("digits", 128, 4)
        assert list(file["iterations"]) == ["0", "1", "2"]
        assert [file[f"iterations/{i}"].attrs["step"] for i in range(3)] == [0, 5, 7]
        assert [file[f"iterations/{i}"].attrs["epoch"] for i in range(3)] == [0, 1, 1]
        assert sorted(file["epochs/1/id"][()]) == list(range(128))
        assert file["run/accuracy/epoch"][()].tolist() == [0, 1]
        assert set(file["run/accuracy"]) == {"epoch", "validation", "test", "training"}
        layer = file["iterations/0/networks/student/tensors"]
        assert {"values", "gradient_values"} <= set(layer["conv2.y"])
        assert "values" not in layer["conv1.y"]


def test_equal_patterns_are_one_object(trace):
    with h5py.File(trace) as file:
        relu = file["iterations/1/networks/student/tensors/relu_2.y"]
        address = [h5py.h5o.get_info(relu[n].id).addr for n in ("nonzero", "dx_needed")]
        assert address[0] == address[1]


def test_the_same_command_writes_the_same_bytes(tmp_path):
    contents = []
    for name in ("a.h5", "b.h5"):
        assert _run(*_DIGITS, "--iterations", "0,1", "--out", tmp_path / name).returncode == 0
        contents.append((tmp_path / name).read_bytes())
        time.sleep(1.1)  # a time stamp would differ
    assert contents[0] == contents[1]


@pytest.mark.parametrize("arguments, words", [
    (["--model", "resnet2"], ["--model", "did you mean resnet20"]),
    (["--model", "torchvision:resnet19"], ["resnet19", "did you mean"]),
    (["--model", "nowhere.py:make"], ["nowhere.py", "no such file"]),
    (["--data", "digit"], ["--data", "did you mean digits"]),
    (["--data", "folder:nowhere"], ["nowhere", "no such folder"]),
    (["--data", "torchvision:CIFAR11:x"], ["CIFAR11", "did you mean CIFAR10"]),
    (["--data", "torchvision:CIFAR10:x"], ["CIFAR10", "not found"]),
    (["--iterations", "0,x"], ["--iterations", "got x"]),
    (["--iterations", "4"], ["0..3", "got 4"]),
    (["--iterations", "4@epoch1"], ["0..0", "got 1"]),
    (["--iterations", "9@all"], ["1..4", "got 9"]),
    (["--batch-size", "none"], ["--batch-size", "whole number", "none"]),
    (["--lr", "-1"], ["--lr", "expected a number"]),
    (["--number-format", "fp9"], ["--number-format", "fp8_e4m3"]),
    (["--values", "conv9"], ["conv9", "did you mean conv"]),
    (["--checkpoint", "nowhere.pt"], ["nowhere.pt", "no such file"]),
    (["--checkpoint", _SCRIPT], ["not a checkpoint"]),
    (["--log", "nowhere.log"], ["nowhere.log"]),
    (["--out", "no/such/folder/t.h5"], ["no such folder"]),
    (["--out", "."], ["is a folder"]),
    (["--network", "a/b"], ["--network"]),
    (["--cycle-momentum", "0.8,0.9"], ["--schedule one-cycle"]),
    (["--lr", "1e6"], ["diverged"]),
    (["--wrong"], ["--wrong"]),
])
def test_wrong_input_is_one_line_and_leaves_nothing(arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = _run(*_DIGITS, "--iterations", "0", "--out", "t.h5", *arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == "" and done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr
    assert os.listdir(tmp_path) == []


def test_an_existing_file_is_kept_without_force(tmp_path):
    out = tmp_path / "t.h5"
    out.write_text("precious")
    done = _run(*_DIGITS, "--iterations", "0", "--out", out)
    assert done.returncode == 2 and "--force" in done.stderr
    assert out.read_text() == "precious"
    assert _run(*_DIGITS, "--iterations", "0", "--out", out, "--force").returncode == 0
    assert trace_rules.broken_rules(str(out)) == []


def test_a_full_disk_is_status_3_and_leaves_nothing(tmp_path):
    out = tmp_path / "t.h5"
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 16; trap "" XFSZ; exec "$0" "$@"', sys.executable, _SCRIPT,
         *_DIGITS, "--iterations", "0,1,2", "--out", str(out)], capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert done.stderr.count("\n") == 1 and os.listdir(tmp_path) == []


def test_interruption_leaves_nothing(tmp_path):
    process = subprocess.Popen([sys.executable, _SCRIPT, *_DIGITS, "--epochs", "10000",
                                "--out", str(tmp_path / "t.h5")], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not os.listdir(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 143 and complaints == b""
    assert os.listdir(tmp_path) == []


def test_a_model_and_images_of_ones_own(tmp_path):
    from PIL import Image

    random = np.random.RandomState(0)
    for name in ("cat", "dog"):
        for part in ("train", "test"):
            os.makedirs(tmp_path / "pictures" / part / name)
            for i in range(4):
                pixels = random.randint(0, 255, (10, 12, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / "pictures" / part / name / f"{i}.png")
    (tmp_path / "net.py").write_text(
        "from torch import nn\n"
        "def make(channels, classes):\n"
        "    return nn.Sequential(nn.Conv2d(channels, 4, 3), nn.ReLU(True), nn.Flatten(),\n"
        "                         nn.Linear(4 * 8 * 10, classes))\n")
    done = _run("--model", f"{tmp_path}/net.py:make", "--data", f"folder:{tmp_path}/pictures",
                "--batch-size", 4, "--iterations", "1", "--out", tmp_path / "t.h5")
    assert done.returncode == 0, done.stderr
    assert trace_rules.broken_rules(str(tmp_path / "t.h5")) == []
    with h5py.File(tmp_path / "t.h5") as file:
        graph = json.loads(file["networks/student/graph"][()].tobytes())
        assert [o["name"] for o in graph["operators"]] == ["0", "1", "2", "3", "loss"]
        assert file["run"].attrs["dataset"] == b"pictures"


def test_a_narrow_format_flushes_small_values(tmp_path):
    def density(number_format):
        out = tmp_path / f"{number_format}.h5"
        done = _run(*_DIGITS, "--iterations", "3", "--number-format", number_format, "--out", out)
        assert done.returncode == 0, done.stderr
        assert trace_rules.broken_rules(str(out)) == []
        with h5py.File(out) as file:
            assert file.attrs["zero_rule"].decode() == ("exact" if number_format == "fp32" else "flushed")
            tensors = file["iterations/0/networks/student/tensors"]
            return np.unpackbits(tensors["conv1.y/gradient_nonzero"][()]).mean()

    assert density("fp32") >= density("fp8_e5m2") > density("int8") > 0


def test_flushing_rounds_half_to_even():
    # Peak 448 leaves the scale of fp8_e4m3 at 1; half of 2^-9 rounds to zero.
    x = torch.tensor([448.0, 2.0 ** -10, 2.0 ** -10 * 1.001, -(2.0 ** -9), 0.0])
    assert formats.nonzero_mask(x, "fp8_e4m3").tolist() == [True, False, True, True, False]
    assert formats.nonzero_mask(x * 3, "fp8_e4m3").tolist() == [True, False, True, True, False]
    assert formats.nonzero_mask(torch.tensor([127.0, 0.5, 0.51]), "int8").tolist() == [
        True, False, True]
    assert not formats.nonzero_mask(torch.zeros(3), "fp16").any()


def test_fp16_weights_keep_the_pattern_of_what_underflows():
    from capture import recorder

    raw = recorder.RawStep({}, {}, {}, {"w": torch.tensor([1.0, 1e-9, 0.0])}, {}, {}, [], 0.0, None)
    arrays = recorder._parameter_arrays(raw, "w", recorder.PackOptions())
    assert arrays["values"].tolist() == [1.0, 0.0, 0.0] and arrays["nonzero"].tolist() == [0b011]
    arrays = recorder._parameter_arrays(raw, "w", recorder.PackOptions(weights_format="fp32"))
    assert "nonzero" not in arrays


def test_a_checkpoint_with_short_names_restores_model_and_optimizer(tmp_path):
    torch.manual_seed(4)
    source = models.ResNet20(3, 10)
    long = source.state_dict()
    renames = [("stem.conv.", "c."), ("stem.bn.", "b."), ("block", "l."), (".conv1.", ".c1."),
               (".conv2.", ".c2."), (".bn1.", ".b1."), (".bn2.", ".b2."),
               (".shortcut.conv.", ".sc.0."), (".shortcut.bn.", ".sc.1.")]
    short = {}
    for name, value in long.items():
        for ours, theirs in renames:
            name = name.replace(ours, theirs)
        short[name] = value
    assert "l.3.sc.0.weight" in short and "c.weight" in short
    torch.save({"model": short, "opt": {"state": {}, "param_groups": []}}, tmp_path / "c.pt")
    target = models.ResNet20(3, 10)
    assert models.load_checkpoint(str(tmp_path / "c.pt"), target) is not None
    for (name, value), other in zip(long.items(), target.state_dict().values()):
        assert torch.equal(value, other), name


def test_the_schedule_is_torchs_own():
    total = 40
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], 0.1, momentum=0.9)
    reference = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.4, total, pct_start=0.25)
    for step in range(total):
        group = optimizer.param_groups[0]
        assert training.rate_at("one-cycle", 0.4, step, total) == pytest.approx(group["lr"])
        assert training.momentum_at(0.85, 0.95, step, total) == pytest.approx(group["momentum"])
        optimizer.step()
        if step + 1 < total:
            reference.step()


def test_steps_are_spread_evenly():
    assert options.chosen_steps("4@epoch4", 4, 1, 100) == [12, 37, 62, 87]
    assert options.chosen_steps("2@all,0", 0, 2, 10) == [0, 5, 15]
    assert options.chosen_steps("3@epoch1", 0, 2, 3) == [3, 4, 5]
    with pytest.raises(InputError):
        options.chosen_steps("4@epoch3", 4, 1, 100)


def test_a_log_is_read_with_epochs_counted_from_zero(tmp_path):
    log = tmp_path / "train.log"
    log.write_text('{"epoch": 1, "test_acc": 0.5}\n{"epoch": 2, "test_acc": 0.6, "train_acc": 0.7}\n')
    assert training.accuracy_of_log(str(log)) == {
        "epoch": [0, 1], "test": [0.5, 0.6], "training": [-1.0, 0.7]}
    log.write_text("epoch 1\n")
    with pytest.raises(InputError):
        training.accuracy_of_log(str(log))


def test_digits_are_split_without_overlap():
    digits = data.load_data("digits")
    assert [len(p) for p in (digits.train, digits.validation, digits.test)] == [1197, 300, 300]
    batch = digits.batch(digits.train.images)
    assert abs(float(batch.mean())) < 1e-3 and abs(float(batch.std()) - 1) < 1e-3


def test_help_shows_examples():
    done = subprocess.run([sys.executable, _SCRIPT, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "examples" in done.stdout and "--iterations" in done.stdout
