# SPDX-License-Identifier: Apache-2.0
"""One core, one clock edge at a time.

Every cycle has three parts. *Load*: the ports look at what was released before it. *Decide*:
drains, buses and processing elements look at the state as the last edge left it, never at each
other's decisions of this cycle; then each processing element's cycle gets its category. *Edge*: all
decisions take effect at once.
"""

from .devices import Port, Source

CATEGORIES = ("mac", "ineffectual", "empty_chunk", "wait_memory", "wait_weight", "wait_sibling",
              "wait_operand", "wait_drain",
              "wait_link", "wait_compensator", "idle")
_ENDLESS = 200_000  # far above any tiny case


class Step:
    """One chunk of one result, for the whole array. Positions are pairs (row, column).

    result: whatever names a result; a PE's chunks of equal result, one after the other, are one.
    work: {position: categories, one per busy cycle}, for the PEs that receive the chunk.
    row_payload, column_payload: {line: cycles}, for the buses that send it. feed: {position:
    cycles} in a private block, which then has no row_payload. places: PEs with a place.
    """

    def __init__(self, result, tile, row_payload, column_payload, work, feed=None, places=None):
        self.result, self.tile = result, tile
        self.row_payload, self.column_payload = row_payload, column_payload  # [cycles]
        self.work, self.feed = work, feed
        self.places = set(work) if places is None else places


class ProcessingElement:
    """FIFO entries are used in turn: the chunk that is n-th of this PE goes to entry n mod depth,
    which is free once the chunk before it in that entry has been taken."""

    def __init__(self, row, column):
        self.row, self.column = row, column
        self.steps = []  # chunks that are delivered to it
        self.number = {}  # {step: how many of its chunks come before}
        self.firsts, self.lasts = set(), set()  # steps that begin or end a result of this PE
        self.next = 0  # position in steps of the chunk to take next
        self.fifo = {"row": set(), "column": set()}  # chunks that have arrived
        self.freed = 0  # chunks whose FIFO entries have become free
        self.busy = []  # categories of the cycles still to spend on the chunk at work
        self.at_work = None
        self.open_results = 0  # accumulators taken
        self.finished = set()  # results that wait for the drain
        self.counts = dict.fromkeys(CATEGORIES, 0)

    def expect(self, t, result):
        """Chunk t is one of this PE's; called in order."""
        if self.steps and self.result == result:
            self.lasts.remove(self.steps[-1])
        else:
            self.firsts.add(t)
        self.lasts.add(t)
        self.number[t] = len(self.steps)
        self.steps.append(t)
        self.result = result

    def wanted(self):
        return self.steps[self.next] if self.next < len(self.steps) else None


class Machine:
    """Works through `steps`; loads[t] = (input cycles, weight cycles or None) of tile t."""

    accumulators = 2

    def __init__(self, rows, columns, depth, latency, steps, loads, input_ports=8):
        self.depth, self.steps, self.input_ports = depth, steps, input_ports
        self.pes = {(i, j): ProcessingElement(i, j) for i in range(rows) for j in range(columns)}
        self.chunks_left = [0] * len(loads)
        for t, step in enumerate(steps):
            for position in step.work:
                self.pes[position].expect(t, step.result)
                self.chunks_left[step.tile] += 1
        self.working = [pe for pe in self.pes.values() if pe.steps]  # the others are idle
        self.row_buses = [Source("row", self.slots_of_row_bus(i)) for i in range(rows)]
        self.column_buses = [Source("column", self.slots_of_column_bus(j)) for j in range(columns)]
        self.feed = Source("row", {t: self.slots_of_feed(step) for t, step in enumerate(steps)
                                   if step.feed})
        self.sources = self.row_buses + self.column_buses + [self.feed]
        self.drain_lists = [self.drain_list(j) for j in range(columns)]
        self.input_port = Port([load[0] for load in loads], latency)
        self.weight_port = Port([load[1] for load in loads], latency)
        self.weight_tile = self._weight_tiles(loads)
        self.requested = set(range(min(2, len(loads))))
        self.released = 0  # tiles released
        self.cycle = 0

    def slots_of_row_bus(self, row):
        return {t: [(step.row_payload[row],
                     [self.pes[p] for p in sorted(step.work) if p[0] == row])]
                for t, step in enumerate(self.steps) if row in step.row_payload}

    def slots_of_column_bus(self, column):
        return {t: [(step.column_payload[column],
                     [self.pes[p] for p in sorted(step.work) if p[1] == column])]
                for t, step in enumerate(self.steps) if column in step.column_payload}

    def slots_of_feed(self, step):
        """Fixed slots: as many PEs as there are ports, row by row; all as long as the longest."""
        places, length = self.order_of_feed(step), max(step.feed.values())
        return [(length, [self.pes[place] for place in places[n : n + self.input_ports]])
                for n in range(0, len(places), self.input_ports)]

    @staticmethod
    def order_of_feed(step):
        return sorted(step.work)

    def drain_list(self, column):
        """(result, row) in the order in which they leave the column."""
        entries = {}
        for step in self.steps:
            rows = {row for row, place in step.work if place == column}
            entries.setdefault(step.result, set()).update(rows)
        return [(result, row) for result, rows in entries.items() for row in sorted(rows)]

    @staticmethod
    def _weight_tiles(loads):
        """The tile whose weight load serves tile t."""
        serving = []
        for tile, (_, weight) in enumerate(loads):
            serving.append(tile if weight is not None else serving[-1])
        return serving

    def run(self):
        """Cycles until the last result has left; every PE then has that many counted cycles."""
        while any(self.drain_lists):
            self._one_cycle()
            if self.cycle > _ENDLESS:
                raise RuntimeError("the core never ends")
        for pe in self.pes.values():
            pe.counts["idle"] += self.cycle - sum(pe.counts.values())
        return self.cycle

    def _one_cycle(self):
        self.request_tiles()
        self.input_port.begin_cycle(self.requested)
        self.weight_port.begin_cycle(self.requested)
        drains = [self.drain_of(j) for j in range(len(self.drain_lists))]
        source_starts = [source for source in self.sources if self.may_begin(source)]
        pe_starts = [pe for pe in self.working if not pe.busy and self.may_start(pe)]
        for source in source_starts:
            source.begun += 1
        for pe in self.working:
            if not pe.busy and pe not in pe_starts:
                pe.counts[self.category(pe)] += 1
        self._edge(drains, source_starts, pe_starts)
        self.cycle += 1

    # What is decided from the state that the last edge left.

    def request_tiles(self):
        """A tile is released when its chunks and those of all tiles before it are done."""
        while self.released < len(self.chunks_left) and self.chunks_left[self.released] == 0:
            self.requested.add(self.released + 2)
            self.released += 1

    def drain_of(self, column):
        """The PE whose result leaves column in this cycle, or None."""
        if not self.drain_lists[column]:
            return None
        result, row = self.drain_lists[column][0]
        pe = self.pes[row, column]
        return pe if result in pe.finished else None

    def may_begin(self, source):
        if source.queue or source.begun == len(source.steps):
            return False
        t = source.steps[source.begun]
        tile = self.steps[t].tile
        if not (self.input_is_resident(tile) and self.weight_is_resident(tile)):
            return False
        return all(pe.number[t] - pe.freed < self.depth for pe in source.receivers[t])

    def input_is_resident(self, tile):
        return tile in self.input_port.resident

    def weight_is_resident(self, tile):
        return self.weight_tile[tile] in self.weight_port.resident

    def may_start(self, pe):
        """Of a PE that does not work."""
        return self.has_pair(pe) and (
            pe.wanted() not in pe.firsts or pe.open_results < self.accumulators)

    @staticmethod
    def has_pair(pe):
        t = pe.steps[pe.next] if pe.next < len(pe.steps) else None
        return t in pe.fifo["row"] and t in pe.fifo["column"]

    def category(self, pe):
        """Of a PE that neither works nor starts in this cycle; the sources have decided already."""
        t = pe.wanted()
        if t is None:
            return "idle"
        if not self.input_is_resident(self.steps[t].tile):
            return "wait_memory"
        if not self.weight_is_resident(self.steps[t].tile):
            return "wait_weight"
        sources = self.feed if self.steps[t].feed else self.row_buses[pe.row], \
            self.column_buses[pe.column]
        if any(self.serves_others(source, t, pe) for source in sources):
            return "idle"
        if any(source.begun <= source.order[t] for source in sources):
            return "wait_sibling"
        return "wait_drain" if self.has_pair(pe) else "wait_operand"

    def serves_others(self, source, t, pe):
        """The chunk before t on this source is not sent yet and of a result without this PE."""
        if source.sent >= source.order[t]:
            return False
        before = self.steps[source.steps[source.order[t] - 1]]
        return (pe.row, pe.column) not in before.places

    # What the edge at the end of the cycle changes.

    def _edge(self, drains, source_starts, pe_starts):
        for column, pe in enumerate(drains):
            if pe is not None:
                result, _ = self.drain_lists[column].pop(0)
                pe.finished.remove(result)
                pe.open_results -= 1
        for source in source_starts:
            source.start()
        for source in self.sources:
            if source.queue:
                source.edge()
        for pe in pe_starts:
            self._take(pe)
        for pe in list(self.working):
            if pe.busy:
                self._edge_of_pe(pe)
        self.input_port.end_cycle()
        self.weight_port.end_cycle()

    def _take(self, pe):
        t = pe.wanted()
        for side in ("row", "column"):
            pe.fifo[side].remove(t)
        self.free_entries(pe)
        pe.next += 1
        pe.at_work = t
        pe.busy = list(self.steps[t].work[pe.row, pe.column])
        pe.open_results += t in pe.firsts

    @staticmethod
    def free_entries(pe):
        pe.freed += 1

    def _edge_of_pe(self, pe):
        pe.counts[pe.busy.pop(0)] += 1
        if not pe.busy:
            step = self.steps[pe.at_work]
            self.chunks_left[step.tile] -= 1
            if pe.wanted() is None:
                self.working.remove(pe)
            if pe.at_work in pe.lasts:
                pe.finished.add(step.result)
