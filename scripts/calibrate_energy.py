#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Computes the scale factor of configs/energy/65nm-0.78v.yaml.

The published dense point of PNPU is 3.14 TFLOPS/W at 0 % sparsity (FP8, 0.78 V, 50 MHz, doi
10.1109/LSSC.2020.3041497): two operations a MAC make 0.637 pJ per MAC for the whole chip without
DRAM. This script writes a trace of one large layer without a single zero, runs configs/pnpu.yaml on
it, and says which factor makes the chip cost that.

Usage: calibrate_energy.py [--skipsim PROGRAM]            prints the factor
       calibrate_energy.py --check [--tolerance 0.001]    exit status 1 if the table's is off by more
       calibrate_energy.py --write                        puts the factor into the table
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import h5py
import numpy

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONFIG = ROOT / "configs/pnpu.yaml"
TABLE = ROOT / "configs/energy/65nm-0.78v.yaml"
TARGET_PJ_PER_MAC = 0.637

CHANNELS = 64
PIXELS = 32
BATCH = 4


def text(value):
    return numpy.bytes_(value.encode())


def graph():
    image = [CHANNELS, PIXELS, PIXELS]
    return {
        "inputs": ["x"],
        "tensors": [{"name": "x", "shape": image}, {"name": "y", "shape": image}],
        "parameters": [{"name": "w", "shape": [CHANNELS, CHANNELS, 3, 3]}],
        "operators": [{
            "name": "conv", "kind": "conv2d", "inputs": ["x"], "outputs": ["y"],
            "parameters": {"weight": "w"},
            "attributes": {"stride": [1, 1], "padding": [1, 1], "dilation": [1, 1], "groups": 1},
            "input_gradient": True}],
    }


def write_dense_trace(path):
    """A tensor or parameter without a pattern is dense, so the graph alone is a dense trace."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["schema"] = text("skipsim-trace/1")
        file.attrs["number_format"] = text("fp8_e4m3")
        file.attrs["zero_rule"] = text("exact")
        run = file.create_group("run")
        run.attrs["dataset"] = text("dense")
        for name, value in (("dataset_samples", BATCH), ("steps_per_epoch", 1),
                            ("batch_size", BATCH)):
            run.attrs[name] = value
        network = file.create_group("networks/net")
        network.attrs["role"] = text("student")
        network.create_dataset("graph", data=numpy.frombuffer(json.dumps(graph()).encode(), "u1"))
        iteration = file.create_group("iterations/0")
        iteration.attrs["epoch"] = 0
        iteration.attrs["step"] = 0
        iteration.attrs["phase"] = text("train")
        iteration.create_dataset("samples/id", data=numpy.arange(BATCH))


def chip_pj_per_mac(program):
    """With the table's present factor, over feed-forward, back-propagation and weight gradient."""
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "dense.h5")
        write_dense_trace(trace)
        subprocess.run([program, "run", CONFIG, "--trace", trace, "--out", folder, "--quiet",
                        "--stages", "FF,BP,WG",
                        "--set", f"energy.table={TABLE}"], check=True)
        with open(os.path.join(folder, "result.json"), encoding="utf-8") as file:
            result = json.load(file)
    totals = result["totals"]
    macs = totals["macs"]
    if not macs["dense"] == macs["issued"] == macs["effectual"]:
        raise SystemExit("calibrate_energy.py: the dense trace was not dense")
    chip_pj = sum(pj for component, pj in totals["energy_pj_by_component"].items()
                  if component != "dram")
    return chip_pj / macs["dense"], result["energy_table"]["scale_factor"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--skipsim", default=os.environ.get("SKIPSIM", ROOT / "build/release/skipsim"))
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--tolerance", type=float, default=0.001)
    arguments = parser.parse_args()

    pj_per_mac, factor = chip_pj_per_mac(arguments.skipsim)
    wanted = factor * TARGET_PJ_PER_MAC / pj_per_mac
    print(f"chip without DRAM: {pj_per_mac:.6f} pJ per MAC with scale_factor {factor}; "
          f"{TARGET_PJ_PER_MAC} pJ need scale_factor {wanted:.6f}")
    if arguments.write:
        table = TABLE.read_text(encoding="utf-8")
        table = re.sub(r"(?m)^scale_factor: .*$", f"scale_factor: {wanted:.6f}", table)
        TABLE.write_text(table, encoding="utf-8")
        print(f"written to {TABLE}")
    if arguments.check and abs(wanted / factor - 1.0) > arguments.tolerance:
        print(f"the table's factor is off by {100 * (factor / wanted - 1):+.3f} %; "
              "calibrate_energy.py --write mends it")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
