# SPDX-License-Identifier: Apache-2.0
"""The formulas of sections 6 and 7, literally: to show that the clocked machine says the same."""
from .core import CATEGORIES


class Recurrence:
    """Same construction and results as core.Machine, without a clock."""

    def __init__(self, rows, columns, depth, latency, steps, loads):
        self.depth, self.latency, self.steps, self.loads = depth, latency, steps, loads
        self.f = {(i, j): 0 for i in range(rows) for j in range(columns)}
        self.starts = {pe: [] for pe in self.f}  # s of each chunk delivered to the PE
        self.drained = {pe: [] for pe in self.f}  # d of each result of the PE
        self.b = {("row", i): -1 for i in range(rows)} | {("column", j): -1 for j in range(columns)}
        self.last_d = [-1] * columns
        self.release, self.memory, self.weight = [], [], []
        self.counts = {pe: dict.fromkeys(CATEGORIES, 0) for pe in self.f}
        self.input_end = self.weight_end = 0

    def run(self):
        for number, step in enumerate(self.steps):
            if step.tile == len(self.memory):
                self._load(step.tile)
            self._step(step)
            if number + 1 == len(self.steps) or self.steps[number + 1].tile != step.tile:
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
        rows, columns = range(len(step.row_payload)), range(len(step.column_payload))
        resident = max(self.memory[step.tile], self.weight[step.tile])
        times = {}  # bus: (h, u, b)
        for i in rows:
            times["row", i] = self._bus(("row", i), [(i, j) for j in columns], resident,
                                        step.row_payload[i])
        for j in columns:
            times["column", j] = self._bus(("column", j), [(i, j) for i in rows], resident,
                                           step.column_payload[j])
        for i in rows:
            for j in columns:
                self._pe(step, (i, j), times["row", i], times["column", j])
        if step.is_last:
            for j in columns:
                for i in rows:
                    self.last_d[j] = max(self.last_d[j] + 1, self.f[i, j])
                    self.drained[i, j].append(self.last_d[j])

    def _bus(self, bus, receivers, resident, payload):
        h = self.b[bus] + 1
        freed = [self.starts[pe][-self.depth] + 1 for pe in receivers
                 if len(self.starts[pe]) >= self.depth]
        u = max(h, resident, *freed)
        self.b[bus] = u + payload - 1
        return h, u, self.b[bus]

    def _pe(self, step, pe, row, column):
        f, counts = self.f[pe], self.counts[pe]
        arrived = max(f, row[2] + 1, column[2] + 1)
        start = arrived
        if step.is_first and len(self.drained[pe]) >= 2:
            start = max(arrived, self.drained[pe][-2] + 1)
        marks = [f]
        for limit in (self.memory[step.tile], self.weight[step.tile], max(row[0], column[0]),
                      max(row[1], column[1])):
            marks.append(max(marks[-1], limit))
        marks += [arrived, start]
        names = ("wait_memory", "wait_weight", "idle", "wait_sibling", "wait_operand", "wait_drain")
        for name, begin, end in zip(names, marks, marks[1:]):
            counts[name] += end - begin
        work = step.work[pe[0]][pe[1]]
        for category in work:
            counts[category] += 1
        self.starts[pe].append(start)
        self.f[pe] = start + len(work)

    @property
    def pes(self):
        """{position: object with counts}, like the machine's."""
        return {pe: _Counted(counts) for pe, counts in self.counts.items()}


class _Counted:
    def __init__(self, counts):
        self.counts = counts
