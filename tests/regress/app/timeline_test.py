# SPDX-License-Identifier: Apache-2.0
"""What `skipsim run` writes besides its result: a timeline, and the requests to the DRAM."""
import collections
import decimal
import json
import os
import re
import resource
import signal
import subprocess
import time

import pytest

MEMORY = ["--set", "memory.dram=configs/memory/ddr4-2400.yaml", "--set", "clocks.memory_mhz=1200",
          "--set", "global_buffer.capacity_bytes=4096"]
PERIOD = decimal.Decimal("0.01")  # [us] of configs/tiny.yaml: 100 MHz


def run_tiny(skipsim, trace, out, *more, **options):
    return skipsim("run", "configs/tiny.yaml", "--trace", trace, "--out", out, *more, **options)


class Timeline:
    """Slices (start, end, name, args) by track."""

    def __init__(self, path):
        events = json.loads(path.read_text(encoding="utf-8"), parse_float=decimal.Decimal)
        events = events["traceEvents"]
        groups = {e["pid"]: e["args"]["name"] for e in events
                  if e.get("name") == "process_name" and e["ph"] == "M"}
        names = {e["tid"]: groups[e["pid"]] + "/" + e["args"]["name"] for e in events
                 if e.get("name") == "thread_name" and e["ph"] == "M"}
        self.tracks = collections.defaultdict(list)
        begun = {}
        for event in events:
            if event["ph"] == "B":
                assert event["tid"] not in begun, "slices of a lane nest"
                begun[event["tid"]] = event
            elif event["ph"] == "E":
                begin = begun.pop(event["tid"])
                self.tracks[names[event["tid"]]].append(
                    (decimal.Decimal(begin["ts"]), decimal.Decimal(event["ts"]), begin["name"],
                     begin.get("args", {})))
        assert not begun


@pytest.fixture(scope="module")
def run(skipsim, root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("timeline")
    outcome = run_tiny(skipsim, root / "traces/tiny/layers.h5", folder / "r", *MEMORY,
                       "--timeline", folder / "r/t.json", "--dram-trace", folder / "dram.txt")
    assert outcome.status == 0, outcome.err
    assert f"timeline: {folder}/r/t.json" in outcome.out
    assert sorted(os.listdir(folder)) == ["dram.txt", "r"]
    assert sorted(os.listdir(folder / "r")) == ["layers.csv", "result.json", "t.json"]
    return folder


@pytest.fixture(scope="module")
def result(run):
    return json.loads((run / "r/result.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def timeline(run):
    return Timeline(run / "r/t.json")


def test_every_row_is_a_slice_behind_the_one_before(result, timeline):
    slices = timeline.tracks["chip/rows"]
    assert [(s[3]["layer"], s[3]["stage"], s[3]["iteration"], s[3]["cycles"]) for s in slices] == [
        (row["layer"], row["stage"], row["iteration"], row["cycles"]) for row in result["layers"]]
    end = 0
    for start, stop, name, args in slices:
        assert start == end and stop - start == args["cycles"] * PERIOD
        assert name == args["layer"] + " " + args["stage"]
        end = stop
    assert end == result["totals"]["cycles"] * PERIOD


def test_slices_of_a_track_do_not_overlap(timeline):
    for track, slices in timeline.tracks.items():
        end = 0
        for start, stop, _, _ in slices:
            assert start >= end, track
            end = stop
    cores = sorted(track for track in timeline.tracks if track.startswith("cluster"))
    assert cores == ["cluster0/core0", "cluster0/core1"], "a core has one lane"


def test_tiles_lie_within_their_rows_and_fill_the_busy_cycles(result, timeline):
    rows = [(s[0], s[1], s[2]) for s in timeline.tracks["chip/rows"]]
    units = {unit["unit"]: unit for unit in result["units"]}
    for core in ("core0", "core1"):
        tiles = timeline.tracks["cluster0/" + core]
        total = sum(stop - start for start, stop, _, _ in tiles)
        assert 0 < total <= units["cluster0." + core]["busy"] * PERIOD  # busy counts drains too
        for start, stop, name, _ in tiles:
            row, number = re.fullmatch(r"(.* (?:FF|BP|WG)) tile (\d+)", name).groups()
            assert any(first <= start and stop <= last and row == title
                       for first, last, title in rows), name


def test_the_vector_unit_shows_what_it_counts(result, timeline):
    busy = sum(stop - start for start, stop, _, _ in timeline.tracks["chip/vector unit"])
    units = {unit["unit"]: unit["busy"] for unit in result["units"]}
    assert busy == units["vector_unit"] * PERIOD > 0


def test_the_memory_shows_what_it_counts(run, result, timeline):
    requests = (run / "dram.txt").read_text(encoding="utf-8").splitlines()
    channel = timeline.tracks["memory/DRAM channel 0"]
    assert sum(s[3]["reads"] for s in channel) == sum(" READ " in line for line in requests) > 0
    assert sum(s[3]["writes"] for s in channel) == sum(" WRITE " in line for line in requests) > 0
    actions = result["totals"]["actions"]
    assert actions["dram.read_burst"] + actions["dram.write_burst"] == len(requests)
    units = {unit["unit"]: unit for unit in result["units"]}
    # a burst is 4 cycles of 833 ps, a core cycle 10000 ps
    assert units["dram.channel0"]["busy"] == len(requests) * 4 * 833 // 10000
    assert units["dma"]["busy"] > 0
    jobs = [s for track, slices in timeline.tracks.items() if track.startswith("memory/DMA")
            for s in slices]
    assert all(re.fullmatch(r"(read|write) \d+ B", name) for _, _, name, _ in jobs)


def test_requests_are_lines_of_the_other_simulators(skipsim, root, run, tmp_path):
    lines = (run / "dram.txt").read_text(encoding="utf-8").splitlines()
    parts = [re.fullmatch(r"0x([0-9a-f]+) (READ|WRITE) (\d+)", line) for line in lines]
    cycles = [int(part[3]) for part in parts]
    assert cycles == sorted(cycles)
    assert all(int(part[1], 16) % 64 == 0 for part in parts)
    outcome = run_tiny(skipsim, root / "traces/tiny/layers.h5", tmp_path / "r", *MEMORY,
                       "--dram-trace", tmp_path / "d", "--dram-trace-format", "ramulator2")
    assert outcome.status == 0, outcome.err
    short = {"READ": "LD", "WRITE": "ST"}
    assert (tmp_path / "d").read_text(encoding="utf-8").splitlines() == [
        f"{short[part[2]]} 0x{part[1]}" for part in parts]


def test_watching_changes_nothing(skipsim, root, run, tmp_path):
    run_tiny(skipsim, root / "traces/tiny/layers.h5", tmp_path / "r", *MEMORY)
    assert (tmp_path / "r/layers.csv").read_bytes() == (run / "r/layers.csv").read_bytes()


def test_two_timelines_of_one_run_are_the_same(skipsim, root, run, tmp_path):
    run_tiny(skipsim, root / "traces/tiny/layers.h5", tmp_path / "r", *MEMORY, "--threads", 3,
             "--timeline", tmp_path / "t.json", "--dram-trace", tmp_path / "d")
    assert (tmp_path / "t.json").read_bytes() == (run / "r/t.json").read_bytes()
    assert (tmp_path / "d").read_bytes() == (run / "dram.txt").read_bytes()


def test_weights_of_every_phase_come_from_within_the_dram(skipsim, root, tmp_path):
    """Of a stride of two, BP has several weight tiles with the same first byte."""
    outcome = run_tiny(skipsim, root / "traces/tiny/strides.h5", tmp_path / "r", *MEMORY[:4],
                       "--dram-trace", tmp_path / "d")
    assert outcome.status == 0, outcome.err


def test_an_ideal_memory_has_no_requests(skipsim, trace, tmp_path):
    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--dram-trace", tmp_path / "d")
    assert outcome.status == 2 and len(outcome.lines) == 1
    assert "--dram-trace" in outcome.lines[0] and "memory.dram is ideal" in outcome.lines[0]
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("words, part", [
    (["--timeline", "{}/old"], "a file is there already; --force"),
    (["--timeline", "{}/folder", "--force"], "expected a file or nothing"),
    (["--timeline", "/dev/null", "--force"], "expected a file or nothing"),
    (["--timeline", "{}/r/../r/result.json"], "another file of this run"),
    (["--timeline", "{}/r/layers.csv", "--force"], "another file of this run"),
    (["--timeline", "configs/tiny.yaml", "--force"], "another file of this run"),
    (["--timeline", "configs/memory/ddr4-2400.yaml", "--force"], "another file of this run"),
    (["--timeline", "{}/t", "--dram-trace", "{}/t"], "another file of this run"),
    (["--dram-trace", "{}/old"], "a file is there already; --force"),
    (["--dram-trace-format", "ramulator2"], "expected --dram-trace with it"),
    (["--dram-trace", "{}/d", "--dram-trace-format", "usimm"], "expected dramsim3 or ramulator2"),
    (["--timeline", ""], "--timeline")])
def test_wrong_files_are_one_line_and_nothing_is_lost(skipsim, trace, tmp_path, words, part):
    (tmp_path / "old").write_text("old")
    (tmp_path / "folder").mkdir()
    outcome = run_tiny(skipsim, trace, tmp_path / "r", *MEMORY,
                       *[word.format(tmp_path) for word in words])
    assert outcome.status == 2, outcome.err
    assert len(outcome.lines) == 1 and part in outcome.lines[0], outcome.lines
    assert sorted(os.listdir(tmp_path)) == ["folder", "old"]
    assert (tmp_path / "old").read_text() == "old"


def test_force_replaces_a_timeline(skipsim, trace, tmp_path):
    (tmp_path / "t.json").write_text("old")
    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--timeline", tmp_path / "t.json", "--force")
    assert outcome.status == 0, outcome.err
    assert Timeline(tmp_path / "t.json").tracks["chip/rows"]


def test_a_folder_that_is_not_there_is_a_machine_error(skipsim, trace, tmp_path):
    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--timeline", tmp_path / "no/t.json")
    assert outcome.status == 3 and "no/t.json: cannot be created" in outcome.lines[-1]
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_nothing(skipsim, root, tmp_path):
    """The limit is between the result (180 kB) and the timeline (500 kB)."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    outcome = run_tiny(skipsim, root / "traces/tiny/layers.h5", tmp_path / "r", *MEMORY, "--quiet",
                       "--timeline", tmp_path / "t.json", preexec_fn=limit)
    assert outcome.status == 3, outcome.err
    assert len(outcome.lines) == 1 and "t.json: cannot be written" in outcome.lines[0]
    assert os.listdir(tmp_path) == []


def test_an_interrupted_run_leaves_no_timeline(program, root, tmp_path):
    traces = sorted((root / "traces").glob("resnet20-cifar10-*.h5"))
    if not traces:
        pytest.skip("needs a trace that takes a while")
    process = subprocess.Popen(
        [program, "run", "configs/pnpu.yaml", "--trace", *traces, "--threads", "1",
         "--out", tmp_path / "r", "--timeline", tmp_path / "t.json"], cwd=root,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob("t.json.*.tmp")) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT, err
    assert os.listdir(tmp_path) == []
