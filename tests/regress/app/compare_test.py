# SPDX-License-Identifier: Apache-2.0
"""`skipsim compare`: which results, which numbers, which exit status."""
import csv
import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import termios

import pytest

TABLES = "configs/energy/45nm-0.9v.yaml", "configs/energy/65nm-0.78v.yaml"


def result_of(folder):
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", name="runs")
def fixture_runs(skipsim, trace, tmp_path_factory):
    """a; slow: a slower memory; cheap: a with the other energy table; part: a's FF."""
    folder = tmp_path_factory.mktemp("runs")
    for name, words in {"a": (), "slow": ("--set", "memory.latency_cycles=10"),
                        "cheap": ("--set", f"energy.table={TABLES[1]}"),
                        "part": ("--stages", "FF")}.items():
        outcome = skipsim("run", "configs/tiny.yaml", "--trace", trace, "--out", folder / name,
                          *words)
        assert outcome.status == 0, outcome.err
    return folder


@pytest.fixture(name="compared")
def fixture_compared(skipsim, runs):
    def run(*words, **options):
        names = [runs / word if word in ("a", "slow", "cheap", "part") else word for word in words]
        return skipsim("compare", *names, **options)
    return run


def as_json(outcome):
    assert outcome.status == 0, outcome.err
    return json.loads(outcome.out)


def values_of(comparison, item, metric):
    (line,) = [own for own in comparison["lines"] if (own["item"], own["metric"]) == (item, metric)]
    return line["values"]


def test_the_table_shows_both_results_and_what_differs(compared, runs):
    outcome = compared("a", "slow")
    assert outcome.status == 0, outcome.err
    first, second = (result_of(runs / name)["totals"]["cycles"] for name in ("a", "slow"))
    assert second > first
    (line,) = [line for line in outcome.out.splitlines() if line.startswith("cycles ")]
    assert line.split() == ["cycles", f"{first:,}", f"{second:,}", f"+{second - first:,}",
                            f"+{100 * (second - first) / first:.2f}", "%", f"{second / first:.3f}x"]
    assert "memory.latency_cycles: 5 in a; 10 in slow" in outcome.out
    assert "warning" not in outcome.out


@pytest.mark.parametrize("by, item", [("total", "total"), ("stage", "WG"), ("component", "total"),
                                      ("layer", "conv WG")])
def test_csv_and_json_hold_the_numbers_of_the_results(compared, runs, by, item):
    comparison = as_json(compared("a", "slow", "--by", by, "--format", "json"))
    assert comparison["schema"] == "skipsim-comparison/1" and comparison["by"] == by
    assert [own["label"] for own in comparison["results"]] == ["a", "slow"]
    results = [result_of(runs / name) for name in ("a", "slow")]
    expected = {"total": [r["totals"]["energy_pj"] for r in results],
                "WG": [r["totals_by_stage"]["WG"]["energy_pj"] for r in results],
                "conv WG": [row["energy_pj"] for r in results for row in r["layers"]
                            if row["stage"] == "WG"]}[item]
    values = values_of(comparison, item, "energy_pj")
    assert [own["value"] for own in values] == expected
    assert values[1]["ratio"] == expected[1] / expected[0]
    outcome = compared("a", "slow", "--by", by, "--format", "csv")
    lines = list(csv.DictReader(io.StringIO(outcome.out)))
    assert len(lines) == 2 * len(comparison["lines"])
    (second,) = [line for line in lines if (line["item"], line["metric"], line["result"])
                 == (item, "energy_pj", "slow")]
    assert float(second["difference"]) == expected[1] - expected[0]


def test_the_baseline_is_the_first_or_the_one_that_is_named(compared, runs):
    def baseline(*words):
        comparison = as_json(compared(*words, "--format", "json"))
        return comparison["baseline"], [own["label"] for own in comparison["results"]]
    assert baseline("a", "slow") == ("a", ["a", "slow"])
    assert baseline("a", "slow", "--baseline", runs / "slow/result.json") == ("slow", ["a", "slow"])
    assert baseline("slow", "--baseline", runs / "a") == ("a", ["a", "slow"])


def test_the_same_result_twice_is_refused(compared, runs, tmp_path):
    outcome = compared("a", "slow", "a")
    assert outcome.status == 2
    assert outcome.lines == [f"skipsim compare: {runs}/a: expected results that differ, found it twice"]
    os.symlink(runs / "a", tmp_path / "link")
    outcome = compared("a", tmp_path / "link")
    assert outcome.lines == [f"skipsim compare: {tmp_path}/link: expected results that differ, "
                             f"found the same file as {runs}/a"]


def test_words_that_are_wrong_are_named(compared, runs):
    for words, part in [
            ((), "missing RESULT: expected at least 1, found 0; usage: skipsim compare RESULT"),
            (("a",), "missing RESULT: expected at least two results to compare, found one"),
            (("a", "--baseline", runs / "a"), "expected at least two results"),
            (("a", "slow", "--by", "stages"), 'got "stages"; did you mean stage?'),
            (("a", "slow", "--format", "jsn"), "did you mean json?"),
            (("a", "slow", "--fail-over", "x=1"), "did you mean --fail-above?"),
            (("a", "slow", "--energy", "no.yaml"), "no.yaml"),
            (("a", "slow", "--fail-above", "cycels=1"), "did you mean cycles?"),
            (("a", "slow", "--fail-above", "cycles=-1"), "expected a percentage")]:
        outcome = compared(*words)
        assert (outcome.status, outcome.out, len(outcome.lines)) == (2, "", 1), outcome.err
        assert part in outcome.lines[0], outcome.lines
    outcome = compared("a", "slow", "--fail-above", "x", "--fail-above", "cycels=1")
    assert outcome.status == 2 and len(outcome.lines) == 2
    assert "examples:\n  skipsim compare " in compared("--help").out


def test_a_regression_is_status_one_and_says_by_how_much(compared, runs):
    first, second = (result_of(runs / name)["totals"]["cycles"] for name in ("a", "slow"))
    more = 100 * (second - first) / first
    assert compared("a", "slow", "--fail-above", f"cycles={more + 0.01}").status == 0
    outcome = compared("a", "slow", "--fail-above", f"cycles={more - 0.01}",
                       "--fail-above", "dram=0", "--fail-above", "FF.cycles=1000000")
    assert outcome.status == 1
    assert "cycles" in outcome.out
    (line,) = outcome.lines
    assert f"slow: cycles is {second:,}, +{more:.2f} % over a with {first:,}" in line
    outcome = compared("a", "slow", "--quiet", "--fail-above", "FF.cycles=0")
    assert (outcome.status, outcome.out, len(outcome.lines)) == (1, "", 1)
    assert compared("slow", "a", "--fail-above", "cycles=0").status == 0


def test_another_energy_table_gives_what_a_run_with_it_gave(compared):
    warned = as_json(compared("a", "cheap", "--format", "json"))
    assert [own for own in warned["warnings"] if "energy tables" in own]
    for by in ("total", "component", "stage", "layer"):
        for table in TABLES:
            same = as_json(compared("a", "cheap", "--by", by, "--format", "json", "--energy", table))
            assert same["warnings"] == [
                f"energies of all results are priced with {table}, not as in their files"]
            assert same["config_differences"] == []
            assert all(own["value"] is None or own["difference"] == 0
                       for line in same["lines"] for own in line["values"])


def test_other_circumstances_are_warned_about_first(compared):
    outcome = compared("a", "part")
    assert outcome.out.startswith("warning: other stages: all in a; FF in part\n"), outcome.out
    outcome = compared("a", "part", "--format", "csv")
    assert outcome.status == 0 and "other stages" in outcome.err
    assert outcome.out.startswith("item,metric")


def test_another_network_is_refused_unless_asked_for(compared, skipsim, tmp_path):
    skipsim("run", "configs/tiny.yaml", "--trace", "traces/tiny/layers.h5", "--out", tmp_path / "o")
    outcome = compared("a", tmp_path / "o")
    assert outcome.status == 2 and "no layer of o is one of a" in outcome.lines[-1]
    outcome = compared("a", tmp_path / "o", "--by", "layer", "--allow-different")
    assert outcome.status == 0 and "warning: no layer of o is one of a" in outcome.out


def test_files_that_are_no_whole_results_are_all_named(compared, runs, tmp_path):
    text = (runs / "a/result.json").read_text(encoding="utf-8")
    (tmp_path / "cut.json").write_text(text[:len(text) // 2])
    (tmp_path / "edited.json").write_text(text.replace('"seed": 0', '"seed": 1'))
    (tmp_path / "newer.json").write_text(text.replace("skipsim-result/1", "skipsim-result/2"))
    (tmp_path / "empty").mkdir()
    (tmp_path / "none.json").write_text("")
    names = ["cut.json", "edited.json", "newer.json", "empty", "none.json", "missing"]
    outcome = compared("a", *(tmp_path / name for name in names))
    assert (outcome.status, outcome.out) == (2, "")
    assert len(outcome.lines) == len(names)
    for line, part in zip(outcome.lines, ["as if cut off", "changed since skipsim wrote it",
                                          "made by a newer skipsim", "found none in it",
                                          "found an empty file", "no such file or folder"]):
        assert part in line
    assert outcome.lines[0].startswith(f"{tmp_path}/cut.json:")


def test_names_that_a_terminal_would_obey_are_shown_harmless(compared, runs, tmp_path):
    evil = tmp_path / "evil\x1b[2J"
    evil.mkdir()
    (evil / "result.json").write_bytes((runs / "a/result.json").read_bytes())
    outcome = compared("a", evil)
    assert outcome.status == 0 and "\x1b" not in outcome.out
    outcome = compared("a", evil, "--format", "json")
    assert "\x1b" not in outcome.out and json.loads(outcome.out)["results"][1]["label"] == evil.name
    assert "\x1b" not in compared("a", evil, "--fail-above", "cycles=x").err
    outcome = compared(evil, "slow", "--format", "csv", "--fail-above", "cycles=0")
    assert outcome.status == 1 and "over evil\\x1b[2J with" in outcome.err
    assert "\x1b" not in outcome.err
    outcome = compared("part", evil, "--format", "csv")  # warnings name the results
    assert "in evil\\x1b[2J" in outcome.err and "\x1b" not in outcome.err


def test_a_file_takes_the_output_and_is_not_replaced_unasked(compared, runs, tmp_path):
    target = tmp_path / "c.csv"
    outcome = compared("a", "slow", "--format", "csv", "--out", target)
    assert (outcome.status, outcome.out) == (0, "")
    assert target.read_text() == compared("a", "slow", "--format", "csv").out
    outcome = compared("a", "slow", "--out", target)
    assert outcome.status == 2 and "--force replaces it" in outcome.lines[0]
    assert compared("a", "slow", "--out", target, "--force").status == 0
    assert target.read_text().startswith("baseline")
    before = (runs / "a/result.json").read_bytes()
    outcome = compared("a", "slow", "--out", runs / "a/result.json", "--force")
    assert outcome.status == 2 and "is one of the results" in outcome.lines[0]
    assert (runs / "a/result.json").read_bytes() == before
    assert compared("a", "slow", "--out", runs / "a", "--force").status == 2
    assert compared("a", "slow", "--out", tmp_path / "no/such/folder/c").status == 3


def test_a_regression_still_writes_the_file(compared, tmp_path):
    outcome = compared("a", "slow", "--out", tmp_path / "c", "--fail-above", "cycles=0")
    assert outcome.status == 1 and (tmp_path / "c").exists()


def width_in_terminal(program, columns, *words):
    """Of the longest line that the program prints to a terminal so wide."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {key: own for key, own in os.environ.items() if key != "COLUMNS"}
    with subprocess.Popen([program, *map(str, words)], stdout=there, env=environment) as process:
        os.close(there)
        text = b""
        try:
            while part := os.read(here, 65536):
                text += part
        except OSError:
            pass  # the end of a terminal
        assert process.wait(timeout=60) == 0
    os.close(here)
    return max(len(line) for line in text.decode().replace("\r", "").splitlines())


def test_tables_are_as_wide_as_the_terminal(program, compared, runs):
    words = "compare", runs / "a", runs / "slow", runs / "cheap", "--by", "layer"
    assert width_in_terminal(program, 64, *words) <= 64
    assert 64 < width_in_terminal(program, 200, *words) <= 200
    environment = {**os.environ, "COLUMNS": "70"}
    outcome = compared(*words[1:], env=environment)
    assert max(map(len, outcome.out.splitlines())) <= 70
