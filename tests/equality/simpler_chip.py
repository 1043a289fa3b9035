# SPDX-License-Identifier: Apache-2.0
"""Steps that make the chip of a case simpler: sections left out, keys at their plainest value."""
from .memory_files import SHIPPED, shipped_text

_SECTIONS = ("balancer", "aggregation", "global_buffer", "cluster", "transport", "update",
             "vector_unit", "transposer")
_PLAINEST = {
    "clocks.core_mhz": [50], "clocks.crossing_cycles": [0],
    "core.rows": [1, 2], "core.columns": [1, 2], "core.chunk_operands": [8, 16],
    "core.fifo_depth_chunks": [1, 2], "core.bus_values": ["unlimited"],
    "core.bus_bits": ["unlimited"], "core.issue_width_pairs": [1],
    "core.scan_bits": ["unlimited"], "core.tile_chunks": [1, 2], "core.zero_insertion": [False],
    "core.zero_skipping": [False], "core.operand_format": ["fp8"],
    "core.accumulator_format": ["fp32"], "core.group_columns": ["separate"],
    "core.input_ports": [1], "core.psum_spill": [False],
    "core.output_buffer_bytes": ["unlimited"],
    "skip.ff": ["dense", "input+weight"], "skip.bp": ["dense", "input+weight"],
    "skip.wg": ["dense", "input+weight"], "skip.coarse_runs": [False], "skip.regret": [False],
    "skip.output_mode": ["row"], "skip.adaptive_policy": ["density"],
    "memory.input_bytes_per_cycle": ["unlimited"], "memory.weight_bytes_per_cycle": ["unlimited"],
    "memory.latency_cycles": [0, 1], "memory.ideal_bytes_per_cycle": ["unlimited"],
    "memory.ideal_latency_cycles": [0, 1],
    "vector_unit.lanes": ["unlimited"], "vector_unit.special_cycles": [1],
    "vector_unit.bytes_per_cycle": ["unlimited"], "vector_unit.latency_cycles": [0],
    "vector_unit.block_bytes": [4096], "update.overlap": [False], "update.optimizer": ["sgd"],
    "cluster.weight_buffer_ports": [1], "cluster.weight_buffer_banks": [1],
    "cluster.weight_buffer_bytes": ["unlimited"], "cluster.fill_bytes_per_cycle": ["unlimited"],
    "dma.bytes_per_cycle": ["unlimited"], "dma.outstanding_bursts": [64, 1],
    "global_buffer.capacity_bytes": [0, 10 ** 9], "aggregation.adds_per_cycle": ["unlimited"],
    "aggregation.bytes_per_cycle": ["unlimited"], "aggregation.buffer_bytes": ["unlimited"],
    "balancer.bits_per_cycle": ["unlimited"], "balancer.compares_per_cycle": ["unlimited"],
    "transposer.values_per_cycle": ["unlimited"]}


def chip_steps(case):
    """[(name, function that changes a case)], what leaves out most first."""
    steps = [] if case.memory_file is None else _memory_steps(case)
    steps += [(f"no {name}", lambda own, name=name: own.config.pop(name))
              for name in _SECTIONS if name in case.config]
    partition = case.config["accelerator"]["partition"]
    steps += [(f"{key} 1", lambda own, key=key: _single(own.config["accelerator"], key))
              for key, parts in partition.items() if parts is not True and parts > 1]
    if partition.get("wg_m_is_k"):
        steps.append(("wg_m_is_k off",
                      lambda own: own.config["accelerator"]["partition"].pop("wg_m_is_k")))
    return steps + _key_steps(case.config)


def _key_steps(config):
    steps = []
    for path, values in _PLAINEST.items():
        section, key = path.split(".")
        now = config.get(section, {}).get(key)
        if now is None or now in values[:1]:
            continue
        if now in values:
            values = values[:values.index(now)]
        for value in values:
            if not (isinstance(value, int) and isinstance(now, int) and value > now > 0):
                steps.append((f"{path} {value}",
                              lambda own, s=section, k=key, v=value: own.config[s].update({k: v})))
    return steps


def _single(accelerator, key):
    """One part on that axis, with fewer clusters or cores."""
    parts = accelerator["partition"][key]
    number = "clusters" if key.startswith("cluster") else "cores_per_cluster"
    accelerator[number] //= parts
    accelerator["partition"][key] = 1


def _memory_steps(case):
    steps = [("ideal memory", _ideal)]
    for name, rated in SHIPPED.items():
        text = shipped_text(name)
        if case.memory_file not in [shipped_text(own) for own in SHIPPED]:
            steps.append((f"memory {name}", lambda own, t=text, r=rated: _shipped(own, t, r)))
    return steps


def _ideal(case):
    case.memory_file = None
    case.config["memory"].pop("dram")
    case.config.pop("dma", None)
    for key in ("memory_mhz", "crossing_cycles"):
        case.config["clocks"].pop(key, None)


def _shipped(case, text, rated):
    case.memory_file = text
    clocks = case.config["clocks"]
    clocks["memory_mhz"] = min(clocks["memory_mhz"], rated)
