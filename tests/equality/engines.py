# SPDX-License-Identifier: Apache-2.0
"""Runs both engines on a case, each in a process of its own, and compares their results."""
import copy
import json
import pathlib
import shlex
import subprocess

# What may differ: the engine's name, how long it took, and the revision of the program, and with
# them the checksum. `values` is what --check says, which only the clocked engine can.
NOT_COMPARED = ("engine", "wall", "skipsim", "content_sha256", "values")
WRONG_VALUES = ("wrong_values", "missing", "not_left_out", "problems")
FIRST, SECOND, CHECK = "--engine fast --threads 1", "--engine clocked", ["--check"]
_MOST_SAID = 600  # characters of what an engine that failed said
_TIMEOUT = 60.0  # [s]; a case takes a fraction of a second


class EngineFailure(Exception):
    """A process that ended with another status than 0, did not end, or left no result."""

    def __init__(self, name, said):
        super().__init__(f"{name} engine: {said}")
        self.is_of_first = name == "first"


class Engines:
    """Two ways to call the program. alter: a function (result, case) that plants a difference in
    the second result, for tests of the tools."""

    def __init__(self, program, first=FIRST, second=SECOND, *, second_program=None, alter=None,
                 timeout=_TIMEOUT):
        self._first = [str(program)] + ["run"], shlex.split(first)
        self._second = [str(second_program or program)] + ["run"], shlex.split(second)
        self._alter, self._timeout = alter, timeout

    def with_timeout(self, timeout):
        """The same engines, which have to end within other seconds."""
        other = copy.copy(self)
        other._timeout = timeout
        return other

    def first_result(self, folder):
        return self._result(self._first, pathlib.Path(folder), "first")

    def second_result(self, folder, case=None):
        result = self._result(self._second_engine(case), pathlib.Path(folder), "second")
        if self._alter:
            self._alter(result, case)
        return result

    def _second_engine(self, case):
        program, arguments = self._second
        is_checked = "clocked" in arguments and case is not None and case.is_checked
        return program, arguments + (CHECK if is_checked else [])

    def commands(self, case, folder="."):
        """The two command lines, to be repeated by hand."""
        engines = ((self._first, "first"), (self._second_engine(case), "second"))
        return [shlex.join(self._command(engine, pathlib.Path(folder), name))
                for engine, name in engines]

    @staticmethod
    def _command(engine, folder, name):
        program, arguments = engine
        return program + [str(folder / "chip.yaml"), "--trace", str(folder / "case.h5"), "--out",
                          str(folder / name), "--force", "--quiet"] + arguments

    def _result(self, engine, folder, name):
        command = self._command(engine, folder, name)
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  timeout=self._timeout, cwd=folder)
        except subprocess.TimeoutExpired as error:
            raise EngineFailure(name, f"no end within {self._timeout} s") from error
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip())[-_MOST_SAID:]
            raise EngineFailure(name, f"status {done.returncode}: {said}")
        try:
            return json.loads((folder / name / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise EngineFailure(name, f"no result: {error}") from error


def differences(first, second, most=40):
    """Lines `where: field: first says, second says`; empty when both results are equal."""
    lines = []
    for key in sorted(set(first) | set(second), key=lambda key: (key != "layers", key)):
        if key == "warnings":
            _compare(_of_the_chip(first), _of_the_chip(second), "warnings", lines, most)
        elif key not in NOT_COMPARED:
            _compare(first.get(key), second.get(key), key, lines, most)
    values = second.get("values", {})
    wrong = {key: values[key] for key in WRONG_VALUES if values.get(key)}
    return lines + ([f"values: {wrong}"] if wrong else [])


def _of_the_chip(result):
    return [line for line in result.get("warnings", []) if "engine" not in line]


def _compare(first, second, where, lines, most):
    if len(lines) >= most or first == second:
        return
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted(set(first) | set(second)):
            _compare(first.get(key), second.get(key), f"{where}.{key}", lines, most)
    elif isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        for number, (one, other) in enumerate(zip(first, second)):
            _compare(one, other, f"{where}[{_name(one, number)}]", lines, most)
    elif isinstance(first, list) and isinstance(second, list):
        lines.append(f"{where}: {len(first)} entries, {len(second)} entries")
    else:
        lines.append(f"{where}: first {first}, second {second}")


def _name(entry, number):
    if isinstance(entry, dict) and "layer" in entry:
        words = [f"iteration {entry['iteration']}"] + [
            str(entry[key]) for key in ("network", "layer", "stage", "skip")]
        return f"{number}: " + ", ".join(words)
    if isinstance(entry, dict) and "unit" in entry:
        return entry["unit"]
    return str(number)
