# SPDX-License-Identifier: Apache-2.0
"""Which elements of a tensor's gradient are needed: the rules behind `dx_needed`.

An element of a tensor's gradient is needed when the operators *before* the tensor can pass
it on to some trainable parameter; where they multiply it by zero in any case, computing it
is waste. The rule of the operator that wrote the tensor, given what is needed of its inputs:

    network input                     nothing
    conv2d, linear, batch_norm        everything, if it has trainable parameters or something
                                      trainable lies before it; else nothing
    activations, dropout              where the derivative, as this step computed it, is not 0
                                      (ReLU: x > 0; ReLU6: 0 < x < 6; a dropped element: no)
                                      and the input's element is needed
    max_pool2d                        where the winning input element is needed
    avg_pool2d, adaptive_avg_pool2d,  where any input element of the window is needed
    mean
    add                               where it is needed of any input
    mul                               where it is needed of an input and the other is not 0
    concat, chunk, channel_shuffle,   the inputs' elements, moved as the values move
    flatten, reshape, identity

So the ReLU in front of a max pooling is seen through the pooling: a window whose maximum is
0 has a winner that the ReLU blocks, and its gradient is not needed.
"""
import torch
from torch.nn import functional as F

_ELEMENTWISE = {"relu", "relu6", "hardswish", "hardsigmoid", "sigmoid", "silu", "tanh", "gelu",
                "leaky_relu", "elu", "dropout"}


def _derivative_nonzero(y, x):
    if y.grad_fn is None or not x.requires_grad:
        return torch.zeros_like(y, dtype=torch.bool)
    (slope,) = torch.autograd.grad(y, x, torch.ones_like(y), retain_graph=True)
    return slope != 0


def _winners(needed, x, a):
    _, index = F.max_pool2d(x.detach(), a["kernel"], a["stride"], a["padding"], a["dilation"],
                            bool(a["ceil_mode"]), return_indices=True)
    return needed.flatten(2).gather(2, index.flatten(2)).view(index.shape)


def _shuffled(needed, groups):
    n, c, h, w = needed.shape
    return needed.view(n, groups, c // groups, h, w).transpose(1, 2).reshape(n, c, h, w)


def _average(kind, needed, y, a):
    share = needed.float()
    if kind == "mean":
        share = share.mean([axis + 1 for axis in a["axes"]])
    elif kind == "avg_pool2d":
        share = F.avg_pool2d(share, a["kernel"], a["stride"], a["padding"], bool(a["ceil_mode"]))
    else:
        share = F.adaptive_avg_pool2d(share, a["output_size"])
    return (share > 0).view(y.shape)


def passed_on(operator, inputs, needed, outputs):
    """Needed masks of `outputs`. Requires live autograd tensors and one mask per input."""
    kind, a, y = operator.kind, operator.attributes, outputs[0]
    if kind in ("conv2d", "linear", "batch_norm"):
        return [torch.full_like(y, y.requires_grad, dtype=torch.bool)]
    if kind in _ELEMENTWISE:
        return [_derivative_nonzero(y, inputs[0]) & needed[0]]
    if kind == "max_pool2d":
        return [_winners(needed[0], inputs[0], a)]
    if kind in ("avg_pool2d", "adaptive_avg_pool2d", "mean"):
        return [_average(kind, needed[0], y, a)]
    if kind == "add":
        return [needed[0] | needed[1]]
    if kind == "mul":
        first, second = inputs
        return [(needed[0] & (second != 0)) | (needed[1] & (first != 0))]
    if kind == "concat":
        return [torch.cat(needed, a["axis"] + 1)]
    if kind == "chunk":
        sizes = [out.shape[a["axis"] + 1] for out in outputs]
        return list(torch.split(needed[0], sizes, a["axis"] + 1))
    if kind == "channel_shuffle":
        return [_shuffled(needed[0], a["groups"])]
    if kind in ("flatten", "reshape", "identity"):
        return [needed[0].reshape(y.shape)]
    raise AssertionError(f"no rule for {kind}")  # every kind of operators.py has one
