# SPDX-License-Identifier: Apache-2.0
"""A cycle counter of its own, written from models/MICROARCHITECTURE.md alone."""
