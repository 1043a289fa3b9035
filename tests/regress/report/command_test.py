# SPDX-License-Identifier: Apache-2.0
"""`skipsim report` as a person would run it, on results of real runs."""
import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from program import ROOT, run_skipsim  # noqa: E402

SWEEP = f"""
sweep: small
config: {ROOT}/configs/tiny.yaml
trace: {ROOT}/traces/tiny/strides.h5
axes:
  core.fifo_depth_chunks: [1, 2, 4]
  core.rows: [1, 2]
"""

MIXED = f"""
sweep: mixed
config: {ROOT}/configs/tiny.yaml
trace: {ROOT}/traces/tiny/strides.h5
zip:
  - core.rows: [1, 2]
    core.columns: [1, 2]
    core.fifo_depth_chunks: [1, 2]
sample:
  method: latin-hypercube
  count: 12
  seed: 3
  axes:
    clocks.core_mhz: {{from: 50, to: 400}}
    memory.ideal_bytes_per_cycle: {{from: 1, to: 64}}
"""


def skipsim(*words, status=0):
    done = run_skipsim(*words)
    assert done.status == status, done.err
    return done


@pytest.fixture(scope="module", name="runs")
def make_runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for name, trace, values in [("one", "strides", []), ("two", "strides", ["--set", "core.rows=3"]),
                                ("other", "../resnet20-cifar10-e12", ["--iterations", "0..0", "--layers", "block0.add"])]:
        skipsim("run", "configs/tiny.yaml", "--trace", f"traces/tiny/{trace}.h5", "--out", folder / name, *values)
    (folder / "small.yaml").write_text(SWEEP, encoding="utf-8")
    skipsim("sweep", folder / "small.yaml", "--out", folder / "small", "--jobs", 2)
    (folder / "mixed.yaml").write_text(MIXED, encoding="utf-8")
    skipsim("sweep", folder / "mixed.yaml", "--out", folder / "mixed", "--jobs", 2)
    return folder


def data_of(page):
    text = page.read_text(encoding="utf-8")
    return json.loads(text.split('<script type="application/json" id="data">')[1].split("</script>")[0])


def test_a_result_becomes_a_page_that_a_browser_shows(runs, tmp_path, browser):
    page = tmp_path / "new" / "one.html"
    assert skipsim("report", runs / "one", "--out", page).out == f"report: {page}\n"
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
    assert "not compared" in skipsim("report", runs / "one", runs / "other", "--out", page).err
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


def answer_of_the_page(sweep, stage, metric):
    """In the words of `skipsim sensitivity --format json`."""
    part = sweep["sensitivity"]
    number, lowest, highest, mean, effects = part["metrics"][stage][metric]
    design = part["designs"][number]
    axes = []
    for axis, share, lowest_mean, lowest_value, highest_mean, highest_value in effects:
        _, keys, distinct, bins, chance, _ = design["axes"][axis]
        if bins is not None:
            assert chance == (bins - 1) / (design["points"] - 1)
        axes.append({"axis": keys.replace(", ", "+"), "levels": bins or distinct, "distinct_values": distinct,
                     "is_binned": bins is not None, "variance_share": share,
                     "lowest_mean": lowest_mean, "lowest_value": part["values"][lowest_value],
                     "highest_mean": highest_mean, "highest_value": part["values"][highest_value]})
    return {"stage": stage, "metric": metric, "points": design["points"], "without_metric": design["without_metric"],
            "lowest": lowest, "highest": highest, "mean": mean, "is_full_grid": design["is_full_grid"],
            "constant_axes": design["constants"], "axes": axes}


@pytest.mark.parametrize("name", ["small", "mixed"])
def test_the_page_and_the_command_agree_on_which_axis_matters(runs, tmp_path, name):
    page = tmp_path / "axes.html"
    skipsim("report", runs / name, "--out", page)
    [sweep] = data_of(page)["sweeps"]
    names = [(stage, metric) for stage, metrics in sweep["metrics"].items() for metric in metrics]
    words = [word for stage, metric in names for word in ("--metric", f"{stage}.{metric}")]
    answer = json.loads(skipsim("sensitivity", runs / name, "--format", "json", *words).out)["metrics"]
    assert len(answer) == len(names) > 100
    for (stage, metric), expected in zip(names, answer):
        axes = [] if expected.pop("is_constant") else [
            {key: value for key, value in axis.items() if key != "fewest_points"} for axis in expected["axes"]]
        shown = answer_of_the_page(sweep, stage, metric)
        assert shown == {key: value for key, value in {**expected, "axes": axes}.items()
                         if key not in ("failed", "waiting")}
    keys = {axis["axis"]: axis for metric in answer for axis in metric["axes"]}
    if name == "mixed":
        assert "core.rows+core.columns+core.fifo_depth_chunks" in keys and keys["clocks.core_mhz"]["is_binned"]
    else:
        assert answer[0]["is_full_grid"]


def front_in_the_browser(browser, across, up):
    """Points of the page's front and the text of its notes."""
    return browser.run("""
        for (const [label, value] of [["Across", arguments[0]], ["Up", arguments[1]]]) {
            const select = [...document.querySelectorAll(".choice")].find(
                (choice) => choice.querySelector("span").textContent === label).querySelector("select");
            select.value = value;
            select.dispatchEvent(new Event("change"));
        }
        const table = [...document.querySelectorAll(".scroll")].find(
            (box) => box.getAttribute("aria-label") === "Finished points");
        return [...table.querySelectorAll("tr.front")].map((row) => Number(row.children[0].dataset.value))""", across, up)


@pytest.mark.parametrize("across, up, objectives", [
    ("cycles", "energy_pj", ["cycles", "energy"]),
    ("energy_pj", "utilisation", ["energy", "max:utilisation"]),
    ("speedup", "processing_elements", ["max:speedup", "min:processing_elements"]),
    ("time_s", "power_mw", ["time", "power"]),
])
def test_the_page_and_the_command_agree_on_the_front(runs, tmp_path, browser, across, up, objectives):
    page = tmp_path / "front.html"
    skipsim("report", runs / "mixed", "--out", page)
    words = [word for objective in objectives for word in ("--objective", objective)]
    answer = json.loads(skipsim("pareto", runs / "mixed", "--format", "json", *words).out)
    browser.open(page)
    front = front_in_the_browser(browser, across, up)
    assert 0 < len(front) < 24
    assert sorted(front) == sorted(point["point"] for point in answer["front"])


def test_a_joined_axis_has_a_short_name_and_all_its_keys_in_the_table(runs, tmp_path, browser):
    page = tmp_path / "joined.html"
    skipsim("report", runs / "mixed", "--out", page)
    browser.open(page)
    browser.scroll_through()
    assert browser.errors() == []
    labels = browser.run("return Chart.getChart(document.querySelectorAll('canvas')[1]).data.labels")
    assert "core.rows and 2 more" in labels
    browser.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    browser.run_later("setTimeout(arguments[0], 100)")
    assert "core.rows, core.columns, core.fifo_depth_chunks" in browser.run(
        "return document.querySelectorAll('figure')[1].querySelector('table').textContent")
    notes = browser.run("return document.querySelectorAll('figure')[1].querySelector('.notes').textContent")
    assert "quantile bins; by chance alone" in notes and "cannot be told apart" in notes


def test_a_result_of_a_sweeps_point_is_named_by_its_number(runs, tmp_path):
    page = tmp_path / "point.html"
    skipsim("report", runs / "small", "--out", page)
    folder = data_of(page)["sweeps"][0]["points"][2][2]
    words = [runs / "small" / folder, runs / "one" / ".." / "small" / folder.replace("points/", "points/../points/")]
    for result in words:
        skipsim("report", runs / "small", result, runs / "one", "--out", page, "--force")
        data = data_of(page)
        assert data["results"][0]["label"] == "point 2 of small"
        assert data["results"][1]["label"].startswith("point") is False
        assert data["comparison"]["labels"][0] == "point 2 of small"
    skipsim("report", runs / "small" / folder, "--out", page, "--force")
    assert not data_of(page)["results"][0]["label"].startswith("point ")  # the sweep is not in this report


def test_a_file_that_is_there_is_kept_without_force(runs, tmp_path):
    page = tmp_path / "kept.html"
    page.write_text("mine", encoding="utf-8")
    done = skipsim("report", runs / "one", "--out", page, status=2)
    assert done.err == f"{page}: a file is there already; --force replaces it, --out chooses another one\n"
    assert page.read_text(encoding="utf-8") == "mine"
    skipsim("report", runs / "one", "--out", page, "--force")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_result_is_never_its_own_report(runs):
    result = runs / "one" / "result.json"
    before = result.read_bytes()
    assert "is a RESULT of this report" in skipsim("report", result, "--out", result, "--force", status=2).err
    skipsim("report", runs / "one", "--out", result, "--force", status=2)
    assert result.read_bytes() == before


def test_nothing_of_a_sweep_is_replaced_by_its_report(runs):
    folder = runs / "small"
    files = [folder / "manifest.json", folder / "sweep.yaml", next(folder.glob("points/*/result.json"))]
    before = [file.read_bytes() for file in files]
    for file in files:
        assert "a file of one" in skipsim("report", folder, "--out", file, "--force", status=2).err
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
    assert problem in done.err and done.out == ""
    assert not pathlib.Path(ROOT, "x.html").exists()


def test_a_folder_that_cannot_be_made_is_the_machines_refusal(runs):
    done = skipsim("report", runs / "one", "--out", "/proc/none/x.html", status=3)
    assert "/proc/none" in done.err


def test_compare_writes_the_page_of_its_comparison(runs, tmp_path):
    page = tmp_path / "compare.html"
    skipsim("compare", runs / "one", runs / "two", "--by", "layer", "--format", "html", "--out", page)
    assert data_of(page)["comparison"]["by"] == "layer"
