# SPDX-License-Identifier: Apache-2.0
"""What is captured equals what autograd computes in a plain run of the same model and batch.

The plain run uses hooks on the untraced model, never torch.fx.
"""
import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from capture import graph as graphs
from capture import models, recorder, tracing


class Mixed(nn.Module):
    """Depthwise, grouped, dilated and strided convolutions, branches and in-place operations."""

    def __init__(self, inplace):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.depthwise = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.grouped = nn.Conv2d(8, 12, 3, padding=2, dilation=2, groups=2)
        self.left = nn.Conv2d(6, 5, 1)
        self.right = nn.Conv2d(6, 5, 3, stride=1, padding=1)
        self.act6 = nn.ReLU6(inplace)
        self.act = nn.ReLU(inplace)
        self.swish = nn.Hardswish(inplace)
        self.drop = nn.Dropout(0.3, inplace)
        self.fc = nn.Linear(160, 10)
        self.inplace = inplace

    def forward(self, x):
        x = F.max_pool2d(self.act(self.stem(x)), 2)
        y = self.act6(self.depthwise(x))
        if self.inplace:
            y += x
        else:
            y = y + x
        a, b = self.swish(self.grouped(y)).chunk(2, 1)
        z = torch.cat([F.relu(self.left(a), self.inplace), self.right(b)], 1)
        z = F.avg_pool2d(z, 2)
        return self.fc(self.drop(torch.flatten(z, 1)))


def _models():
    torch.manual_seed(3)
    return {
        "resnet20": (lambda: models.ResNet20(3, 10), (4, 3, 32, 32)),
        "mixed": (lambda: Mixed(False), (4, 3, 16, 16)),
        "digits_cnn": (lambda: models.DigitsCnn(1, 10), (6, 1, 8, 8)),
    }


def _plain_run(model, images, labels):
    """Per conv/linear layer: x, dx, dy; per parameter: gradient."""
    seen = {}

    def after(module, inputs, output, name):
        seen[name] = {"x": inputs[0].detach().clone(), "y": output.detach().clone()}
        if inputs[0].requires_grad:
            inputs[0].register_hook(lambda g: seen[name].__setitem__("dx", g.clone()))
        output.register_hook(lambda g: seen[name].__setitem__("dy", g.clone()))

    for name, module in model.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.register_forward_hook(
                lambda m, i, o, name=name: after(m, i, o, name))
    model.train()
    F.cross_entropy(model(images), labels).backward()
    return seen, {n: p.grad for n, p in model.named_parameters()}


def _capture(model, images, labels, per_sample=0):
    module = tracing.functional_module(model)
    graph = graphs.build_graph(module, images[:2])
    torch.manual_seed(11)  # dropout
    return graph, recorder.run_step(module, graph, images, labels, per_sample)


@pytest.mark.parametrize("name", ["resnet20", "mixed", "digits_cnn"])
def test_operands_gradients_and_weights_are_those_of_autograd(name):
    make, shape = _models()[name]
    model, images = make(), torch.randn(shape)
    labels = torch.arange(shape[0]) % 10
    plain = copy.deepcopy(model)
    graph, raw = _capture(model, images, labels)
    torch.manual_seed(11)
    seen, gradients = _plain_run(plain, images, labels)
    assert [o.name for o in graph.layers()] == list(seen) and len(seen) >= 4
    for o in graph.layers():
        want, x, y = seen[o.name], o.inputs[0], o.outputs[0]
        assert torch.equal(raw.values[x], want["x"]), o.name
        assert torch.equal(raw.values[y], want["y"]), o.name
        assert torch.equal(raw.gradients[y], want["dy"]), o.name
        assert o.input_gradient == ("dx" in want)
        if o.input_gradient:
            assert torch.equal(raw.gradients[x], want["dx"]), o.name
        weight = o.parameters["weight"]
        assert torch.equal(raw.parameters[weight], plain.state_dict()[weight])
    for parameter, gradient in gradients.items():
        assert torch.equal(raw.parameter_gradients[parameter], gradient), parameter


def test_packed_patterns_and_values_are_those_of_the_tensors():
    make, shape = _models()["digits_cnn"]
    model, labels = make(), torch.arange(shape[0])
    graph, raw = _capture(model, torch.randn(shape), labels)
    tensors, parameters = recorder.pack_step(
        raw, graph, recorder.PackOptions(value_layers=("conv2",)))
    for name, shape in graph.shapes.items():
        elements = int(np.prod(shape))
        for key, source in (("nonzero", raw.values), ("gradient_nonzero", raw.gradients)):
            if source[name] is None:
                continue
            want = source[name].reshape(len(labels), -1).numpy() != 0
            packed = tensors[name].get(key)
            if packed is None:
                assert want.all()
            else:
                bits = np.unpackbits(packed, axis=1, bitorder="little")
                assert np.array_equal(bits[:, :elements], want) and not bits[:, elements:].any()
    assert np.array_equal(tensors["conv2.y"]["values"], raw.values["conv2.y"].numpy())
    assert np.array_equal(tensors["conv2.y"]["gradient_values"], raw.gradients["conv2.y"].numpy())
    assert np.array_equal(parameters["fc1.weight"]["values"],
                          raw.parameters["fc1.weight"].numpy().astype(np.float16))


def test_in_place_operations_change_nothing():
    torch.manual_seed(5)
    apart, inplace = Mixed(False), Mixed(True)
    inplace.load_state_dict(apart.state_dict())
    images, labels = torch.randn(4, 3, 16, 16), torch.arange(4)
    graph, want = _capture(apart, images, labels)
    twin, got = _capture(inplace, images, labels)
    assert [o.kind for o in twin.operators] == [o.kind for o in graph.operators]
    for a, b in zip(graph.shapes, twin.shapes):
        assert torch.equal(want.values[a], got.values[b]), a
        assert torch.equal(want.needed[a], got.needed[b]), a
    for name, gradient in want.parameter_gradients.items():
        assert torch.equal(gradient, got.parameter_gradients[name]), name
    assert inplace.act.inplace, "the caller's model must stay as it was"


def test_a_reader_after_an_in_place_operation_sees_its_result():
    class Overwrites(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(4, 3)

        def forward(self, x):
            y = self.conv(x)
            z = F.relu(y, inplace=True)
            return self.fc((z + y).mean([2, 3]))

    torch.manual_seed(1)
    model, images = Overwrites(), torch.randn(3, 1, 8, 8)
    want = model(images)
    module = tracing.functional_module(model)
    assert torch.equal(module(images), want)


def test_sample_gradients_equal_a_loop_over_single_samples():
    make, shape = _models()["digits_cnn"]
    model, images, labels = make(), torch.randn(shape), torch.arange(shape[0])
    _, raw = _capture(copy.deepcopy(model), images, labels, per_sample=3)
    assert raw.chosen_samples == [0, 2, 4]
    for place, sample in enumerate(raw.chosen_samples):
        model.zero_grad()
        F.cross_entropy(model(images[sample:sample + 1]), labels[sample:sample + 1]).backward()
        for name, parameter in model.named_parameters():
            torch.testing.assert_close(raw.sample_gradients[name][place],
                                       parameter.grad.abs().mean(), rtol=1e-4, atol=1e-9)


def test_capturing_does_not_disturb_training():
    torch.manual_seed(2)
    plain = models.ResNet20(3, 10)
    traced = copy.deepcopy(plain)
    images, labels = torch.randn(4, 3, 32, 32), torch.arange(4)
    F.cross_entropy(plain(images), labels).backward()
    _capture(traced, images, labels, per_sample=2)
    for (name, a), b in zip(plain.state_dict().items(), traced.state_dict().values()):
        assert torch.equal(a, b), name  # batch-norm statistics among them: updated once
    for (name, a), b in zip(plain.named_parameters(), traced.parameters()):
        assert torch.equal(a.grad, b.grad), name
