# SPDX-License-Identifier: Apache-2.0
"""Memory files for random chips: a shipped one with a few keys drawn anew."""
import functools
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "configs" / "memory"
SHIPPED = {"ddr4-2400": 1200, "hbm2": 1000, "lpddr4-3200": 1600}  # rated clock [MHz]


@functools.lru_cache(maxsize=None)
def shipped_text(name):
    return (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


def with_value(text, key, value):
    """The text with another value of a key of organisation, timings or controller."""
    changed, count = re.subn(rf"(\n  {key}: {{value: )[^,]*", rf"\g<1>{value}", text)
    if count != 1:
        raise ValueError(f"memory file: {key} stands {count} times")
    return changed


def random_memory_file(source):
    """(text, rated clock [MHz]). Refreshes come early, so that short runs see them."""
    name = source.choice(sorted(SHIPPED))
    text = shipped_text(name)
    drawn = {"t_refi": [None, 900, 1500], "t_rfc": [None, 60],
             "queue_entries": [None, None, 1, 2, 5], "age_cap": [None, None, 40],
             "page_policy": [None, None, "closed"], "ranks": [None, None, 2]}
    for key, values in drawn.items():
        value = source.choice(values)
        if key == "t_rfc" and value is None and "value: 900" in text:
            value = 60  # an access has to fit between two refreshes
        if value is not None:
            text = with_value(text, key, value)
    return text, SHIPPED[name]
