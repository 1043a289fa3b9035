# SPDX-License-Identifier: Apache-2.0
"""Makes a failing case small: one simplification after the other, each kept if it still fails."""
from .shapes import BadGraph, fit_case, infer
from .simpler_chip import chip_steps
from .simpler_network import network_steps


class Shrinker:
    """fails: case -> whether it still fails; False as well when its files are refused."""

    def __init__(self, fails, report=lambda line: None, most_tries=2000):
        self._fails, self._report, self._most = fails, report, most_tries
        self.tries = 0

    def shrunk(self, case):
        """The smallest case found; the one that was given if nothing can be left out."""
        is_smaller = True
        while is_smaller:
            is_smaller = False
            for steps in (network_steps, chip_steps):
                case, did = self._one_pass(case, steps)
                is_smaller = is_smaller or did
        return case

    def _one_pass(self, case, steps):
        """Tries every step of the list; after a success the list is made anew from there on."""
        number, did = 0, False
        while self.tries < self._most:
            listed = steps(case)
            if number >= len(listed):
                return case, did
            smaller = self._with(case, listed[number])
            if smaller is None:
                number += 1
            else:
                case, did = smaller, True
        return case, did

    def _with(self, case, step):
        """The case after the step, or None if it does not fail like that."""
        name, change = step
        smaller = case.copy()
        try:
            change(smaller)
            for network in smaller.networks.values():
                infer(network["graph"])
            fit_case(smaller)
        except (BadGraph, KeyError, ValueError):
            return None
        self.tries += 1
        if not self._fails(smaller):
            return None
        self._report(f"simpler: {name}")
        return smaller
