# SPDX-License-Identifier: Apache-2.0
"""A sweep that is killed, at any moment and as often as one likes, ends with what one that was left
alone ends with: nothing lost, nothing twice, byte for byte but for wall times."""
import os
import random
import signal
import subprocess
import time

import pytest

from conftest import SKIPSIM, contents, database_rows

KILLS = 10


@pytest.fixture(scope="module")
def uninterrupted(sweep, big, tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted") / "out"
    outcome = sweep(big, "--out", folder, "--jobs", 2)
    assert outcome.status == 0, outcome.err
    return folder


def results(folder):
    return sum(1 for _ in folder.glob("points/*/outcome.json"))


def kill_when(command, folder, finished, delay_s):
    """Kills the sweep a moment after so many points are finished; whether it was still running."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while results(folder) < finished and process.poll() is None:
        time.sleep(0.001)
    time.sleep(delay_s)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return was_running


def test_two_hundred_points_survive_ten_kills(uninterrupted, sweep, big, tmp_path):
    expected = uninterrupted
    folder = tmp_path / "out"
    command = [SKIPSIM, "sweep", str(big), "--out", str(folder), "--jobs", "2"]
    moments = random.Random(5)
    kills, seen = 0, []
    for _ in range(KILLS):
        more = moments.randint(0, 13)  # 0: while it still reads its files
        kills += kill_when(command, folder, results(folder) + more, moments.uniform(0.0, 0.02))
        seen.append(results(folder))
    assert kills == KILLS
    assert seen == sorted(seen), "a finished point was lost"
    assert 0 < seen[-1] < 200, "the kills did not come in the middle"
    time.sleep(0.5)  # workers die with the process that was killed, but not in the same instant
    finished = results(folder)
    last = sweep(big, "--out", folder, "--jobs", 2)
    assert last.status == 0, last.err
    assert f"200 points: 200 done, 0 failed; {finished} of them were finished before" in last.out
    assert database_rows(folder) == database_rows(expected)
    assert contents(folder) == contents(expected)


def test_a_finished_sweep_has_nothing_to_do(uninterrupted, sweep, big):
    folder = uninterrupted
    before = contents(folder), database_rows(folder)
    again = sweep(big, "--out", folder)
    assert again.status == 0
    assert "200 of them were finished before, 0 simulations were started now" in again.out
    assert (contents(folder), database_rows(folder)) == before


def test_points_that_differ_in_the_energy_table_share_a_simulation(uninterrupted, sweep, big,
                                                                   tmp_path):
    folder = uninterrupted
    outcome = sweep(big, "--out", tmp_path / "again", "--jobs", 2)
    assert "100 simulations were started now" in outcome.out
    groups = {}
    for point in database_rows(folder)["points"]:
        groups.setdefault(point[2], []).append(point[1])
    assert len(groups) == 100
    assert all(len(set(keys)) == 2 for keys in groups.values())


def test_another_energy_table_is_priced_not_simulated(uninterrupted, sweep, big, tmp_path):
    """Half of the results are taken away; the other half has the counts."""
    folder = tmp_path / "out"
    subprocess.run(["cp", "-r", uninterrupted, folder], check=True)
    for _, _, _, label, place, *_ in database_rows(folder)["points"]:
        if "65nm" in label:
            for file in (folder / place).iterdir():
                file.unlink()
    outcome = sweep(big, "--out", folder)
    assert outcome.status == 0, outcome.err
    assert "100 of them were finished before, 0 simulations were started now" in outcome.out
    assert database_rows(folder) == database_rows(uninterrupted)
    assert contents(folder) == contents(uninterrupted)


def test_a_lost_database_is_filled_from_the_files(uninterrupted, sweep, big, tmp_path):
    expected = uninterrupted
    folder = tmp_path / "out"
    subprocess.run(["cp", "-r", expected, folder], check=True)
    (folder / "sweep.sqlite").unlink()
    outcome = sweep(big, "--out", folder)
    assert "0 simulations were started now" in outcome.out
    assert database_rows(folder) == database_rows(expected)


def test_an_interrupted_sweep_says_how_far_it_came_and_leaves_no_worker(sweep, big, tmp_path):
    folder = tmp_path / "out"
    process = subprocess.Popen([SKIPSIM, "sweep", str(big), "--out", str(folder), "--jobs", "2"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while results(folder) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "of 200 points are finished; the same command goes on" in err
    left = subprocess.run(["pgrep", "-f", str(folder)], stdout=subprocess.PIPE, check=False)
    assert left.stdout == b""
    assert os.listdir(folder / "points")
