# SPDX-License-Identifier: Apache-2.0
"""The formulas of sections 6 and 7, literally: to show that the clocked machine says the same."""
from .core import CATEGORIES

_FEED = ("feed", 0)


class Recurrence:
    """Same construction and results as core.Machine, without a clock."""

    def __init__(self, rows, columns, depth, latency, steps, loads, input_ports=8):
        self.depth, self.latency, self.steps, self.loads = depth, latency, steps, loads
        self.ports = input_ports
        self.f = {(i, j): 0 for i in range(rows) for j in range(columns)}
        self.starts = {pe: [] for pe in self.f}  # s of each chunk delivered to the PE
        self.drained = {pe: [] for pe in self.f}  # d of each result of the PE
        self.at = dict.fromkeys(self.f)  # result of the last chunk delivered to the PE
        self.b = {}  # source: b of the previous chunk it sent; nothing sent: no entry
        self.sent_places = {}  # source: PEs with a place in the result of that chunk
        self.last_d = [-1] * columns
        self.release, self.memory, self.weight = [], [], []
        self.counts = {pe: dict.fromkeys(CATEGORIES, 0) for pe in self.f}
        self.input_end = self.weight_end = 0

    def run(self):
        for number, step in enumerate(self.steps):
            after = self.steps[number + 1] if number + 1 < len(self.steps) else None
            if step.tile == len(self.memory):
                self._load(step.tile)
            self._step(step)
            if after is None or after.result != step.result:
                self._drain(step.result)
            if after is None or after.tile != step.tile:
                self.release.append(max(self.f.values()))
        end = max(self.last_d) + 1
        for pe, counts in self.counts.items():
            counts["idle"] += end - self.f[pe]
        return end

    def _load(self, tile):
        requested = 0 if tile < 2 else self.release[tile - 2]
        input_cycles, weight_cycles = self.loads[tile]
        self.input_end = max(requested, self.input_end) + input_cycles
        self.memory.append(self.input_end + self.latency)
        if weight_cycles is None:
            self.weight.append(self.weight[-1])
        else:
            self.weight_end = max(requested, self.weight_end) + weight_cycles
            self.weight.append(self.weight_end + self.latency)

    def _step(self, step):
        times = {}  # source: (h, u); h is None before the source has sent anything
        arrivals = {pe: [] for pe in step.work}  # b of the chunk of either operand
        if step.feed is not None:
            self._private(step, times, arrivals)
        for name, axis, payloads in (("row", 0, step.row_payload), ("column", 1,
                                                                    step.column_payload)):
            for line, payload in payloads.items():
                receivers = [pe for pe in step.work if pe[axis] == line]
                u = self._begin(step, (name, line), receivers, times)
                for pe in receivers:
                    arrivals[pe].append(u + payload - 1)
                self.b[name, line] = u + payload - 1
        for pe in step.work:
            row = _FEED if step.feed is not None else ("row", pe[0])
            self._pe(step, pe, [row, ("column", pe[1])], times, max(arrivals[pe]) + 1)
        for source in times:
            self.sent_places[source] = step.places

    def _private(self, step, times, arrivals):
        u = self._begin(step, _FEED, step.work, times)
        w, n = max(step.feed.values()), len(step.feed)
        for number, pe in enumerate(sorted(step.work)):
            arrivals[pe].append(u + (number // self.ports + 1) * w - 1)
        self.b[_FEED] = u + -(-n // self.ports) * w - 1

    def _begin(self, step, source, receivers, times):
        h = self.b.get(source, -1) + 1
        freed = [self.starts[pe][-self.depth] + 1 for pe in receivers
                 if len(self.starts[pe]) >= self.depth]
        u = max(h, self.memory[step.tile], self.weight[step.tile], *freed)
        times[source] = (h, u)
        return u

    def _pe(self, step, pe, sources, times, arrived):
        f, counts = self.f[pe], self.counts[pe]
        arrived = start = max(f, arrived)
        if self.at[pe] != step.result and len(self.drained[pe]) >= 2:
            start = max(arrived, self.drained[pe][-2] + 1)
        self.at[pe] = step.result
        others = [times[source][0] for source in sources
                  if source in self.sent_places and pe not in self.sent_places[source]]
        marks = [f]
        for limit in (self.memory[step.tile], self.weight[step.tile], max(others, default=0),
                      max(times[source][1] for source in sources)):
            marks.append(max(marks[-1], limit))
        marks += [arrived, start]
        names = ("wait_memory", "wait_weight", "idle", "wait_sibling", "wait_operand", "wait_drain")
        for name, begin, end in zip(names, marks, marks[1:]):
            counts[name] += end - begin
        for category in step.work[pe]:
            counts[category] += 1
        self.starts[pe].append(start)
        self.f[pe] = start + len(step.work[pe])

    def _drain(self, result):
        """Every PE that got a chunk of the result, column by column, rows in order."""
        for i, j in sorted(self.f):
            if self.at[i, j] == result:
                self.last_d[j] = max(self.last_d[j] + 1, self.f[i, j])
                self.drained[i, j].append(self.last_d[j])

    @property
    def pes(self):
        """{position: object with counts}, like the machine's."""
        return {pe: _Counted(counts) for pe, counts in self.counts.items()}


class _Counted:
    def __init__(self, counts):
        self.counts = counts
