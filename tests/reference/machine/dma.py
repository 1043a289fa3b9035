# SPDX-License-Identifier: Apache-2.0
"""The DMA in front of an ideal memory: two queues, one engine, a rate and a latency."""
from collections import deque

from ..chip import divide_up
from .timeline import COMPLETION, TRANSFER, Event

FOREGROUND, BACKGROUND = 0, 1


class Job:
    """place: of who asks, for the order among the jobs of a cycle; () is the chip's control."""

    def __init__(self, size, queue, place):
        self.bytes, self.queue, self.place, self.done = size, queue, place, Event()


class Dma:
    def __init__(self, timeline, rate, latency):
        self._timeline, self._rate, self._latency = timeline, rate, latency
        self._arrived, self._queues = [], (deque(), deque())
        self._free_at, self._under_way = 0, 0
        self._empty = Event()

    def submit(self, size, queue=FOREGROUND, place=()):
        """A job of 0 bytes is complete when it is taken, in its turn."""
        job = Job(size, queue, place)
        self._under_way += 1
        self._arrived.append(job)
        self._timeline.soon(TRANSFER, self._transfer)
        return job

    def hurry(self, job):
        """A waiting background job goes to the end of the foreground queue."""
        if job in self._arrived:
            self._arrived.remove(job)
            self._arrived.append(job)
            job.queue = FOREGROUND
        elif job in self._queues[BACKGROUND]:
            self._queues[BACKGROUND].remove(job)
            self._queues[FOREGROUND].append(job)

    def when_empty(self, call):
        self._empty = Event(self._under_way == 0)
        self._empty.then(call)

    def _transfer(self):
        self._take_arrived()
        now = self._timeline.now
        while self._free_at <= now and any(self._queues):
            job = next(queue for queue in self._queues if queue).popleft()
            self._free_at = now + divide_up(job.bytes, self._rate)
            if self._free_at > now:
                self._timeline.at(self._free_at, TRANSFER, self._transfer)
            self._complete_at(job, self._free_at + self._latency)

    def _take_arrived(self):
        arrived, self._arrived = sorted(self._arrived, key=lambda job: job.place), []
        for job in arrived:
            if job.bytes:
                self._queues[job.queue].append(job)
            else:
                self._complete(job)

    def _complete_at(self, job, cycle):
        if cycle <= self._timeline.now:
            self._complete(job)
        else:
            self._timeline.at(cycle, COMPLETION, lambda: self._complete(job))

    def _complete(self, job):
        self._under_way -= 1
        job.done.happen()
        if self._under_way == 0 and not self._empty.happened:
            self._empty.happen()
