#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What skipping can give at best: speed-up of one 8 x 8 core over FIFO depth, chunk and bus width.

usage: skipping_tables.py [--skipsim PROGRAM] [--json]

Both operands have 90 % independent zeros (ideal: 100 x), memory is unlimited, mode input+weight. The speed-up is dense multiplies /
(64 PEs x cycles): over an array that never waits. Needs nothing but the program; takes about ten seconds.
The tables stand in models/core/README.md, with what explains them.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
ONE_CORE = ["accelerator.clusters=1", "accelerator.cores_per_cluster=1", "accelerator.partition.cluster_m=1",
            "accelerator.partition.cluster_n=1", "accelerator.partition.core_m=1", "accelerator.partition.core_n=1",
            "core.rows=8", "core.columns=8", "core.scan_bits=unlimited", "core.bus_bits=unlimited", "core.tile_chunks=65536",
            "memory.input_bytes_per_cycle=unlimited", "memory.weight_bytes_per_cycle=unlimited", "memory.latency_cycles=0",
            "memory.dram=ideal", "global_buffer.capacity_bytes=0", "cluster.weight_buffer_ports=unlimited",
            "core.input_buffer_bytes=unlimited", "core.weight_buffer_bytes=unlimited", "core.output_buffer_bytes=unlimited",
            "skip.ff=input+weight"]
SPEC = """schema: skipsim-synth/1
seed: 17
phase: inference
batch_size: {batch}
iterations: {iterations}
student:
  input: {{shape: [{k}], x: 0.1}}
  layers:
    - {{kind: linear, name: reduction, out: 8, w: 0.1}}
"""
PES = 64


class Bench:
    """Traces of one linear layer (8 columns, k long) and runs of it under changed parameters."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)

    def _call(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"skipping_tables: {done.stderr.strip() or done.stdout.strip()}")

    def trace(self, name, **values):
        spec = self.folder / f"{name}.yaml"
        spec.write_text(SPEC.format(**values))
        path = self.folder / f"{name}.h5"
        self._call("trace", "synth", spec, "--out", path)
        return path

    def speed_up(self, trace, chunk, depth, bus_values="unlimited"):
        out = self.folder / "out"
        changes = [*ONE_CORE, f"core.chunk_operands={chunk}", f"core.fifo_depth_chunks={depth}", f"core.bus_values={bus_values}"]
        sets = [argument for change in changes for argument in ("--set", change)]
        self._call("run", ROOT / "configs/pnpu.yaml", "--trace", trace, "--out", out, "--force", "--quiet",
                   "--layers", "reduction", *sets)
        totals = json.loads((out / "result.json").read_text())["totals"]
        return totals["macs"]["dense"] / (PES * totals["cycles"])


def fifo_table(bench):
    """Rows: chunk; columns: depth 1, 4, 8, 16 on a long run of results; depth 8 with one result at a time."""
    many = bench.trace("many", batch=4096, iterations=1, k=2304)
    alone = bench.trace("alone", batch=8, iterations=64, k=1152)
    return {chunk: [bench.speed_up(many, chunk, depth) for depth in (1, 4, 8, 16)] + [bench.speed_up(alone, chunk, 8)]
            for chunk in (32, 128, 256)}


def bus_table(bench):
    """Rows: chunk; columns: bus values a cycle; depth 8."""
    many = bench.trace("bus", batch=2048, iterations=1, k=2304)
    return {chunk: [bench.speed_up(many, chunk, 8, values) for values in ("unlimited", 8, 4, 2, 1)] for chunk in (32, 256)}


def markdown(title, table):
    lines = [f"| {title} |", "| --- " * len(title.split("|")) + "|"]
    lines += [f"| chunk {chunk} | " + " | ".join(f"{value:.1f}" for value in values) + " |" for chunk, values in table.items()]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skipsim", default=str(ROOT / "build/release/skipsim"), help="the program")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.skipsim, folder)
        tables = {"fifo": fifo_table(bench), "bus": bus_table(bench)}
    if arguments.json:
        print(json.dumps(tables))
        return
    print(markdown("speed-up | FIFO 1 | FIFO 4 | FIFO 8 | FIFO 16 | FIFO 8, one result at a time (k = 1152)", tables["fifo"]))
    print()
    print(markdown("FIFO 8 | bus unlimited | 8 values a cycle | 4 | 2 | 1", tables["bus"]))


if __name__ == "__main__":
    main()
