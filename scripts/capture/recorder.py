# SPDX-License-Identifier: Apache-2.0
"""One captured training step: every tensor, every gradient, what is needed of them.

`run_step` does the forward and backward pass of a step exactly as training does (gradients
of the parameters are left in place for the optimizer) and returns everything as tensors;
`pack_step` turns that into the arrays of the trace.
"""
import dataclasses

import numpy as np
import torch
from torch import fx
from torch.nn import functional as F

from . import formats, needed
from .errors import InputError


@dataclasses.dataclass
class RawStep:
    values: dict  # tensor name -> value
    gradients: dict  # tensor name -> gradient of the loss, or None where none arrives
    needed: dict  # tensor name -> mask
    parameters: dict  # parameter name -> value before the update
    parameter_gradients: dict  # parameter name -> gradient
    sample_gradients: dict  # parameter name -> mean absolute gradient of each chosen sample
    chosen_samples: list
    loss: float
    probabilities: torch.Tensor


@dataclasses.dataclass
class PackOptions:
    number_format: str = "fp32"
    weights_format: str = "fp16"
    all_tensors: bool = True
    value_layers: tuple = ()  # operators whose operands and results are stored as values


class _Recorder(fx.Interpreter):
    def __init__(self, module):
        super().__init__(module, garbage_collect_values=False)
        self.values = {}

    def run_node(self, n):
        value = super().run_node(n)
        if isinstance(value, torch.Tensor) and value.requires_grad and not value.is_leaf:
            value.retain_grad()
        self.values[n] = value
        return value


def _held(values, holder):
    return values[holder[0]][holder[1]] if isinstance(holder, tuple) else values[holder]


def _needed_masks(graph, live):
    masks = {t: torch.zeros_like(live[t], dtype=torch.bool) for t in graph.inputs}
    for o in graph.operators:
        if o.outputs:
            results = needed.passed_on(o, [live[t] for t in o.inputs],
                                       [masks[t] for t in o.inputs],
                                       [live[t] for t in o.outputs])
            masks.update(zip(o.outputs, results))
    return masks


def _sample_gradients(graph, live, gradients, parameters, chosen):
    """Mean |gradient| of single samples: |batch size x the sample's share of the sum|.

    The share of a sample is what its own activations and errors add to the gradient of the
    batch; without batch norm, times the batch size, that is the gradient of the sample's
    own loss. Parameters used by several operators are left out.
    """
    users = {}
    for o in graph.operators:
        for p in o.parameters.values():
            users.setdefault(p, []).append(o)
    result = {}
    for name, operators in users.items():
        parameter = parameters.get(name)
        if len(operators) != 1 or parameter is None or not parameter.requires_grad:
            continue
        y = live[operators[0].outputs[0]]
        dy = gradients[operators[0].outputs[0]]
        means = []
        for sample in chosen:
            alone = torch.zeros_like(dy)
            alone[sample] = dy[sample] * dy.shape[0]
            (dw,) = torch.autograd.grad(y, parameter, alone, retain_graph=True)
            means.append(dw.abs().mean())
        result[name] = torch.stack(means) if means else torch.zeros(0)
    return result


def run_step(module, graph, images, labels, per_sample=0):
    """Forward and backward of one batch. Requires cleared parameter gradients."""
    parameters = dict(module.named_parameters())
    before = {n: parameters[n].detach().clone() for n in graph.parameters if n in parameters}
    recorder = _Recorder(module)
    logits = recorder.run(images)
    loss = F.cross_entropy(logits, labels)
    if not torch.isfinite(loss):
        raise InputError("training diverged: the loss is not finite; choose a smaller --lr")
    loss.backward(retain_graph=True)
    live = {t: _held(recorder.values, h) for t, h in graph.nodes.items()}
    # Read now: taking derivatives below replaces .grad.
    gradients = {t: v.grad if v.retains_grad else None
                 for t, v in live.items()}
    dw = {n: p.grad.clone() for n, p in parameters.items() if p.grad is not None}
    batch = len(labels)
    chosen = [i * batch // per_sample for i in range(min(per_sample, batch))]
    masks = _needed_masks(graph, live)
    shares = _sample_gradients(graph, live, gradients, parameters, chosen) if chosen else {}
    return RawStep({t: v.detach() for t, v in live.items()}, gradients, masks, before, dw,
                   shares, chosen, float(loss), F.softmax(logits.detach(), dim=1))


def _pattern(mask, pack):
    """Packed pattern, or None when every bit is one: an absent pattern means dense."""
    return None if bool(mask.all()) else pack(mask)


def _tensor_arrays(raw, tensor, options, roles):
    value, gradient = raw.values[tensor], raw.gradients[tensor]
    nonzero = formats.nonzero_mask(value, options.number_format)
    arrays = {"nonzero": _pattern(nonzero, formats.pack_samples)}
    if gradient is not None:
        gradient_nonzero = formats.nonzero_mask(gradient, options.number_format)
        arrays["gradient_nonzero"] = _pattern(gradient_nonzero, formats.pack_samples)
    elif "network input" not in roles:
        arrays["gradient_nonzero"] = formats.pack_samples(torch.zeros_like(nonzero))
    if "needed" in roles:
        arrays["dx_needed"] = _pattern(raw.needed[tensor], formats.pack_samples)
    if "values" in roles:
        arrays["values"] = (value * nonzero).float().numpy()
        if gradient is not None:
            arrays["gradient_values"] = (gradient * gradient_nonzero).float().numpy()
    return {k: v for k, v in arrays.items() if v is not None}


def _roles(graph, options):
    """Tensor name -> what the trace says of it; a tensor that is absent is not stored."""
    roles = {t: set() for t in graph.shapes} if options.all_tensors else {}
    for o in graph.layers():
        for t in o.inputs + o.outputs:
            roles.setdefault(t, set())
            if o.name in options.value_layers:
                roles[t].add("values")
        if o.input_gradient:
            roles[o.inputs[0]].add("needed")
    for t in graph.inputs:
        roles.get(t, set()).add("network input")
    return roles


def _parameter_arrays(raw, name, options):
    value = raw.parameters[name]
    nonzero = formats.nonzero_mask(value, options.number_format)
    if not bool(torch.isfinite(value).all()):
        raise InputError(f"training diverged: {name} is not finite; choose a smaller --lr")
    stored = value.numpy().astype(np.float16 if options.weights_format == "fp16" else np.float32)
    if not np.isfinite(stored).all():
        raise InputError(f"{name} does not fit in fp16; use --weights-format fp32")
    arrays = {"values": stored}
    if not np.array_equal(stored != 0, nonzero.numpy()):
        arrays["nonzero"] = formats.pack_all(nonzero)
    if name in raw.sample_gradients:
        arrays["gradient_absolute_mean"] = raw.sample_gradients[name].float().numpy()
        arrays["gradient_samples"] = np.asarray(raw.chosen_samples, dtype=np.int32)
    return arrays


def pack_step(raw, graph, options):
    """(tensor arrays, parameter arrays) by name, as traces/FORMAT.md lays them out."""
    tensors = {t: _tensor_arrays(raw, t, options, roles)
               for t, roles in _roles(graph, options).items()}
    layer_parameters = [p for o in graph.layers() for p in o.parameters.values()]
    parameters = {p: _parameter_arrays(raw, p, options) for p in dict.fromkeys(layer_parameters)}
    return tensors, parameters
