# SPDX-License-Identifier: Apache-2.0
"""The parts of a random case that belong to one feature of the chip each, and can be left out."""
import math
import random
from dataclasses import dataclass

import numpy as np

from .generate_network import RandomNetwork
from .generate_system import RandomSystem

FEATURES = ("private", "packed", "coarse", "k_partition", "psum_spill", "balancer", "adaptive",
            "vector", "memory", "cluster")
ROW_FEATURES = FEATURES[:7]  # what can be told from the rows of layers, each alone
_LARGEST_SPLIT_CHIP = 48  # processing elements with all parts of k


@dataclass(frozen=True)
class CoarseMask:
    keep: np.ndarray  # [R, S, ceil(C / coarse_in), ceil(K / coarse_out)]
    coarse_in: int
    coarse_out: int
    weight_shape: tuple

    def kept_weights(self):
        """Booleans in the weight's shape: False where the whole block is pruned."""
        filters, channels = self.weight_shape[:2]
        keep = self.keep[:, :, np.arange(channels) // self.coarse_in, :]
        keep = keep[:, :, :, np.arange(filters) // self.coarse_out]
        return keep.transpose(3, 2, 0, 1).reshape(self.weight_shape)


class RandomFeatures:
    def __init__(self, seed, features):
        unknown = set(features) - set(FEATURES)
        if unknown:
            raise ValueError(f"no such feature: {', '.join(sorted(unknown))}")
        self._features = set(features)
        self._random = {name: random.Random(f"{seed} {name}") for name in FEATURES}
        for name, odds in (("vector", 0.7), ("memory", 0.7), ("cluster", 0.5)):
            if self._random[name].random() > odds:
                self._features.discard(name)
        self._system = RandomSystem(self._random)

    def has(self, name):
        return name in self._features

    def extend(self, config):
        """Adds the keys of every feature that is on."""
        for name in FEATURES:
            if self.has(name):
                getattr(self, "_" + name)(config, self._random[name])

    def is_whole(self):
        """The case is about the chip around the cores: rows depend on each other."""
        return any(self.has(name) for name in ("vector", "memory", "cluster"))

    def network(self, samples):
        """The contents of a graph, or None for the ordinary ones."""
        if not self.has("vector"):
            return None
        return RandomNetwork(self._random["vector"], samples).contents

    def facts(self):
        return self._system.facts() if self.has("vector") else {}

    def grouped_odds(self):
        return 0.35 if self.has("private") else 0.0

    def is_deep(self):
        return self.has("coarse") and self._random["coarse"].random() < 0.5

    # Keys, one function per feature.

    @staticmethod
    def _private(config, source):
        config["core"]["group_columns"] = source.choice(["separate", "private", "private"])
        config["core"]["input_ports"] = source.choice([1, 1, 2, 3, 4, 5, 8, 16384])

    def _packed(self, config, source):
        mode = source.choice(["row", "packed"])
        config["skip"]["output_mode"] = mode
        if mode == "packed" and not self.has("private"):
            config["core"]["input_ports"] = source.choice([1, 2, 3, 8])
        if mode == "packed" and config["core"]["zero_skipping"] and source.random() < 0.5:
            stage = source.choice(["bp", "wg"])
            config["skip"][stage] = source.choice(["output", "input+output", "weight+output"])

    @staticmethod
    def _coarse(config, source):
        if not config["core"]["zero_skipping"] or source.random() < 0.15:
            return
        config["skip"]["coarse_runs"] = True
        if source.random() < 0.75:  # short chunks, which a block can hold
            core = config["core"]
            core["chunk_operands"] = source.choice([8, 8, 9])
            if core["scan_bits"] != "unlimited":
                core["scan_bits"] = min(core["scan_bits"], core["chunk_operands"])
        for stage in ("ff", "bp"):
            if source.random() < 0.7:
                config["skip"][stage] = source.choice(["weight", "input+weight", "weight+output"])

    @staticmethod
    def _k_partition(config, source):
        accelerator, core = config["accelerator"], config["core"]
        config["aggregation"] = {
            "adds_per_cycle": source.choice(["unlimited", 1, 2, 7]),
            "bytes_per_cycle": source.choice(["unlimited", 4, 5, 64]),
            "buffer_bytes": source.choice(["unlimited", 1, 50, 1000])}
        for _ in range(4):
            cluster_k, core_k = source.choice([(1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (1, 1)])
            elements = (accelerator["clusters"] * accelerator["cores_per_cluster"] * cluster_k
                        * core_k * core["rows"] * core["columns"])
            if elements <= _LARGEST_SPLIT_CHIP:
                accelerator["clusters"] *= cluster_k
                accelerator["cores_per_cluster"] *= core_k
                accelerator["partition"].update(cluster_k=cluster_k, core_k=core_k)
                break
        accelerator["partition"]["wg_m_is_k"] = source.random() < 0.5

    @staticmethod
    def _psum_spill(config, source):
        config["core"]["psum_spill"] = source.random() < 0.5
        if source.random() < 0.5:
            config["core"]["tile_chunks"] = source.choice([1, 1, 2])

    @staticmethod
    def _balancer(config, source):
        if not config["core"]["zero_skipping"] or source.random() < 0.4:
            return
        config["balancer"] = {"enabled": True,
                              "bits_per_cycle": source.choice(["unlimited", 8, 33, 256]),
                              "compares_per_cycle": source.choice(["unlimited", 1, 3])}

    def _adaptive(self, config, source):
        """Few cases, since they count every row several times."""
        skip = config["skip"]
        if not config["core"]["zero_skipping"] or source.random() < 0.6:
            return
        for stage in source.sample(["ff", "bp", "bp", "wg", "wg"], source.choice([0, 1, 2])):
            skip[stage] = "adaptive"
        skip["adaptive_policy"] = source.choice(["density", "cycles", "cycles"])
        skip["regret"] = source.random() < 0.4
        if self.has("packed") and source.random() < 0.6:
            skip["output_mode"] = "adaptive"

    def _vector(self, config, _):
        self._system.vector(config)

    def _memory(self, config, _):
        self._system.memory(config)

    def _cluster(self, config, _):
        self._system.cluster(config)

    # Masks.

    def coarse_mask(self, shape):
        """A CoarseMask for a weight, or None."""
        if not self.has("coarse") or len(shape) == 1:
            return None
        source = self._random["coarse"]
        if source.random() < 0.15:
            return None
        filters, channels, *taps = list(shape) + [1] * (4 - len(shape))
        coarse_in = source.choice([1, 2, 4, 8, 16, channels, channels, channels])
        coarse_out = source.choice([1, 1, 1, 2, 3, filters])
        blocks = taps + [math.ceil(channels / coarse_in), math.ceil(filters / coarse_out)]
        generator = np.random.default_rng(source.getrandbits(32))
        keep = generator.random(blocks) < source.choice([0.05, 0.1, 0.2, 0.2, 0.4, 0.6])
        if source.random() < 0.3:  # whole rows of blocks, so that all columns of a result jump
            keep &= generator.random(blocks[:3] + [1]) < 0.5
        elif source.random() < 0.5:  # some columns lose nothing, so that they jump unlike chunks
            keep |= generator.random([1, 1, 1, blocks[3]]) < 0.3
        return CoarseMask(keep, coarse_in, coarse_out, tuple(shape))
