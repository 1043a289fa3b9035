# SPDX-License-Identifier: Apache-2.0
"""The comparison sees what it should see, and a failing case gets small."""
import copy
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from equality import compare_engines, faults, faults_clocked  # noqa: E402
from equality.case import EngineCase  # noqa: E402
from equality.compare_engines import PROGRAM, check, keep_case, shrink  # noqa: E402
from equality.coverage import Coverage, required  # noqa: E402
from equality.engines import FIRST, EngineFailure, Engines, differences  # noqa: E402
from equality.mutation import ToolError, check_table, mutated  # noqa: E402
from equality.shapes import BadGraph, infer, shapes_of  # noqa: E402

needs_program = pytest.mark.skipif(not os.access(PROGRAM, os.X_OK), reason="skipsim is not built")


@pytest.fixture(scope="module", name="result")
def fixture_result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    EngineCase(4).write(folder)
    return Engines(PROGRAM, second=FIRST).first_result(folder)


@needs_program
def test_a_result_equals_itself_whatever_the_engine_is_called_and_however_long_it_took(result):
    other = copy.deepcopy(result)
    other["engine"] = "clocked"
    other["wall"]["seconds"] += 1
    other["warnings"].append("the clocked engine is slow")
    assert differences(result, other) == []


def leaves(entry, path=()):
    """Paths of all numbers."""
    if isinstance(entry, dict):
        return [leaf for key, own in entry.items() for leaf in leaves(own, path + (key,))]
    if isinstance(entry, list):
        return [leaf for key, own in enumerate(entry) for leaf in leaves(own, path + (key,))]
    return [path] if isinstance(entry, (int, float)) and not isinstance(entry, bool) else []


@needs_program
def test_a_number_that_differs_anywhere_is_a_difference(result):
    for path in leaves({key: own for key, own in result.items() if key != "wall"}):
        other = copy.deepcopy(result)
        entry = other
        for key in path[:-1]:
            entry = entry[key]
        entry[path[-1]] += 1
        assert len(differences(result, other)) == 1, path


@needs_program
@pytest.mark.parametrize("change", [
    lambda r: r["layers"].pop(), lambda r: r["layers"][0].pop("actions"),
    lambda r: r["layers"][0].update(skip="weight"), lambda r: r["units"].reverse(),
    lambda r: r["layers"][0]["pe_cycles"].update(wait_link=1), lambda r: r.update(more=1),
    lambda r: r["warnings"].append("something else")])
def test_what_is_missing_or_named_otherwise_is_a_difference(result, change):
    other = copy.deepcopy(result)
    change(other)
    assert differences(result, other)


@needs_program
def test_a_wrong_value_is_a_difference(result):
    other = {**copy.deepcopy(result), "values": {"compared": 9, "wrong_values": 0, "problems": []}}
    assert differences(result, other) == []
    other["values"]["wrong_values"] = 1
    assert differences(result, other) == ["values: {'wrong_values': 1}"]


def test_an_engine_that_hangs_or_fails_or_leaves_nothing_is_a_failure(tmp_path):
    case = EngineCase(4)
    for name, script in (("hangs", "exec sleep 20"), ("fails", "exit 70"), ("empty", "exit 0")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
        folder = tmp_path / f"{name}-case"
        folder.mkdir()
        case.write(folder)
        with pytest.raises(EngineFailure) as raised:
            Engines(program, timeout=0.2).first_result(folder)
        assert raised.value.is_of_first
    assert "status 70" in str(_failure_of(tmp_path / "fails", tmp_path / "fails-case"))


def _failure_of(program, folder):
    with pytest.raises(EngineFailure) as raised:
        Engines(program).second_result(folder)
    assert not raised.value.is_of_first
    return raised.value


def test_a_seed_always_gives_the_same_files(tmp_path):
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        EngineCase(11).write(tmp_path / str(number))
    for name in ("chip.yaml", "case.h5"):
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()


def test_an_empty_run_has_exercised_nothing():
    assert Coverage().missing()[:-1] == required()


def test_shapes_worked_out_anew_are_those_the_generator_drew():
    kinds = set()
    for seed in range(1, 250):
        for network in EngineCase(seed).networks.values():
            graph = copy.deepcopy(network["graph"])
            infer(graph)
            for kind in ("tensors", "parameters"):
                assert shapes_of(graph, kind) == shapes_of(network["graph"], kind)
            kinds |= {operator["kind"] for operator in graph["operators"]}
    assert len(kinds) > 25


def test_a_layer_that_does_not_fit_its_image_is_no_network():
    graph = {"inputs": ["x"], "tensors": [{"name": "x", "shape": [1, 2, 2]},
                                          {"name": "y", "shape": [1, 1, 1]}],
             "parameters": [{"name": "w", "shape": [1, 1, 3, 3]}],
             "operators": [{"name": "c", "kind": "conv2d", "inputs": ["x"], "outputs": ["y"],
                            "parameters": {"weight": "w"}}]}
    with pytest.raises(BadGraph):
        infer(graph)


def one_cycle_more_with_stride_2(result, case):
    """A planted fault: rows of BP, stride 2, a FIFO deeper than 1."""
    strided = {operator["name"] for network in case.networks.values()
               for operator in network["graph"]["operators"]
               if 2 in operator.get("attributes", {}).get("stride", [])}
    for row in result["layers"]:
        if (row["layer"] in strided and row["kind"] == "conv2d" and row["stage"] == "BP"
                and case.config["core"]["fifo_depth_chunks"] > 1):
            row["cycles"] += 1


@needs_program
def test_shrinking_leaves_the_chip_and_layer_that_a_planted_fault_needs(tmp_path):
    engines = Engines(PROGRAM, second=FIRST, alter=one_cycle_more_with_stride_2)
    case = EngineCase(8)
    assert len(check(case, engines, tmp_path).lines) > 0
    small, lines = shrink(case, engines, tmp_path, lambda line: None)
    graph = small.networks["net"]["graph"]
    assert list(small.networks) == ["net"] and len(graph["operators"]) == 1
    assert 2 in graph["operators"][0]["attributes"]["stride"]
    assert all(set(entry["shape"]) == {1} for entry in graph["tensors"] + graph["parameters"])
    assert [iteration["samples"] for iteration in small.iterations] == [1]
    core = small.config["core"]
    assert (core["rows"], core["columns"], core["fifo_depth_chunks"]) == (1, 1, 2)
    assert small.memory_file is None and "cluster" not in small.config
    keep_case(small, tmp_path / "kept", lines, engines)
    assert Engines(PROGRAM).first_result(tmp_path / "kept")["layers"]
    said = (tmp_path / "kept" / "README.md").read_text(encoding="utf-8")
    assert said.count("chip.yaml --trace case.h5") == 2 and "cycles: first" in said


@needs_program
def test_the_command_line_ends_with_1_when_something_differs(tmp_path, capsys):
    words = ["--seed", "8", "--cases", "1", "--second", FIRST, "--keep", str(tmp_path)]
    assert compare_engines.main(words) == 0
    assert compare_engines.main(words + ["--need-coverage"]) == 1  # one case is not all
    words[words.index(FIRST)] = FIRST + " --set name=other"
    assert compare_engines.main(words) == 1
    assert "config.name: first random chip 8, second other" in capsys.readouterr().out
    assert (tmp_path / "seed-8" / "case.h5").exists()


ROOT = pathlib.Path(__file__).resolve().parents[2]
ALL_FAULTS = faults.FAST + faults_clocked.CLOCKED + faults.SHARED


def test_every_fault_of_the_table_can_be_planted():
    assert len(ALL_FAULTS) >= 24
    assert check_table(ROOT, ALL_FAULTS) == []


def test_a_planted_fault_changes_its_line_only():
    fault = next(fault for fault in faults.FAST if fault.file.endswith("load_port.h"))
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    before, after = text.splitlines(), mutated(text, fault).splitlines()
    assert len(before) == len(after) and sum(a != b for a, b in zip(before, after)) == 1


@pytest.mark.parametrize("old, new, says", [("gone", "x", "stands 0 times"),
                                            ("b", "x", "stands 2 times"),
                                            ("a", "a", "changes nothing")])
def test_a_fault_that_cannot_be_planted_is_an_error(old, new, says):
    with pytest.raises(ToolError, match=says):
        mutated("a b b", faults.Fault("name", "file", old, new))
