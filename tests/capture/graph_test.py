# SPDX-License-Identifier: Apache-2.0
"""The graph that is read off a model: operators, connections, names, refusals."""
import collections

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import capture_trace
import trace_rules
from capture import graph as graphs
from capture import models, tracing
from capture.errors import InputError

# torchvision model -> how often some kinds occur in it, counted from its published structure.
_KINDS = {
    "resnet18": {"conv2d": 20, "add": 8, "linear": 1, "max_pool2d": 1},
    "densenet121": {"conv2d": 120, "concat": 58, "identity": 4, "avg_pool2d": 3},
    "squeezenet1_1": {"conv2d": 26, "concat": 8, "max_pool2d": 3, "dropout": 1},
    "mobilenet_v2": {"conv2d": 52, "relu6": 35, "add": 10, "linear": 1},
    "mobilenet_v3_small": {"conv2d": 52, "hardswish": 19, "mul": 9, "hardsigmoid": 9},
    "shufflenet_v2_x1_0": {"conv2d": 56, "channel_shuffle": 16, "chunk": 13, "concat": 16},
    "mnasnet0_5": {"conv2d": 52, "add": 10, "mean": 1, "dropout": 1},
}


def _graph(model, *shape):
    return graphs.build_graph(tracing.functional_module(model), torch.randn(2, *shape))


def _model(forward, **parts):
    """A module with the given parts and forward(self, x)."""
    made = type("Made", (nn.Module,), {"forward": forward})()
    for name, part in parts.items():
        setattr(made, name, part)
    return made


@pytest.mark.parametrize("name", _KINDS)
def test_torchvision_models_are_read_whole(name):
    graph = _graph(models.make_model(f"torchvision:{name}", 3, 10), 3, 64, 64)
    counts = collections.Counter(o.kind for o in graph.operators)
    assert {kind: counts[kind] for kind in _KINDS[name]} == _KINDS[name]
    rules = trace_rules.Rules(name)
    trace_rules._check_graph(rules, "graph", graph.as_json())
    assert rules.problems == []
    used = {p for o in graph.operators for p in o.parameters.values()}
    state = models.make_model(f"torchvision:{name}", 3, 10).state_dict()
    assert used == {n for n in state if not n.endswith("num_batches_tracked")}


def test_a_shuffled_network_is_captured_and_keeps_the_format(tmp_path):
    out = tmp_path / "shuffle.h5"
    assert 0 == capture_trace.main(
        ["--model", "torchvision:shufflenet_v2_x1_0", "--data", "digits", "--image-size", "32",
         "--limit", "16", "--batch-size", "8", "--iterations", "0,1", "--out", str(out)])
    assert trace_rules.broken_rules(str(out)) == []


def test_a_residual_input_is_one_tensor_with_two_readers():
    graph = _graph(models.ResNet20(3, 10), 3, 32, 32)
    add = next(o for o in graph.operators if o.name == "block0.add")
    readers = [o.name for o in graph.operators if add.inputs[1] in o.inputs]
    assert readers == ["block0.conv1", "block0.add"]
    assert graph.writer_of()[add.inputs[1]].kind == "relu"
    assert [o.input_gradient for o in graph.layers()] == [False] + [True] * 21


def test_module_function_and_method_give_the_same_kind():
    forms = [lambda self, x: self.fc(self.act(self.conv(x)).flatten(1)),
             lambda self, x: self.fc(torch.flatten(F.relu(self.conv(x)), 1)),
             lambda self, x: self.fc(self.conv(x).relu().view(x.shape[0], -1)),
             lambda self, x: self.fc(torch.relu_(self.conv(x)).reshape(x.size(0), -1))]
    for forward in forms:
        graph = _graph(_model(forward, conv=nn.Conv2d(1, 2, 3), act=nn.ReLU(),
                              fc=nn.Linear(2 * 36, 3)), 1, 8, 8)
        assert [o.kind for o in graph.operators] == [
            "conv2d", "relu", "flatten", "linear", "softmax_cross_entropy"]


def test_functional_layers_keep_their_parameters():
    def forward(self, x):
        n, c, h, w = x.shape
        y = F.conv2d(x, self.kernel, None, stride=2, padding=(1, 1))
        return F.linear(y.mean((2, 3)), self.matrix, self.offset)

    graph = _graph(_model(forward, kernel=nn.Parameter(torch.randn(4, 1, 3, 3)),
                          matrix=nn.Parameter(torch.randn(3, 4)),
                          offset=nn.Parameter(torch.randn(3))), 1, 8, 8)
    conv, mean, linear = graph.operators[:3]
    assert conv.parameters == {"weight": "kernel"} and conv.attributes["stride"] == [2, 2]
    assert mean.attributes == {"axes": [1, 2]}
    assert linear.parameters == {"weight": "matrix", "bias": "offset"}


@pytest.mark.parametrize("forward, words", [
    (lambda self, x: torch.softmax(self.fc(x.flatten(1)), 1), ["softmax", "forward"]),
    (lambda self, x: self.fc((self.conv(x) * 2).flatten(1)), ["mul", "constant"]),
    (lambda self, x: self.fc(self.odd(x).flatten(1)), ["ConvTranspose2d", "odd"]),
    (lambda self, x: self.fc(x.flatten(1)) if x.sum() > 0 else x, ["cannot trace"]),
    (lambda self, x: self.fc(x), ["does not run"]),
    (lambda self, x: self.conv(x), ["logits"]),
])
def test_what_a_trace_cannot_hold_is_named(forward, words):
    model = _model(forward, conv=nn.Conv2d(1, 1, 1), odd=nn.ConvTranspose2d(1, 1, 1),
                   fc=nn.Linear(64, 3))
    with pytest.raises(InputError) as caught:
        _graph(model, 1, 8, 8)
    for word in words:
        assert word in str(caught.value)


def test_every_unsupported_operator_is_reported_at_once_and_nothing_that_follows():
    def forward(self, x):
        return self.fc(F.relu(torch.sin(x) + torch.cos(x)).flatten(1))

    with pytest.raises(InputError) as caught:
        _graph(_model(forward, fc=nn.Linear(64, 3)), 1, 8, 8)
    lines = str(caught.value).split("\n")
    assert len(lines) == 2 and "sin" in lines[0] and "cos" in lines[1]


def test_attributes_are_read_from_every_form():
    pool = {"kernel": [3, 3], "stride": [2, 2], "padding": [1, 1], "ceil_mode": 1}
    forms = [
        (nn.MaxPool2d(3, 2, 1, ceil_mode=True), {**pool, "dilation": [1, 1]}),
        (lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True), {**pool, "dilation": [1, 1]}),
        (nn.AvgPool2d(3, 2, 1, True, False), {**pool, "count_include_pad": 0}),
        (lambda x: F.avg_pool2d(x, 3, 2, 1, True, False), {**pool, "count_include_pad": 0}),
        (lambda x: F.avg_pool2d(x, 3), {"kernel": [3, 3], "stride": [3, 3], "padding": [0, 0],
                                        "ceil_mode": 0, "count_include_pad": 1}),
        (nn.LeakyReLU(0.2), {"negative_slope": 0.2}),
        (lambda x: F.leaky_relu(x, 0.2), {"negative_slope": 0.2}),
        (nn.ELU(0.5), {"alpha": 0.5}),
        (lambda x: F.elu(x), {"alpha": 1.0}),
        (nn.Dropout(0.25), {"probability": 0.25}),
        (lambda x: F.dropout(x, 0.25), {"probability": 0.25}),
    ]
    for form, attributes in forms:
        graph = _graph(_model(lambda self, x: self.form(self.conv(x)).mean((2, 3)),
                              conv=nn.Conv2d(1, 3, 1), form=form), 1, 8, 8)
        assert graph.operators[1].attributes == attributes


def test_a_pooling_that_divides_otherwise_is_refused():
    model = _model(lambda self, x: F.avg_pool2d(self.conv(x), 2, divisor_override=3).mean((2, 3)),
                   conv=nn.Conv2d(1, 3, 1))
    with pytest.raises(InputError, match="divisor_override"):
        _graph(model, 1, 8, 8)
