# SPDX-License-Identifier: Apache-2.0
"""`skipsim report` as a person would run it, on results of real runs."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPSIM = os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim"))
SWEEP = f"""
sweep: small
config: {ROOT}/configs/tiny.yaml
trace: {ROOT}/traces/tiny/strides.h5
axes:
  core.fifo_depth_chunks: [1, 2, 4]
  core.rows: [1, 2]
"""


def skipsim(*words, status=0):
    done = subprocess.run([SKIPSIM, *map(str, words)], cwd=ROOT, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL, timeout=300, check=False)
    assert done.returncode == status, done.stderr
    return done


@pytest.fixture(scope="module", name="runs")
def make_runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, trace, values in [("one", "strides", []), ("two", "strides", ["--set", "core.rows=3"]),
                                ("other", "../resnet20-cifar10-e12", ["--iterations", "0..0", "--layers", "block0.add"])]:
        skipsim("run", "configs/tiny.yaml", "--trace", f"traces/tiny/{trace}.h5", "--out", folder / name, *values)
    (folder / "small.yaml").write_text(SWEEP, encoding="utf-8")
    skipsim("sweep", folder / "small.yaml", "--out", folder / "small", "--jobs", 2)
    return folder


def data_of(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(text.split('<script type="application/json" id="data">')[1].split("</script>")[0])


def test_a_result_becomes_a_page_that_a_browser_shows(runs, tmp_path, browser):
    page = tmp_path / "new" / "one.html"
    assert skipsim("report", runs / "one", "--out", page).stdout == f"report: {page}\n"
    document = json.loads((runs / "one" / "result.json").read_text(encoding="utf-8"))
    [result] = data_of(page)["results"]
    document["totals"].pop("actions")
    assert result["totals"] == document["totals"]
    assert len(result["rows"]) == len(document["layers"])
    browser.open(page)
    browser.scroll_through()
    assert browser.errors() == []
    assert f"{document['totals']['cycles']:,}" in browser.run("return document.body.innerText")


def test_the_same_results_give_the_same_bytes(runs, tmp_path):
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    for page in pages:
        skipsim("report", runs / "one", runs / "small", "--out", page)
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_two_results_are_compared(runs, tmp_path, browser):
    page = tmp_path / "both.html"
    skipsim("report", runs / "one", runs / "two" / "result.json", "--out", page)
    data = data_of(page)
    assert data["comparison"]["labels"] == [result["label"] for result in data["results"]]
    assert ["core.rows", ["2", "3"]] in data["comparison"]["differences"]
    browser.open(page)
    browser.scroll_through()
    assert browser.errors() == []


def test_results_of_other_networks_are_shown_apart_with_a_warning(runs, tmp_path, browser):
    page = tmp_path / "apart.html"
    assert "not compared" in skipsim("report", runs / "one", runs / "other", "--out", page).stderr
    data = data_of(page)
    assert data["comparison"] is None and len(data["results"]) == 2
    browser.open(page)
    assert "not compared" in browser.run("return document.querySelector('main > .notice').textContent")
    skipsim("report", runs / "one", runs / "other", "--out", page, "--force", "--allow-different")
    assert data_of(page)["comparison"] is not None


def test_a_sweep_becomes_a_scatter_of_all_its_points(runs, tmp_path, browser):
    page = tmp_path / "sweep.html"
    skipsim("report", runs / "small", "--out", page)
    [sweep] = data_of(page)["sweeps"]
    assert [point[1] for point in sweep["points"]] == ["done"] * 6
    assert sweep["axes"] == ["core.fifo_depth_chunks", "core.rows"]
    for index, point in enumerate(sweep["points"]):
        document = json.loads((runs / "small" / point[2] / "result.json").read_text(encoding="utf-8"))
        for metric in ("cycles", "energy_pj"):
            column = sweep["metrics"]["total"][metric]
            assert (column[index] if isinstance(column, list) else column) == document["totals"][metric]
    browser.open(page)
    browser.scroll_through()
    assert browser.errors() == []
    assert browser.run("return Chart.getChart(document.querySelector('canvas')).data.datasets.reduce("
                       "(sum, dataset) => sum + dataset.data.length, 0)") == 6


def test_a_file_that_is_there_is_kept_without_force(runs, tmp_path):
    page = tmp_path / "kept.html"
    page.write_text("mine", encoding="utf-8")
    done = skipsim("report", runs / "one", "--out", page, status=2)
    assert done.stderr == f"{page}: a file is there already; --force replaces it, --out chooses another one\n"
    assert page.read_text(encoding="utf-8") == "mine"
    skipsim("report", runs / "one", "--out", page, "--force")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_result_is_never_its_own_report(runs):
    result = runs / "one" / "result.json"
    before = result.read_bytes()
    assert "is a RESULT of this report" in skipsim("report", result, "--out", result, "--force", status=2).stderr
    skipsim("report", runs / "one", "--out", result, "--force", status=2)
    assert result.read_bytes() == before


def test_nothing_of_a_sweep_is_replaced_by_its_report(runs):
    folder = runs / "small"
    files = [folder / "manifest.json", folder / "sweep.yaml", next(folder.glob("points/*/result.json"))]
    before = [file.read_bytes() for file in files]
    for file in files:
        assert "a file of one" in skipsim("report", folder, "--out", file, "--force", status=2).stderr
    skipsim("report", folder, "--out", folder / "points" / "page.html", status=2)
    assert [file.read_bytes() for file in files] == before


@pytest.mark.parametrize("words, problem", [
    ([], "missing RESULT"),
    (["no-such-folder", "--out", "x.html"], "no-such-folder"),
    (["RUN"], "--out: missing"),
    (["RUN", "--out", "/"], "expected a file or nothing"),
    (["RUN", "--uot", "x.html"], "did you mean --out?"),
])
def test_wrong_input_is_status_two_and_writes_nothing(runs, words, problem):
    done = skipsim("report", *[str(runs / "one") if word == "RUN" else word for word in words], status=2)
    assert problem in done.stderr and done.stdout == ""
    assert not pathlib.Path(ROOT, "x.html").exists()


def test_a_folder_that_cannot_be_made_is_the_machines_refusal(runs):
    done = skipsim("report", runs / "one", "--out", "/proc/none/x.html", status=3)
    assert "/proc/none" in done.stderr


def test_compare_writes_the_page_of_its_comparison(runs, tmp_path):
    page = tmp_path / "compare.html"
    skipsim("compare", runs / "one", runs / "two", "--by", "layer", "--format", "html", "--out", page)
    assert data_of(page)["comparison"]["by"] == "layer"
