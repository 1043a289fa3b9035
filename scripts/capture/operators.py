# SPDX-License-Identifier: Apache-2.0
"""What each torch operator is called in a trace: module, function or method -> `Call`.

A `Call` is one operator in the trace's words, still with fx nodes as its inputs. The three
forms of an operator (nn.ReLU, F.relu, x.relu()) meet here; the rest of the program knows
kinds only.
"""
import dataclasses
import operator

import torch
from torch import nn
from torch.nn import functional as F


@dataclasses.dataclass
class Call:
    kind: str
    inputs: list  # fx nodes
    attributes: dict = dataclasses.field(default_factory=dict)
    parameters: dict = dataclasses.field(default_factory=dict)  # role -> parameter name
    problem: str = ""  # why a trace cannot hold it; empty when it can


def pair(value):
    """The trace's [vertical, horizontal] of an int or a sequence."""
    if isinstance(value, int):
        return [value, value]
    return [int(value[0]), int(value[-1])]


_ACTIVATION_MODULES = {
    nn.ReLU: "relu", nn.ReLU6: "relu6", nn.Hardswish: "hardswish", nn.Hardsigmoid: "hardsigmoid",
    nn.Sigmoid: "sigmoid", nn.SiLU: "silu", nn.Tanh: "tanh", nn.GELU: "gelu",
    nn.LeakyReLU: "leaky_relu", nn.ELU: "elu",
}
_ACTIVATION_NAMES = set(_ACTIVATION_MODULES.values())
# Called as a method or function; the name decides.
_SAME_TENSOR = {"contiguous", "clone"}


def _conv2d(inputs, parameters, stride, padding, dilation, groups, kernel):
    problem = ""
    if padding == "valid":
        padding = 0
    elif padding == "same":
        reach = [d * (k - 1) for d, k in zip(pair(dilation), kernel)]
        padding = [r // 2 for r in reach]
        problem = "padding 'same' of an even kernel" if any(r % 2 for r in reach) else ""
    attributes = {"stride": pair(stride), "padding": pair(padding),
                  "dilation": pair(dilation), "groups": int(groups)}
    limit = [d * (k - 1) for d, k in zip(attributes["dilation"], kernel)]
    if any(p > most for p, most in zip(attributes["padding"], limit)):
        problem = "padding wider than dilation * (kernel - 1)"
    return Call("conv2d", inputs, attributes, parameters, problem)


def _pool(kind, inputs, kernel, stride=None, padding=0, ceil_mode=False, **special):
    """`special`: dilation and return_indices, or count_include_pad and divisor_override."""
    attributes = {"kernel": pair(kernel), "stride": pair(stride or kernel),
                  "padding": pair(padding), "ceil_mode": int(ceil_mode)}
    if kind == "max_pool2d":
        attributes["dilation"] = pair(special.get("dilation", 1))
    else:
        attributes["count_include_pad"] = int(special.get("count_include_pad", True))
    problem = [name for name in ("return_indices", "divisor_override") if special.get(name)]
    return Call(kind, inputs, attributes, problem=" ".join(problem))


# Activations whose shape a trace records: kind -> (torch's name, trace's name, default).
_SLOPES = {"leaky_relu": ("negative_slope", "negative_slope", 0.01), "elu": ("alpha", "alpha", 1.0)}


def _activation(kind, inputs, find):
    """`find(name, default)` gives torch's argument or attribute."""
    theirs, ours, default = _SLOPES.get(kind, ("", "", None))
    return Call(kind, inputs, {ours: float(find(theirs, default))} if theirs else {})


def _batch_norm(inputs, parameters, epsilon):
    return Call("batch_norm", inputs, {"epsilon": epsilon}, parameters)


def module_call(node, module):
    """The Call of a call_module node, or None if the module is not known."""
    inputs = [node.args[0]] if node.args else list(node.kwargs.values())[:1]
    named = {role: f"{node.target}.{role}" for role in
             ("weight", "bias", "running_mean", "running_var")
             if getattr(module, role, None) is not None}
    kind = _ACTIVATION_MODULES.get(type(module))
    if kind:
        return _activation(kind, inputs, lambda name, default: getattr(module, name, default))
    if isinstance(module, nn.Conv2d):
        call = _conv2d(inputs, named, module.stride, module.padding, module.dilation,
                       module.groups, module.kernel_size)
        if module.padding_mode != "zeros":
            call.problem = f"padding_mode {module.padding_mode}"
        return call
    if isinstance(module, nn.Linear):
        return Call("linear", inputs, {}, named)
    if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
        return _batch_norm(inputs, named, module.eps)
    if isinstance(module, (nn.Dropout, nn.Dropout2d)):
        return Call("dropout", inputs, {"probability": float(module.p)})
    return _shape_module_call(inputs, module)


def _shape_module_call(inputs, module):
    if isinstance(module, nn.MaxPool2d):
        return _pool("max_pool2d", inputs, module.kernel_size, module.stride, module.padding,
                     module.ceil_mode, dilation=module.dilation,
                     return_indices=module.return_indices)
    if isinstance(module, nn.AvgPool2d):
        return _pool("avg_pool2d", inputs, module.kernel_size, module.stride, module.padding,
                     module.ceil_mode, count_include_pad=module.count_include_pad,
                     divisor_override=module.divisor_override)
    if isinstance(module, nn.AdaptiveAvgPool2d):
        return Call("adaptive_avg_pool2d", inputs)
    if isinstance(module, nn.ChannelShuffle):
        return Call("channel_shuffle", inputs, {"groups": int(module.groups)})
    if isinstance(module, nn.Flatten):
        return Call("reshape", inputs)
    if isinstance(module, nn.Identity):
        return Call("identity", inputs)
    return None


# Function name -> argument names in order, as torch.nn.functional and torch give them.
_SIGNATURES = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "linear": ("input", "weight", "bias"),
    "leaky_relu": ("input", "negative_slope", "inplace"), "elu": ("input", "alpha", "inplace"),
    "batch_norm": ("input", "running_mean", "running_var", "weight", "bias", "training",
                   "momentum", "eps"),
    "max_pool2d": ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode",
                   "return_indices"),
    "avg_pool2d": ("input", "kernel_size", "stride", "padding", "ceil_mode",
                   "count_include_pad", "divisor_override"),
    "adaptive_avg_pool2d": ("input", "output_size"),
    "dropout": ("input", "p", "training", "inplace"),
    "dropout2d": ("input", "p", "training", "inplace"),
    "channel_shuffle": ("input", "groups"),
    "native_channel_shuffle": ("input", "groups"),
    "mean": ("input", "dim", "keepdim"),
    "cat": ("tensors", "dim"), "concat": ("tensors", "dim"), "concatenate": ("tensors", "dim"),
    "chunk": ("input", "chunks", "dim"), "split": ("input", "split_size", "dim"),
}
_ALIASES = {"max_pool2d_with_indices": "max_pool2d", "boolean_dispatch": "max_pool2d",
            "_max_pool2d": "max_pool2d", "iadd": "add", "imul": "mul", "multiply": "mul",
            "concat": "cat", "concatenate": "cat", "native_channel_shuffle": "channel_shuffle"}


def call_name(node):
    """The short name of a call_function or call_method node."""
    if node.op == "call_method":
        return node.target
    if node.target in (F.max_pool2d, F.max_pool2d_with_indices):
        return "max_pool2d"
    name = getattr(node.target, "__name__", str(node.target))
    return _ALIASES.get(name, name)


def _arguments(node, name):
    names = _SIGNATURES.get(name, ("input",))
    given = dict(zip(names, node.args))
    given.update({{"x": "input", "self": "input", "axis": "dim"}.get(k, k): v
                  for k, v in node.kwargs.items()})
    return given


def function_call(node, value_of):
    """The Call of a call_function or call_method node, or None if it is not known.

    `value_of` replaces fx nodes in an argument by what they were in an example run.
    """
    name = call_name(node)
    given = _arguments(node, name)
    source = given.get("input")
    plain = {k: value_of(v) for k, v in given.items() if k not in ("input", "tensors")}
    if name in _ACTIVATION_NAMES:
        return _activation(name, [source], plain.get)
    if name in ("add", "mul"):
        return _arithmetic(node, name)
    if name == "cat":
        return Call("concat", list(given["tensors"]), {"axis": plain.get("dim", 0)})
    if name in ("chunk", "split"):
        return Call("chunk", [source], {"axis": plain.get("dim", 0)})
    if name in ("conv2d", "linear", "batch_norm"):
        return _parametric(name, source, given, plain)
    if name in ("max_pool2d", "avg_pool2d"):
        return _pool(name, [source], plain.pop("kernel_size"), **plain)
    if name == "adaptive_avg_pool2d":
        return Call(name, [source])
    if name in ("dropout", "dropout2d"):
        off = plain.get("training") is False
        return Call("identity", [source]) if off else Call(
            "dropout", [source], {"probability": float(plain.get("p", 0.5))})
    if name == "channel_shuffle":
        return Call(name, [source], {"groups": int(plain["groups"])})
    if name == "mean":
        return Call("mean", [source], {"axes": plain.get("dim")})
    if name in ("flatten", "view", "reshape", "squeeze", "unsqueeze"):
        return Call("reshape", [source])
    return None


def _arithmetic(node, name):
    operands = list(node.args[:2]) + [v for k, v in node.kwargs.items() if k == "other"]
    tensors = [a for a in operands if isinstance(a, torch.fx.Node)]
    problem = "" if len(tensors) == 2 else "one operand is a constant"
    if node.kwargs.get("alpha", 1) != 1:
        problem = "alpha other than 1"
    return Call(name, tensors, {}, {}, problem)


def _parametric(name, source, given, plain):
    named, problem = {}, ""
    for role in ("weight", "bias", "running_mean", "running_var"):
        holder = given.get(role)
        if holder is None:
            continue
        if isinstance(holder, torch.fx.Node) and holder.op == "get_attr":
            named[role] = holder.target
        else:
            problem = f"its {role} is computed, not a parameter"
    if name == "linear":
        return Call("linear", [source], {}, named, problem)
    if name == "batch_norm":
        call = _batch_norm([source], named, plain.get("eps", 1e-5))
    else:
        call = _conv2d([source], named, plain.get("stride", 1), plain.get("padding", 0),
                       plain.get("dilation", 1), plain.get("groups", 1),
                       list(plain["weight"].shape[-2:]))
    call.problem = call.problem or problem
    return call


def is_same_tensor(node):
    """True for calls that return their input's values unchanged and cost nothing."""
    return node.op in ("call_method", "call_function") and call_name(node) in _SAME_TENSOR


def is_item(node):
    return node.op == "call_function" and node.target is operator.getitem
