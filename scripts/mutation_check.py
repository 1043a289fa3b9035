#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Would the tests see a fault? Plants one after the other in a copy of the sources, builds the
program and compares both engines on random cases until a difference shows.

usage: mutation_check.py [--only TEXT] [--list] [--cases N] [--jobs N] [--against PROGRAM]
The faults stand in tests/equality/faults*.py. Exit status 1 if one is not seen.
"""
import argparse
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from equality.engines import FIRST, SECOND  # noqa: E402
from equality.faults import FAST, SHARED  # noqa: E402
from equality.faults_clocked import CLOCKED  # noqa: E402
from equality.mutation import Judges, Scratch, check_table  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="faults whose name or file holds this text")
    parser.add_argument("--list", action="store_true", help="name the faults, plant none")
    parser.add_argument("--cases", type=int, default=1500, help="at most, of each fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--scratch", help="folder of the copy (default: a new one, removed at the "
                                          "end)")
    parser.add_argument("--first", default=FIRST)
    parser.add_argument("--second", default=SECOND)
    parser.add_argument("--against", type=lambda name: pathlib.Path(name).resolve(),
                        help="a program without faults that runs the second engine")
    return parser.parse_args()


def check_all(faults, folder, arguments):
    """The number of faults that nobody saw."""
    started = time.monotonic()
    scratch = Scratch(ROOT, folder, arguments.jobs)
    scratch.build()
    print(f"the program without faults is built: {time.monotonic() - started:.0f} s", flush=True)
    judges, missed = Judges(scratch, arguments), 0
    for number, fault in enumerate(faults, 1):
        verdict = judges.verdict(fault)
        missed += not verdict.is_caught
        print(f"{number:3} {'caught    ' if verdict.is_caught else 'NOT CAUGHT'} {fault.name} "
              f"({fault.file}): {verdict.text} [{verdict.seconds:.0f} s]", flush=True)
    print(f"{len(faults)} faults, {len(faults) - missed} caught, {missed} not caught, "
          f"{time.monotonic() - started:.0f} s")
    return missed


def main():
    arguments = parse_arguments()
    faults = [fault for fault in FAST + CLOCKED + SHARED
              if arguments.only in fault.name or arguments.only in fault.file]
    problems = check_table(ROOT, faults)
    for problem in problems:
        print(problem)
    if problems:
        return 2
    if arguments.list:
        for fault in faults:
            print(f"{fault.file}: {fault.name}, for {fault.judge}")
        return 0
    if arguments.scratch:
        return 1 if check_all(faults, pathlib.Path(arguments.scratch), arguments) else 0
    with tempfile.TemporaryDirectory(prefix="skipsim-mutation-") as folder:
        return 1 if check_all(faults, pathlib.Path(folder), arguments) else 0


if __name__ == "__main__":
    sys.exit(main())
