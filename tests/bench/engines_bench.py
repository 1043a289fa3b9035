#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast are the two engines on the same run? Prints cycles and PE-cycles a second of each, and
fast over clocked. Figures of this machine, to be read, not a test.

usage: engines_bench.py [--skipsim PROGRAM] [--repeat N] [CONFIG TRACE [run options...]]
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
USUAL = ["configs/pnpu.yaml", "traces/resnet20-cifar10-e12.h5", "--iterations", "0..0",
         "--layers", "block0.conv1"]


def run_once(program, engine, arguments, folder):
    """(cycles, processing elements, wall seconds); a run that skips does its cycles once more with
    nothing skipped, which is part of the seconds."""
    config, trace, *options = arguments
    command = [program, "run", config, "--trace", trace, "--out", str(folder / engine), "--force",
               "--quiet", "--engine", engine, "--threads", "1", *options]
    subprocess.run(command, check=True, cwd=ROOT)
    result = json.loads((folder / engine / "result.json").read_text())
    dense = sum(row["dense_cycles"] or 0 for row in result["layers"])
    cycles = result["totals"]["cycles"]
    return (cycles if dense == cycles else cycles + dense, result["processing_elements"],
            result["wall"]["seconds"])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skipsim", default=str(ROOT / "build" / "release" / "skipsim"))
    parser.add_argument("--repeat", type=int, default=3)
    arguments, rest = parser.parse_known_args()
    best = {}
    with tempfile.TemporaryDirectory(prefix="skipsim-bench-") as folder:
        for engine in ("fast", "clocked") * arguments.repeat:
            cycles, elements, seconds = run_once(arguments.skipsim, engine, rest or USUAL,
                                                 pathlib.Path(folder))
            best[engine] = min(best.get(engine, seconds), seconds)
            print(f"{engine}: {cycles} cycles of {elements} PEs in {seconds:.2f} s: "
                  f"{cycles / seconds:,.0f} cycles/s, {cycles * elements / seconds:,.0f} PE-cycles/s")
    print(f"fast over clocked (best of {arguments.repeat}): {best['clocked'] / best['fast']:.1f}")


if __name__ == "__main__":
    main()
