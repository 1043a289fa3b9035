# SPDX-License-Identifier: Apache-2.0
"""Wrong input through the real program: an exit status and a line per problem, never a crash."""
import json

import jsonschema
import pytest
import yaml


def problems_of(skipsim, text, tmp_path, *more):
    config = tmp_path / "c.yaml"
    if isinstance(text, bytes):
        config.write_bytes(text)
    else:
        config.write_text(text, encoding="utf-8")
    outcome = skipsim("config", "check", config, *more)
    assert outcome.status == 2, outcome.out + outcome.err
    assert outcome.out == ""
    assert outcome.lines
    return [line.replace(str(config), "c.yaml") for line in outcome.lines]


def test_all_problems_of_a_configuration_come_at_once(skipsim, tiny, tmp_path):
    text = (tiny.replace("core_mhz: 100", "core_mhz: fast").replace("  rows: 2", "  rows: 0")
            .replace("  fifo_depth_chunks: 2", "  fifo_depth: 2")
            .replace("  ff: adaptive", "  ff: adaptiv"))
    lines = problems_of(skipsim, text, tmp_path)
    for part in ('clocks.core_mhz: expected a number', 'core.rows: expected a whole number in 1..128',
                 'core.fifo_depth: unknown key; did you mean core.fifo_depth_chunks?',
                 'core.fifo_depth_chunks: missing', 'did you mean adaptive?'):
        assert any(part in line for line in lines), (part, lines)


@pytest.mark.parametrize("text", [
    "", "\n\n", "just words", "- a\n- b\n", "a: [1, 2", "{", "a: b: c", "\t\tx: 1", "a: &x 1\nb: *x\n",
    "? [complex]\n: 1\n", "---\na: 1\n---\nb: 1\n", "name: !!binary aGVsbG8=\n", "%YAML 9.9\n---\n",
    b"\x00\x01\x02", b"\xff\xfe\x00", b"name: \xff\xff\n", b"\x89HDF\r\n\x1a\n",
    "[" * 5000, "{a: " * 5000, "a: " + "x" * 100000 + "\n"])
def test_text_that_is_no_configuration_is_refused(skipsim, tmp_path, text):
    problems_of(skipsim, text, tmp_path)


def test_a_huge_configuration_is_refused(skipsim, tmp_path):
    problems_of(skipsim, "x: 1\n" * 3_000_000, tmp_path)


@pytest.mark.parametrize("key, value, part", [
    ("core.rows", "0", "1..128"), ("core.rows", "129", "1..128"), ("core.rows", "-1", "1..128"),
    ("core.rows", "99999999999999999999999", "1..128"), ("core.rows", "", "1..128"),
    ("core.chunk_operands", "7", "8..512"), ("core.bus_values", "0", "or unlimited"),
    ("core.bus_bits", "unlimitd", "or unlimited"), ("clocks.core_mhz", "nan", "greater than 0"),
    ("clocks.core_mhz", "0", "greater than 0"), ("core.zero_skipping", "no", "true or false"),
    ("skip.bp", "outptu", "did you mean output?"), ("core.row", "2", "did you mean core.rows?"),
    ("core.fifo_dept", "2", "did you mean core.fifo_depth_chunks?"),
    ("accelerator.clusters", "2", "accelerator.partition.cluster_m (1)"),
    ("core.issue_width_pairs", "64", "core.chunk_operands (8)"),
    ("core.zero_skipping", "false", "skip.ff (adaptive)"), ("name", "", "text")])
def test_wrong_overrides_name_key_expectation_and_place(skipsim, tiny, tmp_path, key, value, part):
    lines = problems_of(skipsim, tiny, tmp_path, "--set", f"{key}={value}")
    assert any(part in line for line in lines), lines


def test_energy_tables_are_read_as_strictly(skipsim, root, tmp_path):
    table = (root / "configs/energy/45nm-0.9v.yaml").read_text(encoding="utf-8")
    spoiled = table.replace("  and.bit:", "  and.bits:").replace("scale_factor: 1.0", "scale_factor: x")
    (tmp_path / "e.yaml").write_text(spoiled, encoding="utf-8")
    outcome = skipsim("config", "check", "configs/tiny.yaml",
                      "--set", f"energy.table={tmp_path}/e.yaml")
    assert outcome.status == 2
    for part in ("scale_factor", "and.bits: unknown key; did you mean", "and.bit:"):
        assert any(part in line for line in outcome.lines), outcome.lines
    outcome = skipsim("config", "check", "configs/tiny.yaml", "--set", "energy.table=no.yaml")
    assert outcome.status == 2 and "no.yaml" in outcome.lines[0]


@pytest.mark.parametrize("words, part", [
    ([], "missing command"), (["rum"], "did you mean run?"), (["sweep"], "missing SWEEP.yaml"),
    (["swep"], "did you mean sweep?"), (["pareto"], "missing"), (["compare"], "missing"),
    (["trace"], "expected one of info, validate, synth, slice"), (["trace", "inf"], "did you mean info?"),
    (["config", "chek", "x"], "did you mean check?"), (["list", "parms"], "did you mean params?"),
    (["run"], "missing CONFIG.yaml"), (["run", "configs/tiny.yaml"], "--trace: missing"),
    (["run", "a.yaml", "b.yaml", "--trace", "t"], "unexpected word"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--thread", "1"], "did you mean --threads?"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--threads", "0"], "1..1024"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--threads", "-1"], "1..1024"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--seed", "x"], "--seed"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--iterations", "3..1"], "A..B"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--iterations", "a"], "A..B"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--stages", "FF,XX"], "--stages"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--engine", "clocked", "--timeline", "t.json"],
     "expected --engine fast with it"),
    (["run", "configs/tiny.yaml", "--trace", "traces/tiny/layers.h5", "--waveform-limit", "5",
      "--engine", "clocked", "--out", "/tmp/skipsim-never-written"], "expected --waveform with it"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--engine", "slow"], "expected fast"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--check"],
     "expected --engine clocked with it"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--waveform", "w.vcd"],
     "expected --engine clocked with it"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--out"], "--out"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--out", ""], "--out"),
    (["run", "configs/tiny.yaml", "--trace", "t", "--log-level", "loud"], "--log-level"),
    (["run", "no-such.yaml", "--trace", "t"], "no-such.yaml"),
    (["run", "configs", "--trace", "t"], "configs"),
    (["trace", "slice", "a.h5", "--out", "b.h5"], "--iterations: missing"),
    (["trace", "synth", "a.yaml"], "--out: missing"), (["config", "check"], "missing CONFIG.yaml")])
def test_wrong_command_lines_are_one_line_and_status_2(skipsim, words, part):
    outcome = skipsim(*words)
    assert outcome.status == 2, outcome.err
    assert outcome.out == ""
    assert len(outcome.lines) == 1 and part in outcome.lines[0], outcome.lines


@pytest.mark.parametrize("content", [b"", b"not a trace", b"\x89HDF\r\n\x1a\n" + b"\0" * 100])
def test_a_file_that_is_no_trace_is_refused(skipsim, tmp_path, content):
    (tmp_path / "t.h5").write_bytes(content)
    outcome = skipsim("run", "configs/tiny.yaml", "--trace", tmp_path / "t.h5", "--out", tmp_path / "r")
    assert outcome.status == 2 and "t.h5" in outcome.lines[0], outcome.err
    assert not (tmp_path / "r").exists()


def test_a_truncated_trace_never_crashes_the_run(skipsim, trace, tmp_path):
    content = trace.read_bytes()
    for kept in range(0, len(content), max(1, len(content) // 40)):
        (tmp_path / "t.h5").write_bytes(content[:kept])
        outcome = skipsim("run", "configs/tiny.yaml", "--trace", tmp_path / "t.h5",
                          "--out", tmp_path / "r")
        assert outcome.status == 2, (kept, outcome.err)
        assert not (tmp_path / "r").exists()


def test_shipped_configurations_are_good_and_fit_the_published_schema(skipsim, root):
    schema = json.loads(skipsim("config", "schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted((root / "configs").glob("*.yaml")):
        assert skipsim("config", "check", path).status == 0
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        validator.validate(config)
        for section, key, value in (("core", "rows", 0), ("core", "bus_bits", "none"),
                                    ("core", "rowz", 1), ("skip", "ff", "all")):
            spoiled = json.loads(json.dumps(config))
            spoiled[section][key] = value
            with pytest.raises(jsonschema.ValidationError):
                validator.validate(spoiled)


def test_every_unpublished_value_of_the_shipped_configurations_has_a_note(root):
    not_facts = {"name", "description", "energy.table", "core.zero_skipping"}
    for path in sorted((root / "configs").glob("*.yaml")):
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        notes = set(config.pop("assumptions"))
        leaves = set()

        def collect(node, prefix=""):
            for key, value in node.items():
                if isinstance(value, dict):
                    collect(value, f"{prefix}{key}.")
                else:
                    leaves.add(prefix + key)

        collect(config)
        assert leaves - notes - not_facts == set(), path
        assert notes - leaves == set(), path


def test_a_shown_configuration_is_good_anywhere(skipsim, tmp_path):
    shown = skipsim("config", "show", "configs/pnpu.yaml").out
    (tmp_path / "x.yaml").write_text(shown, encoding="utf-8")
    assert skipsim("config", "check", tmp_path / "x.yaml").status == 0
    assert skipsim("config", "show", tmp_path / "x.yaml").out == shown


@pytest.mark.parametrize("words", [
    ["run"], ["trace", "info"], ["trace", "validate"], ["trace", "synth"], ["trace", "slice"],
    ["config", "check"], ["config", "show"], ["config", "schema"], ["list", "params"],
    ["list", "actions"], ["list", "statistics"]])
def test_every_command_explains_itself_with_an_example(skipsim, words):
    outcome = skipsim(*words, "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert f"usage: skipsim {' '.join(words)}" in outcome.out
    assert not any(line.startswith("usage") and line.endswith(" ") for line in outcome.out.splitlines())
    assert f"  skipsim {' '.join(words)}" in outcome.out.split("examples:")[1]
    assert max(map(len, outcome.out.splitlines())) <= 120


def test_the_program_explains_itself(skipsim):
    for command in ("run", "trace", "config", "list"):
        assert command in skipsim("--help").out
    assert skipsim("--version").out.startswith("skipsim 0.")
    assert skipsim("trace", "--help").status == 0


def test_the_factor_of_the_65_nm_table_is_the_calibrated_one(root, program):
    import subprocess
    outcome = subprocess.run(["/usr/bin/python3", root / "scripts/calibrate_energy.py", "--check",
                              "--skipsim", program], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_dotted_key_in_a_file_is_refused(skipsim, root, tmp_path):
    """It once replaced the nested value silently."""
    text = (root / "configs/tiny.yaml").read_text(encoding="utf-8") + "\ncore.rows: 4\n"
    assert any("core.rows: unknown key" in line for line in problems_of(skipsim, text, tmp_path))
