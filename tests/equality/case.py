# SPDX-License-Identifier: Apache-2.0
"""A random case for two engines: one of tests/reference with numbers, clocks and modelled DRAM."""
import copy
import json
import pathlib
import random

import yaml

from reference.generate import FEATURES as REFERENCE_FEATURES
from reference.generate import Case
from reference.write_case import write_trace

from .memory_files import random_memory_file
from .values import add_values

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENERGY_TABLE = ROOT / "configs" / "energy" / "65nm-0.78v.yaml"
FEATURES = REFERENCE_FEATURES + ("dram", "values")
_CORE_MHZ = [50, 50, 200, 333.3, 1200, 3000]


class EngineCase:
    """config: for YAML; memory_file: text or None; networks, iterations, facts: as in Case.

    is_checked: the values are compared as well, which takes as long as the simulation."""

    def __init__(self, seed, features=FEATURES):
        own = Case(seed, [name for name in features if name in REFERENCE_FEATURES])
        self.seed, self.config, self.memory_file = seed, own.config, None
        self.networks, self.iterations, self.facts = own.networks, own.iterations, own.facts
        self.values = "none"
        self._cheapen(random.Random(f"{seed} cheap"))
        if "dram" in features:
            self._dram(random.Random(f"{seed} dram"))
        if "values" in features:
            self.values = add_values(self, random.Random(f"{seed} values"))
        self.is_checked = random.Random(f"{seed} check").random() < 0.35

    def _cheapen(self, source):
        """Regret simulates a row eight times, and says nothing new about an engine."""
        if source.random() < 0.9:
            self.config["skip"].pop("regret", None)

    def _dram(self, source):
        self.config["clocks"]["core_mhz"] = source.choice(_CORE_MHZ)
        if source.random() < 0.65:
            return
        self.memory_file, rated = random_memory_file(source)
        self.config["memory"]["dram"] = "memory.yaml"
        for key in ("ideal_bytes_per_cycle", "ideal_latency_cycles"):
            self.config["memory"].pop(key, None)
        self.config["clocks"]["memory_mhz"] = source.choice([rated, rated, rated // 3, 100])
        self.config["clocks"]["crossing_cycles"] = source.choice([0, 0, 1, 2, 7])
        self.config["dma"] = {
            "bytes_per_cycle": source.choice(["unlimited", 1, 8, 32, 100, 256]),
            "outstanding_bursts": source.choice([1, 2, 5, 64])}

    def copy(self):
        """A deep copy, which a shrinker may change."""
        return copy.deepcopy(self)

    def write(self, folder):
        """chip.yaml, case.h5 and, with modelled DRAM, memory.yaml."""
        folder = pathlib.Path(folder)
        config = {**self.config, "energy": {"table": str(ENERGY_TABLE)}}
        # JSON is YAML, and is written sooner.
        (folder / "chip.yaml").write_text(_as_yaml(config), encoding="utf-8")
        if self.memory_file is not None:
            (folder / "memory.yaml").write_text(self.memory_file, encoding="utf-8")
        write_trace(folder / "case.h5", self.networks, self.iterations, self.facts)


def _as_yaml(config):
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items())


def readable(folder):
    """Writes chip.yaml of the folder anew, for a reader."""
    path = pathlib.Path(folder) / "chip.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
