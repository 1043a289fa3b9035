# SPDX-License-Identifier: Apache-2.0
"""Passes of a weight update (section 12)."""
from dataclasses import dataclass

from .graph import LAYERS, Pass, role


@dataclass(frozen=True)
class Optimizer:
    rule: str  # sgd or adam
    momentum: bool
    weight_decay: bool
    nesterov: bool


def optimizer_of(chip, facts):
    """facts: the attributes of the trace's /run."""
    rule = facts.get("optimizer", "sgd") if chip.optimizer == "trace" else chip.optimizer
    return Optimizer(rule, bool(facts.get("momentum", 0)), bool(facts.get("weight_decay", 0)),
                     bool(facts.get("nesterov", 0)))


def _per_element(optimizer):
    """(adds, multiplies, specials) of one element."""
    adds, multiplies, specials = (4, 6, 2) if optimizer.rule == "adam" else (1, 1, 0)
    if optimizer.rule == "sgd" and optimizer.momentum:
        adds, multiplies = adds + 1 + optimizer.nesterov, multiplies + 1 + optimizer.nesterov
    return adds + optimizer.weight_decay, multiplies + optimizer.weight_decay, specials


def _state(optimizer):
    if optimizer.rule == "adam":
        return ("momentum", "second moment")
    return ("momentum",) if optimizer.momentum else ()


def update(graph, entry, optimizer):
    return [_one_parameter(graph, entry, name, optimizer) for name in graph.updates(entry)]


def _one_parameter(graph, entry, name, optimizer):
    count = graph.elements(name)
    adds, multiplies, specials = (count * each for each in _per_element(optimizer))
    kept = (graph.master(name),) + tuple(graph.full(kind, name) for kind in _state(optimizer))
    has_copy = entry["kind"] in LAYERS and name == role(entry, "weight")
    return Pass(adds, multiplies, 0, specials, (graph.parameter_gradient(name),) + kept,
                kept + ((graph.parameter(name),) if has_copy else ()))
