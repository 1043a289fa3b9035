# SPDX-License-Identifier: Apache-2.0
"""Multiplies of a layer in a stage: convolutions of 0/1 masks give the pairs behind every result.

All sums are of whole numbers far below 2^53 in float64, so they are exact.
"""
from fractions import Fraction

import torch
import torch.nn.functional as functional

ROLES = {"FF": ("input", "weight"), "BP": ("input", "weight", "output"),
         "WG": ("input", "weight", "output")}


def pairs_per_result(layer, stage, a, b):
    """For every result of the stage: how many multiplies have a 1 in mask a and in mask b."""
    g = layer.geometry
    if stage == "FF":
        return functional.conv2d(a, b, None, g["stride"], g["padding"], g["dilation"], g["groups"])
    if stage == "BP":
        return torch.nn.grad.conv2d_input(layer.x.shape, b, a, g["stride"], g["padding"],
                                          g["dilation"],
                                          g["groups"])
    return torch.nn.grad.conv2d_weight(a, layer.w.shape, b, g["stride"], g["padding"],
                                       g["dilation"],
                                       g["groups"])


def operands(layer, stage):
    """(mask of A, mask of B) of the stage."""
    return {"FF": (layer.x, layer.w), "BP": (layer.dy, layer.w), "WG": (layer.x, layer.dy)}[stage]


class StageCounts:
    """The four counts per result that every mode is made of, and which results are needed."""

    def __init__(self, layer, stage):
        a, b = operands(layer, stage)
        every_a, every_b = torch.ones_like(a), torch.ones_like(b)
        self.layer, self.stage = layer, stage
        self.all = pairs_per_result(layer, stage, every_a, every_b)
        self.input = pairs_per_result(layer, stage, a, every_b)
        self.weight = pairs_per_result(layer, stage, every_a, b)
        self.both = pairs_per_result(layer, stage, a, b)
        self.needed = {"FF": torch.ones_like(self.all), "BP": layer.dx_needed,
                       "WG": layer.weight_keep}[stage]

    def macs(self, roles, chip):
        """The row's `macs`: roles are those selected, chip gives the blocks of columns."""
        kept = self.kept_results(chip) if "output" in roles else torch.ones_like(self.all)
        seen = self.input if "input" in roles else self.all
        issued = {(): self.all, ("input",): self.input, ("weight",): self.weight,
                  ("input", "weight"): self.both}[tuple(r for r in roles if r != "output")]
        dense = _whole(self.all)
        return {
            "dense": dense, "dense_all_samples": dense,
            "effectual": _whole(self.needed * self.both), "issued": _whole(kept * issued),
            "skipped": {"output": _whole((1 - kept) * self.all),
                        "input": _whole(kept * (self.all - seen)),
                        "weight_fine": _whole(kept * (seen - issued)), "weight_coarse": 0,
                        "sample": 0}}

    def kept_results(self, chip):
        """1 for results whose m stays: some column of the block needs its result at this m."""
        axis = 1 if self.stage == "BP" else 0  # the axis of the columns
        per_group = self.needed.shape[axis] // self.layer.groups
        kept = torch.empty_like(self.needed)
        for block in column_blocks(self.needed.shape[axis], per_group, chip):
            columns = self.needed.narrow(axis, block.start, len(block))
            any_needed = columns.amax(axis, keepdim=True).expand_as(columns)
            kept.narrow(axis, block.start, len(block)).copy_(any_needed)
        return kept

    def zero_fractions(self):
        """(zeros, elements) of the three roles' tensors, for the density policy."""
        a, b = operands(self.layer, self.stage)
        return [(tensor.numel() - _whole(tensor), tensor.numel()) for tensor in (a, b, self.needed)]


def column_blocks(columns, per_group, chip):
    """Ranges of columns in an array at once: within a core's part, the array width and, unless
    columns may hold different groups, a group."""
    accelerator = chip["accelerator"]["partition"]
    parts = accelerator["cluster_n"] * accelerator["core_n"]
    width = chip["core"]["columns"]
    is_cut_at_groups = chip["core"].get("group_columns", "separate") == "separate"
    blocks = []
    for part in range(parts):
        first, end = part * columns // parts, (part + 1) * columns // parts
        while first < end:
            last = min(first + width, end)
            if is_cut_at_groups:
                last = min(last, (first // per_group + 1) * per_group)
            blocks.append(range(first, last))
            first = last
    return blocks


def chosen_roles(mode, counts):
    """Roles in effect: `adaptive` takes the two emptiest (FF: input and weight)."""
    stage = counts.stage
    if mode == "adaptive" and stage == "FF":
        return ("input", "weight")
    if mode == "adaptive":
        zeros = [Fraction(*pair) for pair in counts.zero_fractions()]
        # Two stay, so one goes: the one with fewest zeros, among equals the last.
        gone = max(range(3), key=lambda role: (-zeros[role], role))
        return tuple(role for number, role in enumerate(ROLES[stage]) if number != gone)
    names = () if mode == "dense" else tuple(mode.split("+"))
    return tuple(name for name in names if name in ROLES[stage])


def _whole(tensor):
    return int(tensor.sum().item())
