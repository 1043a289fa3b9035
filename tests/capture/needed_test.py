# SPDX-License-Identifier: Apache-2.0
"""dx_needed against its definition, element by element.

An element is needed if a gradient arriving there alone changes the gradient of a trainable
parameter before it. The loop below asks autograd exactly that for every element.
"""
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from capture import graph as graphs
from capture import recorder, tracing


class Probe(nn.Module):
    """conv -> `middle` -> conv -> logits; the second convolution's input is looked at."""

    def __init__(self, middle, channels, two=False):
        super().__init__()
        self.first, self.other = nn.Conv2d(2, 4, 3, padding=1), None
        if two:
            self.other = nn.Conv2d(2, 4, 3, padding=1)
        self.middle = middle
        self.second = nn.Conv2d(channels, 3, 1)

    def forward(self, x):
        first = self.first(x)
        y = self.middle(first, self.other(x)) if self.other is not None else self.middle(first)
        return self.second(y).mean([2, 3])


def shuffle(x):
    n, c, h, w = x.size()
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)


ONE = {
    "none": (lambda x: x.contiguous(), 4),
    "relu": (F.relu, 4),
    "relu6": (lambda x: F.relu6(x), 4),
    "hardswish": (F.hardswish, 4),
    "hardsigmoid": (F.hardsigmoid, 4),
    "sigmoid": (torch.sigmoid, 4),
    "leaky_relu": (lambda x: F.leaky_relu(x, 0.1), 4),
    "relu_max_pool": (lambda x: F.max_pool2d(F.relu(x), 2), 4),
    "relu_overlapping_max_pool": (lambda x: F.max_pool2d(F.relu(x), 3, 2, 1), 4),
    "relu_avg_pool": (lambda x: F.avg_pool2d(F.relu(x), 2), 4),
    "relu_global_average": (lambda x: F.adaptive_avg_pool2d(F.relu(x), 1), 4),
    "relu_shuffle": (lambda x: shuffle(F.relu(x)), 4),
    "relu_chunk": (lambda x: F.relu(x).chunk(2, 1)[1], 2),
    "relu_squared": (lambda x: F.relu(x) * x, 4),
    "relu_dropout": (lambda x: F.dropout(F.relu(x), 0.5), 4),
    "relu_of_relu6": (lambda x: F.relu(F.relu6(x) + x), 4),
}
TWO = {
    "add_of_relus": (lambda x, y: F.relu(x) + F.relu(y), 4),
    "concat_relu_and_dense": (lambda x, y: torch.cat([F.relu(x), y], 1), 8),
    "mul_of_relus": (lambda x, y: F.relu(x) * F.relu(y), 4),
}


def _needed_by_definition(model, images):
    """Mask over the second convolution's input."""
    kept = []
    model.second.register_forward_hook(lambda m, i, o: kept.append(i[0]))
    model(images)
    x = kept[0]
    before = [p for n, p in model.named_parameters() if not n.startswith("second")]
    mask = torch.zeros(x.numel(), dtype=torch.bool)
    for element in range(x.numel()):
        alone = torch.zeros(x.numel())
        alone[element] = 1.0
        gradients = torch.autograd.grad(x, before, alone.view(x.shape), retain_graph=True,
                                        allow_unused=True)
        mask[element] = any(g is not None and bool(g.any()) for g in gradients)
    return mask.view(x.shape)


def _scaled(model):
    """Values well beyond the saturation of ReLU6 and its like."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("second"):
                parameter.mul_(8)
    return model


@pytest.mark.parametrize("case", [*ONE, *TWO])
def test_needed_is_what_the_definition_says(case):
    torch.manual_seed(7)
    middle, channels = (ONE.get(case) or TWO[case])
    model = _scaled(Probe(middle, channels, case in TWO))
    images, labels = torch.randn(2, 2, 6, 6), torch.tensor([0, 2])
    module = tracing.functional_module(model)
    graph = graphs.build_graph(module, images)
    torch.manual_seed(9)
    raw = recorder.run_step(module, graph, images, labels)
    layer = next(o for o in graph.layers() if o.name == "second")
    got = raw.needed[layer.inputs[0]]
    torch.manual_seed(9)
    want = _needed_by_definition(model, images)
    assert torch.equal(got, want)
    if case not in ("none", "sigmoid", "leaky_relu", "relu_global_average"):
        assert 0 < int(want.sum()) < want.numel(), "the case must show both"


def test_relu_needs_exactly_where_its_output_is_not_zero():
    torch.manual_seed(7)
    module = tracing.functional_module(Probe(F.relu, 4))
    images = torch.randn(2, 2, 6, 6)
    graph = graphs.build_graph(module, images)
    raw = recorder.run_step(module, graph, images, torch.tensor([0, 1]))
    assert torch.equal(raw.needed["relu.y"], raw.values["relu.y"] != 0)


def test_nothing_is_needed_before_the_first_trainable_layer():
    torch.manual_seed(7)
    model = Probe(F.relu, 4)
    model.first.requires_grad_(False)
    module = tracing.functional_module(model)
    images = torch.randn(2, 2, 6, 6)
    graph = graphs.build_graph(module, images)
    assert [o.input_gradient for o in graph.layers()] == [False, False]
    raw = recorder.run_step(module, graph, images, torch.tensor([0, 1]))
    tensors, _ = recorder.pack_step(raw, graph, recorder.PackOptions())
    assert not any("dx_needed" in arrays for arrays in tensors.values())
