# SPDX-License-Identifier: Apache-2.0
"""Which inputs the windows of a pooling operator hold."""


def _lines(entry, axis, size, outputs):
    """Of one axis: the positions inside the tensor of every window."""
    attributes = entry.get("attributes", {})
    if entry["kind"] == "adaptive_avg_pool2d":
        return [range(p * size // outputs, -(-(p + 1) * size // outputs)) for p in range(outputs)]
    kernel = attributes["kernel"][axis]
    stride = attributes.get("stride", attributes["kernel"])[axis]
    padding = attributes.get("padding", (0, 0))[axis]
    dilation = attributes.get("dilation", (1, 1))[axis]
    windows = [[p * stride - padding + r * dilation for r in range(kernel)] for p in range(outputs)]
    return [[at for at in window if 0 <= at < size] for window in windows]


def pooling_windows(graph, entry):
    """(inputs in windows, windows with an input, inputs in a window) over channels and samples."""
    x, y = graph.shape(entry["inputs"][0]), graph.shape(entry["outputs"][0])
    rows, columns = (_lines(entry, axis, x[1 + axis], y[1 + axis]) for axis in range(2))
    planes = graph.samples * x[0]
    inside = sum(len(row) for row in rows) * sum(len(column) for column in columns)
    windows = sum(map(bool, rows)) * sum(map(bool, columns))
    covered = len(set().union(*rows)) * len(set().union(*columns))
    return planes * inside, planes * windows, planes * covered


def winner_bits(entry):
    height, width = entry["attributes"]["kernel"]
    return (height * width - 1).bit_length()
