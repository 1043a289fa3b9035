#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Speed-up and energy efficiency of configs/pnpu.yaml over the share of zeros, 0 to 95 %.

The layer is the one of calibrate_energy.py (3 x 3 convolution, 64 to 64 channels, 32 x 32 pixels,
batch 4; feed-forward, back-propagation and weight gradient), alone on the chip. Zeros are drawn
independently: in the weights alone, or in both multiplied operands of every stage (weights,
activations and gradients). A weight that is zero is pruned, so its gradient is not needed.

speed-up    cycles of the same chip with nothing skipped (mode dense) / cycles
TFLOPS/W    2 x dense multiply-accumulates / energy: skipped work counts as done

Printing needs the program alone; --plot and --write need Debian's python3-matplotlib as well.
The tables and the figure stand in configs/SPARSITY.md; --write renews them there.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENERGY_TABLE = ROOT / "configs/energy/65nm-0.78v.yaml"
PAGE = ROOT / "configs/SPARSITY.md"
FIGURE = ROOT / "configs/sparsity.svg"
ZEROS = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)  # [%]
OPERANDS = ("weights", "both")
NAMES = {"weights": "zeros in the weights alone", "both": "zeros in both operands"}
SPEC = """schema: skipsim-synth/1
seed: 90
batch_size: 4
student:
  input: {{shape: [64, 32, 32]}}
  layers:
    - {{kind: conv2d, name: conv, out: 64, kernel: 3, padding: 1, input_gradient: true,
       x: {others}, dy: {others}, w: {{keep: {weights}, density: {weights}{pattern}}}}}
"""
COARSE = ", pattern: coarse, coarse_in: 64, coarse_out: 8"

# Nothing waits for loads, DRAM, the transposer or the aggregation core; what they do still counts
# as actions. Buses, chunks, FIFOs and tiles stay as they are.
IDEAL_DELIVERY = (
    "memory.dram=ideal", "memory.input_bytes_per_cycle=unlimited",
    "memory.weight_bytes_per_cycle=unlimited", "memory.latency_cycles=0",
    "dma.bytes_per_cycle=unlimited", "cluster.weight_buffer_ports=unlimited",
    "core.input_buffer_bytes=unlimited", "core.weight_buffer_bytes=unlimited",
    "core.output_buffer_bytes=unlimited", "transposer.values_per_cycle=unlimited",
    "aggregation.adds_per_cycle=unlimited", "aggregation.bytes_per_cycle=unlimited",
    "aggregation.buffer_bytes=unlimited")

# With zeros in both operands, all three patterns of the weight gradient are equally dense, and luck
# would decide which two `adaptive` takes. The two multiplied operands are meant.
BOTH = ("skip.wg=input+weight",)

# Sensitivity at 90 %: changed keys, pattern of the pruned weights.
CHANGES = {
    "as it stands": ((), ""),
    "`skip.wg: input+output`": (("skip.wg=input+output",), ""),
    "`skip.wg: input+output`, `skip.output_mode: packed`":
        (("skip.wg=input+output", "skip.output_mode=packed"), ""),
    "weights pruned in blocks of 64 inputs × 8 outputs of a tap": ((), COARSE),
    "`memory.input_bytes_per_cycle`, `weight_bytes_per_cycle`: 64":
        (("memory.input_bytes_per_cycle=64", "memory.weight_bytes_per_cycle=64"), ""),
    "`core.chunk_operands: 256`, twice the buffers":
        (("core.chunk_operands=256", "core.input_buffer_bytes=40960",
          "core.weight_buffer_bytes=40960", "cluster.weight_buffer_bytes=262144"), ""),
    "`core.bus_values: 32`": (("core.bus_values=32",), ""),
}

# doi 10.1109/LSSC.2020.3041497 and 10.1109/TCSI.2021.3138092: TFLOPS/W at 0 and at 90 % zeros.
PUBLISHED = {"PNPU": (3.14, 278.39), "TSUNAMI": (3.42, 405.96)}


class Bench:
    """Runs of the layer; none is done twice."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.done = {}

    def _call(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(f"sparsity_curves: {done.stderr.strip() or done.stdout.strip()}")

    def _trace(self, text):
        spec, trace = self.folder / "spec.yaml", self.folder / "trace.h5"
        spec.write_text(text, encoding="utf-8")
        self._call("trace", "synth", spec, "--out", trace, "--force", "--quiet")
        return trace

    def run(self, operands, zeros, changes=(), pattern="", config="pnpu.yaml"):
        """The result of one run: cycles, energies, categories."""
        if operands == "both" and not any(change.startswith("skip.wg=") for change in changes):
            changes = (*BOTH, *changes)
        density = (100 - zeros) / 100
        text = SPEC.format(weights=density, others=density if operands == "both" else 1.0,
                           pattern=pattern)
        key = (text, changes, config)
        if key not in self.done:
            out = self.folder / "out"
            sets = [argument for change in changes for argument in ("--set", change)]
            self._call("run", ROOT / "configs" / config, "--trace", self._trace(text), "--out", out,
                       "--force", "--quiet", "--layers", "conv", "--stages", "FF,BP,WG", *sets)
            self.done[key] = point(json.loads((out / "result.json").read_text(encoding="utf-8")))
        return self.done[key]


def point(result):
    """What the tables and the figure need of one result."""
    totals = result["totals"]
    dense = totals["macs"]["dense"]
    pe_cycles = sum(totals["pe_cycles"].values())
    return {
        "cycles": totals["cycles"],
        "speed_up": totals["dense_cycles"] / totals["cycles"],
        "dense_over_issued": dense / totals["macs"]["issued"],
        "tflops_per_w": 2 * dense / totals["energy_pj_on_chip"],
        "tflops_per_w_with_dram": 2 * dense / totals["energy_pj"],
        "stage_cycles": {stage: result["totals_by_stage"][stage]["cycles"]
                         for stage in ("FF", "BP", "WG")},
        "pe_cycles_percent": {name: 100 * cycles / pe_cycles
                              for name, cycles in totals["pe_cycles"].items()},
        "fj_per_dense_mac": {name: 1000 * pj / dense
                             for name, pj in energy_parts(result).items()},
    }


def energy_parts(result):
    """Energy on the chip by component [pJ], the FIFOs' bits and the FIFOs' clocks apart."""
    entry = re.search(r"(?m)^  fifo\.bit_clock:\n    pj: (\S+)",
                      ENERGY_TABLE.read_text(encoding="utf-8"))
    clocks = (result["totals"]["actions"]["fifo.bit_clock"] * float(entry[1])
              * result["energy_table"]["scale_factor"])
    parts = {}
    for name, pj in result["totals"]["energy_pj_by_component"].items():
        if name == "fifo":
            parts.update({"fifo, bits": max(0.0, pj - clocks), "fifo, clocks": clocks})
        elif name != "dram":
            parts[name] = pj
    return parts


def measure(bench, zeros):
    """Everything that is printed."""
    return {
        "zeros": list(zeros),
        "curves": {operands: {
            "pnpu": [bench.run(operands, share) for share in zeros],
            "ideal delivery": [bench.run(operands, share, IDEAL_DELIVERY) for share in zeros]}
            for operands in OPERANDS},
        "dense": bench.run("weights", 0, config="dense.yaml"),
        "0 %": bench.run("weights", 0),
        "90 %": {operands: {"pnpu": bench.run(operands, 90),
                            "ideal delivery": bench.run(operands, 90, IDEAL_DELIVERY)}
                 for operands in OPERANDS},
        "changes": {name: {operands: bench.run(operands, 90, changes, pattern)
                           for operands in OPERANDS}
                    for name, (changes, pattern) in CHANGES.items()},
    }


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| --- " + "| ---: " * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def curve_table(data, operands):
    curves = data["curves"][operands]
    rows = [[str(share), f"{real['dense_over_issued']:.2f}", f"{real['speed_up']:.2f}",
             f"{ideal['speed_up']:.2f}", f"{real['tflops_per_w']:.2f}",
             f"{ideal['tflops_per_w']:.2f}", f"{real['tflops_per_w_with_dram']:.2f}"]
            for share, real, ideal in zip(data["zeros"], curves["pnpu"], curves["ideal delivery"])]
    return table([NAMES[operands] + " [%]", "dense / issued multiplies", "speed-up",
                  "speed-up, ideal delivery", "TFLOPS/W", "TFLOPS/W, ideal delivery",
                  "TFLOPS/W with DRAM"], rows)


def columns_of(data):
    at_90 = data["90 %"]
    return [data["0 %"], at_90["weights"]["pnpu"], at_90["both"]["pnpu"],
            at_90["both"]["ideal delivery"]]


COLUMN_NAMES = ["0 %", "weights 90 %", "both 90 %", "both 90 %, ideal delivery"]


def cycle_table(data):
    points = columns_of(data)
    rows = [[f"cycles {stage}", *(f"{point['stage_cycles'][stage]:,}" for point in points)]
            for stage in ("FF", "BP", "WG")]
    rows += [[f"`{name}` [%]", *(f"{point['pe_cycles_percent'][name]:.1f}" for point in points)]
             for name in points[0]["pe_cycles_percent"]
             if any(point["pe_cycles_percent"][name] >= 0.05 for point in points)]
    return table(["PE cycles", *COLUMN_NAMES], rows)


def energy_table(data):
    points = [data["dense"], *columns_of(data)[:3]]
    parts = [point["fj_per_dense_mac"] for point in points]
    rows = [[f"`{name}`", *(f"{part[name]:.2f}" for part in parts),
             f"{parts[1][name] / parts[3][name]:.1f}"]
            for name in parts[0] if all(part[name] > 0 for part in parts[1:])]
    sums = [sum(part.values()) for part in parts]
    rows.append(["the chip", *(f"{value:.2f}" for value in sums), f"{sums[1] / sums[3]:.1f}"])
    return table(["energy [fJ per dense MAC]", "`dense.yaml`", *COLUMN_NAMES[:3],
                  "0 % / both 90 %"], rows)


def change_table(data):
    rows = [[name, *(f"{points[operands][key]:.2f}" for operands in OPERANDS
                     for key in ("speed_up", "tflops_per_w"))]
            for name, points in data["changes"].items()]
    return table(["change, 90 % zeros", "weights: speed-up", "weights: TFLOPS/W",
                  "both: speed-up", "both: TFLOPS/W"], rows)


def tables(data):
    """The tables by the name of their place in the page."""
    return {"weights": curve_table(data, "weights"), "both": curve_table(data, "both"),
            "cycles": cycle_table(data), "energy": energy_table(data),
            "changes": change_table(data)}


def pyplot():
    try:
        import matplotlib
    except ImportError:
        sys.exit("sparsity_curves: the figure needs matplotlib (Debian: python3-matplotlib)")
    matplotlib.use("svg")
    # The same figure gives the same bytes.
    matplotlib.rcParams.update({"svg.hashsalt": "skipsim", "svg.fonttype": "path",
                                "font.size": 9, "axes.grid": True, "grid.alpha": 0.3,
                                "axes.spines.top": False, "axes.spines.right": False})
    from matplotlib import pyplot as plots
    return plots


COLOURS = {"weights": "#1f77b4", "both": "#d1495b"}


def draw_curves(axes, data, key):
    for operands in OPERANDS:
        for chip, line in (("pnpu", "-"), ("ideal delivery", "--")):
            points = data["curves"][operands][chip]
            label = NAMES[operands] + (", ideal delivery" if chip != "pnpu" else ", pnpu.yaml")
            axes.plot(data["zeros"], [point[key] for point in points], line, linewidth=1.6,
                      color=COLOURS[operands], marker="o" if line == "-" else None, markersize=3.5,
                      label=label)
    axes.set_yscale("log")
    axes.set_xlim(-3, 99)
    axes.set_xticks(range(0, 100, 10))
    axes.set_xlabel("zeros, drawn independently [%]")


def tick_numbers(axes, ticks):
    axes.set_yticks(ticks)
    axes.set_yticklabels([f"{tick:g}" for tick in ticks])
    axes.minorticks_off()


def draw_speed_up(axes, data):
    for power, name in ((1, "1 / density"), (2, "1 / density²")):
        halves = [half / 2 for half in range(191)]
        axes.plot(halves, [(1 - at / 100) ** -power for at in halves], ":", color="0.45",
                  linewidth=1.1)
        at, right = (62, False) if power == 2 else (63, True)
        axes.annotate(name, (at, (1 - at / 100) ** -power), color="0.35", fontsize=8,
                      xytext=(7, -7) if right else (-6, 4), textcoords="offset points",
                      ha="left" if right else "right")
    draw_curves(axes, data, "speed_up")
    axes.set_ylim(0.9, 450)
    tick_numbers(axes, [1, 2, 5, 10, 20, 50, 100, 200, 400])
    axes.set_ylabel("speed-up over the same chip, nothing skipped [×]")
    axes.set_title("Speed-up", loc="left")


def draw_efficiency(axes, data):
    draw_curves(axes, data, "tflops_per_w")
    axes.plot([0], [data["dense"]["tflops_per_w"]], "s", color="black", markersize=4.5,
              label="dense.yaml, no hardware for zeros", linestyle="none", zorder=5)
    for (name, (at_0, at_90)), marker in zip(PUBLISHED.items(), ("*", "^")):
        axes.plot([0, 90], [at_0, at_90], marker, clip_on=False, color="#e69f00",
                  markeredgecolor="black", markeredgewidth=0.6, linestyle="none",
                  markersize=11 if marker == "*" else 8,
                  label=f"{name}: published, operands unknown", zorder=4)
        axes.annotate(f"{name} {at_90} TFLOPS/W:\n{at_90 / at_0:.1f} × its {at_0} at 0 %",
                      (90, at_90), xytext=(-10, 4 if name == "TSUNAMI" else -5),
                      textcoords="offset points", ha="right", fontsize=8,
                      va="bottom" if name == "TSUNAMI" else "top")
    axes.set_ylim(2.5, 900)
    tick_numbers(axes, [3, 5, 10, 20, 50, 100, 200, 400, 800])
    axes.set_ylabel("efficiency of the chip without DRAM [TFLOPS/W]")
    axes.set_title("Energy efficiency", loc="left")


def plot(data, path):
    plots = pyplot()
    figure, (left, right) = plots.subplots(1, 2, figsize=(10.5, 5.4))
    draw_speed_up(left, data)
    draw_efficiency(right, data)
    handles, labels = right.get_legend_handles_labels()
    figure.tight_layout(rect=(0, 0.13, 1, 1), w_pad=2.5)
    figure.legend(handles, labels, loc="lower center", ncol=3, frameon=False, fontsize=8.5)
    figure.savefig(path, format="svg",
                   metadata={"Date": None, "Creator": "scripts/sparsity_curves.py"})
    plots.close(figure)


def write_page(parts):
    page = PAGE.read_text(encoding="utf-8")
    for name, part in parts.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        page, count = re.subn(f"(?s){begin}.*?{end}", lambda _: f"{begin}\n{part}\n{end}", page)
        if count != 1:
            sys.exit(f"sparsity_curves: {PAGE} has no place for the table {name}")
    PAGE.write_text(page, encoding="utf-8")


def shares(text):
    try:
        values = [int(value) for value in text.split(",")]
    except ValueError:
        values = [-1]
    if not all(0 <= value <= 99 for value in values):
        raise argparse.ArgumentTypeError(f"whole numbers from 0 to 99 with commas, not {text}")
    return values


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skipsim", help="the program",
                        default=os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim")))
    parser.add_argument("--zeros", type=shares, default=ZEROS, metavar="A,B,...",
                        help="shares of zeros [%%]")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--plot", metavar="FILE.svg", help="draw the curves")
    parser.add_argument("--write", action="store_true",
                        help="put tables and figure into configs/SPARSITY.md")
    arguments = parser.parse_args()
    if arguments.write and list(arguments.zeros) != list(ZEROS):
        parser.error("--write is for the whole curves, without --zeros")
    if arguments.plot or arguments.write:
        pyplot()
    with tempfile.TemporaryDirectory() as folder:
        data = measure(Bench(arguments.skipsim, folder), arguments.zeros)
    parts = tables(data)
    if arguments.json:
        print(json.dumps({**data, "tables": parts}, indent=1))
    else:
        print("\n\n".join(parts.values()))
    if arguments.plot:
        plot(data, arguments.plot)
    if arguments.write:
        write_page(parts)
        plot(data, FIGURE)


if __name__ == "__main__":
    main()
