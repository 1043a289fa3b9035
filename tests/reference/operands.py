# SPDX-License-Identifier: Apache-2.0
"""One layer in one stage as O[m,n] = sum over k of A[m,k] B[k,n] (contract, section 2).

Indices are kept as tuples and translated by the formulas of the table, one position at a time.
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """m and k in their order; a stage without sub-pixel phases is one phase."""

    m_values: list
    k_values: list


def _flat(index, shape):
    position = 0
    for value, extent in zip(index, shape):
        position = position * extent + value
    return position


class Reduction:
    """Phases, columns and the operand formulas of one stage; subclasses are the table's rows.

    a_bits and b_bits are flat lists of booleans (C order); a_index gives None out of bounds.
    """

    def __init__(self, layer, patterns):
        self.layer = layer
        self.samples = patterns.samples
        self.group_inputs = layer.channels // layer.groups
        self.group_filters = layer.filters // layer.groups
        self.x_shape, self.y_shape = patterns.x.shape, patterns.dy.shape
        self.w_shape = patterns.w.shape
        self.coarse = patterns.coarse

    def group_of(self, n):
        return n // self.columns_of_group

    def taps(self):
        return [(r, s) for r in range(self.layer.taps_vertical)
                for s in range(self.layer.taps_horizontal)]

    def output_pixels(self):
        return [(n, p, q) for n in range(self.samples) for p in range(self.layer.out_height)
                for q in range(self.layer.out_width)]

    def x_index(self, sample, channel, p, q, r, s):
        """Element of x that output pixel (p, q) reads at tap (r, s)."""
        layer = self.layer
        row = p * layer.stride[0] - layer.padding[0] + r * layer.dilation[0]
        column = q * layer.stride[1] - layer.padding[1] + s * layer.dilation[1]
        if not (0 <= row < layer.height and 0 <= column < layer.width):
            return None
        return _flat((sample, channel, row, column), self.x_shape)


class FeedForward(Reduction):
    def __init__(self, layer, patterns, chip):
        super().__init__(layer, patterns)
        del chip
        self.columns, self.columns_of_group = layer.filters, self.group_filters
        self.a_bits, self.b_bits = patterns.x.ravel().tolist(), patterns.w.ravel().tolist()
        k_values = [(r, s, c) for r, s in self.taps() for c in range(self.group_inputs)]
        self.phases = [Phase(self.output_pixels(), k_values)]

    def a_index(self, group, m, k):
        (sample, p, q), (r, s, c) = m, k
        return self.x_index(sample, group * self.group_inputs + c, p, q, r, s)

    def b_index(self, k, n):
        r, s, c = k
        return _flat((n, c, r, s), self.w_shape)

    def is_pruned(self, k, n):
        r, s, c = k
        return not self.coarse.is_kept((r, s), c, n)

    def is_needed(self, m, n):
        del m, n
        return True


class BackPropagation(Reduction):
    def __init__(self, layer, patterns, chip):
        super().__init__(layer, patterns)
        self.columns, self.columns_of_group = layer.channels, self.group_inputs
        self.a_bits, self.b_bits = patterns.dy.ravel().tolist(), patterns.w.ravel().tolist()
        self._needed = patterns.dx_needed.ravel().tolist()
        self.phases = [self._all()] if chip.zero_insertion else self._sub_pixel_phases()

    def _all(self):
        pixels = [(n, h, w) for n in range(self.samples) for h in range(self.layer.height)
                  for w in range(self.layer.width)]
        return Phase(pixels, [(r, s, f) for r, s in self.taps() for f in range(self.group_filters)])

    def _sub_pixel_phases(self):
        everything = self._all()
        stride_h, stride_w = self.layer.stride
        (pad_h, pad_w), (dil_h, dil_w) = self.layer.padding, self.layer.dilation
        phases = []
        for a in range(stride_h):
            for b in range(stride_w):
                pixels = [m for m in everything.m_values if m[1] % stride_h == a
                          and m[2] % stride_w == b]
                taps = [k for k in everything.k_values
                        if (a + pad_h - k[0] * dil_h) % stride_h == 0
                        and (b + pad_w - k[1] * dil_w) % stride_w == 0]
                if pixels and taps:
                    phases.append(Phase(pixels, taps))
        return phases

    def a_index(self, group, m, k):
        (sample, h, w), (r, s, f) = m, k
        layer = self.layer
        above = h + layer.padding[0] - r * layer.dilation[0]
        left = w + layer.padding[1] - s * layer.dilation[1]
        if above % layer.stride[0] or left % layer.stride[1]:
            return None
        p, q = above // layer.stride[0], left // layer.stride[1]
        if not (0 <= p < layer.out_height and 0 <= q < layer.out_width):
            return None
        return _flat((sample, group * self.group_filters + f, p, q), self.y_shape)

    def b_index(self, k, n):
        r, s, f = k
        group = n // self.group_inputs
        return _flat((group * self.group_filters + f, n - group * self.group_inputs, r, s),
                     self.w_shape)

    def is_pruned(self, k, n):
        r, s, f = k
        group, c = divmod(n, self.group_inputs)
        return not self.coarse.is_kept((r, s), c, group * self.group_filters + f)

    def is_needed(self, m, n):
        sample, h, w = m
        return self._needed[_flat((sample, n, h, w), self.x_shape)]


class WeightGradient(Reduction):
    def __init__(self, layer, patterns, chip):
        super().__init__(layer, patterns)
        del chip
        self.columns, self.columns_of_group = layer.filters, self.group_filters
        self.a_bits, self.b_bits = patterns.x.ravel().tolist(), patterns.dy.ravel().tolist()
        self._keep = patterns.weight_keep.ravel().tolist()
        self.coarse = None
        m_values = [(r, s, c) for r, s in self.taps() for c in range(self.group_inputs)]
        self.phases = [Phase(m_values, self.output_pixels())]

    def a_index(self, group, m, k):
        (r, s, c), (sample, p, q) = m, k
        return self.x_index(sample, group * self.group_inputs + c, p, q, r, s)

    def b_index(self, k, n):
        sample, p, q = k
        return _flat((sample, n, p, q), self.y_shape)

    def is_needed(self, m, n):
        r, s, c = m
        return self._keep[_flat((n, c, r, s), self.w_shape)]


STAGES = {"FF": FeedForward, "BP": BackPropagation, "WG": WeightGradient}
