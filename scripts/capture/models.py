# SPDX-License-Identifier: Apache-2.0
"""The models that can be captured, and checkpoints for them.

    resnet20            CIFAR ResNet-20 (He et al., CVPR 2016, section 4.2), shortcuts of
                        stage 2 and 3 are 1x1 convolutions with batch norm
    digits_cnn          two convolutions and two linear layers, no batch norm
    torchvision:NAME    torchvision.models.NAME(weights=None)
    FILE.py:FUNCTION    FUNCTION(channels, classes), or FUNCTION() without arguments
"""
import importlib.util
import inspect
import os
import re

import torch
from torch import nn
from torch.nn import functional as F

from .errors import InputError, did_you_mean


class ResidualBlock(nn.Module):
    def __init__(self, channels_in, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = None
        if stride != 1 or channels_in != channels:
            self.shortcut = nn.Sequential()
            projection = nn.Conv2d(channels_in, channels, 1, stride, bias=False)
            self.shortcut.add_module("conv", projection)
            self.shortcut.add_module("bn", nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class ResNet20(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.stem = nn.Sequential()
        self.stem.add_module("conv", nn.Conv2d(channels, 16, 3, 1, 1, bias=False))
        self.stem.add_module("bn", nn.BatchNorm2d(16))
        width = 16
        for index, (block_width, stride) in enumerate(
                [(16, 1)] * 3 + [(32, 2)] + [(32, 1)] * 2 + [(64, 2)] + [(64, 1)] * 2):
            self.add_module(f"block{index}", ResidualBlock(width, block_width, stride))
            width = block_width
        self.fc = nn.Linear(width, classes)

    def forward(self, x):
        x = F.relu(self.stem(x))
        for index in range(9):
            x = getattr(self, f"block{index}")(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class DigitsCnn(nn.Module):
    """For 8x8 images. Without batch norm the error keeps the zeros ReLU and pooling put in."""

    def __init__(self, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc1 = nn.Linear(32 * 4 * 4, 64)
        self.fc2 = nn.Linear(64, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.conv2(x)).flatten(1)
        return self.fc2(F.relu(self.fc1(x)))


_BUILT_IN = {"resnet20": ResNet20, "digits_cnn": DigitsCnn}

# Short names of a known family of ResNet-20 checkpoints -> names used here.
_SHORT_NAMES = [
    (r"^c\.", "stem.conv."), (r"^b\.", "stem.bn."), (r"^l\.(\d+)\.", r"block\1."),
    (r"\.c([12])\.", r".conv\1."), (r"\.b([12])\.", r".bn\1."),
    (r"\.sc\.0\.", ".shortcut.conv."), (r"\.sc\.1\.", ".shortcut.bn."),
]


def make_model(name, channels, classes):
    """Builds the model `name` (see the module's text) for images of `channels` channels."""
    if name in _BUILT_IN:
        return _BUILT_IN[name](channels, classes)
    if name.startswith("torchvision:"):
        return _torchvision_model(name[len("torchvision:"):], classes)
    if ".py:" in name:
        return _model_of_file(*name.rsplit(":", 1), channels, classes)
    hint = did_you_mean(name, list(_BUILT_IN) + ["torchvision:"])
    raise InputError(f"--model: expected {', '.join(_BUILT_IN)}, torchvision:NAME or "
                     f"FILE.py:FUNCTION, got {name}{hint}")


def _torchvision_model(name, classes):
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        raise InputError(f"--model: torchvision has no classification model {name}"
                         + did_you_mean(name, known))
    return models.get_model(name, weights=None, num_classes=classes)


def _model_of_file(path, function, channels, classes):
    if not os.path.isfile(path):
        raise InputError(f"--model: {path}: no such file")
    spec = importlib.util.spec_from_file_location("captured_model", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        make = getattr(module, function, None)
        if not callable(make):
            names = [n for n in dir(module) if callable(getattr(module, n))]
            raise InputError(f"--model: {path} has no function {function}"
                             + did_you_mean(function, names))
        takes = len(inspect.signature(make).parameters)
        model = make(channels, classes) if takes else make()
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"--model: {path}:{function} failed: {type(error).__name__}: {error}")
    if not isinstance(model, nn.Module):
        raise InputError(f"--model: {path}:{function} returned {type(model).__name__}, "
                         "expected a torch.nn.Module")
    return model


def load_checkpoint(path, model):
    """Loads the model's state; returns the optimizer's state or None.

    The file holds a state dict, or a dict with `model` (or `state_dict`) and, optionally,
    `opt` (or `optimizer`).
    """
    if not os.path.isfile(path):
        raise InputError(f"--checkpoint: {path}: no such file")
    try:
        content = torch.load(path, map_location="cpu")
    except Exception as error:
        raise InputError(f"--checkpoint: {path}: not a checkpoint torch.load can read: "
                         f"{type(error).__name__}")
    if not isinstance(content, dict):
        raise InputError(f"--checkpoint: {path}: expected a dict, found {type(content).__name__}")
    state = content.get("model", content.get("state_dict", content))
    if isinstance(model, ResNet20) and "c.weight" in state:
        state = {_long_name(key): value for key, value in state.items()}
    try:
        model.load_state_dict(state)
    except Exception as error:
        first = " ".join(str(error).split())[:300]
        raise InputError(f"--checkpoint: {path}: does not fit the model: {first}")
    return content.get("opt", content.get("optimizer"))


def _long_name(name):
    for short, long in _SHORT_NAMES:
        name = re.sub(short, long, name)
    return name
