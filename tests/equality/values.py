# SPDX-License-Identifier: Apache-2.0
"""Numbers behind the masks of a random case: whole ones, any ones, or none."""
import numpy as np

KINDS = ("whole", "whole", "whole", "real", "none")
_LARGEST_WHOLE = 8  # sums of products of such numbers are exact in FP32
_BESIDE = {"nonzero": "values", "gradient_nonzero": "gradient_values"}


def add_values(case, source):
    """Gives the tensors and weights of the case numbers; returns the kind that was drawn."""
    kind = source.choice(KINDS)
    if kind == "none":
        return kind
    generator = np.random.default_rng(source.getrandbits(32))
    for iteration in case.iterations:
        for name, masks in iteration["networks"].items():
            learns = iteration["phase"] == "train" and case.networks[name]["role"] == "student"
            shapes = {t["name"]: t["shape"] for t in case.networks[name]["graph"]["tensors"]}
            for tensor, own in masks["tensors"].items():
                _fill_tensor(own, [iteration["samples"]] + shapes[tensor], learns,
                             (kind, generator, source))
            for parameter in masks["parameters"].values():
                _fill_parameter(parameter, kind, generator)
    return kind


def numbers(generator, kind, nonzero):
    """float32 in the shape of `nonzero`, zero exactly where it says so."""
    if kind == "whole":
        size = generator.integers(1, _LARGEST_WHOLE + 1, nonzero.shape)
    else:
        size = generator.uniform(0.01, 2.0, nonzero.shape)
    sign = generator.integers(0, 2, nonzero.shape) * 2 - 1
    return (size * sign * nonzero).astype(np.float32)


def _fill_tensor(masks, shape, learns, drawn):
    kind, generator, source = drawn
    for pattern, key in _BESIDE.items():
        if (learns or pattern == "nonzero") and source.random() < 0.85:
            nonzero = masks.get(pattern, np.ones(shape, dtype=bool))
            masks[key] = numbers(generator, kind, nonzero)


def _fill_parameter(masks, kind, generator):
    """Whole numbers in place of others; where float16 loses some, the loss is the point."""
    values = masks.get("values")
    if values is not None and values.dtype == np.float32 and kind == "whole":
        masks["values"] = numbers(generator, kind, values != 0)
