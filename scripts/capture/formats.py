# SPDX-License-Identifier: Apache-2.0
"""Bit patterns, and what a narrow number format flushes to zero."""
import numpy as np
import torch

# Format -> (largest finite value, smallest positive value). fp32 is captured exactly.
_RANGES = {
    "fp16": (65504.0, 2.0 ** -24),
    "bf16": (3.3895313892515355e38, 2.0 ** -133),
    "fp8_e4m3": (448.0, 2.0 ** -9),
    "fp8_e5m2": (57344.0, 2.0 ** -16),
    "int8": (127.0, 1.0),
}
NUMBER_FORMATS = ("fp32",) + tuple(_RANGES)


def nonzero_mask(tensor, number_format):
    """True where a value is not zero in `number_format`.

    fp32: exact zeros. Other formats: the tensor is scaled so that its largest magnitude is
    the format's largest finite value, then rounded to nearest even: a scaled magnitude of
    at most half the smallest positive value becomes zero.
    """
    if number_format == "fp32":
        return tensor != 0
    largest, smallest = _RANGES[number_format]
    magnitude = tensor.detach().abs().double()
    peak = magnitude.max() if magnitude.numel() else magnitude.new_zeros(())
    if peak == 0:
        return torch.zeros_like(tensor, dtype=torch.bool)
    return magnitude * (largest / peak) > smallest / 2


def pack_samples(mask):
    """Bit pattern [samples, bytes] of a tensor's mask [samples, ...]."""
    flat = mask.detach().reshape(mask.shape[0], -1).cpu().numpy()
    return np.packbits(flat, axis=1, bitorder="little")


def pack_all(mask):
    """Bit pattern [bytes] of a parameter's mask."""
    return np.packbits(mask.detach().reshape(-1).cpu().numpy(), bitorder="little")
