# SPDX-License-Identifier: Apache-2.0
"""Random tiny networks: a chain of layers, sometimes with a second reader of the first tensor."""
import math

_LARGEST_WORK = 25000  # (m, n, k) triples of a layer; keeps a case under a second
_LARGEST_DEEP_WORK = 6000  # of most convolutions with many values of k


class RandomGraph:
    """contents: what the trace's `graph` dataset holds, as a mapping."""

    def __init__(self, random, samples, grouped_odds=0.0, is_deep=False):
        """grouped_odds: of a layer that is depthwise or grouped beyond those drawn anyway.

        is_deep: with many values of k per result.
        """
        self._random, self.samples = random, samples
        self._grouped_odds, self._is_deep = grouped_odds, is_deep
        self._tensors, self._parameters, self._operators = [], [], []
        if self._random.random() < 0.25:
            first = self._tensor("image", [self._random.randint(1, 60)])
        else:
            first = self._tensor("image", [self._random.randint(1, 8) for _ in range(3)])
            if is_deep:
                self._tensors[0]["shape"] = [self._random.randint(*sides)
                                             for sides in ((4, 8), (2, 6), (2, 6))]
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
        self.contents = {"inputs": ["image"], "tensors": self._tensors,
                         "parameters": self._parameters, "operators": self._operators}

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
        """A layer of the same shape that reads the same tensor, perhaps with the same weights."""
        shape, weight = self._shape(entry["outputs"][0]), entry["parameters"]["weight"]
        shares = self._random.random() < 0.5
        y = self._operator(entry["kind"], entry["inputs"], shape,
                           None if shares else self._shape(weight), entry.get("attributes"))
        if shares:
            self._operators[-1]["parameters"] = {"weight": weight}
        return y

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
        divisors = [g for g in range(1, channels + 1) if channels % g == 0]
        groups = pick([1, 1, channels, pick(divisors)])
        if self._grouped_odds and self._random.random() < self._grouped_odds:
            groups = pick([channels, pick(divisors[1:] or [1])])
        if self._is_deep and upto(0, 1):
            groups = min(groups, 2 - channels % 2)
        filters = groups * upto(1, max(1, 8 // groups))
        taps, stride = [upto(1, 3), upto(1, 3)], [upto(1, 3), upto(1, 3)]
        if self._is_deep:
            taps, stride = [3, upto(2, 3)], [upto(1, 2), upto(1, 2)]
        dilation = [pick([1, 1, 2]), pick([1, 1, 2])]
        padding = [upto(0, dilation[i] * (taps[i] - 1) + pick([0, 0, 2])) for i in range(2)]
        room = [shape[1 + i] + 2 * padding[i] - dilation[i] * (taps[i] - 1) - 1 for i in range(2)]
        if min(room) < 0:
            return None
        size = [room[i] // stride[i] + 1 for i in range(2)]
        pixels = max(math.prod(size), math.prod(shape[1:]))
        limit = _LARGEST_DEEP_WORK if self._is_deep and upto(0, 5) else _LARGEST_WORK
        if self.samples * pixels * filters * channels // groups * math.prod(taps) > limit:
            return None
        attributes = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        return [filters] + size, [filters, channels // groups] + taps, attributes
