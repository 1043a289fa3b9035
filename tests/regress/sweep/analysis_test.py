# SPDX-License-Identifier: Apache-2.0
"""`skipsim pareto` and `skipsim sensitivity` on a sweep that was really run, against the definitions
applied to its points.csv."""
import csv
import io
import json
import os
import statistics

import pytest

from conftest import ROOT, run_skipsim

# 24 points; rows and columns advance together.
SWEEP = f"""
sweep: shapes
config: {ROOT}/configs/tiny.yaml
trace: {ROOT}/traces/tiny/strides.h5
axes:
  core.fifo_depth_chunks: [1, 2, 4]
  energy.table: [{ROOT}/configs/energy/45nm-0.9v.yaml, {ROOT}/configs/energy/65nm-0.78v.yaml]
zip:
  - {{core.rows: [1, 2, 4, 8], core.columns: [8, 4, 2, 1]}}
"""


def skipsim(*words, columns="100"):
    return run_skipsim(*words, env=dict(os.environ, COLUMNS=columns))


def output(*words, **options):
    completed = skipsim(*words, **options)
    assert completed.status == 0, completed.err
    return completed.out


def refusal(*words):
    completed = skipsim(*words)
    assert completed.status == 2, completed.err
    return completed.err


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    base = tmp_path_factory.mktemp("analysis")
    (base / "shapes.yaml").write_text(SWEEP, encoding="utf-8")
    output("sweep", base / "shapes.yaml", "--out", base / "out")
    return base / "out"


@pytest.fixture(scope="module")
def points(folder):
    with open(folder / "points.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def dominates(left, right, metrics):
    pairs = [(float(left[name]), float(right[name])) for name in metrics]
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


@pytest.mark.parametrize("metrics", [["cycles", "energy_pj"],
                                     ["cycles", "energy_pj", "dram_bytes", "power_mw"]])
def test_the_front_is_that_of_the_definition(folder, points, metrics):
    words = [word for name in metrics for word in ("--objective", name)]
    found = json.loads(output("pareto", folder, *words, "--format", "json"))
    expected = {int(p["point"]) for p in points
                if not any(dominates(other, p, metrics) for other in points)}
    assert {point["point"] for point in found["front"]} == expected
    assert 0 < len(expected) < len(points)
    assert found["compared"] == len(points) == 24
    assert found["dominated"] == 24 - len(expected)
    values = [point["values"][0] for point in found["front"]]
    assert values == sorted(values)


def test_a_csv_front_has_the_numbers_of_the_points(folder, points):
    rows = list(csv.DictReader(io.StringIO(output("pareto", folder, "--format", "csv"))))
    assert rows
    for row in rows:
        point = points[int(row["point"])]
        assert {key: point[key] for key in row if key not in ("cycles", "energy_pj")} == {
            key: row[key] for key in row if key not in ("cycles", "energy_pj")}
        assert float(row["cycles"]) == float(point["cycles"])
        assert float(row["energy_pj"]) == float(point["energy_pj"])


def test_the_front_as_a_table_says_how_many_were_beaten(folder):
    text = output("pareto", folder, "--objective", "cycles", "--objective", "max:utilisation")
    assert "max:utilisation" in text.splitlines()[0]
    assert " of 24 points " in text


def share(points, key, metric):
    values = [float(point[metric]) for point in points]
    mean = statistics.fmean(values)
    groups = {}
    for point in points:
        groups.setdefault(point[key], []).append(float(point[metric]))
    between = sum(len(group) * (statistics.fmean(group) - mean) ** 2 for group in groups.values())
    return between / sum((value - mean) ** 2 for value in values)


@pytest.mark.parametrize("metric", ["cycles", "energy_pj", "utilisation"])
def test_shares_are_those_of_the_definition(folder, points, metric):
    words = ("sensitivity", folder, "--metric", metric, "--format", "json")
    found = json.loads(output(*words))["metrics"][0]
    assert found["is_full_grid"] and found["points"] == 24
    shares = {axis["axis"]: axis["variance_share"] for axis in found["axes"]}
    assert shares == pytest.approx({
        "core.fifo_depth_chunks": share(points, "core.fifo_depth_chunks", metric),
        "energy.table": share(points, "energy.table", metric),
        "core.rows+core.columns": share(points, "core.rows", metric)}, abs=1e-9)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_the_energy_table_moves_energy_and_not_cycles(folder):
    found = json.loads(output("sensitivity", folder, "--format", "json"))["metrics"]
    assert [metric["metric"] for metric in found] == ["cycles", "energy_pj"]
    shares = [{axis["axis"]: axis["variance_share"] for axis in metric["axes"]}
              for metric in found]
    assert shares[0]["energy.table"] == pytest.approx(0.0, abs=1e-12)
    assert shares[1]["energy.table"] > 0.001


def test_a_stage_has_its_own_metrics(folder):
    text = output("sensitivity", folder, "--metric", "FF.cycles")
    assert text.startswith("FF.cycles over 24 points: ")
    assert "core.rows, core.columns: they take their values together" in text
    assert "full grid: the shares add up to" in text


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_tables_fit_the_terminal(folder, columns):
    for command in ("pareto", "sensitivity"):
        blocks = output(command, folder, columns=str(columns)).split("\n\n")
        tables = [block for block in blocks if block.startswith(("point ", "axis "))]
        assert len(tables) >= (2 if columns == 60 or command == "sensitivity" else 1)
        for table in tables:
            assert max(map(len, table.splitlines())) <= columns


def test_wrong_input_is_named(folder, tmp_path):
    assert "did you mean cycles?" in refusal("pareto", folder, "--objective", "cycels")
    assert "did you mean FF.cycles?" in refusal("sensitivity", folder, "--metric", "FF.cycels")
    both = refusal("pareto", folder, "--objective", "cycels", "--objective", "energi_pj")
    assert len(both.splitlines()) == 2
    assert "again" in refusal("pareto", folder, "--objective", "cycles", "--objective",
                              "max:cycles")
    assert "did you mean json?" in refusal("pareto", folder, "--format", "jsn")
    assert "expected the folder of a sweep" in refusal("pareto", tmp_path)
    assert "missing SWEEPDIR" in refusal("sensitivity")


@pytest.mark.parametrize("command", ["pareto", "sensitivity"])
def test_help_shows_examples(command):
    text = output(command, "--help")
    assert f"usage: skipsim {command} SWEEPDIR" in text
    assert f"  skipsim {command} runs/" in text
