# SPDX-License-Identifier: Apache-2.0
"""Whole runs of the program: the same result every time, on any number of threads, and memory that does not grow with the trace."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPSIM = os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim"))

SPEC = """schema: skipsim-synth/1
seed: 5
batch_size: 64
iterations: {iterations}
student:
  input: {{shape: [32, 32, 32]}}
  layers:
    - {{kind: conv2d, name: a, out: 32, kernel: 1, x: 0.5, dx_needed: 0.5, dy: 0.5, w: 0.5, input_gradient: true}}
    - {{kind: relu, name: b, y: 0.5}}
    - {{kind: conv2d, name: c, out: 32, kernel: 1, dy: 0.3, w: 0.4}}
"""


def call(*arguments):
    done = subprocess.run([SKIPSIM, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(folder, traces, *arguments):
    call("run", ROOT / "configs/pnpu.yaml", "--trace", *traces, "--out", folder, "--quiet", *arguments)
    return json.loads((folder / "result.json").read_text())


def without_wall(folder):
    """The text of the result file up to its last member, wall."""
    text = (folder / "result.json").read_text()
    head, separator, _ = text.partition('"wall"')
    assert separator, "no wall in the result"
    return head


def test_two_runs_and_any_number_of_threads_give_the_same_bytes(tmp_path):
    traces = [ROOT / "traces/tiny/layers.h5", ROOT / "traces/tiny/strides.h5"]
    first = tmp_path / "first"
    for name, threads in (("first", 1), ("again", 1), ("two", 2), ("five", 5)):
        run(tmp_path / name, traces, "--threads", threads)
        assert without_wall(tmp_path / name) == without_wall(first), f"{threads} threads"
        assert (tmp_path / name / "layers.csv").read_bytes() == (first / "layers.csv").read_bytes()


def test_another_network_changes_the_result(tmp_path):
    """The comparison above can fail."""
    run(tmp_path / "a", [ROOT / "traces/tiny/layers.h5"])
    run(tmp_path / "b", [ROOT / "traces/tiny/strides.h5"])
    assert without_wall(tmp_path / "a") != without_wall(tmp_path / "b")


def test_peak_memory_does_not_grow_with_the_iterations(tmp_path):
    """One iteration has six patterns of 64 x 32 x 32 x 32 bits, 1.5 MB: ten more of them would add 15 MB were they kept."""
    peaks = {}
    for iterations in (2, 12):
        spec = tmp_path / f"{iterations}.yaml"
        spec.write_text(SPEC.format(iterations=iterations))
        trace = tmp_path / f"{iterations}.h5"
        call("trace", "synth", spec, "--out", trace)
        result = run(tmp_path / f"out{iterations}", [trace], "--threads", 1)
        peaks[iterations] = result["wall"]["peak_rss_bytes"]
    growth = peaks[12] - peaks[2]
    # What may grow: 60 more result rows, some 40 KB each while they are written as JSON and CSV.
    assert growth < 5 * 1024 * 1024, f"{growth} bytes more for 10 more iterations ({peaks})"
