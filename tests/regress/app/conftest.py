# SPDX-License-Identifier: Apache-2.0
"""The real program, run as a person would run it, with a small trace made for the purpose."""
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests/support")]
import calibrate_energy  # noqa: E402  (its dense trace is the small trace of these tests)
from program import SKIPSIM, run_skipsim  # noqa: E402


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def skipsim():
    return run_skipsim


@pytest.fixture(scope="session")
def program():
    return SKIPSIM


@pytest.fixture(scope="session")
def trace(tmp_path_factory):
    """One convolution, one iteration, nothing zero."""
    sizes = calibrate_energy.CHANNELS, calibrate_energy.PIXELS, calibrate_energy.BATCH
    calibrate_energy.CHANNELS, calibrate_energy.PIXELS, calibrate_energy.BATCH = 4, 6, 2
    path = tmp_path_factory.mktemp("trace") / "dense.h5"
    calibrate_energy.write_dense_trace(path)
    calibrate_energy.CHANNELS, calibrate_energy.PIXELS, calibrate_energy.BATCH = sizes
    return path


@pytest.fixture()
def tiny(root, tmp_path):
    """A copy of configs/tiny.yaml to spoil, as text; write it with `spoil`."""
    text = (root / "configs/tiny.yaml").read_text(encoding="utf-8")
    return text.replace("energy/45nm-0.9v.yaml", str(root / "configs/energy/45nm-0.9v.yaml"))
