# SPDX-License-Identifier: Apache-2.0
"""The tables of configs/SPARSITY.md are what scripts/sparsity_curves.py prints."""
import json
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPSIM = os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim"))
PAGE = (ROOT / "configs/SPARSITY.md").read_text(encoding="utf-8")


@pytest.fixture(name="data", scope="module")
def measured():
    done = subprocess.run(["/usr/bin/python3", ROOT / "scripts/sparsity_curves.py", "--skipsim",
                           SKIPSIM, "--zeros", "0,90", "--json"], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_tables_at_0_and_90_percent_stand_in_the_page(data):
    places = dict(re.findall(r"(?s)<!-- (\w+): begin -->\n(.*?)\n<!-- \1: end -->", PAGE))
    assert list(places) == ["weights", "both", "cycles", "energy", "changes"]
    assert list(data["tables"]) == list(places)
    for name, table in data["tables"].items():
        for line in table.splitlines():
            assert line in places[name].splitlines(), f"SPARSITY.md, {name}, lacks: {line}"
        if name not in ("weights", "both"):
            assert table == places[name]


def test_the_parts_of_the_energy_add_up_to_the_efficiency(data):
    # 2 operations a MAC: 2000 / (fJ per dense MAC) TFLOPS/W, as measured and as published.
    for point in (data["0 %"], data["dense"], data["90 %"]["both"]["pnpu"]):
        total = sum(point["fj_per_dense_mac"].values())
        assert 2000 / total == pytest.approx(point["tflops_per_w"], rel=1e-9)
    assert data["0 %"]["tflops_per_w"] == pytest.approx(3.14, rel=0.002)
