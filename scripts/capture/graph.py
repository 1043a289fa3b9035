# SPDX-License-Identifier: Apache-2.0
"""Turns a traced module into the trace's graph of operators, tensors and parameters.

The module is run once on an example batch; shapes and integer arguments come from that
run. A view to five axes, a transposition of the two channel axes and the view back are one
`channel_shuffle`. Whatever has no kind in traces/FORMAT.md is an error that names operator
and layer; all of them are reported together.
"""
import copy
import dataclasses

import torch
from torch import fx

from . import operators
from .errors import InputError


@dataclasses.dataclass
class Operator:
    name: str
    kind: str
    inputs: list  # tensor names
    outputs: list  # tensor names
    parameters: dict  # role -> parameter name
    attributes: dict
    input_gradient: bool = True


@dataclasses.dataclass
class Graph:
    inputs: list
    shapes: dict  # tensor name -> shape without the sample axis, in order of writing
    parameters: dict  # parameter name -> shape
    operators: list
    nodes: dict  # tensor name -> the fx node that holds it
    logits: str

    def layers(self):
        """The conv2d and linear operators."""
        return [o for o in self.operators if o.kind in ("conv2d", "linear")]

    def writer_of(self):
        """Tensor name -> the operator that writes it; network inputs are absent."""
        return {t: o for o in self.operators for t in o.outputs}

    def as_json(self):
        """The object that traces/FORMAT.md calls the graph."""
        entries = []
        for o in self.operators:
            entry = {"name": o.name, "kind": o.kind, "inputs": o.inputs, "outputs": o.outputs}
            entry.update({k: v for k, v in (("parameters", o.parameters),
                                            ("attributes", o.attributes)) if v})
            if not o.input_gradient:
                entry["input_gradient"] = False
            entries.append(entry)
        return {"inputs": self.inputs, "loss": "loss",
                "tensors": [{"name": n, "shape": s} for n, s in self.shapes.items()],
                "parameters": [{"name": n, "shape": s} for n, s in self.parameters.items()],
                "operators": entries}


class _ExampleRun(fx.Interpreter):
    """Remembers what every node was."""

    def __init__(self, module):
        super().__init__(module, garbage_collect_values=False)
        self.values = {}

    def run_node(self, n):
        value = super().run_node(n)
        self.values[n] = value
        return value


def _example_values(module, example):
    run = _ExampleRun(copy.deepcopy(module))  # batch-norm statistics stay as they were
    random_state = torch.random.get_rng_state()
    try:
        with torch.no_grad():
            run.run(example)
    except Exception as error:
        reason = str(error).strip().split("\n")[0]
        raise InputError("--model: does not run on a batch of shape "
                         f"{list(example.shape)}: {reason}") from error
    torch.random.set_rng_state(random_state)
    by_name = {node.name: value for node, value in run.values.items()}
    return {node: by_name[node.name] for node in module.graph.nodes if node.name in by_name}


class _Builder:
    def __init__(self, module, example):
        self.module = module
        self.values = _example_values(module, example)
        self.tensor_of = {}
        self.shuffles = {}  # last node of a shuffle pattern -> (source node, groups)
        self.skipped = set()  # inner nodes of shuffle patterns
        self.problems = []
        self.graph = Graph([], {}, {}, [], {}, "")
        self.names = set()

    def build(self):
        self._find_shuffles()
        for node in self.module.graph.nodes:
            self._visit(node)
        if self.problems:
            raise InputError("\n".join(self.problems))
        self._finish()
        return self.graph

    # -- nodes ---------------------------------------------------------------------------

    def _is_tensor(self, node):
        value = self.values.get(node)
        return isinstance(value, torch.Tensor) and value.is_floating_point()

    def _value_of(self, argument):
        return fx.node.map_arg(argument, lambda n: self.values[n])

    def _visit(self, node):
        if node.op == "placeholder":
            self._add_input(node)
        elif node.op == "output":
            self._set_logits(node)
        elif node.op == "get_attr" or node in self.skipped or operators.is_item(node):
            return  # items are named by the operator whose tuple they come from
        elif node in self.shuffles:
            source, groups = self.shuffles[node]
            self._add(node, operators.Call("channel_shuffle", [source], {"groups": groups}))
        elif operators.is_same_tensor(node) and self._is_tensor(node):
            self.tensor_of[node] = self.tensor_of.get(node.args[0])
        elif self._is_tensor(node) or isinstance(self.values.get(node), (tuple, list)):
            self._add_call(node)

    def _add_input(self, node):
        if self.graph.inputs:
            self.problems.append(f"--model: expected one input, found a second, {node.name}")
            return
        name = self._fresh("image")
        self.graph.inputs.append(name)
        self._add_tensor(name, node)

    def _set_logits(self, node):
        result = node.args[0]
        if self.problems:
            return  # a follow-up
        if not isinstance(result, fx.Node) or result not in self.tensor_of:
            self.problems.append("--model: expected the model to return one tensor of logits")
            return
        self.graph.logits = self.tensor_of[result]

    def _add_call(self, node):
        value = self.values[node]
        if isinstance(value, (tuple, list)) and not all(
                isinstance(v, torch.Tensor) for v in value):
            return  # sizes, not tensors
        if node.op == "call_module":
            call = operators.module_call(node, self.module.get_submodule(node.target))
        else:
            call = operators.function_call(node, self._value_of)
        self._add(node, call)

    def _problem(self, node, what):
        if node.op == "call_module":
            kind = type(self.module.get_submodule(node.target)).__name__
            where = node.target
        else:
            kind = operators.call_name(node)
            where = node.meta.get("module") or "the model's forward"
        self.problems.append(f"--model: unsupported operator {kind} in layer {where}"
                             + (f": {what}" if what else ""))

    def _add(self, node, call):
        if call is None or call.problem:
            self._problem(node, call.problem if call else "")
            return
        missing = [n for n in call.inputs if self.tensor_of.get(n) is None]
        if missing:
            if all(self._is_tensor(n) and n.op != "get_attr" for n in missing):
                return  # follows an operator that was reported already
            self._problem(node, "an operand is not an activation")
            return
        name = self._operator_name(node)
        holders = self._output_nodes(node)
        outputs = [f"{name}.y" if holder is node else f"{name}.y{i}"
                   for i, holder in enumerate(holders)]
        problem = self._settle(call, node, holders)
        if problem:
            self._problem(node, problem)
            return
        for output, holder in zip(outputs, holders):
            self._add_tensor(output, holder)
        for parameter in call.parameters.values():
            self.graph.parameters[parameter] = list(self._parameter(parameter).shape)
        self.graph.operators.append(Operator(
            name, call.kind, [self.tensor_of[n] for n in call.inputs], outputs,
            call.parameters, call.attributes))

    def _parameter(self, name):
        holder = self.module
        for part in name.split("."):
            holder = getattr(holder, part)
        return holder

    def _output_nodes(self, node):
        value = self.values[node]
        if isinstance(value, torch.Tensor):
            return [node]
        items = {u.args[1]: u for u in node.users if operators.is_item(u)}
        return [items.get(i, (node, i)) for i in range(len(value))]

    def _operator_name(self, node):
        if node.op == "call_module":
            return self._fresh(node.target)
        layer = node.meta.get("module", "")
        short = "channel_shuffle" if node in self.shuffles else operators.call_name(node)
        return self._fresh(f"{layer}.{short}" if layer else short)

    def _fresh(self, name):
        candidate, number = name, 1
        while candidate in self.names or candidate == "loss":
            candidate, number = f"{name}_{number}", number + 1
        self.names.add(candidate)
        return candidate

    def _shape(self, holder):
        if isinstance(holder, tuple):  # an element nobody reads: (node, place)
            return list(self.values[holder[0]][holder[1]].shape[1:])
        return list(self.values[holder].shape[1:])

    def _add_tensor(self, name, holder):
        self.graph.shapes[name] = self._shape(holder)
        self.graph.nodes[name] = holder
        self.tensor_of[holder] = name

    # -- attributes that depend on shapes --------------------------------------------------

    def _settle(self, call, node, holders):
        """Completes the attributes from the shapes; returns why it cannot, or ''."""
        shapes_in = [self._shape(n) for n in call.inputs]
        rank = len(shapes_in[0]) + 1
        shape_out = self._shape(holders[0])
        if call.kind in ("concat", "chunk"):
            axis = call.attributes["axis"] % rank
            call.attributes = {"axis": axis - 1}
            if len(call.inputs) == len(holders) == 1:
                call.kind, call.attributes = "identity", {}
            return "" if axis > 0 else "joins or splits the sample axis"
        if call.kind == "mean":
            return self._settle_mean(call, rank)
        if call.kind == "adaptive_avg_pool2d":
            call.attributes = {"output_size": shape_out[-2:]}
        if call.kind == "reshape":
            if self.values[node].shape[0] != self.values[call.inputs[0]].shape[0]:
                return "changes the sample axis"
            call.kind = "flatten" if len(shape_out) == 1 else "reshape"
        if call.kind == "linear" and len(shape_out) != 1:
            return "input has more axes than samples and features"
        if call.kind == "add" and shapes_in[0] != shapes_in[1]:
            return "operands of different shapes"
        return ""

    @staticmethod
    def _settle_mean(call, rank):
        axes = call.attributes["axes"]
        if axes is None:
            return "mean over all axes"
        axes = sorted(a % rank for a in ([axes] if isinstance(axes, int) else axes))
        call.attributes = {"axes": [a - 1 for a in axes]}
        return "mean over the sample axis" if axes[0] == 0 else ""

    # -- channel shuffle -------------------------------------------------------------------

    def _find_shuffles(self):
        for node in self.module.graph.nodes:
            if node.op == "call_method" and node.target in ("view", "reshape") and (
                    self._is_tensor(node) and self.values[node].dim() == 5):
                self._match_shuffle(node)

    def _match_shuffle(self, split):
        source = split.args[0]
        shape, before = self.values[split].shape, self.values[source].shape
        if len(before) != 4 or shape[0] != before[0] or shape[3:] != before[2:]:
            return
        chain, node = [split], split
        while len(node.users) == 1 and len(chain) < 4:
            node = next(iter(node.users))
            if self._is_tensor(node) and self.values[node].shape == before:
                if len(chain) >= 2 and self._swaps_channels(chain[1]):
                    self.shuffles[node] = (source, int(shape[1]))
                    self.skipped.update(chain)
                return
            chain.append(node)

    def _swaps_channels(self, node):
        arguments = tuple(self._value_of(a) for a in node.args[1:])
        if operators.call_name(node) == "transpose":
            return sorted(arguments) == [1, 2]
        if operators.call_name(node) == "permute":
            return tuple(arguments[0] if len(arguments) == 1 else arguments) == (0, 2, 1, 3, 4)
        return False

    # -- the whole graph -------------------------------------------------------------------

    def _finish(self):
        graph, has_gradient = self.graph, set()
        for o in graph.operators:
            o.input_gradient = any(t in has_gradient for t in o.inputs)
            if o.input_gradient or any(self._parameter(p).requires_grad
                                       for p in o.parameters.values()):
                has_gradient.update(o.outputs)
        if len(graph.shapes[graph.logits]) != 1:
            raise InputError("--model: expected logits of shape [samples, classes], found "
                             f"[samples, {graph.shapes[graph.logits]}]")
        graph.operators.append(Operator("loss", "softmax_cross_entropy", [graph.logits], [],
                                        {}, {}))


def build_graph(module, example):
    """The Graph of a `functional_module`, with shapes for batches like `example`."""
    return _Builder(module, example).build()
