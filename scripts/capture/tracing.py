# SPDX-License-Identifier: Apache-2.0
"""Obtains the torch.fx graph of a module, without in-place operations.

Two repairs of torch.fx 1.13: on Python 3.11 a traced value that is unpacked
(`a, b = x.chunk(2)`, `n, c, h, w = x.size()`) looks up the wrong bytecode instruction and
raises TraceError, so the lookup is by offset here; and every node remembers the module it
came from, so that an operator can be named with its layer.

In-place operations (ReLU(inplace=True), x += y) would overwrite a tensor that the trace
must show unspoilt. `functional_module` replaces each by its out-of-place twin; readers
that run later then read the twin's result, as they would have read the overwritten tensor.
"""
import contextlib
import copy
import dis
import inspect
import operator

import torch
from torch import fx
from torch.fx.proxy import Attribute, Proxy

from .errors import InputError


def _unpack(proxy, frame):
    """The elements that the UNPACK_SEQUENCE instruction `frame` stands at asks for, or None."""
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset == frame.f_lasti:
            if instruction.opname == "UNPACK_SEQUENCE":
                return iter([proxy[i] for i in range(instruction.argval)])
            return None
    return None


class _UnpackableProxy(Proxy):
    def __iter__(self):
        elements = _unpack(self, inspect.currentframe().f_back)
        return self.tracer.iter(self) if elements is None else elements

    def __getattr__(self, name):
        return _UnpackableAttribute(self, name)


class _UnpackableAttribute(Attribute):
    def __iter__(self):
        elements = _unpack(self, inspect.currentframe().f_back)
        return self.tracer.iter(self) if elements is None else elements


class ModuleTracer(fx.Tracer):
    """fx.Tracer whose values can be unpacked and whose nodes know their module."""

    def __init__(self):
        super().__init__()
        self._modules_open = [""]

    def proxy(self, node):
        return _UnpackableProxy(node, self)

    def call_module(self, m, forward, args, kwargs):
        self._modules_open.append(self.path_of_module(m))
        with contextlib.ExitStack() as stack:
            stack.callback(self._modules_open.pop)
            return super().call_module(m, forward, args, kwargs)

    def create_node(self, kind, target, args, kwargs, name=None, type_expr=None):
        node = super().create_node(kind, target, args, kwargs, name, type_expr)
        node.meta["module"] = self._modules_open[-1]
        return node


_FUNCTIONAL_TWINS = {
    operator.iadd: operator.add,
    operator.imul: operator.mul,
    torch.relu_: torch.relu,
    torch.nn.functional.relu_: torch.nn.functional.relu,
    torch.nn.functional.elu_: torch.nn.functional.elu,
    torch.nn.functional.leaky_relu_: torch.nn.functional.leaky_relu,
}
# Functions with an `inplace` argument: its position among the arguments.
_INPLACE_POSITION = {
    "relu": 1, "relu6": 1, "hardswish": 1, "hardsigmoid": 1, "silu": 1, "elu": 2,
    "leaky_relu": 2, "dropout": 3, "dropout2d": 3, "mish": 1, "selu": 1, "celu": 2,
    "hardtanh": 3,
}


def _make_functional(node, root, replaced_modules):
    """Turns an in-place node into its out-of-place twin; false if it was none."""
    if node.op == "call_module":
        module = root.get_submodule(node.target)
        if not getattr(module, "inplace", False):
            return False
        twin = copy.copy(module)  # activations hold no parameters; the caller's stays as it is
        twin.inplace = False
        replaced_modules[node.target] = twin
        return True
    if node.op == "call_method" and node.target.endswith("_") and node.target[-2:] != "__":
        node.target = node.target[:-1]
        return True
    if node.op != "call_function":
        return False
    if node.target in _FUNCTIONAL_TWINS:
        node.target = _FUNCTIONAL_TWINS[node.target]
        return True
    if node.kwargs.get("inplace"):
        node.kwargs = {**node.kwargs, "inplace": False}
        return True
    position = _INPLACE_POSITION.get(getattr(node.target, "__name__", ""), 99)
    if len(node.args) > position and node.args[position] is True:
        node.args = node.args[:position] + (False,) + node.args[position + 1:]
        return True
    return False


def _redirect_later_readers(node):
    overwritten = node.args[0] if node.args else None
    if not isinstance(overwritten, fx.Node):
        return
    order = {other: place for place, other in enumerate(node.graph.nodes)}
    for reader in list(overwritten.users):
        if order[reader] > order[node]:
            reader.replace_input_with(overwritten, node)


def functional_module(model):
    """A GraphModule that computes what `model` computes and shares its parameters.

    Traced in training mode. Requires a model whose control flow does not depend on values.
    """
    model.train()
    try:
        graph = ModuleTracer().trace(model)
    except Exception as error:  # torch.fx raises many kinds, and runs the user's code
        raise InputError(
            f"--model: torch.fx cannot trace {type(model).__name__}: "
            + " ".join(str(error).split())) from error
    replaced_modules = {}
    for node in graph.nodes:
        if _make_functional(node, model, replaced_modules):
            _redirect_later_readers(node)
    graph.lint()
    module = fx.GraphModule(model, graph)
    for target, twin in replaced_modules.items():
        module.add_submodule(target, twin)
    module.train()
    return module
