# SPDX-License-Identifier: Apache-2.0
"""Rows that choose their skip mode, balance their columns and share k, through the program."""
import json

import jsonschema
import pytest

PAIRS = ["input+weight", "input+output", "weight+output"]
ALL = PAIRS + ["input", "weight", "output", "dense"]


@pytest.fixture()
def run(skipsim, root, tmp_path):
    """Runs configs/tiny.yaml on a trace with zeros; returns the rows of the cores, the checked result and the summary."""
    schema = json.loads((root / "sim/stats/result.schema.json").read_text(encoding="utf-8"))

    def run_with(*settings, status=0):
        words = [word for setting in settings for word in ("--set", setting)]
        outcome = skipsim("run", "configs/tiny.yaml", "--trace", "traces/tiny/layers.h5", "--force",
                          "--out", tmp_path / "r", *words)
        assert outcome.status == status, outcome.err
        if status:
            return outcome.lines
        result = json.loads((tmp_path / "r/result.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator(schema).validate(result)
        cores = [row for row in result["layers"] if row["kind"] in ("conv2d", "linear")]
        rows = [row for row in cores if row["stage"] != "WU"]
        return rows, result, outcome.out
    return run_with


def cycles_in_mode(run, mode):
    return [row["cycles"] for row in run(*(f"skip.{key}={mode}" for key in ("ff", "bp", "wg")))[0]]


def test_regret_is_the_difference_to_the_best_run_in_a_fixed_mode(run):
    rows, _, summary = run("skip.regret=true")
    assert "over the best mode of each row" in summary
    fixed = {mode: cycles_in_mode(run, mode) for mode in ALL}
    for number, row in enumerate(rows):
        modes = [mode for mode in ALL if row["stage"] != "FF" or "output" not in mode]
        assert list(row["choices"]) == modes
        assert row["choices"] == {mode: fixed[mode][number] for mode in modes}
        assert row["choices"][row["skip"]] == row["cycles"]
        assert row["regret_cycles"] == row["cycles"] - min(row["choices"].values())
        assert row["choices"]["dense"] == row["dense_cycles"]


def test_policy_cycles_takes_the_fastest_pair(run):
    rows, _, summary = run("skip.adaptive_policy=cycles")
    assert "over the best mode" not in summary
    assert {row["skip"] for row in rows if row["stage"] != "FF"} - {"input+weight"}
    fixed = {mode: cycles_in_mode(run, mode) for mode in PAIRS}
    for number, row in enumerate(rows):
        pairs = PAIRS[:1] if row["stage"] == "FF" else PAIRS
        assert not {"choices", "regret_cycles"} & set(row)
        assert row["skip"] == min(pairs, key=lambda mode: fixed[mode][number])
        assert row["cycles"] == fixed[row["skip"]][number]


def test_fixed_rows_have_no_choices(run):
    for row in run("skip.regret=true", "skip.ff=input", "skip.bp=weight", "skip.wg=dense")[0]:
        assert not {"choices", "regret_cycles"} & set(row)


def test_the_balancer_is_paid_for_in_rows_with_role_weight_and_one_group(run):
    free = ["skip.ff=input+weight", "skip.bp=input", "skip.wg=input", "balancer.enabled=true"]
    before = run(*free)[0]
    rows, result, _ = run(*free, "balancer.bits_per_cycle=100", "balancer.compares_per_cycle=1")
    paid = 0
    for row, unpaid in zip(rows, before):
        bits, compares = (row["actions"][f"balancer.{name}"] for name in ("bit", "compare"))
        assert row["cycles"] == unpaid["cycles"] + -(-bits // 100) + compares
        assert row["stage"] == "FF" or bits == 0
        assert row["dense_cycles"] == unpaid["dense_cycles"]  # nothing to balance there
        paid += -(-bits // 100) + compares
    assert paid > 0
    units = {unit["unit"]: unit["busy"] for unit in result["units"]}
    assert (units["balancer"], units["aggregation"]) == (paid, 0)


def test_parts_of_k_cost_aggregation(run):
    plain = run()[0]
    split = ["accelerator.partition.core_m=1", "accelerator.partition.core_k=2"]
    free, ideal, summary = run(*split)
    assert "aggregation.adds_per_cycle" in ideal["ideal"]
    assert "partial sums added" in summary
    rows, result, _ = run(*split, "aggregation.adds_per_cycle=1")
    total = 0
    for row, quick, whole in zip(rows, free, plain):
        adds = row["actions"]["aggregation.add"]
        assert quick["cycles"] <= row["cycles"] <= quick["cycles"] + adds
        assert row["macs"] == whole["macs"]
        total += adds
    units = {unit["unit"]: unit["busy"] for unit in result["units"]}
    assert units["aggregation"] == total > 0
