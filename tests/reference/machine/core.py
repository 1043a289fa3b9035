# SPDX-License-Identifier: Apache-2.0
"""A core whose operands come when the memory brings them: the recurrence, a tile at a time."""
from ..chip import divide_up
from ..recurrence import Recurrence
from ..run import step_of
from .timeline import REQUEST, Event

INPUT, WEIGHT, OUTPUT = range(3)  # order of a core's requests in a cycle


class TiledRecurrence(Recurrence):
    """Tiles are worked through one by one, when their operands' times are known. Times count from
    the core's start."""

    def __init__(self, chip, work):
        self.of_tile = [[step_of(chip, work, piece) for piece in pieces] for pieces in work.pieces]
        super().__init__(chip.rows, chip.columns, chip.depth, 0,
                         [step for steps in self.of_tile for step in steps], [], chip.input_ports)
        self.following = {id(step): after for step, after in zip(self.steps, self.steps[1:])}
        self.drained_by = 0

    def work_through(self, tile, memory, weight):
        """(cycle in which the tile is released, edge at which all results so far have drained)"""
        self.memory.append(memory)
        self.weight.append(weight)
        for step in self.of_tile[tile]:
            self._step(step)
            after = self.following.get(id(step))
            if after is None or after.result != step.result:
                self._drain(step.result)
        return max(self.f.values()), self.drained_by

    def _drain(self, result):
        super()._drain(result)
        last = max(self.drained[pe][-1] for pe, at in self.at.items() if at == result)
        self.drained_by = max(self.drained_by, last + 1)

    def finish(self):
        end = max(self.last_d) + 1
        for pe, counts in self.counts.items():
            counts["idle"] += end - self.f[pe]
        return end


class LoadPort:
    """A port of a core: one transfer after the other, then a latency."""

    def __init__(self, rate, latency):
        self._rate, self._latency, self._end = rate, latency, 0

    def request(self, now, size):
        """The cycle from which the bytes are there."""
        self._end = max(now, self._end) + divide_up(size, self._rate)
        return self._end + self._latency


class TimedCore:
    """memory: bring_input(bytes, then), bring_weight(load number of tile, bytes, then),
    take_results(bytes) -> Event. then(ready) is called with the cycle from which they are there."""

    def __init__(self, timeline, chip, work, place, start, memory):
        self._timeline, self._chip, self._work, self._place = timeline, chip, work, place
        self.start, self._memory = start, memory
        self.machine = TiledRecurrence(chip, work)
        self._tiles = len(work.loads)
        self._input, self._weight, self._left = {}, {}, {}
        self._next, self.ended, self.end = 0, Event(), None
        self._result_counts = self._results_of_tiles()
        for tile in range(min(2, self._tiles)):
            self._request(tile, start)
        if self._tiles == 0:
            self._finish()

    def _results_of_tiles(self):
        """{tile: finished results}: a result belongs to the tile that holds its last chunk."""
        last = {}
        for tile, pieces in enumerate(self._work.pieces):
            for piece in pieces:
                for position in piece.receivers:
                    last[piece.result, position] = tile
        counts = dict.fromkeys(range(self._tiles), 0)
        for tile in last.values():
            counts[tile] += 1
        return counts

    def _request(self, tile, cycle):
        load = self._work.loads[tile]
        self._timeline.at(cycle, REQUEST, lambda: self._memory.bring_input(
            self, tile, load.input_bytes, lambda ready: self._has_input(tile, ready)),
            self._place + (INPUT,))
        if load.weight_bytes is not None:
            self._timeline.at(cycle, REQUEST, lambda: self._memory.bring_weight(
                self, tile, load.weight_bytes, lambda ready: self._has_weight(tile, ready)),
                self._place + (WEIGHT,))

    def _has_input(self, tile, ready):
        self._input[tile] = ready
        self._advance()

    def _has_weight(self, tile, ready):
        self._weight[tile] = ready
        self._advance()

    def _waits_for_output(self, tile):
        """Two tiles' results fit the output buffer."""
        return self._chip.output_buffer is not None and tile >= 2

    def _advance(self):
        while self._next < self._tiles and self.ended.happened is False:
            tile = self._next
            if self._work.loads[tile].weight_bytes is None:
                self._weight[tile] = self._weight.get(tile - 1)
            ready = [self._input.get(tile), self._weight.get(tile)]
            if self._waits_for_output(tile):
                ready.append(self._left.get(tile - 2))
            if None in ready:
                return
            self._next += 1
            self._work_through(tile, max(ready[0], *ready[2:]) if ready[2:] else ready[0], ready[1])
        if not self.ended.happened:
            self._finish()

    def _work_through(self, tile, memory, weight):
        released, drained_by = self.machine.work_through(tile, memory - self.start,
                                                         weight - self.start)
        if tile + 2 < self._tiles:
            self._request(tile + 2, self.start + released)
        if self._result_counts[tile] == 0:  # partial sums stay
            self._left[tile] = 0
        else:
            self._timeline.at(self.start + drained_by, REQUEST, lambda: self._leave(tile),
                              self._place + (OUTPUT,))

    def _leave(self, tile):
        written = self._memory.take_results(self._result_counts[tile])

        def has_left():
            self._left[tile] = self._timeline.now
            if not self.ended.happened:
                self._advance()

        written.then(has_left)

    def _finish(self):
        self.end = self.start + self.machine.finish()
        self.ended.happen()
