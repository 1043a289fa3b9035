# SPDX-License-Identifier: Apache-2.0
"""What `skipsim run` writes, and what it refuses to write over."""
import csv
import json
import os
import resource
import signal
import subprocess
import time

import jsonschema
import pytest


def run_tiny(skipsim, trace, out, *more, **options):
    return skipsim("run", "configs/tiny.yaml", "--trace", trace, "--out", out, *more, **options)


def result_of(folder):
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def test_a_run_writes_a_result_that_fits_its_schema(skipsim, root, trace, tmp_path):
    outcome = run_tiny(skipsim, trace, tmp_path / "r")
    assert outcome.status == 0, outcome.err
    assert "speed-up over dense" in outcome.out
    assert str(tmp_path / "r") in outcome.out.splitlines()[-1]
    result = result_of(tmp_path / "r")
    schema = json.loads((root / "sim/stats/result.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(result)
    assert [row["stage"] for row in result["layers"]] == ["FF", "BP", "WG", "WU"]
    assert result["not_modelled"] == []
    assert sorted(os.listdir(tmp_path / "r")) == ["layers.csv", "result.json"]
    spoiled = dict(result, totals=dict(result["totals"], cycles=-1))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(spoiled)


def test_layers_csv_says_what_the_json_says(skipsim, trace, tmp_path):
    run_tiny(skipsim, trace, tmp_path / "r")
    rows = result_of(tmp_path / "r")["layers"]
    with open(tmp_path / "r/layers.csv", newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows):
        assert int(line["cycles"]) == row["cycles"]
        assert int(line["macs.skipped.input"]) == row["macs"]["skipped"]["input"]
        assert int(line["actions.pe.mac_fp8"]) == row["actions"]["pe.mac_fp8"]
        assert float(line["energy_pj"]) == row["energy_pj"]
        assert float(line["energy_pj_on_chip"]) == row["energy_pj_on_chip"] < row["energy_pj"]


def test_two_runs_differ_in_wall_only(skipsim, trace, tmp_path):
    run_tiny(skipsim, trace, tmp_path / "a", "--threads", 1)
    run_tiny(skipsim, trace, tmp_path / "b", "--threads", 4)
    first, second = ((tmp_path / name / "result.json").read_text().split('\n "wall"')[0]
                     for name in "ab")
    assert first == second
    assert (tmp_path / "a/layers.csv").read_bytes() == (tmp_path / "b/layers.csv").read_bytes()


def test_a_result_can_be_run_again_from_its_own_configuration(skipsim, root, trace, tmp_path):
    run_tiny(skipsim, trace, tmp_path / "a")
    config = tmp_path / "again.yaml"
    config.write_text(json.dumps(result_of(tmp_path / "a")["config"]), encoding="utf-8")
    outcome = skipsim("run", config, "--trace", trace, "--out", tmp_path / "b",
                      "--set", f"energy.table={root}/configs/energy/45nm-0.9v.yaml")
    assert outcome.status == 0, outcome.err
    assert result_of(tmp_path / "b")["totals"] == result_of(tmp_path / "a")["totals"]


def test_the_default_folder_is_named_after_configuration_and_traces(skipsim, root, trace, tmp_path):
    other = tmp_path / "other.h5"
    other.write_bytes(trace.read_bytes() + b"\0")  # after the end of the HDF5 file: nobody reads it
    config = root / "configs/tiny.yaml"
    assert skipsim("run", config, "--trace", trace, cwd=tmp_path).status == 0
    assert (tmp_path / "runs/tiny-dense/result.json").exists()
    assert skipsim("run", config, "--trace", trace, other, cwd=tmp_path).status == 0
    result = result_of(tmp_path / "runs/tiny-dense-and-1-more")
    assert len(result["trace"]) == 2 and len(result["layers"]) == 8
    assert set(result["estimates"]) == {"epoch"}


def test_the_same_trace_twice_is_refused(skipsim, trace, tmp_path):
    copy = tmp_path / "copy.h5"
    copy.write_bytes(trace.read_bytes())
    outcome = skipsim("run", "configs/tiny.yaml", "--trace", trace, copy, "--out", tmp_path / "r")
    assert outcome.status == 2
    assert outcome.lines == [f"{copy}: expected traces that differ, found the same content as {trace}"]
    assert not (tmp_path / "r").exists()


def test_iterations_beyond_the_last_are_refused(skipsim, trace, tmp_path):
    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--iterations", "0..9")
    assert outcome.status == 2
    assert outcome.lines == [f"{trace}: --iterations: expected A..B with A <= B <= 0, found 0..9"]


def test_a_part_of_a_trace_starts_cold_and_says_so(skipsim, trace, tmp_path):
    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--stages", "FF,WG", "--layers", "co*",
                       "--iterations", "0..0")
    assert outcome.status == 0, outcome.err
    result = result_of(tmp_path / "r")
    assert [row["stage"] for row in result["layers"]] == ["FF", "WG"]
    assert result["selection"] == {"iterations": "0..0", "layers": "co*", "stages": ["FF", "WG"]}
    assert result["estimates"] == {}
    warning = ("only part of the trace was run (--iterations 0..0, --layers co*, --stages FF,WG); "
               "it starts cold")
    assert [line for line in result["warnings"] if "cold" in line] == [warning]
    assert warning in outcome.out


def test_a_choice_that_leaves_nothing_is_refused(skipsim, trace, tmp_path):
    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--layers", "nothing*")
    assert outcome.status == 2
    assert not (tmp_path / "r").exists()


def test_quiet_says_nothing(skipsim, trace, tmp_path):
    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--quiet")
    assert (outcome.status, outcome.out, outcome.err) == (0, "", "")
    assert (tmp_path / "r/result.json").exists()


def test_an_existing_result_is_refused_before_anything_is_done(skipsim, trace, tmp_path):
    run_tiny(skipsim, trace, tmp_path / "r")
    before = (tmp_path / "r/result.json").read_bytes()
    outcome = run_tiny(skipsim, tmp_path / "no-such-trace.h5", tmp_path / "r")
    assert outcome.status == 2
    assert outcome.lines == [f"{tmp_path}/r/result.json: a result is there already; --force "
                             "replaces it, --out chooses another folder"]
    assert (tmp_path / "r/result.json").read_bytes() == before
    assert run_tiny(skipsim, trace, tmp_path / "r", "--force").status == 0


def test_a_missing_trace_leaves_no_folder(skipsim, tmp_path):
    outcome = run_tiny(skipsim, tmp_path / "no.h5", tmp_path / "a/b")
    assert outcome.status == 2 and "no.h5" in outcome.lines[0]
    assert not (tmp_path / "a").exists()


def test_places_that_cannot_be_written_are_machine_errors(skipsim, trace, tmp_path):
    (tmp_path / "file").write_text("x")
    assert run_tiny(skipsim, trace, tmp_path / "file").status == 2
    outcome = run_tiny(skipsim, trace, tmp_path / "file/below")
    assert outcome.status == 3 and len(outcome.lines) == 1
    assert run_tiny(skipsim, trace, "/proc/skipsim-result").status == 3


def test_a_full_disk_keeps_the_old_result(skipsim, trace, tmp_path):
    """A limit on file size stops writes midway, as a full disk does."""
    run_tiny(skipsim, trace, tmp_path / "r")
    before = {name: (tmp_path / "r" / name).read_bytes() for name in os.listdir(tmp_path / "r")}

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500))

    outcome = run_tiny(skipsim, trace, tmp_path / "r", "--force", preexec_fn=limit)
    assert outcome.status == 3, outcome.err
    assert len(outcome.lines) == 1 and "cannot be written" in outcome.lines[0]
    assert {name: (tmp_path / "r" / name).read_bytes() for name in os.listdir(tmp_path / "r")} == before
    outcome = run_tiny(skipsim, trace, tmp_path / "new", preexec_fn=limit)
    assert outcome.status == 3
    assert not (tmp_path / "new").exists()


def test_too_little_memory_is_a_machine_error(skipsim, trace, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    outcome = skipsim("run", "configs/tiny.yaml", "--trace", trace, "--out", tmp_path / "r",
                      "--threads", 1, "--set", "accelerator.clusters=1024",
                      "--set", "accelerator.partition.cluster_m=1024", "--set", "core.rows=64",
                      "--set", "core.columns=128", preexec_fn=limit)
    assert outcome.status in (0, 3), outcome.err
    assert (tmp_path / "r").exists() == (outcome.status == 0)


def test_standard_output_that_cannot_be_written_is_noticed(skipsim, program, trace, tmp_path):
    with open("/dev/full", "w", encoding="utf-8") as full:
        outcome = run_tiny(skipsim, trace, tmp_path / "r", stdout=full)
    assert outcome.status == 3 and "standard output" in outcome.lines[-1]
    assert (tmp_path / "r/result.json").exists()
    piped = subprocess.run(["bash", "-c", f"set -o pipefail; {program} list params | head -1"],
                           capture_output=True, text=True, check=False)
    assert (piped.returncode, piped.stderr) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(program, root, tmp_path, number):
    traces = sorted((root / "traces").glob("resnet20-cifar10-*.h5"))
    if not traces:
        pytest.skip("needs a trace that takes a while")
    process = subprocess.Popen(
        [program, "run", "configs/pnpu.yaml", "--trace", *traces, "--threads", "1",
         "--out", tmp_path / "r"], cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    while not (tmp_path / "r").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert not (tmp_path / "r").exists()
