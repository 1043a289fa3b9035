# SPDX-License-Identifier: Apache-2.0
"""Random tiny chips, layers and masks from a seed: a configuration and the contents of a trace."""
import math
import random

import numpy as np

MODES = ["dense", "input", "weight", "output", "input+weight", "input+output", "weight+output",
         "adaptive"]
FORMATS = [("fp8", "fp16"), ("fp8", "fp32"), ("fp16", "fp32"), ("bf16", "fp32"), ("int8", "int32"),
           ("fp32", "fp32")]
_LARGEST_WORK = 25000  # (m, n, k) triples of a layer; keeps a case under a second
_LARGEST_CHIP = 40  # processing elements


class Case:
    """config: mapping for YAML; graph: mapping for JSON; iterations: mappings with arrays."""

    def __init__(self, seed):
        self.seed = seed
        self._random = random.Random(seed)
        self.config = self._config()
        self.graph = self._graph()
        self.iterations = self._iterations()

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

    # The network: a chain with, now and then, a second reader of the first tensor.

    def _graph(self):
        self._tensors, self._parameters, self._operators = [], [], []
        self.samples = self._random.randint(1, 4)
        if self._random.random() < 0.25:
            first = self._tensor("image", [self._random.randint(1, 60)])
        else:
            first = self._tensor("image", [self._random.randint(1, 8) for _ in range(3)])
        current = first
        for _ in range(self._random.randint(1, 2)):
            current = self._layer(current)
        if len(self._operators) == 1 and self._random.random() < 0.3:
            twin = self._twin(self._operators[0])
            current = self._operator("add", [current, twin], self._shape(current))
        if self._random.random() < 0.4 and len(self._shape(current)) == 3:
            self._operator("flatten", [current], [math.prod(self._shape(current))])
        if self._random.random() < 0.5:
            self._operators[0]["input_gradient"] = False
        return {"inputs": ["image"], "tensors": self._tensors, "parameters": self._parameters,
                "operators": self._operators}

    def _shape(self, name):
        return next(t["shape"] for t in self._tensors + self._parameters if t["name"] == name)

    def _tensor(self, name, shape):
        self._tensors.append({"name": name, "shape": shape})
        return name

    def _operator(self, kind, inputs, shape, weight_shape=None, attributes=None):
        name = f"op{len(self._operators)}.{kind}"
        entry = {"name": name, "kind": kind, "inputs": inputs,
                 "outputs": [self._tensor(name + ".y", shape)]}
        if weight_shape:
            self._parameters.append({"name": name + ".weight", "shape": weight_shape})
            entry["parameters"] = {"weight": name + ".weight"}
        if attributes:
            entry["attributes"] = attributes
        self._operators.append(entry)
        return name + ".y"

    def _twin(self, entry):
        """A layer of the same shape that reads the same tensor."""
        shape = self._shape(entry["outputs"][0])
        return self._operator(entry["kind"], entry["inputs"], shape,
                              self._shape(entry["parameters"]["weight"]), entry.get("attributes"))

    def _layer(self, source):
        shape = self._shape(source)
        if len(shape) == 1:
            most = max(1, min(16, _LARGEST_WORK // (shape[0] * self.samples)))
            outputs = self._random.randint(1, most)
            return self._operator("linear", [source], [outputs], [outputs, shape[0]])
        while True:
            found = self._convolution(shape)
            if found:
                return self._operator("conv2d", [source], *found)

    def _convolution(self, shape):
        pick, upto = self._random.choice, self._random.randint
        channels = shape[0]
        groups = pick([1, 1, channels,
                       pick([g for g in range(1, channels + 1) if channels % g == 0])])
        filters = groups * upto(1, max(1, 8 // groups))
        taps, stride = [upto(1, 3), upto(1, 3)], [upto(1, 3), upto(1, 3)]
        dilation = [pick([1, 1, 2]), pick([1, 1, 2])]
        padding = [upto(0, dilation[i] * (taps[i] - 1)) for i in range(2)]
        room = [shape[1 + i] + 2 * padding[i] - dilation[i] * (taps[i] - 1) - 1 for i in range(2)]
        if min(room) < 0:
            return None
        size = [room[i] // stride[i] + 1 for i in range(2)]
        pixels = max(math.prod(size), math.prod(shape[1:]))
        if self.samples * pixels * filters * channels // groups * math.prod(taps) > _LARGEST_WORK:
            return None
        attributes = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        return [filters] + size, [filters, channels // groups] + taps, attributes

    # The masks.

    def _iterations(self):
        iterations = []
        for number in range(self._random.choice([1, 1, 2, 3])):
            samples = self.samples if number == 0 else self._random.randint(1, self.samples)
            phase = "train" if self._random.random() < 0.85 else "inference"
            iterations.append({
                "phase": phase, "samples": samples,
                "tensors": {t["name"]: self._tensor_masks(t["shape"], samples, phase)
                            for t in self._tensors},
                "parameters": {p["name"]: self._parameter_masks(p["shape"], number)
                               for p in self._parameters}})
        return iterations

    def _tensor_masks(self, shape, samples, phase):
        names = ("nonzero", "gradient_nonzero", "dx_needed") if phase == "train" else ("nonzero",)
        names = [name for name in names if self._random.random() < 0.8]
        return {name: self.mask([samples] + shape, channel_axis=1) for name in names}

    def _parameter_masks(self, shape, iteration):
        if iteration and self._random.random() < 0.3:
            return {"same_as_iteration": 0}
        masks = {}
        given = self._random.choice(["values", "nonzero", "both", "none"])
        w = self.mask(shape, channel_axis=0)
        if given != "none" and self._random.random() < 0.7:
            masks["weight_keep"] = self.mask(shape, channel_axis=0)
            w = w & masks["weight_keep"]
        if given in ("nonzero", "both"):
            masks["nonzero"] = w
        if given in ("values", "both"):
            numbers = [self._random.choice([-1, 1]) * self._random.uniform(0.01, 2)
                       for _ in range(w.size)]
            masks["values"] = np.where(w, np.array(numbers).reshape(w.shape), 0).astype(np.float32)
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
