# SPDX-License-Identifier: Apache-2.0
"""Random keys of the chip around the cores: vector unit, memory system, cluster buffers."""
from .chip import WIDTH_BITS, divide_up


class RandomSystem:
    """random: {feature: source}."""

    def __init__(self, random):
        self._random = random

    def vector(self, config):
        pick = self._random["vector"].choice
        config["vector_unit"] = {
            "lanes": pick(["unlimited", 1, 4, 16, 64]), "special_cycles": pick([1, 2, 4, 7]),
            "bytes_per_cycle": pick(["unlimited", 1, 8, 50]), "latency_cycles": pick([0, 0, 1, 5]),
            "block_bytes": pick([64, 64, 65, 100, 200, 4096])}
        config["update"] = {"optimizer": pick(["trace", "trace", "sgd", "adam"]),
                            "overlap": pick([True, True, False])}
        config["transport"] = {"compressed": config["core"]["zero_skipping"]
                               and pick([True, False])}

    def facts(self):
        pick, facts = self._random["vector"].choice, {}
        if pick([True, False]):
            facts["optimizer"] = pick(["sgd", "adam"])
        if pick([True, False]):
            facts["momentum"] = pick([0.0, 0.9])
        if pick([True, False]):
            facts["weight_decay"] = pick([0.0, 1e-4])
        if pick([True, False, False]):
            facts["nesterov"] = pick([0, 1])
        return facts

    def memory(self, config):
        source = self._random["memory"]
        pick = source.choice
        config["memory"]["ideal_bytes_per_cycle"] = pick(["unlimited", 1, 3, 8, 64])
        config["memory"]["ideal_latency_cycles"] = pick([0, 0, 1, 7, 40])
        config["global_buffer"] = {"capacity_bytes": pick(
            [0, 0, source.randint(1, 100), source.randint(100, 1000), source.randint(1000, 5000),
             10 ** 9])}
        if pick([True, False]):
            core, words = config["core"], config["core"]["tile_chunks"]
            width = WIDTH_BITS[core.get("accumulator_format", "fp32")]
            least = 2 * divide_up(core["rows"] * core["columns"] * words * width, 8)
            core["output_buffer_bytes"] = least * pick([1, 2])
        if "vector_unit" not in config:
            config["vector_unit"] = {"lanes": pick(["unlimited", 3]),
                                     "block_bytes": pick([64, 100, 4096])}
            config["update"] = {"overlap": pick([True, False])}

    def cluster(self, config):
        source, core = self._random["cluster"], config["core"]
        pick = source.choice
        bits = WIDTH_BITS[core["operand_format"]] + bool(core.get("zero_skipping", True))
        tile = divide_up(core["columns"] * core["tile_chunks"] * core["chunk_operands"] * bits, 8)
        least = config["accelerator"]["cores_per_cluster"] * 2 * tile
        config["cluster"] = {
            "weight_buffer_ports": pick([1, 1, 2, 4]), "weight_buffer_banks": pick([1, 2, 3, 8]),
            "weight_buffer_bytes": pick(["unlimited", least, least + tile, 2 * least]),
            "burst_bytes": pick([8, 16, 17, 64]),
            "fill_bytes_per_cycle": pick(["unlimited", 1, 4, 32])}
