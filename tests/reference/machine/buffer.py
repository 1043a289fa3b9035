# SPDX-License-Identifier: Apache-2.0
"""The global buffer: which tensors are in it, decided at the begin of every row."""
from dataclasses import dataclass, field

from .timeline import Event


@dataclass
class Operand:
    """A tensor of a row: read before the row writes it; written; needed for its bitmap only."""

    key: tuple
    bytes: int = 0
    is_read: bool = False
    is_written: bool = False
    is_bitmap: bool = True


@dataclass
class Entry:
    bytes: int
    stamp: int
    order: int
    is_dirty: bool = False
    fill: Event = field(default_factory=lambda: Event(True))
    job: object = None  # that fills it


class GlobalBuffer:
    """move: does what is decided: move.write_back(key, bytes), move.fill(key, bytes, is_prefetch),
    which gives the job, and move.hurry(job). outlives(key, stamp): is a dirty one, last used in row
    `stamp`, to be kept?"""

    def __init__(self, capacity, move, is_kept):
        self.capacity, self._move, self._is_kept = capacity, move, is_kept
        self.entries, self._placed = {}, 0

    def begin_row(self, number, operands, following):
        """following: operands of the row to prefetch for. Returns the row's {key: Entry}."""
        own = {operand.key: operand for operand in operands}
        for operand in operands:
            self._hurry(operand)
        for operand in operands:
            self._keep(number, operand)
        for operand in operands:
            if operand.key not in self.entries and not operand.is_bitmap:
                self._place_operand(number, operand, own)
        resident = {key: self.entries[key] for key in own if key in self.entries}
        self._prefetch(number, own, following)
        return resident

    def _hurry(self, operand):
        entry = self.entries.get(operand.key)
        if entry and entry.job is not None and not entry.fill.happened:
            self._move.hurry(entry.job)

    def _keep(self, number, operand):
        if operand.key in self.entries:
            entry = self.entries[operand.key]
            entry.stamp = number
            entry.is_dirty |= operand.is_written

    def _place_operand(self, number, operand, own):
        held = sum(entry.bytes for key, entry in self.entries.items() if key in own)
        if operand.bytes > self.capacity - held:
            return
        self._make_room(operand.bytes, own)
        entry = self._place(number, operand)
        entry.is_dirty = operand.is_written
        if operand.is_read:
            self._fill(entry, operand, False)

    def _place(self, number, operand):
        self._placed += 1
        entry = Entry(operand.bytes, number, self._placed)
        self.entries[operand.key] = entry
        return entry

    def _fill(self, entry, operand, is_prefetch):
        if operand.bytes == 0:
            return
        entry.job = self._move.fill(operand.key, operand.bytes, is_prefetch)
        entry.fill = entry.job.done

    def used(self):
        return sum(entry.bytes for entry in self.entries.values())

    def _make_room(self, size, protected):
        while size > self.capacity - self.used():
            victims = [key for key in self.entries if key not in protected]
            self._evict(min(victims, key=self._age))

    def _age(self, key):
        return self.entries[key].stamp, self.entries[key].order

    def _evict(self, key):
        entry = self.entries.pop(key)
        if entry.is_dirty and entry.bytes and self._is_kept(key, entry.stamp):
            self._move.write_back(key, entry.bytes)

    def _prefetch(self, number, own, following):
        wanted = {operand.key for operand in following}
        protected = wanted | set(own)
        for operand in following:
            if not operand.is_read or operand.is_bitmap or operand.key in self.entries:
                continue
            if operand.key in own and own[operand.key].is_written:
                continue
            others = sum(entry.bytes for key, entry in self.entries.items()
                         if key not in protected)
            if operand.bytes <= self.capacity - self.used() + others:
                self._make_room(operand.bytes, protected)
                self._fill(self._place(number, operand), operand, True)

    def finish(self, outlives):
        """End of the iteration."""
        for key in sorted(self.entries, key=lambda key: self.entries[key].order):
            entry = self.entries[key]
            if entry.is_dirty and outlives(key):
                self._move.write_back(key, entry.bytes)
        self.entries.clear()
