# SPDX-License-Identifier: Apache-2.0
"""What happens when: a heap of calls by cycle and, within a cycle, by phase and order."""
import heapq
import itertools

# Phases of a cycle: what is due at its edge, rows that begin, requests; transfers that are complete;
# cluster buffers take requests and start bursts; the DMA takes jobs; the vector unit takes a block.
# What a phase causes in one that has passed happens at once, before the phases still to come.
EDGE, ROW, REQUEST, COMPLETION, BUFFERS, TRANSFER, COMPUTE = range(7)


class Timeline:
    def __init__(self):
        self.now = 0
        self._heap, self._numbers = [], itertools.count()

    def at(self, cycle, phase, call, place=()):
        """place: orders the requests of a cycle."""
        if cycle < self.now:
            raise RuntimeError("a call in the past")
        heapq.heappush(self._heap, (cycle, phase, place, next(self._numbers), call))

    def soon(self, phase, call, place=()):
        self.at(self.now, phase, call, place)

    def run(self):
        while self._heap:
            self.now, _, _, _, call = heapq.heappop(self._heap)
            call()


class Event:
    """Something that happens once; whoever waits is called then, in order."""

    def __init__(self, happened=False):
        self.happened, self._waiting = happened, []

    def then(self, call):
        if self.happened:
            call()
        else:
            self._waiting.append(call)

    def happen(self):
        self.happened = True
        for call in self._waiting:
            call()


def all_of(events):
    """An event that happens with the last of the events."""
    left = [event for event in events if not event.happened]
    everything, count = Event(not left), [len(left)]

    def one_more():
        count[0] -= 1
        if count[0] == 0:
            everything.happen()

    for event in left:
        event.then(one_more)
    return everything
