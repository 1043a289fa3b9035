# SPDX-License-Identifier: Apache-2.0
"""A whole iteration on a whole chip: memory system, vector unit and cores on one time line."""
