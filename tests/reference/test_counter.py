# SPDX-License-Identifier: Apache-2.0
"""The counter against cases worked out by hand and the contract's formulas. Needs no simulator."""
import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from reference.chip import chip_from_dict  # noqa: E402
from reference.choice import resolved_roles  # noqa: E402
from reference.compare import differences  # noqa: E402
from reference.core import Machine, Step  # noqa: E402
from reference.generate import Case  # noqa: E402
from reference.operands import STAGES  # noqa: E402
from reference.recurrence import Recurrence  # noqa: E402
from reference.rows import RowCounter, rows_of_trace  # noqa: E402
from reference.trace_file import LayerPatterns, TraceFile, layers_of_graph  # noqa: E402
from reference.write_case import write_trace  # noqa: E402


def plain_config(mode="input+weight", **core):
    """One core of one PE without limits; the chip of the contract's worked example."""
    values = {"rows": 1, "columns": 1, "chunk_operands": 8, "fifo_depth_chunks": 1,
              "tile_chunks": 1, "operand_format": "fp8"}
    return {"accelerator": {"clusters": 1, "cores_per_cluster": 1}, "core": {**values, **core},
            "skip": {"ff": mode, "bp": mode, "wg": mode}}


def linear_layer(inputs, outputs):
    graph = {"tensors": [{"name": "x", "shape": [inputs]}, {"name": "y", "shape": [outputs]}],
             "parameters": [{"name": "w", "shape": [outputs, inputs]}],
             "operators": [{"name": "fc", "kind": "linear", "inputs": ["x"], "outputs": ["y"],
                            "parameters": {"weight": "w"}}]}
    return layers_of_graph(graph)[0]


def convolution(channels, size, filters, taps, **attributes):
    stride, padding, dilation = (attributes.get(k, d) for k,
                                 d in (("stride", [1, 1]), ("padding", [0, 0]),
                                       ("dilation", [1, 1])))
    out = [(size[i] + 2 * padding[i] - dilation[i] * (taps[i] - 1) - 1) // stride[i] + 1
           for i in (0, 1)]
    graph = {"tensors": [{"name": "x", "shape": [channels] + size},
                         {"name": "y", "shape": [filters] + out}],
             "parameters": [{"name": "w",
                             "shape": [filters, channels // attributes.get("groups", 1)] + taps}],
             "operators": [{"name": "conv", "kind": "conv2d", "inputs": ["x"], "outputs": ["y"],
                            "parameters": {"weight": "w"},
                            "attributes": attributes}]}
    return layers_of_graph(graph)[0]


def all_ones(layer, samples):
    x = np.ones((samples, layer.channels, layer.height, layer.width), dtype=bool)
    w = np.ones((layer.filters, layer.channels // layer.groups, layer.taps_vertical,
                 layer.taps_horizontal), dtype=bool)
    return LayerPatterns(samples, x, w,
                         np.ones((samples, layer.filters, layer.out_height, layer.out_width),
                                 dtype=bool), x, w)


def with_patterns(layer, samples, **flat):
    """Patterns from flat 0/1 lists; those not named are all ones."""
    ones = all_ones(layer, samples)
    arrays = {name: getattr(ones, name) for name in ("x", "w", "dy", "dx_needed", "weight_keep")}
    for name, values in flat.items():
        arrays[name] = np.array(values, dtype=bool).reshape(arrays[name].shape)
    return LayerPatterns(samples, **arrays)


def full_step(result, tile, row_payloads, column_payloads, work):
    """A chunk that every PE of these rows and columns gets; work[row][column]."""
    return Step(result, tile, dict(enumerate(row_payloads)), dict(enumerate(column_payloads)),
                {(i, j): busy for i, line in enumerate(work) for j, busy in enumerate(line)})


def private_step(result, tile, payloads, columns=1, cost=1, places=None):
    """A chunk on the feed; payloads: {position: cycles}. Column payloads are 1."""
    return Step(result, tile, {}, {j: 1 for _, j in payloads},
                {place: ["mac"] * cost for place in payloads}, payloads, places)


def one_pe(step_count, depth, cost=1, payload=1, results=1, loads=((0, 0),), tile=lambda t: 0):
    """A machine of one PE that gets step_count chunks, the last `results` borders spread evenly."""
    per_result = step_count // results
    steps = [full_step(t // per_result, tile(t), [payload], [payload], [[["mac"] * cost]])
             for t in range(step_count)]
    return Machine(1, 1, depth, 0, steps, list(loads))


def counts(machine):
    return {name: value for name, value in machine.pes[0, 0].counts.items() if value}


def test_worked_example_of_the_contract():
    layer = linear_layer(3, 1)
    row = RowCounter(chip_from_dict(plain_config())).row("FF", layer,
                                                         with_patterns(layer, 1, x=[1, 0, 1],
                                                                       w=[1, 1, 0]), False)
    assert row["cycles"] == 3
    assert {k: v for k, v in row["pe_cycles"].items() if v} == {"wait_operand": 1, "mac": 1,
                                                                "idle": 1}
    assert row["macs"] == {"dense": 3, "dense_all_samples": 3, "issued": 1, "effectual": 1,
                           "skipped": {"input": 1, "weight_fine": 1, "weight_coarse": 0,
                                       "output": 0, "sample": 0}}
    assert row["patterns"] == ["x", "mask_w"]


def test_one_fifo_entry_gives_a_chunk_every_two_cycles():
    # u0 = 0, b0 = 0, s0 = 1; u1 = s0 + 1 = 2, s1 = 3; u2 = 4, s2 = 5, f = 6 = d; end 7.
    machine = one_pe(3, depth=1)
    assert machine.run() == 7
    # 0: register; 2 and 4: its own FIFO entry was freed in the cycle before, the transfer is under
    # way; 6: drains.
    assert counts(machine) == {"mac": 3, "wait_operand": 3, "idle": 1}


def test_two_fifo_entries_give_a_chunk_every_cycle():
    # u1 = 1, u2 = max(2, s0 + 1 = 2) = 2, s2 = 3, f = 4 = d; end 5.
    machine = one_pe(3, depth=2)
    assert machine.run() == 5
    assert counts(machine) == {"mac": 3, "wait_operand": 1, "idle": 1}


def test_a_long_payload_is_waited_for():
    # Payload 3: b0 = 2, s0 = 3, b1 = 5, s1 = 6, f = 7 = d; end 8.
    machine = one_pe(2, depth=4, payload=3)
    assert machine.run() == 8
    assert counts(machine) == {"mac": 2, "wait_operand": 5, "idle": 1}


def test_third_result_waits_for_the_first_to_drain():
    # Three rows, one column, results of one chunk, unlimited FIFOs (depth 8), cost 1. All PEs: s =
    # 1, f = 2 for result 0, s = 2, f = 3 for result 1. Drain: result 0 in cycles 2, 3, 4 (rows 0,
    # 1, 2), result 1 in 5, 6, 7, result 2 in 8, 9, 10. Row i starts result 2 at max(3, d(result 0)
    # + 1) = 3, 4, 5 and waits 0, 1, 2 cycles for the drain.
    steps = [full_step(r, 0, [1, 1, 1], [1], [[["mac"]]] * 3) for r in range(3)]
    machine = Machine(3, 1, 8, 0, steps, [(0, 0)])
    assert machine.run() == 11
    assert [machine.pes[i, 0].counts["wait_drain"] for i in range(3)] == [0, 1, 2]


def test_a_full_sibling_holds_the_row_bus():
    # One row, two columns, depth 1, two chunks. Column 1's PE needs 5 cycles for chunk 0, column
    # 0's needs 1. Row bus: u0 = 0, both s0 = 1; u1 = s0 + 1 = 2, s1 of column 0 = 3; column 1: f =
    # 6, s1 = 6. Third chunk: column 0 takes chunk 1 in 3, column 1 in 6, so u2 = 7, both s2 = 8.
    # Column 0: f1 = 4; waits 4 .. 6 for its sibling, 7 for the transfer. Its column bus sent chunk
    # 2 in cycle 4.
    steps = [full_step(0, 0, [1], [1, 1], [[["mac"], ["mac"] * (5 if t == 0 else 1)]])
             for t in range(3)]
    machine = Machine(1, 2, 1, 0, steps, [(0, 0)])
    machine.run()
    assert machine.pes[0, 0].counts["wait_sibling"] == 3
    assert machine.pes[0, 1].counts["wait_sibling"] == 0


def test_tiles_are_requested_two_ahead():
    # Four tiles of one chunk (a result each), input loads of 10 cycles each, depth 8.
    # R = 10, 20 for tiles 0, 1 (requested in 0). Tile 0: u = 10, s = 11, f = 12 = release. Tile 2:
    # starts max(12, 20), R = 30. Tile 1: f = 22; tile 3: starts max(22, 30), R = 40; s = 41, f = 42
    # = d; end 43.
    machine = one_pe(4, depth=8, results=4, loads=[(10, 0), (10, None), (10, None), (10, None)],
                     tile=lambda t: t)
    assert machine.run() == 43
    assert counts(machine) == {"mac": 4, "wait_operand": 4, "idle": 1, "wait_memory": 10 + 3 * 8}


def test_a_late_release_leaves_the_port_empty():
    # Chunks cost 50: tile 0 runs from 11 to 61, tile 1 (R = 20) from 61 to 111, tile 2 is requested
    # at 61: R = 71, runs 111 to 161, tile 3 is requested at 111: R = 121, runs 161 to 211.
    machine = one_pe(4, depth=8, cost=50, results=4,
                     loads=[(10, 0), (10, None), (10, None), (10, None)], tile=lambda t: t)
    assert machine.run() == 212
    assert counts(machine) == {"mac": 200, "wait_memory": 10, "wait_operand": 1, "idle": 1}


def test_a_tile_is_not_released_before_the_tile_before_it():
    # Two rows, one column, depth 8; result 0 has both rows and row 1 works for 100 cycles: f = 101
    # = release(0). Results 1, 2, 3 have row 0 only, a tile each. Row 0 is through with tile 1 at 3,
    # but release(1) = 101 as well. Tile 3 has the only second weight load, of 30 cycles: R_weight =
    # 131, s = 132, f = 133 = d; end 134. Row 0 took tile 2 (R = 101) from 102 to 103 and waits for
    # the weights of tile 3 from 103 to 131.
    steps = [full_step(0, 0, [1, 1], [1], [[["mac"]], [["mac"] * 100]])]
    steps += [full_step(r, r, [1], [1], [[["mac"]]]) for r in (1, 2, 3)]
    machine = Machine(2, 1, 8, 0, steps, [(0, 0), (0, None), (0, None), (0, 30)])
    assert machine.run() == 134
    assert machine.pes[0, 0].counts["wait_weight"] == 28


def test_memory_comes_before_weight():
    machine = one_pe(1, depth=1, loads=[(4, 9)])
    assert machine.run() == 12  # R_weight = 9, s = 10, f = 11 = d
    assert counts(machine) == {"wait_memory": 4, "wait_weight": 5, "wait_operand": 1, "mac": 1,
                               "idle": 1}


def test_phases_of_a_strided_layer():
    # One dimension: 5 inputs, kernel 3, stride 2, padding 1: 3 outputs. Even pixels: (0 + 1 - s)
    # even: tap 1; odd pixels: taps 0, 2.
    layer = convolution(1, [1, 5], 1, [1, 3], stride=[1, 2], padding=[0, 1])
    reduction = STAGES["BP"](layer, all_ones(layer, 1), chip_from_dict(plain_config()))
    assert [[m[2] for m in phase.m_values] for phase in reduction.phases] == [[0, 2, 4], [1, 3]]
    assert [[k[1] for k in phase.k_values] for phase in reduction.phases] == [[1], [0, 2]]
    # Pixel 1 with tap 0 is output (1 + 1 - 0) / 2 = 1, with tap 2 output 0.
    assert [reduction.a_index(0, (0, 0, 1), k) for k in reduction.phases[1].k_values] == [1, 0]


def test_adaptive_takes_the_two_emptiest_and_input_first():
    layer = linear_layer(2, 2)
    half = with_patterns(layer, 1, dy=[1, 0], dx_needed=[1, 0])
    assert resolved_roles("adaptive", "BP", half) == ["input", "output"]
    assert resolved_roles("adaptive", "BP", all_ones(layer, 1)) == ["input", "weight"]
    assert resolved_roles("adaptive", "WG",
                          with_patterns(layer, 1, dy=[1, 0],
                                        weight_keep=[0, 0, 0, 1])) == ["weight", "output"]
    assert resolved_roles("adaptive", "FF", half) == ["input", "weight"]


@pytest.mark.parametrize("seed", range(40))
def test_dense_count_is_that_of_the_definition(seed, tmp_path):
    """Sum over (sample, output pixel, in-bounds tap) of C/G * F, whatever stage and mode."""
    case = Case(10_000 + seed)
    write_trace(tmp_path / "case.h5", case.networks, case.iterations)
    trace = TraceFile(tmp_path / "case.h5")
    by_name = {(n.name, layer.name): layer for n in trace.networks for layer in n.layers}
    for row in rows_of_trace(RowCounter(chip_from_dict(case.config), machine=Recurrence), trace):
        layer, taps = by_name[row["network"], row["layer"]], 0
        for p in range(layer.out_height):
            for q in range(layer.out_width):
                for r in range(layer.taps_vertical):
                    for s in range(layer.taps_horizontal):
                        y = p * layer.stride[0] - layer.padding[0] + r * layer.dilation[0]
                        x = q * layer.stride[1] - layer.padding[1] + s * layer.dilation[1]
                        taps += 0 <= y < layer.height and 0 <= x < layer.width
        pairs_of_tap = layer.channels // layer.groups * layer.filters
        assert row["macs"]["dense"] == row["samples"]["total"] * taps * pairs_of_tap
    trace.close()


def test_the_formulas_of_the_contract_say_what_the_clocked_machine_does(tmp_path):
    rows_compared = 0
    for seed in range(20_000, 20_080):
        case = Case(seed)
        chip = chip_from_dict(case.config)
        write_trace(tmp_path / "case.h5", case.networks, case.iterations)
        trace = TraceFile(tmp_path / "case.h5")
        clocked = rows_of_trace(RowCounter(chip), trace)
        assert differences(clocked,
                           rows_of_trace(RowCounter(chip, machine=Recurrence),
                                         trace)) == [], f"seed {seed}"
        for row in clocked:
            macs, pe_cycles = row["macs"], sum(row["pe_cycles"].values())
            assert pe_cycles == row["cycles"] * chip.processing_elements, f"seed {seed}"
            assert macs["dense"] - macs["issued"] == sum(macs["skipped"].values()), f"seed {seed}"
            if chip.issue_width == 1:
                assert row["pe_cycles"]["mac"] == macs["effectual"], f"seed {seed}"
        rows_compared += len(clocked)
        trace.close()
    assert rows_compared > 400
