# SPDX-License-Identifier: Apache-2.0
"""Files that are changed behind the back of a sweep: while it runs, and between two runs. A number
that belongs to something else is never shown."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import BIG, ROOT, SKIPSIM, contents, database_rows


@pytest.fixture()
def own(tmp_path):
    """The sweep of 200 points with a configuration and a trace of its own."""
    text = (ROOT / "configs/tiny.yaml").read_text(encoding="utf-8")
    (tmp_path / "chip.yaml").write_text(text.replace("energy/45nm", f"{ROOT}/configs/energy/45nm"),
                                        encoding="utf-8")
    shutil.copy(ROOT / "traces/tiny/strides.h5", tmp_path / "trace.h5")
    spec = tmp_path / "own.yaml"
    spec.write_text(BIG.replace(f"{ROOT}/configs/tiny.yaml", "chip.yaml").replace(
        f"{ROOT}/traces/tiny/strides.h5", "trace.h5"), encoding="utf-8")
    return spec


def outcomes(folder):
    return list(folder.glob("points/*/outcome.json"))


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.001)


def begun(spec, folder):
    """A sweep at work, with a few of its points finished."""
    process = subprocess.Popen([SKIPSIM, "sweep", spec, "--out", folder, "--jobs", "1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(outcomes(folder)) >= 3)
    return process


@pytest.mark.parametrize("name", ["chip.yaml", "trace.h5"])
def test_a_file_that_changes_while_the_sweep_runs_ends_it(sweep, own, tmp_path, name):
    folder, file = tmp_path / "out", tmp_path / name
    assert sweep(own, "--out", tmp_path / "expected").status == 0
    before = file.read_bytes()
    process = begun(own, folder)
    other = ROOT / "traces/tiny/layers.h5"
    file.write_bytes(other.read_bytes() if name == "trace.h5" else
                     before.replace(b"core_mhz: 100", b"core_mhz: 50"))
    assert file.read_bytes() != before
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert len(err.splitlines()) == 1
    assert str(file) in err and "has changed while the sweep ran" in err
    kept = len(outcomes(folder))
    assert 3 <= kept < 200
    file.write_bytes(before)
    outcome = sweep(own, "--out", folder)
    assert outcome.status == 0, outcome.err
    assert f"{kept} of them were finished before" in outcome.out
    assert database_rows(folder) == database_rows(tmp_path / "expected")
    assert contents(folder) == contents(tmp_path / "expected")


SLOW = f"""
sweep: slow
config: {ROOT}/configs/pnpu.yaml
trace: {ROOT}/traces/resnet20-cifar10-e12.h5
iterations: "0"
axes:
  core.fifo_depth_chunks: [1, 2]
"""


def workers(process):
    found = subprocess.run(["pgrep", "-P", str(process.pid)], stdout=subprocess.PIPE, text=True,
                           check=False)
    return [int(number) for number in found.stdout.split()]


def test_a_worker_that_is_stopped_leaves_its_point_to_the_next_run(sweep, tmp_path):
    """A point of this sweep takes about a second."""
    spec, folder = tmp_path / "slow.yaml", tmp_path / "out"
    spec.write_text(SLOW, encoding="utf-8")
    process = subprocess.Popen([SKIPSIM, "sweep", spec, "--out", folder, "--jobs", "1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: (folder / "sweep.sqlite").exists() and workers(process))
    os.kill(workers(process)[0], signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert "1 points were stopped; the same command runs them" in err
    assert "2 points: 1 done, 0 failed" in out
    outcome = sweep(spec, "--out", folder)
    assert outcome.status == 0, outcome.err
    assert "1 of them were finished before" in outcome.out


@pytest.fixture()
def finished(sweep, own, tmp_path):
    own.write_text(own.read_text(encoding="utf-8").replace("to: 10", "to: 2").replace(
        "[1, 2, 3, 4, 5]", "[1]").replace("[2, 4]", "[2]"), encoding="utf-8")
    folder = tmp_path / "finished"
    assert sweep(own, "--out", folder).status == 0
    return folder


def execute(database, statement):
    connection = sqlite3.connect(database)
    connection.execute(statement)
    connection.commit()
    connection.close()


def folders(folder):
    """By number of the point; 0 and 1, 2 and 3 share a simulation."""
    return [folder / point[4] for point in sorted(database_rows(folder)["points"])]


def test_the_result_of_another_point_is_not_taken_for_ones_own(sweep, own, finished):
    expected = contents(finished), database_rows(finished)
    places = folders(finished)
    shutil.copy(places[2] / "result.json", places[0] / "result.json")
    shutil.rmtree(places[1])
    outcome = sweep(own, "--out", finished)
    assert outcome.status == 0, outcome.err
    assert "2 of them were finished before, 1 simulations were started now" in outcome.out
    assert (contents(finished), database_rows(finished)) == expected


def test_numbers_that_were_edited_are_made_again(sweep, own, finished):
    expected = contents(finished), database_rows(finished)
    path = folders(finished)[0] / "outcome.json"
    outcome = json.loads(path.read_text(encoding="utf-8"))
    outcome["metrics"]["total"]["cycles"] = 7
    path.write_text(json.dumps(outcome), encoding="utf-8")
    (finished / "sweep.sqlite").unlink()
    assert sweep(own, "--out", finished).status == 0
    assert (contents(finished), database_rows(finished)) == expected


def test_a_failed_point_without_its_files_is_run_again(sweep, own, finished):
    expected = contents(finished), database_rows(finished)
    place = folders(finished)[1]
    path = place / "outcome.json"
    execute(finished / "sweep.sqlite",
            "UPDATE points SET status = 'failed', error = 'killed' WHERE point = 1")
    path.unlink()
    outcome = sweep(own, "--out", finished)
    assert outcome.status == 0, outcome.err
    assert (contents(finished), database_rows(finished)) == expected


@pytest.mark.parametrize("file", ["manifest.json", "outcome.json"])
def test_lists_within_lists_without_end_are_refused(sweep, own, finished, file):
    path = finished / file if file == "manifest.json" else folders(finished)[0] / file
    path.write_text('{"schema": ' + "[" * 1_000_000 + "]" * 1_000_000 + "}", encoding="utf-8")
    outcome = sweep(own, "--out", finished)
    if file == "outcome.json":
        assert outcome.status == 0, outcome.err
        return
    assert outcome.status == 2
    assert "move it away and run the sweep again" in outcome.err
    path.unlink()
    outcome = sweep(own, "--out", finished)
    assert "4 of them were finished before" in outcome.out


def test_force_touches_no_database_of_another_program(sweep, own, tmp_path):
    folder = tmp_path / "other"
    folder.mkdir()
    execute(folder / "sweep.sqlite", "CREATE TABLE thesis (x)")
    before = (folder / "sweep.sqlite").read_bytes()
    for words in ([], ["--force"]):
        assert sweep(own, "--out", folder, *words).status == 2
        assert (folder / "sweep.sqlite").read_bytes() == before


@pytest.mark.parametrize("left", [["manifest.json"], ["points", "manifest.json"]])
def test_a_start_or_a_new_start_that_was_killed_goes_on(sweep, own, finished, left):
    expected = contents(finished), database_rows(finished)
    for path in finished.iterdir():
        if path.name not in left:
            path.unlink() if path.is_file() else shutil.rmtree(path)
    assert sweep(own, "--out", finished, "--force").status == 0
    assert (contents(finished), database_rows(finished)) == expected


def test_a_file_where_the_folder_should_be_is_wrong_input(sweep, own, tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    outcome = sweep(own, "--out", tmp_path / "file")
    assert outcome.status == 2 and "expected a folder or nothing" in outcome.err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_process_that_is_killed_at_once_leaves_no_obstacle(sweep, own, tmp_path):
    """As early as it can be, many times: while it reads, while it makes its first files."""
    folder = tmp_path / "out"
    for step in range(30):
        process = subprocess.Popen([SKIPSIM, "sweep", own, "--out", folder, "--quiet"])
        time.sleep(0.003 * step)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert sweep(own, "--out", folder).status == 0


def test_a_folder_that_a_terminal_would_obey_is_shown_harmless(sweep, own, finished, tmp_path):
    folder = tmp_path / "evil\x1b[2J"
    shutil.copytree(finished, folder)
    outcome = sweep(own, "--out", folder)
    assert outcome.status == 0, outcome.err
    assert "evil\\x1b[2J/points.csv" in outcome.out and "\x1b" not in outcome.out + outcome.err


def test_questions_before_the_first_point_get_one_line(own, finished):
    execute(finished / "sweep.sqlite", "UPDATE points SET status = 'waiting'")
    for command in ("pareto", "sensitivity"):
        outcome = subprocess.run([SKIPSIM, command, finished], capture_output=True, text=True,
                                 check=False)
        assert outcome.returncode == 2
        assert outcome.stderr == (f"{finished}: expected a sweep with a finished point, found 4 "
                                  "points that are not\n")
