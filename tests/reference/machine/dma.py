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
        self._queues, self._of_no_bytes = (deque(), deque()), deque()
        self._free_at, self._under_way = 0, 0
        self._empty = Event()

    def submit(self, size, queue=FOREGROUND):
        """A job of 0 bytes is complete when it enters, in its turn."""
        job = Job(size)
        self._under_way += 1
        (self._queues[queue] if size else self._of_no_bytes).append(job)
        self._timeline.soon(SERVE, self._serve)
        return job

    def hurry(self, job):
        """A waiting background job goes to the end of the foreground queue."""
        if job in self._queues[BACKGROUND]:
            self._queues[BACKGROUND].remove(job)
            self._queues[FOREGROUND].append(job)

    def when_empty(self, call):
        self._empty = Event(self._under_way == 0)
        self._empty.then(call)

    def _serve(self):
        now = self._timeline.now
        while self._of_no_bytes:
            self._complete(self._of_no_bytes.popleft())
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
