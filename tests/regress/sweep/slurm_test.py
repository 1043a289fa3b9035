# SPDX-License-Identifier: Apache-2.0
"""`skipsim sweep --executor slurm` on a real Slurm of one node: whatever dies on the way, the
gathered database is that of --executor local, and no task is submitted twice.

The batch script calls uname, so a uname of the test's own at the front of the PATH runs inside
every job: it notes the start, holds the task while a file is there, and kills the job once."""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPSIM = os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim"))
sys.path.insert(0, str(ROOT / "tests/support"))
sys.path.insert(0, str(ROOT / "scripts"))
import calibrate_energy  # noqa: E402  (its dense trace is the small trace of these tests)
import slurm_cluster  # noqa: E402

POINTS = 6
SWEEP = """\
sweep: shapes
config: {root}/configs/tiny.yaml
trace: dense.h5
axes:
  core.rows: [1, 2, 4]
  core.columns: [1, 2]
"""
UNAME = """\
#!/bin/sh
# $SLURM_ARRAY_TASK_ID is the place in the list of the submission, whose number is in the log's name
echo "$SLURM_ARRAY_JOB_ID $SLURM_ARRAY_TASK_ID" >>"$HOOKS/starts.txt"
while [ -e "$HOOKS/hold" ]; do sleep 0.05; done
[ "$SLURM_ARRAY_TASK_ID" = 1 ] && rmdir "$HOOKS/kill" 2>/dev/null && kill -KILL 0
exec /usr/bin/uname "$@"
"""


@pytest.fixture(scope="module")
def cluster():
    with slurm_cluster.SlurmCluster(cpus=2) as running:
        yield running


@pytest.fixture(scope="module")
def sweep_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep")
    sizes = calibrate_energy.CHANNELS, calibrate_energy.PIXELS, calibrate_energy.BATCH
    calibrate_energy.CHANNELS, calibrate_energy.PIXELS, calibrate_energy.BATCH = 4, 6, 2
    calibrate_energy.write_dense_trace(folder / "dense.h5")
    calibrate_energy.CHANNELS, calibrate_energy.PIXELS, calibrate_energy.BATCH = sizes
    path = folder / "shapes.yaml"
    path.write_text(SWEEP.format(root=ROOT), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def local(sweep_file, tmp_path_factory):
    out = tmp_path_factory.mktemp("local") / "out"
    subprocess.run([SKIPSIM, "sweep", sweep_file, "--out", out, "--quiet"], check=True, timeout=60)
    return contents(out)


class Jobs:
    """A sweep on Slurm, with what its jobs are made to do."""

    def __init__(self, cluster, sweep_file, folder):
        self.cluster = cluster
        self.out = folder / "it's a \"sweep\", 100% $HOME"
        self.processes = []
        self.log = folder / "log.txt"
        self.hooks = folder / "hooks"
        self.hooks.mkdir()
        uname = self.hooks / "uname"
        uname.write_text(UNAME, encoding="utf-8")
        uname.chmod(0o755)
        self.command = [SKIPSIM, "sweep", str(sweep_file), "--out", str(self.out),
                        "--executor", "slurm", "--log-level", "info"]
        self.environment = dict(cluster.environment, HOOKS=str(self.hooks))
        self.environment["PATH"] = f"{self.hooks}:{self.environment['PATH']}"

    def start(self, *more):
        with open(self.log, "w", encoding="utf-8") as log:
            self.processes.append(subprocess.Popen(
                self.command + list(more), env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log))
        return self.processes[-1]

    def said(self):
        return self.log.read_text(encoding="utf-8")

    def hold(self):
        (self.hooks / "hold").touch()

    def release(self):
        (self.hooks / "hold").unlink()

    def kill_one(self):
        (self.hooks / "kill").mkdir()

    def starts(self):
        file = self.hooks / "starts.txt"
        return file.read_text().splitlines() if file.exists() else []

    def submissions(self):
        file = self.out / "slurm/jobs.json"
        return json.loads(file.read_text())["submissions"] if file.exists() else []

    def job(self):
        """The id of the only submission, once it is known."""
        assert slurm_cluster.wait_for(
            lambda: [s for s in self.submissions() if s["job"]], 20), "nothing was submitted"
        return self.submissions()[0]["job"]


@pytest.fixture()
def jobs(cluster, sweep_file, tmp_path):
    made = Jobs(cluster, sweep_file, tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
    cluster.call("scancel", f"--user={os.geteuid()}", check=False)


def contents(out):
    """All that does not depend on who simulated when."""
    database = sqlite3.connect(f"file:{out}/sweep.sqlite?mode=ro".replace("%", "%25"), uri=True)
    tables = {name: database.execute(f"SELECT * FROM {name} ORDER BY 1, 2, 3").fetchall()
              for name in ("points", "settings", "metrics")}
    database.close()
    results = {}
    for file in sorted(pathlib.Path(out).glob("points/*/result.json")):
        text = file.read_text(encoding="utf-8")
        assert text.count('\n "wall"') == 1
        results[file.parent.name] = text.split('\n "wall"')[0]
    assert len(results) == len(tables["points"]) == POINTS
    assert tables["metrics"] and tables["settings"]
    return tables, results


def test_a_killed_and_a_requeued_task_leave_what_the_local_sweep_leaves(jobs, local):
    jobs.hold()
    jobs.kill_one()
    process = jobs.start()
    job = jobs.job()
    assert slurm_cluster.wait_for(lambda: len(jobs.starts()) == 2, 20), jobs.cluster.logs()
    jobs.cluster.call("scontrol", "requeue", f"{job}_0")
    jobs.release()
    assert process.wait(60) == 0, jobs.said()
    assert "ended as FAILED (exit code 0:9" in jobs.said()
    assert "submitted again (attempt 2 of 3)" in jobs.said()
    starts = jobs.starts()
    assert starts.count(f"{job} 0") == 2, "the requeued one starts again in the same job"
    assert starts.count(f"{job} 1") == 1, "the killed one gets another job"
    assert len(starts) == POINTS + 2
    assert contents(jobs.out) == local
    assert jobs.submissions() == []


def test_no_task_is_submitted_twice_when_the_submitting_process_dies(jobs, local):
    jobs.hold()
    process = jobs.start()
    job = jobs.job()
    process.kill()
    process.wait()

    process = jobs.start()  # waits for the same job, until it is asked to end
    assert slurm_cluster.wait_for(lambda: "from an earlier run: 6 tasks" in jobs.said(), 20)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM, jobs.said()
    assert f"scancel {job}" in jobs.said()

    process = jobs.start()
    jobs.cluster.stop_controller()
    time.sleep(1)
    jobs.cluster.start_controller()
    jobs.release()
    assert process.wait(60) == 0, jobs.said()
    assert sorted(jobs.starts()) == [f"{job} {index}" for index in range(POINTS)]
    assert contents(jobs.out) == local


def test_cancelled_tasks_fail_and_nothing_is_left_in_the_queue(jobs):
    jobs.hold()
    process = jobs.start()
    job = jobs.job()
    assert slurm_cluster.wait_for(lambda: len(jobs.starts()) == 2, 20), jobs.cluster.logs()
    jobs.cluster.call("scancel", job)
    assert process.wait(60) == 1, jobs.said()
    table = (jobs.out / "points.csv").read_text(encoding="utf-8")
    assert table.count("CANCELLED") == POINTS, table
    assert jobs.cluster.call("squeue", "--noheader") == ""
    assert len(jobs.starts()) == 2


def test_what_sbatch_refuses_is_the_users_error_in_its_words(jobs):
    process = jobs.start("--slurm-partition", "nope")
    assert process.wait(20) == 2, jobs.said()
    assert "invalid partition specified: nope" in jobs.said()


def test_without_slurm_the_error_says_what_is_missing(jobs, tmp_path):
    jobs.environment["PATH"] = str(tmp_path)
    process = jobs.start()
    assert process.wait(20) == 3, jobs.said()
    assert "scontrol cannot be run: it is not on the PATH" in jobs.said()


def test_the_clusters_processes_and_files_are_gone_afterwards():
    with slurm_cluster.SlurmCluster() as cluster:
        folder = cluster.folder
        cluster.call("sbatch", "--output=/dev/null", "--wrap=sleep 100")
        assert slurm_cluster.wait_for(
            lambda: "RUNNING" in cluster.call("squeue", "--noheader", "--format=%T"), 20)
    assert not folder.exists()
    assert list(cluster.strays()) == []
