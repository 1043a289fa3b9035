# SPDX-License-Identifier: Apache-2.0
"""The backward formulas of models/MICROARCHITECTURE.md section 12 are those of PyTorch's autograd.

Each function below uses only what the page lets the vector unit read: dy and y, x or a mask.
"""
import math

import pytest
import torch
from torch.nn import functional as F

torch.manual_seed(7)


def gradient(function, x, dy):
    x = x.clone().requires_grad_()
    y = function(x)
    y.backward(dy)
    return y.detach(), x.grad


def silu_backward(dy, x, _):
    s = 1 / (1 + torch.exp(-x))
    return dy * (s * (1 + x * (1 - s)))


def gelu_backward(dy, x, _):
    t = x * math.sqrt(0.5)
    c = 1 / math.sqrt(2 * math.pi)
    return dy * (0.5 * (1 + torch.erf(t)) + x * (c * torch.exp(-(t * t))))


def hardswish_backward(dy, x, _):
    inner = dy * (x * (1 / 3) + 0.5)
    return torch.where(x < -3, torch.zeros_like(dy), torch.where(x > 3, dy, inner))


CASES = {
    "relu": (F.relu, lambda dy, x, y: torch.where(y != 0, dy, 0.0)),
    "relu6": (F.relu6, lambda dy, x, y: torch.where((y > 0) & (y < 6), dy, 0.0)),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.1),
                   lambda dy, x, y: torch.where(x > 0, dy, 0.1 * dy)),
    "hardsigmoid": (F.hardsigmoid,
                    lambda dy, x, y: torch.where((x > -3) & (x < 3), dy * (1 / 6), 0.0)),
    "hardswish": (F.hardswish, hardswish_backward),
    "sigmoid": (torch.sigmoid, lambda dy, x, y: dy * (y * (1 - y))),
    "silu": (F.silu, silu_backward),
    "tanh": (torch.tanh, lambda dy, x, y: dy * (1 - y * y)),
    "gelu": (F.gelu, gelu_backward),
    "elu": (lambda x: F.elu(x, 0.7), lambda dy, x, y: torch.where(y > 0, dy, dy * (y + 0.7))),
}


@pytest.mark.parametrize("name", CASES)
def test_activation(name):
    function, backward = CASES[name]
    x, dy = 3 * torch.randn(4, 500, dtype=torch.float64), torch.randn(4, 500, dtype=torch.float64)
    y, dx = gradient(function, x, dy)
    assert torch.allclose(backward(dy, x, y), dx, rtol=1e-6)  # torch has a float32 sixth


def channel(vector):
    return vector.reshape(1, -1, 1, 1)


def test_batch_norm():
    x, dy = (torch.randn(4, 3, 5, 6, dtype=torch.float64) for _ in range(2))
    gamma, beta = (torch.randn(3, dtype=torch.float64).requires_grad_() for _ in range(2))
    y, wanted = gradient(lambda x: F.batch_norm(x, None, None, gamma, beta, True, eps=1e-5), x, dy)
    axes, n = (0, 2, 3), x.numel() // 3
    mean = x.sum(axes) * (1 / n)
    variance = (x * x).sum(axes) * (1 / n) - mean * mean
    inverse = 1 / torch.sqrt(variance + 1e-5)
    g, b = gamma.detach(), beta.detach()
    scale = g * inverse
    assert torch.allclose(channel(scale) * x + channel(b - mean * scale), y)
    sum_dy, sum_dyx = dy.sum(axes), (dy * x).sum(axes)
    dgamma = (sum_dyx - mean * sum_dy) * inverse
    a = g * inverse
    t = a * (1 / n)
    u = t * dgamma
    slope = -(u * inverse)
    shift = -(t * sum_dy) - slope * mean
    assert torch.allclose(channel(a) * dy + channel(slope) * x + channel(shift), wanted)
    assert torch.allclose(dgamma, gamma.grad) and torch.allclose(sum_dy, beta.grad)


def test_softmax_cross_entropy():
    logits = torch.randn(6, 5, dtype=torch.float64)
    labels = torch.tensor([0, 4, 2, 2, 1, 3])
    loss, wanted = gradient(lambda x: F.cross_entropy(x, labels), logits, torch.ones(()).double())
    shifted = logits - logits.max(1, keepdim=True).values
    exponentials = torch.exp(shifted)
    total = exponentials.sum(1)
    picked = shifted[torch.arange(6), labels]
    assert torch.allclose((torch.log(total) - picked).sum() / 6, loss)
    probability = exponentials * (1 / total)[:, None]
    assert torch.allclose((probability - F.one_hot(labels, 5)) * (1 / 6), wanted)


@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd(nesterov):
    w, g, v = (torch.randn(50, dtype=torch.float64) for _ in range(3))
    parameter = w.clone().requires_grad_()
    parameter.grad = g.clone()
    optimizer = torch.optim.SGD([parameter], lr=0.1, momentum=0.9, weight_decay=0.01,
                                nesterov=nesterov)
    optimizer.state[parameter]["momentum_buffer"] = v.clone()
    optimizer.step()
    decayed = g + 0.01 * w
    momentum = 0.9 * v + decayed
    step = decayed + 0.9 * momentum if nesterov else momentum
    assert torch.allclose(w - 0.1 * step, parameter.detach())


def test_adam_with_corrections_folded_into_two_numbers():
    w = torch.randn(50, dtype=torch.float64)
    parameter = w.clone().requires_grad_()
    optimizer = torch.optim.Adam([parameter], lr=0.01, weight_decay=0.02)
    m, v = torch.zeros_like(w), torch.zeros_like(w)
    for step in range(1, 4):
        parameter.grad = torch.randn(50, dtype=torch.float64)
        g = parameter.grad + 0.02 * w
        optimizer.step()
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * (g * g)
        root = math.sqrt(1 - 0.999 ** step)
        rate, epsilon = 0.01 * root / (1 - 0.9 ** step), 1e-8 * root
        w = w - rate * (m / (torch.sqrt(v) + epsilon))
        assert torch.allclose(w, parameter.detach())
