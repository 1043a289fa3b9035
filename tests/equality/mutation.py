# SPDX-License-Identifier: Apache-2.0
"""Plants a fault in a copy of the sources, builds the program, and asks who sees it."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

from .case import FEATURES
from .compare_engines import Options, first_difference
from .engines import Engines

_SOURCES = ("CMakeLists.txt", "CMakePresets.json", "sim", "models", "scripts", "tests", "configs")
_COUNTER_CASES = (20, 60, 150, 300)  # of the independent counter, one attempt after the other


class ToolError(Exception):
    """The check itself cannot go on."""


class BuildError(Exception):
    """The fault does not compile."""


def mutated(text, fault):
    """The text of the fault's file with the fault in it."""
    count = text.count(fault.old)
    if count != 1:
        raise ToolError(f"{fault.name}: the text to replace stands {count} times in {fault.file}:\n"
                        f"{fault.old}")
    if fault.old == fault.new:
        raise ToolError(f"{fault.name}: changes nothing")
    return text.replace(fault.old, fault.new)


def check_table(root, faults):
    """Lines that name every fault that cannot be planted."""
    problems = []
    for fault in faults:
        try:
            mutated((pathlib.Path(root) / fault.file).read_text(encoding="utf-8"), fault)
        except (ToolError, OSError) as error:
            problems.append(str(error))
    names = [fault.name for fault in faults]
    return problems + [f"two faults are called {name}" for name in sorted(set(names))
                       if names.count(name) > 1]


class Scratch:
    """A copy of the sources with a build folder of its own."""

    def __init__(self, root, folder, build_jobs):
        self.root, self.folder = pathlib.Path(root), pathlib.Path(folder)
        self._jobs = build_jobs
        for name in _SOURCES:
            source, target = self.root / name, self.folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        self._environment = {**os.environ, "CCACHE_BASEDIR": str(self.folder),
                             "CCACHE_NOHASHDIR": "1"}
        self._call(["cmake", "--preset", "release"])

    @property
    def program(self):
        return self.folder / "build" / "release" / "skipsim"

    def build(self, target="skipsim"):
        self._call(["cmake", "--build", "build/release", "--target", target, "--parallel",
                    str(self._jobs)])

    def _call(self, command):
        done = subprocess.run(command, cwd=self.folder, env=self._environment, text=True,
                              capture_output=True, check=False)
        if done.returncode != 0:
            raise BuildError((done.stdout + done.stderr)[-3000:])

    @contextlib.contextmanager
    def fault(self, fault):
        """The fault stands in the sources meanwhile."""
        path = self.folder / fault.file
        text = path.read_text(encoding="utf-8")
        path.write_text(mutated(text, fault), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")


class Verdict:
    """is_caught; text: by what, or that nobody has seen the fault."""

    def __init__(self, is_caught, text, seconds=0.0):
        self.is_caught, self.text, self.seconds = is_caught, text, seconds


class Judges:
    """Who sees a fault in the program of the scratch copy."""

    def __init__(self, scratch, arguments):
        self._scratch, self._arguments = scratch, arguments

    def verdict(self, fault):
        """Builds with the fault, and asks the fault's judge."""
        started = time.monotonic()
        with self._scratch.fault(fault):
            try:
                is_program = fault.judge not in ("engines", "reference")
                self._scratch.build(fault.judge if is_program else "skipsim")
                found = {"engines": self._engines, "reference": self._reference}.get(
                    fault.judge, self._test_program)(fault)
            except BuildError as error:
                found = Verdict(False, f"does not compile:\n{error}")
        found.seconds = time.monotonic() - started
        return found

    def _engines(self, fault):
        arguments = self._arguments
        engines = Engines(self._scratch.program, arguments.first, arguments.second, timeout=20.0,
                          second_program=arguments.against)
        options = Options(FEATURES, engines)
        seeds = range(arguments.seed, arguments.seed + arguments.cases)
        seed, count, lines = first_difference(seeds, options, arguments.jobs)
        if seed is None:
            return Verdict(False, f"no difference in {count} cases")
        text = f"seed {seed}, after {count} cases: {lines[0][:160]}"
        if fault.says and not any(fault.says in line for line in lines):
            return Verdict(False, f"{text}, which does not say \"{fault.says}\"")
        return Verdict(True, text)

    def _reference(self, _):
        for cases in _COUNTER_CASES:
            done = subprocess.run(
                [sys.executable, str(self._scratch.root / "tests" / "reference" / "fuzz.py"),
                 "--skipsim", str(self._scratch.program), "--seed", "1", "--cases", str(cases),
                 "--keep", str(self._scratch.folder / "kept")],
                capture_output=True, text=True, check=False)
            lines = [line for line in done.stdout.splitlines() if line.startswith("seed ")]
            if done.returncode == 1 and lines:
                return Verdict(True, f"the counter, {len(lines)} of {cases} cases: {lines[0][:60]}")
        return Verdict(False, f"the counter sees nothing in {_COUNTER_CASES[-1]} cases: "
                              f"{done.stderr[-200:]}")

    def _test_program(self, fault):
        tests = self._scratch.folder / "build" / "release" / "tests"
        program = next(path for path in tests.rglob(fault.judge) if path.is_file())
        done = subprocess.run([str(program), "--gtest_brief=1"], capture_output=True, text=True,
                              check=False)
        failed = [line for line in done.stdout.splitlines() if line.startswith("[  FAILED  ]")]
        return Verdict(bool(failed), f"{fault.judge}: {(failed or ['all tests pass'])[0]}")
