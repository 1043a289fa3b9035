# SPDX-License-Identifier: Apache-2.0
"""The keys of a configuration that decide cycles and actions; skipsim checks the file, not this."""
from dataclasses import dataclass, replace

import yaml

WIDTH_BITS = {"fp8": 8, "int8": 8, "fp16": 16, "bf16": 16, "fp32": 32, "int32": 32}


@dataclass(frozen=True)
class Chip:
    """One chip; a limit of None means unlimited."""

    cluster_m: int
    cluster_n: int
    core_m: int
    core_n: int
    cluster_k: int
    core_k: int
    wg_m_is_k: bool
    rows: int
    columns: int
    chunk: int
    depth: int
    bus_values: object
    bus_bits: object
    issue_width: int
    scan_bits: object
    tile_chunks: int
    zero_skipping: bool
    zero_insertion: bool
    operand_format: str
    accumulator_format: str
    input_bytes: object
    weight_bytes: object
    latency: int
    transposer_values: object
    has_private_columns: bool  # core.group_columns
    input_ports: int
    psum_spill: bool
    skip: dict  # stage name -> mode as configured
    adaptive_policy: str
    output_mode: str
    coarse_runs: bool
    regret: bool
    balancer: bool
    balancer_bits: object
    balancer_compares: object
    aggregation_adds: object
    aggregation_bytes: object
    aggregation_buffer: object
    vector_lanes: object
    vector_special_cycles: int
    vector_bytes: object
    vector_latency: int
    block_bytes: int
    compressed: bool  # transport.compressed
    optimizer: str
    overlap: bool
    global_buffer: int  # capacity
    ideal_bytes: object
    ideal_latency: int
    output_buffer: object
    cluster_ports: object
    cluster_banks: int
    cluster_bytes: object
    burst_bytes: int
    cluster_fill_bytes: object

    @property
    def width(self):
        return WIDTH_BITS[self.operand_format]

    @property
    def accumulator_width(self):
        return WIDTH_BITS[self.accumulator_format]

    @property
    def parts_m(self):
        return self.cluster_m * self.core_m

    @property
    def parts_n(self):
        return self.cluster_n * self.core_n

    @property
    def parts_k(self):
        return self.cluster_k * self.core_k

    @property
    def processing_elements(self):
        return self.parts_m * self.parts_n * self.parts_k * self.rows * self.columns

    def with_changes(self, **changes):
        return replace(self, **changes)


def divide_up(amount, limit):
    """Rounded-up quotient; an unlimited divisor makes the term vanish."""
    return 0 if limit is None else -(-amount // limit)


def _limit(section, key):
    value = section.get(key, "unlimited")
    return None if value == "unlimited" else int(value)


def chip_from_dict(config):
    """Builds a Chip from the mapping that a configuration file holds."""
    accelerator, core, skip = config["accelerator"], config["core"], config["skip"]
    partition = accelerator.get("partition", {})
    memory = config.get("memory", {})
    balancer, aggregation = config.get("balancer", {}), config.get("aggregation", {})
    vector, update = config.get("vector_unit", {}), config.get("update", {})
    cluster = config.get("cluster", {})
    return Chip(
        cluster_m=partition.get("cluster_m", 1),
        cluster_n=partition.get("cluster_n", 1),
        core_m=partition.get("core_m", 1),
        core_n=partition.get("core_n", 1),
        cluster_k=partition.get("cluster_k", 1),
        core_k=partition.get("core_k", 1),
        wg_m_is_k=partition.get("wg_m_is_k", False),
        rows=core["rows"],
        columns=core["columns"],
        chunk=core["chunk_operands"],
        depth=core["fifo_depth_chunks"],
        bus_values=_limit(core, "bus_values"),
        bus_bits=_limit(core, "bus_bits"),
        issue_width=core.get("issue_width_pairs", 1),
        scan_bits=_limit(core, "scan_bits"),
        tile_chunks=core["tile_chunks"],
        zero_skipping=core.get("zero_skipping", True),
        zero_insertion=core.get("zero_insertion", False),
        operand_format=core["operand_format"],
        accumulator_format=core.get("accumulator_format", "fp32"),
        input_bytes=_limit(memory, "input_bytes_per_cycle"),
        weight_bytes=_limit(memory, "weight_bytes_per_cycle"),
        latency=memory.get("latency_cycles", 0),
        transposer_values=_limit(config.get("transposer", {}), "values_per_cycle"),
        has_private_columns=core.get("group_columns", "separate") == "private",
        input_ports=core.get("input_ports", 8),
        psum_spill=core.get("psum_spill", False),
        skip={"FF": skip["ff"], "BP": skip["bp"], "WG": skip["wg"]},
        adaptive_policy=skip.get("adaptive_policy", "density"),
        output_mode=skip.get("output_mode", "row"),
        coarse_runs=skip.get("coarse_runs", False),
        regret=skip.get("regret", False),
        balancer=balancer.get("enabled", False),
        balancer_bits=_limit(balancer, "bits_per_cycle"),
        balancer_compares=_limit(balancer, "compares_per_cycle"),
        aggregation_adds=_limit(aggregation, "adds_per_cycle"),
        aggregation_bytes=_limit(aggregation, "bytes_per_cycle"),
        aggregation_buffer=_limit(aggregation, "buffer_bytes"),
        vector_lanes=_limit(vector, "lanes"),
        vector_special_cycles=vector.get("special_cycles", 4),
        vector_bytes=_limit(vector, "bytes_per_cycle"),
        vector_latency=vector.get("latency_cycles", 0),
        block_bytes=vector.get("block_bytes", 4096),
        compressed=config.get("transport", {}).get("compressed", False),
        optimizer=update.get("optimizer", "trace"),
        overlap=update.get("overlap", True),
        global_buffer=config.get("global_buffer", {}).get("capacity_bytes", 0),
        ideal_bytes=_limit(memory, "ideal_bytes_per_cycle"),
        ideal_latency=memory.get("ideal_latency_cycles", 0),
        output_buffer=_limit(core, "output_buffer_bytes"),
        cluster_ports=_limit(cluster, "weight_buffer_ports"),
        cluster_banks=cluster.get("weight_buffer_banks", 8),
        cluster_bytes=_limit(cluster, "weight_buffer_bytes"),
        burst_bytes=cluster.get("burst_bytes", 64),
        cluster_fill_bytes=_limit(cluster, "fill_bytes_per_cycle"),
    )


def read_chip(path):
    with open(path, encoding="utf-8") as file:
        return chip_from_dict(yaml.safe_load(file))
