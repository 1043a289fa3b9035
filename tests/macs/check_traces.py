#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs skipsim on traces in every skip mode and counts every row's multiplies by brute force.

usage: check_traces.py [--skipsim PROGRAM] [--all-iterations | --some-modes] [--only GLOB]
Ordinarily one iteration of each trace (the first of the first, the second of the second, ...) in
every mode; --some-modes shares the modes out among the traces, but for `adaptive` and
configs/dense.yaml.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from macs.counts import StageCounts, chosen_roles  # noqa: E402
from macs.identities import result_problems  # noqa: E402
from macs.masks import Trace  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODES = ("adaptive", "dense", "input", "weight", "output", "input+weight", "input+output",
         "weight+output")


class Run:
    """One result of `skipsim run`: a configuration in a mode on a trace."""

    def __init__(self, program, config, mode, trace, iterations, folder):
        self.name, self.mode = f"{config.stem} {mode}", mode
        self.chip = yaml.safe_load(config.read_text())
        out = pathlib.Path(folder) / self.name.replace(" ", "-")
        command = [program, "run", str(config), "--trace", str(trace), "--out", str(out), "--quiet"]
        command += ["--iterations", f"{iterations.start}..{iterations.stop - 1}"]
        for stage in ("ff", "bp", "wg"):
            command += ["--set", f"skip.{stage}={mode}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = f"ended with status {done.returncode}: {done.stderr}"
            raise SystemExit(f"{' '.join(command)}\n{said}")
        self.result = json.loads((out / "result.json").read_text())
        self.rows = {key_of(row): row for row in self.result["layers"] if is_reduction(row)}


def is_reduction(row):
    """Not a row of the vector unit."""
    return row["kind"] in ("conv2d", "linear") and row["stage"] != "WU"


def key_of(row):
    return row["iteration"], row["network"], row["layer"], row["stage"]


def expected_order(trace, iterations):
    """Key of every row, in the order of the result."""
    order = []
    for number in iterations:
        for name, network in trace.networks.items():
            order += [(number, name, operator, "FF") for operator in network.operators]
            if trace.is_training(number) and network.is_student:
                for operator, entry in reversed(network.operators.items()):
                    if entry.get("input_gradient", True):
                        order.append((number, name, operator, "BP"))
                    order.append((number, name, operator, "WG"))
    return order


def check_run(run, order):
    found = [key_of(row) for row in run.result["layers"] if is_reduction(row)]
    problems = []
    if found != order:
        problems.append(f"rows are not those of the trace: {len(found)}, expected {len(order)}")
    return [f"{run.name}: {line}" for line in problems + result_problems(run.result)]


def check_counts(runs, key, layer):
    """Compares one row of all runs with the brute-force count."""
    problems = []
    counts = StageCounts(layer, key[-1])
    for run in runs:
        roles = chosen_roles(run.mode, counts)
        row, expected = run.rows[key], counts.macs(roles, run.chip)
        skip = "+".join(roles) or "dense"
        if row["skip"] != skip:
            problems.append(f"{run.name}, {key}: skip: counted {skip}, skipsim {row['skip']}")
        found = flat(row["macs"])
        # Which zeros of the weights are jumped in whole chunks depends on the order of k.
        found["skipped.weight_fine"] += found["skipped.weight_coarse"]
        found["skipped.weight_coarse"] = 0
        for name, value in flat(expected).items():
            if found.get(name) != value:
                numbers = f"counted {value}, skipsim {found.get(name)}"
                problems.append(f"{run.name}, {key}: {name}: {numbers}")
    return problems


def flat(macs):
    skipped = {f"skipped.{name}": value for name, value in macs["skipped"].items()}
    return {**{name: value for name, value in macs.items() if name != "skipped"}, **skipped}


def check_trace(program, path, modes, wanted_iteration):
    """Problems found; wanted_iteration None: all."""
    trace = Trace(path)
    numbers = range(trace.iterations)
    if wanted_iteration is not None:
        number = wanted_iteration % trace.iterations
        numbers = range(number, number + 1)
    with tempfile.TemporaryDirectory(prefix="skipsim-macs-") as folder:
        runs = [Run(program, ROOT / "configs" / "pnpu.yaml", mode, path, numbers, folder)
                for mode in modes]
        runs.append(Run(program, ROOT / "configs" / "dense.yaml", "dense", path, numbers, folder))
    order = expected_order(trace, numbers)
    problems = [line for run in runs for line in check_run(run, order)]
    if not problems:
        for key in order:
            number, network, layer, _ = key
            problems += check_counts(runs, key, trace.networks[network].layer(number, layer))
    trace.close()
    size = f"{len(order)} rows x {len(runs)} runs"
    print(f"{path.relative_to(ROOT)}: iterations {list(numbers)}, {size}, {len(problems)} problems",
          flush=True)
    return problems


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    program = os.environ.get("SKIPSIM", str(ROOT / "build" / "release" / "skipsim"))
    parser.add_argument("--skipsim", default=program)
    parser.add_argument("--all-iterations", action="store_true")
    parser.add_argument("--some-modes", action="store_true")
    parser.add_argument("--only", default="*", help="traces whose file name matches")
    parser.add_argument("--except", default="", dest="left_out",
                        help="traces whose file name does not match")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    traces = [path for path in sorted((ROOT / "traces").rglob("*.h5"))
              if fnmatch.fnmatch(path.name, arguments.only)
              and not fnmatch.fnmatch(path.name, arguments.left_out)]
    problems = [] if traces else ["no trace was found"]
    for number, path in enumerate(traces):
        modes = MODES[:1] + MODES[1 + number % 3 :: 3] if arguments.some_modes else MODES
        wanted = None if arguments.all_iterations else number
        problems += check_trace(arguments.skipsim, path, modes, wanted)
    for line in problems[:40]:
        print(line)
    print(f"{len(traces)} traces, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
