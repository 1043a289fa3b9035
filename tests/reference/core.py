# SPDX-License-Identifier: Apache-2.0
"""One core, one clock edge at a time.

Every cycle has three parts. *Load*: the ports look at what was released before it. *Decide*:
drains, buses and processing elements look at the state as the last edge left it, never at each
other's decisions of this cycle; then each processing element's cycle gets its category. *Edge*: all
decisions take effect at once.
"""

CATEGORIES = ("mac", "ineffectual", "empty_chunk", "wait_memory", "wait_weight", "wait_sibling",
              "wait_operand", "wait_drain",
              "wait_link", "wait_compensator", "idle")
_ENDLESS = 200_000  # far above any tiny case


class Step:
    """One chunk of one result, for the whole array. Per row, per column, per (row, column)."""

    def __init__(self, result, tile, is_first, is_last, row_payload, column_payload, work):
        self.result, self.tile, self.is_first, self.is_last = result, tile, is_first, is_last
        self.row_payload, self.column_payload = row_payload, column_payload  # [cycles]
        self.work = work  # work[i][j] = list of categories, one per busy cycle


class Port:
    """Loads the tiles of one operand in order; the latency is a pipeline behind the transfer."""

    def __init__(self, cycles_of_tile, latency):
        self.waiting = [(tile, cycles) for tile, cycles in enumerate(cycles_of_tile)
                        if cycles is not None]
        self.latency = latency
        self.transfer = None  # [tile, cycles left]
        self.pipeline = []  # [tile, cycles left]
        self.resident = set()

    def begin_cycle(self, requested):
        """requested: tiles asked for so far. A transfer of no cycles ends where it begins."""
        while True:
            if self.transfer and self.transfer[1] == 0:
                self.pipeline.append([self.transfer[0], self.latency])
                self.transfer = None
            if self.transfer or not self.waiting or self.waiting[0][0] not in requested:
                break
            self.transfer = list(self.waiting.pop(0))
        self.resident.update(tile for tile, left in self.pipeline if left == 0)
        self.pipeline = [entry for entry in self.pipeline if entry[1] > 0]

    def end_cycle(self):
        for entry in self.pipeline:
            entry[1] -= 1
        if self.transfer:
            self.transfer[1] -= 1


class Bus:
    """Sends its chunks in order; `sent` counts those that have arrived completely."""

    def __init__(self, name, steps, payload_of_step, receivers_of_step):
        self.name, self.steps = name, steps
        self.payloads, self.receivers = payload_of_step, receivers_of_step
        self.order = {step: position for position, step in enumerate(steps)}
        self.sent = 0
        self.begun = 0
        self.left = 0  # cycles of the transfer under way


class ProcessingElement:
    def __init__(self, row, column, steps):
        self.row, self.column, self.steps = row, column, steps
        self.next = 0  # position in steps of the chunk to take next
        self.fifo = {"row": [], "column": []}  # chunks that have arrived
        self.entries = {"row": 0, "column": 0}  # taken, by arrived chunks or by one under way
        self.busy = []  # categories of the cycles still to spend on the chunk at work
        self.at_work = None
        self.open_results = 0  # accumulators taken
        self.finished = set()  # results that wait for the drain
        self.counts = dict.fromkeys(CATEGORIES, 0)

    def wanted(self):
        return self.steps[self.next] if self.next < len(self.steps) else None


class Machine:
    """Works through `steps`; loads[t] = (input cycles, weight cycles or None) of tile t."""

    accumulators = 2

    def __init__(self, rows, columns, depth, latency, steps, loads):
        self.depth, self.steps = depth, steps
        self.pes = {}
        for i in range(rows):
            for j in range(columns):
                own = [t for t, step in enumerate(steps) if i < len(step.row_payload)
                       and j < len(step.column_payload)]
                self.pes[i, j] = ProcessingElement(i, j, own)
        self.row_buses = [self._bus("row", i) for i in range(rows)]
        self.column_buses = [self._bus("column", j) for j in range(columns)]
        self.drain_lists = [self._drain_list(j) for j in range(columns)]
        self.input_port = Port([load[0] for load in loads], latency)
        self.weight_port = Port([load[1] for load in loads], latency)
        self.weight_tile = self._weight_tiles(loads)
        self.chunks_left = [0] * len(loads)
        for pe in self.pes.values():
            for t in pe.steps:
                self.chunks_left[steps[t].tile] += 1
        self.requested = set(range(min(2, len(loads))))
        self.released = 0  # tiles released
        self.cycle = 0

    def _bus(self, name, line):
        payloads, receivers = {}, {}
        for t, step in enumerate(self.steps):
            payload = step.row_payload if name == "row" else step.column_payload
            if line < len(payload):
                payloads[t] = payload[line]
                receivers[t] = self.receivers_of(name, line, step)
        return Bus(name, list(payloads), payloads, receivers)

    def receivers_of(self, name, line, step):
        if name == "row":
            return [self.pes[line, j] for j in range(len(step.column_payload))]
        return [self.pes[i, line] for i in range(len(step.row_payload))]

    def _drain_list(self, column):
        return [(step.result, row) for step in self.steps if step.is_last
                and column < len(step.column_payload)
                for row in range(len(step.row_payload))]

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
        return self.cycle

    def _one_cycle(self):
        self.request_tiles()
        self.input_port.begin_cycle(self.requested)
        self.weight_port.begin_cycle(self.requested)
        drains = [self.drain_of(j) for j in range(len(self.drain_lists))]
        bus_starts = [bus for bus in self.row_buses + self.column_buses if self.may_begin(bus)]
        pe_starts = [pe for pe in self.pes.values() if self.may_start(pe)]
        for bus in bus_starts:
            bus.begun += 1
        for pe in self.pes.values():
            if not pe.busy and pe not in pe_starts:
                pe.counts[self.category(pe)] += 1
        self._edge(drains, bus_starts, pe_starts)
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

    def may_begin(self, bus):
        if bus.left > 0 or bus.begun == len(bus.steps):
            return False
        t = bus.steps[bus.begun]
        tile = self.steps[t].tile
        if not (self.input_is_resident(tile) and self.weight_is_resident(tile)):
            return False
        return all(pe.entries[bus.name] < self.depth for pe in bus.receivers[t])

    def input_is_resident(self, tile):
        return tile in self.input_port.resident

    def weight_is_resident(self, tile):
        return self.weight_tile[tile] in self.weight_port.resident

    def may_start(self, pe):
        if pe.busy or not self.has_pair(pe):
            return False
        return not self.steps[pe.wanted()].is_first or pe.open_results < self.accumulators

    @staticmethod
    def has_pair(pe):
        return bool(pe.fifo["row"] and pe.fifo["column"])

    def category(self, pe):
        """Of a PE that neither works nor starts in this cycle; the buses have decided already."""
        t = pe.wanted()
        if t is None:
            return "idle"
        row, column = self.row_buses[pe.row], self.column_buses[pe.column]
        if not self.input_is_resident(self.steps[t].tile):
            return "wait_memory"
        if not self.weight_is_resident(self.steps[t].tile):
            return "wait_weight"
        if row.sent < row.order[t] or column.sent < column.order[t]:
            return "idle"
        if row.begun <= row.order[t] or column.begun <= column.order[t]:
            return "wait_sibling"
        if not self.has_pair(pe):
            return "wait_operand"
        return "wait_drain"

    # What the edge at the end of the cycle changes.

    def _edge(self, drains, bus_starts, pe_starts):
        for column, pe in enumerate(drains):
            if pe is not None:
                result, _ = self.drain_lists[column].pop(0)
                pe.finished.remove(result)
                pe.open_results -= 1
        for bus in self.row_buses + self.column_buses:
            self._edge_of_bus(bus, bus in bus_starts)
        for pe in pe_starts:
            self._take(pe)
        for pe in self.pes.values():
            self._edge_of_pe(pe)
        self.input_port.end_cycle()
        self.weight_port.end_cycle()

    @staticmethod
    def _edge_of_bus(bus, starts):
        if starts:
            t = bus.steps[bus.begun - 1]
            bus.left = bus.payloads[t]
            for pe in bus.receivers[t]:
                pe.entries[bus.name] += 1
        if bus.left > 0:
            bus.left -= 1
            if bus.left == 0:
                t = bus.steps[bus.sent]
                bus.sent += 1
                for pe in bus.receivers[t]:
                    pe.fifo[bus.name].append(t)

    def _take(self, pe):
        t = pe.wanted()
        if pe.fifo["row"].pop(0) != t or pe.fifo["column"].pop(0) != t:
            raise RuntimeError("a processing element got a chunk that is not its next")
        self.free_entries(pe)
        pe.next += 1
        pe.at_work = t
        pe.busy = list(self.steps[t].work[pe.row][pe.column])
        if self.steps[t].is_first:
            pe.open_results += 1

    @staticmethod
    def free_entries(pe):
        pe.entries["row"] -= 1
        pe.entries["column"] -= 1

    def _edge_of_pe(self, pe):
        if not pe.busy:
            return
        pe.counts[pe.busy.pop(0)] += 1
        if not pe.busy:
            step = self.steps[pe.at_work]
            self.chunks_left[step.tile] -= 1
            if step.is_last:
                pe.finished.add(step.result)
