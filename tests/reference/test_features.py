# SPDX-License-Identifier: Apache-2.0
"""Private feeds, coarse runs, parts of k, spilled sums, balancer, choices: cases worked by hand."""
import pathlib
import sys

import numpy as np
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from reference.chip import chip_from_dict  # noqa: E402
from reference.columns import dealt  # noqa: E402
from reference.core import Machine  # noqa: E402
from reference.generate import FEATURES, Case  # noqa: E402
from reference.recurrence import Recurrence  # noqa: E402
from reference.rows import RowCounter  # noqa: E402
from reference.test_counter import convolution, full_step, linear_layer  # noqa: E402
from reference.test_counter import plain_config, private_step, with_patterns  # noqa: E402
from reference.trace_file import CoarsePattern, LayerPatterns  # noqa: E402

BOTH = pytest.mark.parametrize("kind", [Machine, Recurrence])


def run(kind, rows, columns, depth, steps, ports=1, loads=((0, 0),)):
    machine = kind(rows, columns, depth, 0, steps, list(loads), ports)
    end = machine.run()
    return end, {place: {name: value for name, value in pe.counts.items() if value}
                 for place, pe in machine.pes.items()}


def row_of(config, stage, layer, patterns):
    return RowCounter(chip_from_dict(config)).row(stage, layer, patterns, False)


def changed(config, **sections):
    return {**config, **{name: {**config.get(name, {}), **values}
                         for name, values in sections.items()}}


def nonzero(counts):
    return {name: value for name, value in counts.items() if value}


@BOTH
def test_a_feed_serves_fixed_slots_as_long_as_the_longest_payload(kind):
    # Two ports, four PEs, payloads 1, 3, 1, 1: w = 3. Row 0: b = 2, s = 3, f = 4; row 1: b = 5, s =
    # 6, f = 7. Drains: 4, then 7; end 8.
    steps = [private_step(0, 0, {(0, 0): 1, (0, 1): 3, (1, 0): 1, (1, 1): 1})]
    end, counts = run(kind, 2, 2, 1, steps, ports=2)
    assert end == 8
    assert counts[0, 0] == counts[0, 1] == {"wait_operand": 3, "mac": 1, "idle": 4}
    assert counts[1, 0] == counts[1, 1] == {"wait_operand": 6, "mac": 1, "idle": 1}


@BOTH
def test_the_next_step_waits_for_all_slots_of_a_feed(kind):
    # One port, two PEs, two chunks: b = 0, 1 and, from h = 2 on, 2, 3. s = 1, 3 and 2, 4.
    steps = [private_step(0, 0, {(0, 0): 1, (0, 1): 1}) for _ in range(2)]
    end, counts = run(kind, 1, 2, 4, steps)
    assert end == 6
    assert counts == {(0, 0): {"wait_operand": 2, "mac": 2, "idle": 2},
                      (0, 1): {"wait_operand": 3, "mac": 2, "idle": 1}}


@BOTH
def test_a_jumped_chunk_of_the_own_result_is_waited_for_as_for_a_sibling(kind):
    # Depth 1, column 1 jumps chunks 0 and 1. Row bus: u = 0, 2, 4; both take chunk 2 in 5, f = 6.
    step = lambda columns: full_step(0, 0, [1], [1] * columns, [[["mac"]] * columns])
    steps = [_with_both_places(step(1)), _with_both_places(step(1)), step(2)]
    end, counts = run(kind, 1, 2, 1, steps)
    assert end == 7
    assert counts[0, 0] == {"wait_operand": 3, "mac": 3, "idle": 1}
    assert counts[0, 1] == {"wait_sibling": 4, "wait_operand": 1, "mac": 1, "idle": 1}


def _with_both_places(step):
    step.places = {(0, 0), (0, 1)}
    return step


@BOTH
def test_a_feed_that_serves_results_of_others_leaves_a_pe_idle(kind):
    # Result 0 is that of column 0 only, payload 3: h = 3 for result 1, whose slots end in 3 and 4.
    steps = [private_step(0, 0, {(0, 0): 3}), private_step(1, 0, {(0, 0): 1, (0, 1): 1})]
    end, counts = run(kind, 1, 2, 2, steps)
    assert end == 7  # column 1: s = 5, f = 6 = d
    assert counts[0, 1] == {"idle": 3 + 1, "wait_operand": 2, "mac": 1}


@BOTH
@pytest.mark.parametrize("depth, end", [(2, 13), (1, 14)])
def test_row_buses_do_not_wait_for_the_feed_of_the_block_before(kind, depth, end):
    # The feed sends chunk 0 in cycles 0 .. 9: s = 10, f = 11. With two entries the row bus sends
    # chunk 1 in cycle 0: s = 11, f = 12 = d. With one entry only when chunk 0 is taken: u = 11, s =
    # 12.
    steps = [private_step(0, 0, {(0, 0): 10}), full_step(1, 0, [1], [1], [[["mac"]]])]
    assert run(kind, 1, 1, depth, steps)[0] == end


@BOTH
def test_a_jumping_column_starts_and_ends_its_result_with_its_own_chunks(kind):
    # One row, two columns, depth 8, three results of chunks 0 and 1; column 1 jumps chunk 0 of
    # each. Column 1 works 10 cycles a chunk: its results end in 13, 23, 33 and the third need not
    # wait: d(result 0) = 13 <= 23. Column 0 is through long before.
    steps = []
    for result in range(3):
        steps.append(_with_both_places(full_step(result, 0, [1], [1], [[["mac"]]])))
        steps.append(full_step(result, 0, [1], [1, 1], [[["mac"], ["mac"] * 10]]))
    end, counts = run(kind, 1, 2, 8, steps)
    # Row bus: b = t. Chunk 1 of result 0: b = 1, s = 2, f = 12, then 22, 32 = d; end 33.
    assert end == 33
    assert counts[0, 1] == {"wait_sibling": 1, "wait_operand": 1, "mac": 30, "idle": 1}


@BOTH
def test_the_third_result_of_a_jumping_column_waits_for_the_first_to_drain(kind):
    # Four rows, two columns, three results of two chunks, column 1 jumps the first. Row buses: b =
    # 0 .. 5; column 1: s = 2, 4, f = 3, 5. It drains result 0 in 3, 4, 5, 6: row 3 may begin result
    # 2 in 7, a cycle after its chunk has arrived. Result 1 drains in 7 .. 10, result 2 in 11 .. 14.
    steps = []
    for result in range(3):
        steps.append(full_step(result, 0, [1] * 4, [1], [[["mac"]]] * 4))
        steps[-1].places = {(i, j) for i in range(4) for j in range(2)}
        steps.append(full_step(result, 0, [1] * 4, [1, 1], [[["mac"], ["mac"]]] * 4))
    end, counts = run(kind, 4, 2, 8, steps)
    assert end == 15
    assert [counts[i, 1].get("wait_drain", 0) for i in range(4)] == [0, 0, 0, 1]


def test_columns_of_several_groups_get_a_stream_each():
    # Depthwise, 2 channels, 2 pixels, 1 tap, dense: 2 x 2 PEs, K = 1, all in one private block. One
    # port: slots end in 0 .. 3, s = 1 .. 4, f = 2 .. 5; column 0 drains in 2 and 4, column 1 in 3
    # and 5; end 6.
    layer = convolution(2, [1, 2], 2, [1, 1], groups=2)
    config = changed(plain_config("dense", rows=2, columns=2, tile_chunks=8),
                     core={"group_columns": "private", "input_ports": 1})
    patterns = with_patterns(layer, 1)
    row = row_of(config, "FF", layer, patterns)
    assert row["cycles"] == 6
    assert nonzero(row["pe_cycles"]) == {"mac": 4, "wait_operand": 1 + 2 + 3 + 4, "idle": 10}
    assert row["actions"]["input_buffer.read"] == 4 and row["actions"]["weight_buffer.read"] == 2
    assert row["actions"]["bus.bit"] == 4 * 8 + 2 * 8
    assert row["actions"]["input_buffer.write"] == 1 and row["actions"]["dram.read_byte"] == 4 + 2
    # Separate: two blocks of one column, a result of two rows each, four sends.
    separate = row_of(plain_config("dense", rows=2, columns=2, tile_chunks=8), "FF", layer,
                      patterns)
    assert separate["actions"]["input_buffer.read"] == 4
    assert separate["actions"]["bus.bit"] == row["actions"]["bus.bit"]


def test_packed_columns_hold_their_own_rows():
    # BP of a linear layer, 3 samples, 2 inputs, 8 outputs. Needed: samples 0, 2 of input 0, sample
    # 1 of input 1. Packed: one result, PEs (0,0) = 0, (1,0) = 2, (0,1) = 1. Two ports: (0,0) and
    # (0,1) in cycle 0, (1,0) in 1. s = 1, 1, 2; f = 9, 9, 10; column 0 drains in 9, 10; end 11.
    layer = linear_layer(2, 8)
    config = changed(plain_config("output", rows=2, columns=2, input_ports=2),
                     skip={"output_mode": "packed"})
    patterns = with_patterns(layer, 3, dx_needed=[1, 0, 0, 1, 1, 0])
    row = row_of(config, "BP", layer, patterns)
    assert row["cycles"] == 11
    assert nonzero(row["pe_cycles"]) == {"mac": 24, "wait_operand": 4, "idle": 1 + 2 + 2 + 11}
    macs = row["macs"]
    assert (macs["dense"], macs["issued"], macs["skipped"]["output"]) == (48, 24, 24)
    assert row["actions"]["sequencer.output_bit"] == 6
    assert row["actions"]["output_buffer.write"] == 3
    # In mode row every sample is needed by some column: two results, nothing dropped.
    rowwise = row_of(changed(config, skip={"output_mode": "row"}), "BP", layer, patterns)
    assert rowwise["macs"]["skipped"]["output"] == 0 and rowwise["macs"]["issued"] == 48


def coarse_patterns(layer, keep, coarse_in, coarse_out):
    """keep[block of inputs][block of outputs] of a linear layer; kept weights are not zero."""
    ones = with_patterns(layer, 1)
    blocks = np.array(keep, dtype=bool)[None, None]
    coarse = CoarsePattern(blocks, coarse_in, coarse_out)
    kept = np.array([[coarse.is_kept((0, 0), c, f) for c in range(layer.channels)]
                     for f in range(layer.filters)]).reshape(ones.w.shape)
    return LayerPatterns(1, ones.x, kept, ones.dy, ones.dx_needed, kept, coarse)


def test_columns_jump_their_pruned_chunks():
    # 24 inputs, 2 outputs, chunks of 8: column 0 is pruned in chunk 1, column 1 in chunk 0. Depth
    # 1. Row bus: chunk 0 (column 0) b = 0, s = 1, f = 9; chunk 1 (column 1) h = u = b = 1, s = 2, f
    # = 10; chunk 2: u = max(2, 1 + 1, 2 + 1) = 3: column 0 s = 9, f = 17; column 1 s = 10, f = 18;
    # end 19. Column 1 waits a cycle for its sibling, as the bus serves chunk 0 of its own result.
    layer = linear_layer(24, 2)
    config = changed(plain_config("weight", columns=2, tile_chunks=3), skip={"coarse_runs": True})
    patterns = coarse_patterns(layer, [[1, 0], [0, 1], [1, 1]], 8, 1)
    row = row_of(config, "FF", layer, patterns)
    assert row["cycles"] == 19
    assert nonzero(row["pe_cycles"]) == {"mac": 32, "wait_operand": 2, "wait_sibling": 1,
                                         "idle": 2 + 1}
    assert row["macs"]["skipped"] == {"input": 0, "weight_fine": 0, "weight_coarse": 16,
                                      "output": 0, "sample": 0}
    assert row["actions"]["sequencer.coarse_bit"] == 6
    # Loads: all 24 inputs (24 bytes), 32 weights with their bitmap (32 + 32 * 8 bits).
    assert row["actions"]["dram.read_byte"] == 24 + 36
    # BP sees the same blocks from the other side: K = 2 outputs, one chunk, the last: nothing
    # jumps.
    assert row_of(config, "BP", layer, patterns)["macs"]["skipped"]["weight_coarse"] == 0


def test_the_last_chunk_is_delivered_though_it_is_pruned():
    layer = linear_layer(24, 1)
    config = changed(plain_config("weight", tile_chunks=1), skip={"coarse_runs": True})
    row = row_of(config, "FF", layer, coarse_patterns(layer, [[0], [0], [0]], 8, 1))
    # Only the third slice is a tile: s = 1, one empty chunk, f = 2 = d; end 3.
    assert row["cycles"] == 3 and row["pe_cycles"]["empty_chunk"] == 1
    assert row["macs"]["skipped"]["weight_coarse"] == 16
    assert row["macs"]["skipped"]["weight_fine"] == 8
    assert row["actions"]["dram.read_byte"] == 8 + 1


def test_parts_of_k_are_added_by_the_aggregation_core():
    # 20 inputs, 1 output, dense, three cores with a chunk each: 8, 8, 4 pairs; ends 10, 10, 6. P =
    # 3, R = 1: 2 additions, 12 bytes: max(2, ceil(12 / 5) = 3) cycles; buffer of 10 bytes: 2 spill.
    layer = linear_layer(20, 1)
    config = changed(plain_config("dense"),
                     accelerator={"cores_per_cluster": 3, "partition": {"core_k": 3}},
                     aggregation={"adds_per_cycle": 1, "bytes_per_cycle": 5, "buffer_bytes": 10})
    row = row_of(config, "FF", layer, with_patterns(layer, 1))
    assert row["cycles"] == 13
    assert nonzero(row["pe_cycles"]) == {"mac": 20, "wait_operand": 3, "idle": 4 + 4 + 8}
    actions = row["actions"]
    assert [actions[f"aggregation.{name}"] for name in ("add", "read", "write")] == [2, 3, 3]
    assert actions["output_buffer.write"] == 3
    assert actions["dram.read_byte"] == 40 + 2 and actions["dram.write_byte"] == 1 + 2


def test_one_part_of_k_with_work_needs_no_aggregation():
    layer = linear_layer(8, 1)
    config = changed(plain_config("dense"),
                     accelerator={"cores_per_cluster": 2, "partition": {"core_k": 2}},
                     aggregation={"adds_per_cycle": 1, "bytes_per_cycle": 1})
    row = row_of(config, "FF", layer, with_patterns(layer, 1))
    assert row["cycles"] == 10 and row["actions"]["aggregation.read"] == 0


@pytest.mark.parametrize("swaps, adds", [(False, 0), (True, 2)])
def test_parts_of_m_may_be_parts_of_k_in_the_weight_gradient(swaps, adds):
    # WG of a linear layer: m = 2 inputs, k = 16 samples: two chunks. Two parts of m, or of k.
    layer = linear_layer(2, 1)
    config = changed(plain_config("dense"),
                     accelerator={"cores_per_cluster": 2,
                                  "partition": {"core_m": 2, "wg_m_is_k": swaps}})
    row = row_of(config, "WG", layer, with_patterns(layer, 16))
    assert row["macs"]["issued"] == 32 and row["actions"]["aggregation.add"] == adds
    assert row_of(config, "BP", layer, with_patterns(layer, 16))["actions"]["aggregation.add"] == 0


def test_spilled_sums_load_weights_once_a_slice():
    # 2 samples, 20 inputs, 1 output, dense, slices of one chunk: 6 tiles, slice by slice. The PE
    # never waits: f = 9, 17, 25, 33, 37, 41 = d; end 42.
    layer = linear_layer(20, 1)
    rows = {}
    for spills in (False, True):
        config = changed(plain_config("dense"), core={"psum_spill": spills})
        rows[spills] = row_of(config, "FF", layer, with_patterns(layer, 2))
        assert rows[spills]["cycles"] == 42
    actions = {spills: row["actions"] for spills, row in rows.items()}
    assert [actions[spills]["weight_buffer.write"] for spills in (False, True)] == [6, 3]
    assert [actions[spills]["output_buffer.write"] for spills in (False, True)] == [2, 6]
    assert [actions[spills]["output_buffer.read"] for spills in (False, True)] == [0, 4]
    assert [actions[spills]["dram.write_byte"] for spills in (False, True)] == [2, 2]


def test_columns_are_dealt_there_and_back():
    assert dealt([0, 1, 2, 3, 4, 5, 6], [3, 4], 2) == [[0, 1, 6], [2, 3, 4, 5]]
    assert dealt([0, 1, 2, 3, 4], [1, 2, 2], 1) == [[0], [1, 4], [2, 3]]


def test_the_balancer_puts_the_fullest_columns_first_and_takes_its_time():
    # 8 inputs, 4 outputs with 1, 8, 0, 8 weights; 2 cores of one column: order 1, 3, 0, 2, dealt 1
    # | 3, 0 | 2: core 0 has 1 and 2, core 1 has 3 and 0. Bits 32 at 10 a cycle: 4; compares 4 * 2 =
    # 8 at 3: 3. Core 1: s = 1, f = 9; chunk 2 sent in 2, s = 9, f = 10 = d; end 11; core 0 the
    # same.
    layer = linear_layer(8, 4)
    w = [1] + [0] * 7 + [1] * 8 + [0] * 8 + [1] * 8
    config = changed(plain_config("weight"),
                     accelerator={"cores_per_cluster": 2, "partition": {"core_n": 2}},
                     balancer={"enabled": True, "bits_per_cycle": 10, "compares_per_cycle": 3})
    row = row_of(config, "FF", layer, with_patterns(layer, 1, w=w))
    assert row["cycles"] == 11 + 7
    assert row["actions"]["balancer.bit"] == 32 and row["actions"]["balancer.compare"] == 8
    assert row["pe_cycles"]["idle"] == 2 * (1 + 7)


def test_cycles_decide_and_the_first_of_equals_wins():
    layer = linear_layer(8, 8)
    config = changed(plain_config("adaptive"), skip={"adaptive_policy": "cycles", "regret": True})
    ones = row_of(config, "BP", layer, with_patterns(layer, 1))
    assert ones["skip"] == "input+weight" and ones["regret_cycles"] == 0
    # One of 8 dy and of 8 x needed; weights full. By input alone a chunk costs 1: 8 results from s
    # = 1, every second cycle: f = 16 = d, end 17. With output one result is left: s = 1, f = 2; end
    # 3.
    patterns = with_patterns(layer, 1, dy=[1] + [0] * 7, dx_needed=[1] + [0] * 7)
    row = row_of(config, "BP", layer, patterns)
    assert row["skip"] == "input+output" and row["cycles"] == 3
    # Output without input: 8 pairs, f = 9; end 10. Without either, 8 results: f = 65, end 66.
    assert row["choices"] == {"input+weight": 17, "input+output": 3, "weight+output": 10,
                              "input": 17, "weight": 66, "output": 10, "dense": 66}
    forward = row_of(config, "FF", layer, patterns)
    assert set(forward["choices"]) == {"input+weight", "input", "weight", "dense"}


def test_a_case_without_features_has_none_of_their_keys():
    plain, full = Case(7, ()), Case(7)
    assert "group_columns" not in plain.config["core"] and "balancer" not in plain.config
    assert "group_columns" in full.config["core"]
    with pytest.raises(ValueError):
        Case(7, FEATURES + ("speed",))
