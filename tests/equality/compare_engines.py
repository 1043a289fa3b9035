#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random cases: both engines must print the same result, to the last digit.

usage: compare_engines.py [--skipsim PROGRAM] [--seed N] [--cases N | --forever] [--jobs N]
               [--largest N] [--keep FOLDER] [--features NAME,NAME,...] [--shrink] [--need-coverage]
               [--first ARGUMENTS] [--second ARGUMENTS]
A case is its seed: `--seed N --cases 1` repeats it. A failing case leaves its files in FOLDER.
"""
import argparse
import itertools
import multiprocessing
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from equality.case import FEATURES, EngineCase, readable  # noqa: E402
from equality.coverage import Coverage  # noqa: E402
from equality.engines import (FIRST, SECOND, EngineFailure, Engines,  # noqa: E402
                              differences)
from equality.shrink import Shrinker  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SKIPSIM", str(ROOT / "build" / "release" / "skipsim"))
LARGEST = 500_000  # PE-cycles of a case: more would take the place of many others
_MOST_SHRUNK = 10  # cases of a run that are made small
_SHRINKING_TIMEOUT = 15.0  # [s]
_BATCH = 200  # cases between two lines of a run without end


class Outcome:
    """Of one case: lines that say what differs; the results, if there are any."""

    def __init__(self, lines, result=None, second=None, *, is_left_out=False, is_refused=False):
        self.lines, self.result, self.second = lines, result, second
        self.is_left_out, self.is_refused = is_left_out, is_refused  # refused: by the first engine


def check(case, engines, folder, largest=LARGEST):
    """Runs both engines on the case in the folder."""
    try:
        case.write(folder)
        first = engines.first_result(folder)
        if sum(first["totals"]["pe_cycles"].values()) > largest:
            return Outcome([], first, is_left_out=True)
        second = engines.second_result(folder, case)
        return Outcome(differences(first, second), first, second)
    except EngineFailure as failure:
        return Outcome([str(failure)], is_refused=failure.is_of_first)


def check_seed(seed, options):
    """(seed, outcome without the result, coverage of this case), in a process of its own."""
    coverage = Coverage()
    case = EngineCase(seed, options.features)
    with tempfile.TemporaryDirectory(prefix="skipsim-equality-", dir=options.scratch) as folder:
        outcome = check(case, options.engines, folder, options.largest)
    if outcome.result is not None and not outcome.is_left_out:
        coverage.add(case, outcome.result, outcome.second)
    outcome.result = outcome.second = None
    return seed, outcome, coverage


def first_difference(seeds, options, jobs):
    """(seed, number of cases done, lines) of the first difference that shows; else seed None."""
    done = 0
    with multiprocessing.Pool(jobs, _ignore_interrupt) as pool:
        for seed, outcome, _ in pool.imap_unordered(_task, [(seed, options) for seed in seeds]):
            done += 1
            if outcome.lines:
                return seed, done, outcome.lines
    return None, done, []


class Options:
    """What every worker needs."""

    def __init__(self, features, engines, largest=LARGEST):
        self.features, self.engines, self.largest = features, engines, largest
        self.scratch = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def keep_case(case, folder, lines, engines):
    """The files of a case and a README that says how to repeat it."""
    folder = pathlib.Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    case.write(folder)
    readable(folder)
    said = [f"Seed {case.seed}: the two engines differ.", "", "```"]
    said += engines.commands(case) + ["```", ""] + [f"- {line}" for line in lines]
    (folder / "README.md").write_text("\n".join(said) + "\n", encoding="utf-8")


def shrink(case, engines, scratch, report):
    """The smallest case found that still differs, and its differences."""
    found, engines = [], engines.with_timeout(_SHRINKING_TIMEOUT)

    def fails(smaller):
        with tempfile.TemporaryDirectory(prefix="skipsim-equality-", dir=scratch) as folder:
            outcome = check(smaller, engines, folder)
        if outcome.lines and not outcome.is_refused:
            found[:] = outcome.lines
            return True
        return False

    fails(case)
    return Shrinker(fails, report).shrunk(case), found


class Comparison:
    """Goes through seeds, prints what differs, keeps it."""

    def __init__(self, arguments, engines):
        self._arguments, self.coverage = arguments, Coverage()
        features = [name for name in arguments.features.split(",") if name]
        self.options = Options(features, engines, arguments.largest)
        self.finished, self.failed, self.left_out = 0, [], 0

    def run(self):
        """Every seed once."""
        started = time.monotonic()
        with multiprocessing.Pool(self._arguments.jobs, _ignore_interrupt) as pool:
            for seeds in self._batches():
                tasks = [(seed, self.options) for seed in seeds]
                for outcome in pool.imap_unordered(_task, tasks):
                    self._note(*outcome)
                if self._arguments.forever:
                    print(f"{self.finished} cases, {len(self.failed)} failed", flush=True)
        print(f"{time.monotonic() - started:.1f} s", flush=True)

    def _batches(self):
        first, cases = self._arguments.seed, self._arguments.cases
        if not self._arguments.forever:
            yield range(first, first + cases)
            return
        for start in itertools.count(first, _BATCH):
            yield range(start, start + _BATCH)

    def _note(self, seed, outcome, coverage):
        self.coverage.update(coverage)
        self.finished += 1
        self.left_out += outcome.is_left_out
        if outcome.lines:
            self.failed.append(seed)
            self._keep(seed, outcome.lines)

    def _keep(self, seed, lines):
        engines = self.options.engines
        folder = pathlib.Path(self._arguments.keep) / f"seed-{seed}"
        print(f"seed {seed}: {len(lines)} differences; configuration and trace are in {folder}")
        for line in lines[:12]:
            print("  " + line, flush=True)
        case = EngineCase(seed, self.options.features)
        keep_case(case, folder, lines, engines)
        if self._arguments.shrink and len(self.failed) <= _MOST_SHRUNK:
            report = print if self._arguments.verbose else lambda line: None
            case, lines = shrink(case, engines, self.options.scratch, report)
            keep_case(case, folder / "smallest", lines, engines)
            print(f"  the smallest case found is in {folder / 'smallest'}:")
            for line in lines[:4]:
                print("    " + line, flush=True)


def _ignore_interrupt():
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _task(task):
    return check_seed(*task)


def parse_arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skipsim", default=PROGRAM)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--forever", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep",
                        default=os.path.join(tempfile.gettempdir(), "skipsim-equality-failures"))
    parser.add_argument("--features", default=",".join(FEATURES),
                        help="of the cases (default: all; empty: none)")
    parser.add_argument("--largest", type=int, default=LARGEST,
                        help="PE-cycles of a case; larger ones are left out")
    parser.add_argument("--shrink", action="store_true", help="make failing cases small")
    parser.add_argument("--need-coverage", action="store_true",
                        help="fail if something was not exercised")
    parser.add_argument("--first", default=FIRST, help="arguments of the first engine")
    parser.add_argument("--second", default=SECOND, help="arguments of the second engine")
    parser.add_argument("--verbose", action="store_true", help="every step of shrinking")
    return parser.parse_args(words)


def main(words=None):
    arguments = parse_arguments(words)
    program = pathlib.Path(arguments.skipsim).resolve()
    comparison = Comparison(arguments, Engines(program, arguments.first, arguments.second))
    try:
        comparison.run()
    except KeyboardInterrupt:
        print()
    coverage, failed = comparison.coverage, comparison.failed
    coverage.print()
    print(f"{comparison.finished - comparison.left_out} cases from seed {arguments.seed} compared, "
          f"{coverage.rows} rows, {len(failed)} cases differ; {comparison.left_out} were too large")
    missing = coverage.missing() if arguments.need_coverage else []
    if missing:
        print("never exercised: " + ", ".join(missing))
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main())
