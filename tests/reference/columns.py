# SPDX-License-Identifier: Apache-2.0
"""Which columns each part of the column axis gets: in order, or as the balancer deals them."""
from collections import Counter

from .chip import divide_up


def share(amount, part, parts):
    return range(part * amount // parts, (part + 1) * amount // parts)


def is_balanced(chip, operands):
    return chip.balancer and "weight" in operands.roles and operands.reduction.layer.groups == 1


def columns_of_parts(chip, operands, phase, parts):
    """The columns of every part of the column axis, in the order of the array's positions."""
    amount = operands.reduction.columns
    if not is_balanced(chip, operands):
        return [list(share(amount, part, parts)) for part in range(parts)]
    sizes = [len(share(amount, part, parts)) for part in range(parts)]
    return dealt(sorted_columns(operands, phase), sizes, chip.columns)


def sorted_columns(operands, phase):
    """By the chunks jumped (0 before 1), then most work first, then their own order."""
    chunks = range(operands.chunk_count(phase))

    def key(n):
        jumped = operands.jumped(phase, n, chunks)
        work = sum(chunk.nonzero.bit_count() for chunk in operands.column(phase, n))
        return [t in jumped for t in chunks], -work, n

    return sorted(range(operands.reduction.columns), key=key)


def dealt(columns, sizes, packet):
    """Packets of columns, to the parts there and back again, passing over those that are full."""
    parts = [[] for _ in sizes]
    left = list(columns)
    while left:
        for part in visiting_order(len(sizes)):
            take = min(packet, sizes[part] - len(parts[part]))
            parts[part] += left[:take]
            left = left[take:]
    return parts


def visiting_order(parts):
    """One way there and back."""
    return list(range(parts)) + list(reversed(range(parts)))


def balancing(chip, operands):
    """(cycles before the cores start, actions) of the balancer."""
    if not is_balanced(chip, operands):
        return 0, Counter()
    amount = operands.reduction.columns
    bits = sum(len(phase.k_values) for phase in operands.reduction.phases) * amount
    compares = len(operands.reduction.phases) * amount * (amount - 1).bit_length()
    cycles = divide_up(bits, chip.balancer_bits) + divide_up(compares, chip.balancer_compares)
    return cycles, Counter({"balancer.bit": bits, "balancer.compare": compares})
