# SPDX-License-Identifier: Apache-2.0
"""Sweeps run as a person would run them, on a trace of a few hundred operands."""
import json
import pathlib
import sqlite3
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import ROOT, SKIPSIM, run_skipsim  # noqa: E402
TABLES = ("sweep", "axes", "points", "settings", "metrics")

# 10 FIFO depths x 5 row counts x 2 column counts x 2 energy tables = 200 points, 100 simulations.
BIG = f"""
sweep: big
config: {ROOT}/configs/tiny.yaml
trace: {ROOT}/traces/tiny/strides.h5
axes:
  core.fifo_depth_chunks: {{from: 1, to: 10, step: 1}}
  core.rows: [1, 2, 3, 4, 5]
  core.columns: [2, 4]
  energy.table: [{ROOT}/configs/energy/45nm-0.9v.yaml, {ROOT}/configs/energy/65nm-0.78v.yaml]
"""

SMALL = f"""
sweep: small
config: {ROOT}/configs/tiny.yaml
trace: {ROOT}/traces/tiny/strides.h5
axes:
  core.fifo_depth_chunks: [1, 2, 4]
  core.rows: [1, 2]
"""


def run_sweep(*words, **options):
    return run_skipsim("sweep", *words, **options)


def without_wall(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    document.pop("wall")
    return json.dumps(document)


def database_rows(folder):
    """Everything in the database but the table of executions."""
    connection = sqlite3.connect(f"file:{folder}/sweep.sqlite?mode=ro", uri=True)
    rows = {table: sorted(connection.execute(f"SELECT * FROM {table}")) for table in TABLES}
    connection.close()
    return rows


def contents(folder):
    """Every file below the folder by its name, results and outcomes without their wall time."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() or name in ("sweep.sqlite", ".lock"):
            continue
        is_timed = path.name in ("result.json", "outcome.json")
        found[name] = without_wall(path) if is_timed else path.read_bytes()
    return found


@pytest.fixture(scope="session")
def program():
    return SKIPSIM


@pytest.fixture(scope="session")
def sweep():
    return run_sweep


@pytest.fixture()
def small(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def big(tmp_path_factory):
    path = tmp_path_factory.mktemp("big") / "big.yaml"
    path.write_text(BIG, encoding="utf-8")
    return path
