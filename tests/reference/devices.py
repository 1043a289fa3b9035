# SPDX-License-Identifier: Apache-2.0
"""What brings operands to the clocked core: the ports that load tiles, the buses and the feed."""


class Port:
    """Loads the tiles of one operand in order; the latency is a pipeline behind the transfer."""

    def __init__(self, cycles_of_tile, latency):
        self.waiting = [(tile, cycles) for tile, cycles in enumerate(cycles_of_tile)
                        if cycles is not None]
        self.latency = latency
        self.transfer = None  # [tile, cycles left]
        self.pipeline = []  # [tile, cycles left]
        self.resident = set()

    def begin_cycle(self, requested):
        """requested: tiles asked for so far. A transfer of no cycles ends where it begins."""
        while True:
            if self.transfer and self.transfer[1] == 0:
                self.pipeline.append([self.transfer[0], self.latency])
                self.transfer = None
            if self.transfer or not self.waiting or self.waiting[0][0] not in requested:
                break
            self.transfer = list(self.waiting.pop(0))
        self.resident.update(tile for tile, left in self.pipeline if left == 0)
        self.pipeline = [entry for entry in self.pipeline if entry[1] > 0]

    def end_cycle(self):
        for entry in self.pipeline:
            entry[1] -= 1
        if self.transfer:
            self.transfer[1] -= 1


class Source:
    """A bus or a feed; serves its chunks in order. `sent` counts those it has served completely."""

    def __init__(self, side, slots):
        self.side = side  # of the PEs: "row" (operand A) or "column" (operand B)
        self.slots = slots  # {step: [(cycles of the slot, its receivers), ...]}
        self.steps = list(slots)
        self.order = {step: position for position, step in enumerate(self.steps)}
        self.receivers = {step: [pe for _, pes in own for pe in pes] for step, own in slots.items()}
        self.begun = self.sent = 0
        self.queue = []  # slots of the chunk under way
        self.left = 0  # cycles of the slot under way

    def start(self):
        self.queue = list(self.slots[self.steps[self.begun - 1]])
        self.left = self.queue[0][0]

    def edge(self):
        """At the end of a cycle in which the source is at work."""
        self.left -= 1
        if self.left == 0:
            for pe in self.queue.pop(0)[1]:
                pe.fifo[self.side].add(self.steps[self.sent])
            if self.queue:
                self.left = self.queue[0][0]
            else:
                self.sent += 1
