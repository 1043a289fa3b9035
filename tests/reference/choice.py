# SPDX-License-Identifier: Apache-2.0
"""Which roles a row skips by, and whether its columns are packed: fixed, or chosen for the row."""
from fractions import Fraction

FIXED = [("input", "weight"), ("input", "output"), ("weight", "output"), ("input",), ("weight",),
         ("output",), ()]
PAIRS = FIXED[:3]


class Choice:
    """known: roles that have a pattern in the stage. cycles(roles, is_packed): of the row alone."""

    def __init__(self, chip, stage, patterns, known, cycles):
        self.chip, self.known, self._cycles = chip, known, cycles
        self.is_adaptive = chip.skip[stage] == "adaptive"
        self.by_density = self._in_effect(resolved_roles(chip.skip[stage], stage, patterns))
        by_cycles = self.is_adaptive and chip.adaptive_policy == "cycles"
        self.roles = self.fewest_cycles() if by_cycles else self.by_density
        self.is_packed = self.packs(self.roles)

    def _in_effect(self, roles):
        return tuple(role for role in roles if role in self.known)

    def _fixed(self, selections):
        """What the selections come to in this stage, each once."""
        return list(dict.fromkeys(self._in_effect(roles) for roles in selections))

    def fewest_cycles(self):
        """Of the pairs; among equals the first. A stage of two roles has one pair."""
        pairs = [roles for roles in self._fixed(PAIRS) if len(roles) == 2]
        return min(pairs, key=self.cycles)

    def packs(self, roles):
        if "output" not in roles or self.chip.output_mode == "row":
            return False
        if self.chip.output_mode == "packed":
            return True
        return self._cycles(roles, True) < self._cycles(roles, False)

    def cycles(self, roles):
        return self._cycles(roles, self.packs(roles))

    def regret_fields(self):
        if not (self.is_adaptive and self.chip.regret):
            return {}
        choices = {"+".join(roles) or "dense": self.cycles(roles) for roles in self._fixed(FIXED)}
        return {"choices": choices,
                "regret_cycles": self.cycles(self.roles) - min(choices.values())}


def resolved_roles(mode, stage, patterns):
    """`adaptive` by density: the two roles with most zeros, input before weight before output."""
    if mode != "adaptive":
        return [] if mode == "dense" else mode.split("+")
    if stage == "FF":
        return ["input", "weight"]
    tensors = {"BP": (patterns.dy, patterns.w, patterns.dx_needed),
               "WG": (patterns.x, patterns.dy, patterns.weight_keep)}[stage]
    zeros = [Fraction(int(tensor.size - tensor.sum()), int(tensor.size)) for tensor in tensors]
    chosen = sorted(sorted(range(3), key=lambda role: -zeros[role])[:2])
    return [("input", "weight", "output")[role] for role in chosen]
