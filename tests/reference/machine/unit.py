# SPDX-License-Identifier: Apache-2.0
"""The vector unit: passes in blocks, a foreground row before weight updates in the background."""
from collections import deque

from .dma import BACKGROUND, FOREGROUND
from .timeline import COMPUTE, EDGE, Event, all_of

_PLACE = (1_000_000,)  # behind every cluster


class VectorJob:
    """passes: (cycles, streamed reads, streamed writes [bytes]) each; done happens when the last
    block of the last pass is computed."""

    def __init__(self, passes, is_background):
        self.passes, self.done = passes, Event()
        self.queue = BACKGROUND if is_background else FOREGROUND


class _Running:
    """A job at work: its pass, and how far each block is."""

    def __init__(self, job, unit):
        self.job, self._unit, self._next_pass = job, unit, 0

    def begin_pass(self):
        if self._next_pass == len(self.job.passes):
            self.job.done.happen()
            self._unit.leave(self)
            return
        self.cycles, self._reads, self._writes = self.job.passes[self._next_pass]
        self._next_pass += 1
        largest = max(self._reads + self._writes, default=0)
        self.blocks = max(1, -(-largest // self._unit.block_bytes))
        self.block, self.is_busy = 0, False
        self._loaded, self._stored = {}, {}
        for block in range(min(2, self.blocks)):
            self._load(block)

    def _piece(self, amount, block):
        return (block + 1) * amount // self.blocks - block * amount // self.blocks

    def _transfer(self, block, amounts):
        return all_of([self._unit.request(self._piece(amount, block), self.job.queue)
                       for amount in amounts])

    def _load(self, block):
        self._loaded[block] = self._transfer(block, self._reads)
        self._loaded[block].then(self._unit.look)

    def can_start(self):
        if self.is_busy or not self._loaded[self.block].happened:
            return False
        return self.block < 2 or self._stored[self.block - 2].happened

    def start(self):
        self.is_busy = True
        return self._piece(self.cycles, self.block)

    def computed(self):
        block = self.block
        self.is_busy = False
        self._stored[block] = self._transfer(block, self._writes)
        self._stored[block].then(self._unit.look)
        if block + 2 < self.blocks:
            self._load(block + 2)
        if block + 1 < self.blocks:
            self.block += 1
            self._unit.look()
        else:
            self.begin_pass()


class VectorUnit:
    def __init__(self, timeline, dma, block_bytes):
        self._timeline, self.dma, self.block_bytes = timeline, dma, block_bytes
        self._foreground, self._background = None, deque()
        self._is_busy = False

    def submit(self, job):
        """The first pass begins at once, so that its first blocks are loaded."""
        if not job.passes:
            job.done.happen()
            return
        running = _Running(job, self)
        if job.queue == FOREGROUND:
            self._foreground = running
        else:
            self._background.append(running)
        running.begin_pass()

    def request(self, size, queue):
        """An event: that the bytes have been moved."""
        return self.dma.submit(size, queue, _PLACE).done if size else Event(True)

    def leave(self, running):
        if running is self._foreground:
            self._foreground = None
        else:
            self._background.popleft()
            self.look()

    def look(self):
        self._timeline.soon(COMPUTE, self._start)

    def _start(self):
        if self._is_busy:
            return
        candidates = [self._foreground] if self._foreground else []
        candidates += list(self._background)[:1]
        running = next((each for each in candidates if self._has_begun(each)
                        and each.can_start()), None)
        if running:
            self._is_busy = True
            self._timeline.at(self._timeline.now + running.start(), EDGE,
                              lambda: self._computed(running))

    @staticmethod
    def _has_begun(running):
        return hasattr(running, "cycles")

    def _computed(self, running):
        self._is_busy = False
        running.computed()
        self.look()
