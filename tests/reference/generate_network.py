# SPDX-License-Identifier: Apache-2.0
"""Random tiny networks of every kind of operator: shapes, fan-out, shared parameters, losses."""
import math

_LARGEST_TENSOR = 160  # elements of a sample
_LARGEST_WORK = 4000  # (m, n, k) triples of a layer
_SAME_SHAPE = ["relu", "relu", "relu", "relu6", "leaky_relu", "hardsigmoid", "hardswish", "sigmoid",
               "silu", "tanh", "gelu", "elu", "dropout", "identity", "batch_norm", "batch_norm",
               "batch_norm"]


class RandomNetwork:
    """contents: what the trace's `graph` dataset holds, as a mapping."""

    def __init__(self, random, samples):
        self._random, self.samples = random, samples
        self._shapes, self._parameters, self._operators = {}, {}, []
        if random.random() < 0.2:
            self._shapes["image"] = [random.randint(1, 40)]
        else:
            self._shapes["image"] = [random.randint(1, 5), random.randint(1, 6),
                                     random.randint(1, 6)]
        current = "image"
        for _ in range(random.randint(2, 7)):
            current = self._next(current)
        self._end(current)
        self._stop_gradients()
        listed = lambda shapes: [{"name": name, "shape": shape} for name, shape in shapes.items()]
        self.contents = {"inputs": ["image"], "tensors": listed(self._shapes),
                         "parameters": listed(self._parameters), "operators": self._operators}

    def _stop_gradients(self):
        if self._random.random() < 0.5:
            self._operators[0]["input_gradient"] = False
        if self._random.random() < 0.15:
            self._random.choice(self._operators)["input_gradient"] = False

    def _add(self, kind, inputs, shapes, parameters=None, attributes=None):
        """The names of the outputs; parameters: {role: name}."""
        name = f"op{len(self._operators)}.{kind}"
        outputs = [f"{name}.y{n}" for n in range(len(shapes))]
        self._shapes.update(zip(outputs, shapes))
        entry = {"name": name, "kind": kind, "inputs": inputs, "outputs": outputs}
        if parameters:
            entry["parameters"] = parameters
        if attributes:
            entry["attributes"] = attributes
        self._operators.append(entry)
        return outputs

    def _parameter(self, role, shape):
        name = f"op{len(self._operators)}.{role}"
        self._parameters[name] = shape
        return name

    def _end(self, current):
        if self._random.random() < 0.4:
            return
        if len(self._shapes[current]) > 1:
            current = self._reshaped("flatten", current)
        self._add("softmax_cross_entropy", [current], [])
        if self._random.random() < 0.2:
            self._next(current)

    def _next(self, current):
        pick = self._random.choice
        if self._random.random() < 0.2:
            current = pick(list(self._shapes))
        makers = [self._layer, self._layer, self._layer, self._same, self._same, self._same,
                  self._several, self._reshape]
        if len(self._shapes[current]) == 3:
            makers += [self._pool, self._pool, self._mean, self._shuffle]
        return pick(makers)(current)

    # Layers.

    def _bias(self, filters):
        if self._random.random() < 0.6:
            return {}
        shared = [name for name, shape in self._parameters.items() if shape == [filters]
                  and name.endswith("bias")]
        if shared and self._random.random() < 0.4:
            return {"bias": self._random.choice(shared)}
        return {"bias": self._parameter("bias", [filters])}

    def _weight(self, shape):
        shared = [name for name, other in self._parameters.items() if other == shape
                  and name.endswith("weight") and len(shape) > 1]
        if shared and self._random.random() < 0.5:
            return self._random.choice(shared)
        return self._parameter("weight", shape)

    def _layer(self, current):
        shape = self._shapes[current]
        if len(shape) == 1:
            outputs = self._random.choice([shape[0], self._random.randint(1, 12)])
            outputs = max(1, min(outputs, _LARGEST_WORK // (shape[0] * self.samples)))
            parameters = {"weight": self._weight([outputs, shape[0]]), **self._bias(outputs)}
            return self._add("linear", [current], [[outputs]], parameters)[0]
        for _ in range(20):
            found = self._convolution(current)
            if found:
                return found
        return self._same(current)

    def _convolution(self, current):
        pick, upto, shape = self._random.choice, self._random.randint, self._shapes[current]
        taps, stride = [upto(1, 3), upto(1, 3)], [pick([1, 1, 2]), pick([1, 1, 2])]
        padding = [upto(0, side // 2 + 1) for side in taps]
        room = [shape[1 + i] + 2 * padding[i] - taps[i] for i in range(2)]
        if min(room) < 0:
            return None
        size = [room[i] // stride[i] + 1 for i in range(2)]
        groups = pick([1, 1, 1, shape[0]])
        filters = groups * upto(1, max(1, 6 // groups))
        work = (self.samples * max(math.prod(size), math.prod(shape[1:])) * filters * shape[0]
                // groups * math.prod(taps))
        if work > _LARGEST_WORK or filters * math.prod(size) > _LARGEST_TENSOR:
            return None
        weight = self._weight([filters, shape[0] // groups] + taps)
        return self._add("conv2d", [current], [[filters] + size],
                         {"weight": weight, **self._bias(filters)},
                         {"stride": stride, "padding": padding, "groups": groups})[0]

    # Operators of the vector unit.

    def _same(self, current):
        kind, shape = self._random.choice(_SAME_SHAPE), self._shapes[current]
        parameters = {}
        if kind == "batch_norm":
            roles = ("weight", "bias", "running_mean", "running_var")
            parameters = {role: self._parameter("norm_" + role, [shape[0]]) for role in roles
                          if self._random.random() < 0.8}
        return self._add(kind, [current], [shape], parameters)[0]

    def _alike(self, current):
        """Tensors of its shape, itself among them."""
        return [name for name, shape in self._shapes.items() if shape == self._shapes[current]]

    def _several(self, current):
        pick, shape = self._random.choice, self._shapes[current]
        kind = pick(["add", "add", "add", "mul", "concat", "chunk"])
        if kind == "chunk" and shape[0] > 1:
            first = self._random.randint(1, shape[0] - 1)
            outputs = self._add("chunk", [current], [[first] + shape[1:],
                                                     [shape[0] - first] + shape[1:]])
            return pick(outputs)
        others = [pick(self._alike(current)) for _ in range(pick([1, 1, 2]))]
        inputs = [current] + others
        if kind == "concat":
            channels = len(inputs) * shape[0]
            if channels * math.prod(shape[1:]) > _LARGEST_TENSOR:
                return self._same(current)
            return self._add("concat", inputs, [[channels] + shape[1:]])[0]
        if kind == "mul" and len(shape) == 3:
            narrow = [name for name, other in self._shapes.items() if other == [shape[0], 1, 1]]
            inputs += narrow[:1]
        return self._add("mul" if kind == "mul" else "add", inputs, [shape])[0]

    def _reshape(self, current):
        if len(self._shapes[current]) == 1:
            return self._reshaped("reshape", current, [1, 1, self._shapes[current][0]])
        return self._reshaped("flatten", current)

    def _reshaped(self, kind, current, shape=None):
        return self._add(kind, [current], [shape or [math.prod(self._shapes[current])]])[0]

    def _shuffle(self, current):
        shape = self._shapes[current]
        groups = self._random.choice([n for n in range(1, shape[0] + 1) if shape[0] % n == 0])
        return self._add("channel_shuffle", [current], [shape], attributes={"groups": groups})[0]

    def _mean(self, current):
        shape = self._shapes[current]
        keeps = self._random.random() < 0.5
        return self._add("mean", [current], [[shape[0]] + ([1, 1] if keeps else [])],
                         attributes={"axes": [1, 2]})[0]

    def _pool(self, current):
        pick, upto, shape = self._random.choice, self._random.randint, self._shapes[current]
        kind = pick(["max_pool2d", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d"])
        if kind == "adaptive_avg_pool2d":
            size = [upto(1, shape[1]), upto(1, shape[2])]
            return self._add(kind, [current], [[shape[0]] + size],
                             attributes={"output_size": size})[0]
        kernel = [upto(1, min(3, shape[1])), upto(1, min(3, shape[2]))]
        stride = pick([kernel, [upto(1, 3), upto(1, 3)]])
        padding = [upto(0, side // 2) for side in kernel]
        size = [(shape[1 + i] + 2 * padding[i] - kernel[i]) // stride[i] + 1 for i in range(2)]
        return self._add(kind, [current], [[shape[0]] + size],
                         attributes={"kernel": kernel, "stride": stride, "padding": padding})[0]
