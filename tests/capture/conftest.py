# SPDX-License-Identifier: Apache-2.0
"""Puts scripts/ and this folder on the path of every test here."""
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [_HERE, os.path.join(_HERE, "..", "..", "scripts")]
