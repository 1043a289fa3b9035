# SPDX-License-Identifier: Apache-2.0
"""Multiplies of every layer row counted by brute force with PyTorch, against `skipsim run`."""
