#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traces that come with the program, on chips that come with it: both engines must agree.

usage: shipped_traces.py tiny | resnet20 [--skipsim PROGRAM] [--first ARGUMENTS]
                         [--second ARGUMENTS]
`resnet20` is one iteration of a real network on configs/pnpu.yaml, every layer and stage.
"""
import argparse
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from equality.engines import CHECK, FIRST, SECOND, differences  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("SKIPSIM", str(ROOT / "build" / "release" / "skipsim"))

# What is changed of configs/tiny.yaml.
TINY = [
    "",
    "skip.ff=dense skip.bp=dense skip.wg=dense",
    "skip.bp=output skip.wg=weight+output skip.output_mode=packed core.group_columns=private "
    "core.input_ports=2",
    "skip.adaptive_policy=cycles skip.output_mode=adaptive",
    "core.zero_skipping=false skip.ff=dense skip.bp=dense skip.wg=dense core.zero_insertion=true",
    "accelerator.partition.core_m=1 accelerator.partition.core_k=2 core.psum_spill=true "
    "aggregation.adds_per_cycle=2",
    "skip.coarse_runs=true balancer.enabled=true balancer.bits_per_cycle=64",
    "memory.ideal_bytes_per_cycle=8 memory.ideal_latency_cycles=20 global_buffer.capacity_bytes=2000 "
    "vector_unit.block_bytes=64",
    "memory.dram=configs/memory/ddr4-2400.yaml clocks.memory_mhz=1200 clocks.crossing_cycles=2 "
    "cluster.weight_buffer_ports=1 cluster.weight_buffer_banks=2 cluster.burst_bytes=16 "
    "core.output_buffer_bytes=256 transport.compressed=true",
]


def runs(which):
    """[(configuration, trace, further arguments)]"""
    configs, traces = ROOT / "configs", ROOT / "traces"
    if which == "resnet20":
        return [(configs / "pnpu.yaml", traces / "resnet20-cifar10-e04.h5", ["--iterations", "0"])]
    return [(configs / "tiny.yaml", trace,
             [word for change in changes.split() for word in ("--set", change)])
            for trace in sorted((traces / "tiny").glob("*.h5")) for changes in TINY]


def result_of(program, run, engine, folder):
    config, trace, further = run
    command = [program, "run", str(config), "--trace", str(trace), "--out", str(folder), "--force",
               "--quiet"] + further + shlex.split(engine)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)}\nended with status {done.returncode}: "
                         f"{done.stderr.strip()}")
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def compare(program, run, engines):
    """The number of differences, which are printed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="skipsim-equality-") as folder:
        results = [result_of(program, run, engine, pathlib.Path(folder) / name)
                   for engine, name in zip(engines, ("first", "second"))]
    lines = differences(*results)
    totals = results[0]["totals"]
    config, trace, further = run
    print(f"{config.name} {trace.name} {' '.join(word for word in further if word != '--set')}: "
          f"{totals['rows']} rows, {totals['cycles']} cycles, {len(lines)} differences, "
          f"{time.monotonic() - started:.1f} s", flush=True)
    for line in lines[:20]:
        print("  " + line)
    return len(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", choices=["tiny", "resnet20"])
    parser.add_argument("--skipsim", default=PROGRAM)
    parser.add_argument("--first", default=FIRST)
    parser.add_argument("--second", default=" ".join([SECOND] + CHECK))
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.skipsim).resolve())
    found = sum(compare(program, run, (arguments.first, arguments.second))
                for run in runs(arguments.which))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
