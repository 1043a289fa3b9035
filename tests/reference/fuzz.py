#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random cases: the counter and `skipsim run` must agree in every field of every row.

usage: fuzz.py [--skipsim PROGRAM] [--seed N] [--cases N | --forever] [--keep FOLDER]
               [--features NAME,NAME,...] [--counter-only]
A case is its seed: `--seed N --cases 1` repeats it. A failing case leaves its files in FOLDER.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from reference.chip import chip_from_dict  # noqa: E402
from reference.compare import differences  # noqa: E402
from reference.coverage import Coverage  # noqa: E402
from reference.generate import FEATURES, Case  # noqa: E402
from reference.machine.rows import rows_of_run  # noqa: E402
from reference.rows import RowCounter, rows_of_trace  # noqa: E402
from reference.trace_file import TraceFile  # noqa: E402
from reference.write_case import write_config, write_trace  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SKIPSIM", str(ROOT / "build" / "release" / "skipsim"))
ENERGY_TABLE = ROOT / "configs" / "energy" / "65nm-0.78v.yaml"


def counted_rows(config, trace_path, seen=None, whole=False):
    """whole: all rows, on one time line; else those of layers, by the clocked core, alone.

    seen: a Counter that collects what the rows exercised."""
    trace, counter = TraceFile(trace_path), RowCounter(chip_from_dict(config))
    try:
        return rows_of_run(counter.chip, trace, seen=seen) if whole else rows_of_trace(counter,
                                                                                       trace)
    finally:
        trace.close()
        if seen is not None:
            seen.update(counter.seen)


def simulated_rows(program, folder, whole=False):
    """The rows of `skipsim run` on folder/chip.yaml, folder/case.h5, unless `whole` without those
    of the vector unit; RuntimeError if it refuses."""
    command = [program, "run", str(folder / "chip.yaml"), "--trace", str(folder / "case.h5"),
               "--out", str(folder / "out"), "--force", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        said = done.stderr.strip() or done.stdout.strip()
        raise RuntimeError(f"skipsim run ended with status {done.returncode}: {said}")
    rows = json.loads((folder / "out" / "result.json").read_text())["layers"]
    return [row for row in rows if whole or (row["kind"] in ("conv2d", "linear")
                                             and row["stage"] != "WU")]


def check_case(case, program, folder, coverage):
    """Lines that say what differs; empty when all is equal."""
    folder = pathlib.Path(folder)
    write_config(folder / "chip.yaml", case.config, ENERGY_TABLE)
    write_trace(folder / "case.h5", case.networks, case.iterations, case.facts)
    expected = counted_rows(case.config, folder / "case.h5", coverage.seen, case.is_whole)
    coverage.add_rows(expected)
    if program is None:
        return []
    try:
        return differences(expected, simulated_rows(program, folder, case.is_whole))
    except (RuntimeError, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        return [str(error)]


def run_case(case, program, keep, coverage):
    """True when counter and program agree; otherwise prints and keeps the case."""
    with tempfile.TemporaryDirectory(prefix="skipsim-reference-") as folder:
        lines = check_case(case, program, folder, coverage)
        if not lines:
            return True
    kept = pathlib.Path(keep) / f"seed-{case.seed}"
    kept.mkdir(parents=True, exist_ok=True)
    write_config(kept / "chip.yaml", case.config, ENERGY_TABLE)
    write_trace(kept / "case.h5", case.networks, case.iterations, case.facts)
    print(f"seed {case.seed}: {len(lines)} differences; configuration and trace are in {kept}")
    for line in lines[:12]:
        print("  " + line)
    return False


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skipsim", default=PROGRAM)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--forever", action="store_true")
    parser.add_argument("--keep",
                        default=os.path.join(tempfile.gettempdir(), "skipsim-reference-failures"))
    parser.add_argument("--features", default=",".join(FEATURES),
                        help="of the chip, for random cases (default: all; empty: none)")
    parser.add_argument("--counter-only", action="store_true",
                        help="count without the program (times the generator)")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    program = None if arguments.counter_only else arguments.skipsim
    features = [name for name in arguments.features.split(",") if name]
    failed, done, coverage = 0, 0, Coverage()
    print(f"random cases from seed {arguments.seed}")
    while arguments.forever or done < arguments.cases:
        case = Case(arguments.seed + done, features)
        failed += not run_case(case, program, arguments.keep, coverage)
        done += 1
        if arguments.forever and done % 50 == 0:
            print(f"{done} cases, {failed} failed", flush=True)
    coverage.print()
    print(f"{done} cases from seed {arguments.seed}, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
