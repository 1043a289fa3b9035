# SPDX-License-Identifier: Apache-2.0
"""Folders, databases and disks that are not as a sweep wants them: one clear line, the right exit
status, and nothing that was finished is lost."""
import json
import os
import resource
import sqlite3
import subprocess
import time

import pytest

from conftest import ROOT, SKIPSIM, SMALL, contents, database_rows


@pytest.fixture()
def finished(sweep, small, tmp_path):
    folder = tmp_path / "out"
    assert sweep(small, "--out", folder).status == 0
    return folder


def test_a_changed_sweep_file_is_noticed(sweep, small, finished):
    before = contents(finished)
    small.write_text(SMALL.replace("[1, 2, 4]", "[1, 2, 8]"), encoding="utf-8")
    outcome = sweep(small, "--out", finished)
    assert outcome.status == 2
    assert len(outcome.lines) == 1
    assert "other points: 2 are new, 2 are gone, 4 are the same" in outcome.err
    assert "the sweep file has changed" in outcome.err
    assert contents(finished) == before


def test_update_runs_only_what_is_new(sweep, small, finished, tmp_path):
    small.write_text(SMALL.replace("[1, 2, 4]", "[8, 1, 2]"), encoding="utf-8")
    outcome = sweep(small, "--out", finished, "--update")
    assert outcome.status == 0, outcome.err
    assert "4 of them were finished before, 2 simulations were started now" in outcome.out
    assert sweep(small, "--out", tmp_path / "fresh").status == 0
    assert database_rows(finished) == database_rows(tmp_path / "fresh")


def test_another_comment_in_the_file_changes_nothing(sweep, small, finished):
    small.write_text("# a question\n" + SMALL, encoding="utf-8")
    outcome = sweep(small, "--out", finished)
    assert outcome.status == 0, outcome.err
    assert "0 simulations were started now" in outcome.out


def test_a_changed_configuration_is_noticed_although_the_sweep_file_is_the_same(sweep, tmp_path):
    config = tmp_path / "chip.yaml"
    text = (ROOT / "configs/tiny.yaml").read_text(encoding="utf-8")
    config.write_text(text.replace("energy/45nm-0.9v.yaml", f"{ROOT}/configs/energy/45nm-0.9v.yaml"),
                      encoding="utf-8")
    spec = tmp_path / "s.yaml"
    spec.write_text(SMALL.replace(f"{ROOT}/configs/tiny.yaml", "chip.yaml"), encoding="utf-8")
    assert sweep(spec, "--out", tmp_path / "out").status == 0
    config.write_text(config.read_text(encoding="utf-8") + "\nclocks:\n  core_mhz: 123\n"
                      if "core_mhz" not in text else
                      config.read_text(encoding="utf-8").replace("core_mhz: 100", "core_mhz: 123"),
                      encoding="utf-8")
    outcome = sweep(spec, "--out", tmp_path / "out")
    assert outcome.status == 2
    assert "a configuration, table or trace that it names has changed" in outcome.err


def test_force_starts_over_and_touches_nothing_else(sweep, small, finished):
    (finished / "notes.txt").write_text("mine", encoding="utf-8")
    outcome = sweep(small, "--out", finished, "--force")
    assert "0 of them were finished before, 6 simulations were started now" in outcome.out
    assert (finished / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_with_other_things_is_refused(sweep, small, tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious", encoding="utf-8")
    for words in ([], ["--force"]):
        outcome = sweep(small, "--out", folder, *words)
        assert outcome.status == 2
        assert 'found "thesis.tex" in it' in outcome.err
    assert (folder / "thesis.tex").read_text(encoding="utf-8") == "precious"


def test_a_point_that_fails_is_recorded_and_the_rest_goes_on(sweep, small, tmp_path):
    small.write_text(SMALL + "points:\n  - {accelerator.clusters: 2}\n", encoding="utf-8")
    folder = tmp_path / "out"
    outcome = sweep(small, "--out", folder)
    assert outcome.status == 1
    assert "7 points: 6 done, 1 failed; 0 of them were finished before" in outcome.out
    points = {row[0]: row for row in database_rows(folder)["points"]}
    assert [points[number][5] for number in range(7)] == ["done"] * 6 + ["failed"]
    assert "accelerator.partition.cluster_m" in points[6][6]
    again = sweep(small, "--out", folder)
    assert again.status == 1
    assert "7 of them were finished before, 0 simulations" in again.out


def test_two_sweeps_in_one_folder(sweep, tmp_path, big):
    folder = tmp_path / "out"
    first = subprocess.Popen([SKIPSIM, "sweep", str(big), "--out", str(folder), "--jobs", "1"],
                             stdout=subprocess.DEVNULL)
    while not (folder / "manifest.json").exists():
        time.sleep(0.01)
    first.send_signal(19)  # SIGSTOP: it keeps its lock
    try:
        outcome = sweep(big, "--out", folder)
    finally:
        first.kill()
        first.wait()
    assert outcome.status == 2
    assert "another sweep is at work in this folder" in outcome.err


@pytest.mark.parametrize("damage", ["text", "truncated", "empty", "schema", "tables"])
def test_a_database_that_is_none_is_named_and_can_be_made_again(sweep, small, finished, damage):
    database = finished / "sweep.sqlite"
    expected = database_rows(finished)
    content = database.read_bytes()
    if damage == "text":
        database.write_text("not a database, but long enough to be looked at\n" * 40,
                            encoding="utf-8")
    elif damage == "truncated":
        database.write_bytes(content[:len(content) // 2])
    elif damage == "empty":
        database.write_bytes(b"")
    elif damage == "schema":
        connection = sqlite3.connect(database)
        connection.execute("UPDATE sweep SET value = 'skipsim-sweep/9' WHERE key = 'schema'")
        connection.commit()
        connection.close()
    else:
        connection = sqlite3.connect(database)
        connection.execute("DROP VIEW results")
        connection.execute("DROP TABLE points")
        connection.execute("CREATE TABLE points (x)")
        connection.commit()
        connection.close()
    outcome = sweep(small, "--out", finished)
    if damage != "empty":  # an empty file is an empty database
        assert outcome.status == 2, (outcome.status, outcome.err)
        assert len(outcome.lines) == 1
        assert str(database) in outcome.err
        database.unlink()
        outcome = sweep(small, "--out", finished)
    assert outcome.status == 0, outcome.err
    assert "0 simulations were started now" in outcome.out
    assert database_rows(finished) == expected


def test_a_locked_database_is_the_machines_refusal(sweep, small, finished):
    connection = sqlite3.connect(finished / "sweep.sqlite", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        outcome = sweep(small, "--out", finished)
    finally:
        connection.close()
    assert outcome.status == 3
    assert "keeps the database locked" in outcome.err


def test_an_outcome_that_was_spoiled_is_run_again(sweep, small, finished):
    expected = contents(finished)
    outcomes = sorted(finished.glob("points/*/outcome.json"))
    outcomes[0].write_text("{", encoding="utf-8")
    outcomes[1].unlink()
    outcomes[2].write_text(outcomes[3].read_text(encoding="utf-8"), encoding="utf-8")
    (outcomes[4].parent / "result.json").unlink()
    outcome = sweep(small, "--out", finished)
    assert outcome.status == 0, outcome.err
    assert "2 of them were finished before, 4 simulations were started now" in outcome.out
    assert contents(finished) == expected


def test_numbers_edited_in_an_outcome_are_not_taken_over(sweep, small, finished):
    expected = contents(finished), database_rows(finished)
    path = sorted(finished.glob("points/*/outcome.json"))[0]
    outcome = json.loads(path.read_text(encoding="utf-8"))
    outcome["metrics"]["total"]["cycles"] += 1
    path.write_text(json.dumps(outcome), encoding="utf-8")
    (finished / "sweep.sqlite").unlink()
    again = sweep(small, "--out", finished)
    assert again.status == 0, again.err
    assert "5 of them were finished before, 1 simulations were started now" in again.out
    assert (contents(finished), database_rows(finished)) == expected


def test_somebody_who_reads_the_database_is_in_nobodys_way(sweep, small, tmp_path):
    folder = tmp_path / "out"
    small.write_text(SMALL + "points:\n  - {accelerator.clusters: 2}\n", encoding="utf-8")
    assert sweep(small, "--out", folder).status == 1
    small.write_text(SMALL, encoding="utf-8")
    connection = sqlite3.connect(f"file:{folder}/sweep.sqlite?mode=ro", uri=True)
    try:
        connection.execute("SELECT count(*) FROM points").fetchone()
        outcome = sweep(small, "--out", folder, "--update")
    finally:
        connection.close()
    assert outcome.status == 0, outcome.err


def test_a_trace_that_cannot_be_read_leaves_no_folder(sweep, small, tmp_path):
    small.write_text(SMALL.replace(f"{ROOT}/traces/tiny/strides.h5", "bad.h5"), encoding="utf-8")
    (tmp_path / "bad.h5").write_bytes(b"not HDF5")
    outcome = sweep(small, "--out", tmp_path / "out")
    assert outcome.status == 2
    assert "bad.h5" in outcome.err
    assert not (tmp_path / "out").exists()


def test_a_full_disk_stops_the_sweep_and_loses_nothing(sweep, small, tmp_path):
    """A disk of 300 KiB, in memory."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk],
                             stderr=subprocess.PIPE, check=False)
    if mounted.returncode != 0:
        pytest.skip("no right to mount a small disk")
    try:
        outcome = sweep(small, "--out", disk / "out", "--jobs", 1)
        assert outcome.status == 3, outcome.err
        assert "No space left on device" in outcome.err or "disk is full" in outcome.err
        done = len(list((disk / "out").glob("points/*/outcome.json")))
        assert 0 < done < 6
        subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)
        outcome = sweep(small, "--out", disk / "out")
        assert outcome.status == 0, outcome.err
        assert f"{done} of them were finished before" in outcome.out
    finally:
        subprocess.run(["umount", disk], check=False)


def test_a_file_may_not_grow(sweep, small, tmp_path):
    """The limit of the shell's ulimit -f stands for a full disk where nothing can be mounted."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    outcome = sweep(small, "--out", tmp_path / "out", preexec_fn=limit)
    assert outcome.status == 3, outcome.err
    assert sweep(small, "--out", tmp_path / "out").status == 0


def test_a_folder_without_the_right_to_write(sweep, small, finished):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    finished.chmod(0o500)
    try:
        assert sweep(small, "--out", finished).status == 3
    finally:
        finished.chmod(0o700)
