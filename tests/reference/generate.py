# SPDX-License-Identifier: Apache-2.0
"""Random tiny chips, layers and masks from a seed: a configuration and the contents of a trace.

What belongs to a feature is drawn from a source of its own: a case without it is the same case.
"""
import math
import random

import numpy as np

from .generate_features import FEATURES, RandomFeatures
from .generate_graph import RandomGraph

MODES = ["dense", "input", "weight", "output", "input+weight", "input+output", "weight+output",
         "adaptive"]
FORMATS = [("fp8", "fp16"), ("fp8", "fp32"), ("fp16", "fp32"), ("bf16", "fp32"), ("int8", "int32"),
           ("fp32", "fp32")]
_LARGEST_CHIP = 40  # processing elements


class Case:
    """config: for YAML; networks: {name: role and graph}; iterations: mappings with arrays."""

    def __init__(self, seed, features=FEATURES):
        self.seed = seed
        self._random = random.Random(seed)
        self._features = RandomFeatures(seed, features)
        self.config = self._config()
        self._features.extend(self.config)
        self.is_whole = self._features.is_whole()
        self.samples = self._random.randint(1, 4)
        self.networks = self._networks()
        self.iterations = self._iterations()
        self.facts = self._features.facts()  # of the training run

    # The chip.

    def _config(self):
        pick, odds, upto = self._random.choice, self._random.random, self._random.randint
        parts, rows, columns = self._array()
        chunk = pick([8, 8, 9, 11, 13, 16, 17, 24, 24, 31, pick([63, 64, 65, 100, 128, 200])])
        issue = pick([1, 1, 1, 2, 3, 8])
        has_skipping = odds() < 0.9
        operand, accumulator = pick(FORMATS)
        modes = [pick(MODES) if has_skipping else "dense" for _ in range(3)]
        return {
            "name": f"random chip {self.seed}",
            "clocks": {"core_mhz": 50},
            "accelerator": {
                "clusters": parts[0] * parts[1], "cores_per_cluster": parts[2] * parts[3],
                "partition": dict(zip(("cluster_m", "cluster_n", "core_m", "core_n"), parts))},
            "core": {
                "rows": rows, "columns": columns, "chunk_operands": chunk,
                "fifo_depth_chunks": pick([1, 1, 2, 2, 3, 4, 9]),
                "bus_values": pick(["unlimited", "unlimited", 1, 2, 3, 5]),
                "bus_bits": pick(["unlimited", "unlimited", 3, 8, 11, 16]),
                "issue_width_pairs": issue,
                "scan_bits": pick(["unlimited", "unlimited", upto(issue, chunk)]),
                "tile_chunks": pick([1, 2, 3, 4, 5, 6, 40]),
                "zero_skipping": has_skipping, "zero_insertion": odds() < 0.25,
                "operand_format": operand, "accumulator_format": accumulator},
            "skip": {"ff": modes[0], "bp": modes[1], "wg": modes[2], "adaptive_policy": "density",
                     "output_mode": "row"},
            "memory": self._memory(),
            "transposer": {"values_per_cycle": pick(["unlimited", "unlimited", 1, 4, 50])},
        }

    def _array(self):
        """Either several small cores or, now and then, one wider core."""
        pick, upto = self._random.choice, self._random.randint
        if self._random.random() < 0.15:
            return [1, 1, 1, 1], upto(1, 12), upto(1, 12)
        while True:
            parts = [pick([1, 1, 1, 1, 2, 3]) for _ in range(4)]
            rows, columns = upto(1, 4), upto(1, 4)
            if math.prod(parts) * rows * columns <= _LARGEST_CHIP:
                return parts, rows, columns

    def _memory(self):
        """Half of the chips have a memory so fast that the buses and accumulators decide."""
        pick = self._random.choice
        is_fast = self._random.random() < 0.5
        rates = ["unlimited", 64] if is_fast else ["unlimited", 1, 2, 5, 16]
        return {"input_bytes_per_cycle": pick(rates), "weight_bytes_per_cycle": pick(rates),
                "latency_cycles": pick([0, 0, 1] if is_fast else [0, 1, 3, 9, 25])}

    # The networks: a student and, now and then, a teacher, before or behind it in the result.

    def _networks(self):
        def network(role):
            graph = RandomGraph(self._random, self.samples, self._features.grouped_odds(),
                                self._features.is_deep())
            return {"role": role,
                    "graph": self._features.network(self.samples) or graph.contents}

        networks = {"net": network("student")}
        if self._random.random() < 0.12:
            networks[self._random.choice(["a-teacher", "teacher"])] = network("teacher")
        return networks

    # The masks.

    def _iterations(self):
        iterations = []
        for number in range(self._random.choice([1, 1, 2, 3])):
            samples = self.samples if number == 0 else self._random.randint(1, self.samples)
            phase = "train" if self._random.random() < 0.85 else "inference"
            iterations.append({
                "phase": phase, "samples": samples,
                "networks": {name: self._network_masks(network, samples, phase, number)
                             for name, network in self.networks.items()}})
        return iterations

    def _network_masks(self, network, samples, phase, number):
        learns = network["role"] == "student" and phase == "train"
        return {
            "tensors": {t["name"]: self._tensor_masks(t["shape"], samples, learns)
                        for t in network["graph"]["tensors"]},
            "parameters": {p["name"]: self._parameter_masks(p["shape"], number)
                           for p in network["graph"]["parameters"]}}

    def _tensor_masks(self, shape, samples, learns):
        names = ("nonzero", "gradient_nonzero", "dx_needed") if learns else ("nonzero",)
        names = [name for name in names if self._random.random() < 0.8]
        return {name: self.mask([samples] + shape, channel_axis=1) for name in names}

    def _parameter_masks(self, shape, iteration):
        if iteration and self._random.random() < 0.3:
            return {"same_as_iteration": 0}
        coarse = self._features.coarse_mask(shape)
        masks = {}
        given = self._random.choice(["values", "nonzero", "both", "none"])
        w = self.mask(shape, channel_axis=0)
        if given != "none" and self._random.random() < 0.7:
            masks["weight_keep"] = self.mask(shape, channel_axis=0)
            w = w & masks["weight_keep"]
        if coarse:
            kept = coarse.kept_weights()
            masks["coarse_keep"] = coarse
            masks["weight_keep"] = masks.get("weight_keep", kept) & kept
            w = w & kept
        if given in ("nonzero", "both"):
            masks["nonzero"] = w
        if given in ("values", "both"):
            numbers = [self._random.choice([-1, 1]) * self._random.uniform(0.01, 2)
                       for _ in range(w.size)]
            masks["values"] = np.where(w, np.array(numbers).reshape(w.shape), 0).astype(np.float32)
        if given == "both" and self._random.random() < 0.5:  # float16 may lose what is not zero
            masks["values"] = (masks["values"] * 1e-7).astype(np.float16)
        return masks

    def mask(self, shape, channel_axis):
        """Booleans: empty, full, even, uneven over channels, or much alike for all channels."""
        generator = np.random.default_rng(self._random.getrandbits(32))
        kind = self._random.choice(["empty", "full", "even", "even", "even", "channels", "channels",
                                    "shared", "shared"])
        if kind in ("empty", "full"):
            return np.full(shape, kind == "full")
        density = self._random.choice([0.1, 0.3, 0.5, 0.7, 0.9])
        if kind == "even":
            return generator.random(shape) < density
        line = [1] * len(shape)
        if kind == "channels":
            line[channel_axis] = shape[channel_axis]
            return generator.random(shape) < generator.random(line)
        narrow = list(shape)
        narrow[channel_axis] = 1
        shared = np.broadcast_to(generator.random(narrow) < density, shape)
        return shared & (generator.random(shape) < 0.8)
