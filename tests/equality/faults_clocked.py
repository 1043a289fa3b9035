# SPDX-License-Identifier: Apache-2.0
"""Faults in the clocked engine; see faults.py."""
from .faults import Fault  # noqa: F401

CLOCKED = []
