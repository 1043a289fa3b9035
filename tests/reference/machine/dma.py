# SPDX-License-Identifier: Apache-2.0
"""The DMA in front of an ideal memory: two queues, one engine, a rate and a latency."""
from collections import deque

from ..chip import divide_up
from .timeline import DUE, SERVE, Event

FOREGROUND, BACKGROUND = 0, 1


class Job:
    def __init__(self, size):
        self.bytes, self.done = size, Event()


class Dma:
    def __init__(self, timeline, rate, latency):
        self._timeline, self._rate, self._latency = timeline, rate, latency
        self._queues, self._arrived = (deque(), deque()), []
        self._free_at, self._under_way = 0, 0
        self._empty = Event()

    def submit(self, size, queue=FOREGROUND):
        """Jobs of a cycle enter by their place; one of 0 bytes is complete when it enters."""
        job = Job(size)
        self._under_way += 1
        self._arrived.append([self._timeline.place, queue, job])
        self._timeline.soon(SERVE, self._serve)
        return job

    def hurry(self, job):
        """A waiting background job goes to the end of the foreground queue."""
        for arrival in self._arrived:
            if arrival[2] is job:
                arrival[1] = FOREGROUND
        if job in self._queues[BACKGROUND]:
            self._queues[BACKGROUND].remove(job)
            self._queues[FOREGROUND].append(job)

    def when_empty(self, call):
        self._empty = Event(self._under_way == 0)
        self._empty.then(call)

    def _serve(self):
        now = self._timeline.now
        arrived, self._arrived = sorted(self._arrived, key=lambda arrival: arrival[0]), []
        for _, queue, job in arrived:
            if job.bytes:
                self._queues[queue].append(job)
            else:
                self._complete(job)
        if now < self._free_at:
            return
        queue = next((queue for queue in self._queues if queue), None)
        if queue is None:
            return
        job = queue.popleft()
        self._free_at = now + divide_up(job.bytes, self._rate)
        self._timeline.at(self._free_at + self._latency, DUE, lambda: self._complete(job))
        self._timeline.at(self._free_at, SERVE, self._serve)

    def _complete(self, job):
        self._under_way -= 1
        job.done.happen()
        if self._under_way == 0 and not self._empty.happened:
            self._empty.happen()
