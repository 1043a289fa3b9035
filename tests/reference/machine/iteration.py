# SPDX-License-Identifier: Apache-2.0
"""One iteration of one network on the whole chip: begin and end of every row, and what is moved."""
from collections import Counter

from ..chip import divide_up
from .buffer import GlobalBuffer
from .cluster import WeightBuffer
from .core import INPUT, OUTPUT, WEIGHT, LoadPort, TimedCore
from .dma import BACKGROUND, Dma
from .operands import OUTLIVE, last_gradient_rows
from .timeline import REQUEST, ROW, TRANSFER, Event, Timeline, all_of
from .unit import VectorJob, VectorUnit

_LAST = 1_000_000  # place of what comes after all cores or clusters


class Outcome:
    """Of a row: cycles, actions that depend on where tensors are, categories of PE cycles."""

    def __init__(self):
        self.cycles, self.actions, self.pe_cycles = 0, Counter(), Counter()
        self.places = {}  # key: its entry in the global buffer, at the begin of the row


class IterationMachine:
    """rows: operands.Row; runs: {row index: run.Run of a layer's row}; copied(index): elements
    that the transposer copies beside it."""

    def __init__(self, chip, rows, runs, copied):
        self.chip, self.rows, self.runs, self.copied = chip, rows, runs, copied
        self.timeline = Timeline()
        self.dma = Dma(self.timeline, chip.ideal_bytes, chip.ideal_latency)
        self.unit = VectorUnit(self.timeline, self.dma, chip.block_bytes)
        self.buffer = GlobalBuffer(chip.global_buffer, self, self._is_kept)
        self.outcomes = [Outcome() for _ in rows]
        self._begins = self._ends = None
        self._updates = last_gradient_rows(rows) if chip.overlap else {}
        self._jobs = {}  # WU row: its background job
        self._row, self._begun_at = 0, 0

    def run(self):
        self.timeline.soon(ROW, self._begin)
        self.timeline.run()
        return self.outcomes

    # Rows.

    def _in_background(self, number):
        return number in self._updates.values()

    def _begin(self):
        number, row = self._row, self.rows[self._row]
        self._begun_at = self.timeline.now
        outcome = self.outcomes[number]
        if self._in_background(number):
            self._jobs[number].done.then(self._end)
            return
        following = self._row_to_prefetch_for(number)
        outcome.places = self.buffer.begin_row(
            number, row.operands, [] if following is None else self.rows[following].operands)
        if row.is_layer:
            LayerInTime(self, number).begin()
        else:
            self._begin_vector_row(number)

    def _row_to_prefetch_for(self, number):
        return next((after for after in range(number + 1, len(self.rows))
                     if not self._in_background(after)), None)

    def _begin_vector_row(self, number):
        row, places = self.rows[number], self.outcomes[number].places
        job = self._vector_job(number, places, False)
        job.done.then(lambda: self.timeline.soon(ROW, self._end))
        self.count_pass(number, row.beside, places)
        fills = all_of([entry.fill for entry in places.values()])
        fills.then(lambda: self.unit.submit(job))

    def _end(self):
        outcome = self.outcomes[self._row]
        outcome.cycles = self.timeline.now - self._begun_at
        if self._row in self._updates:
            self._hand_over(self._updates[self._row])
        self._row += 1
        if self._row < len(self.rows):
            self.timeline.soon(ROW, self._begin)
        else:
            self._row -= 1
            self.buffer.finish(lambda key: key[0] in OUTLIVE)
            self.timeline.soon(TRANSFER, lambda: self.dma.when_empty(self._end_of_iteration))

    def _end_of_iteration(self):
        self.outcomes[self._row].cycles = self.timeline.now - self._begun_at

    # The vector unit.

    def _vector_job(self, number, places, is_background):
        row, passes = self.rows[number], []
        for step in row.passes:
            reads, writes = self.count_pass(number, step, places)
            passes.append((step.cycles(self.chip), reads, writes))
        return VectorJob(passes, is_background)

    def _hand_over(self, number):
        row = self.rows[number]
        places = {operand.key: self.buffer.entries[operand.key] for operand in row.operands
                  if operand.key in self.buffer.entries}
        for operand in row.operands:
            if operand.is_written and operand.key in places:
                places[operand.key].is_dirty = True
        self._jobs[number] = job = self._vector_job(number, places, True)
        self.unit.submit(job)

    def count_pass(self, number, step, places):
        """Adds a pass to the row's actions; (streamed reads, streamed writes [bytes])."""
        actions = self.outcomes[number].actions
        simple = step.adds + step.multiplies + step.compares
        actions.update({"vector.add": step.adds, "vector.multiply": step.multiplies,
                        "vector.compare": step.compares, "vector.special": step.specials,
                        "vector.bit_read": 32 * (2 * simple + step.specials),
                        "vector.bit_write": 32 * (simple + step.specials)})
        return [[use.bytes for use in uses
                 if self.count_transfer(number, use.key, writes, use.bytes, places)]
                for uses, writes in ((step.reads, False), (step.writes, True))]

    def count_transfer(self, number, key, writes, size, places):
        """True if streamed."""
        actions = self.outcomes[number].actions
        if self.rows[number].names[key, writes] in places:
            actions["global_buffer.write" if writes else "global_buffer.read"] += divide_up(size, 8)
            return False
        actions["dram.write_byte" if writes else "dram.read_byte"] += size
        return True

    # What the global buffer decides.

    def _is_kept(self, key, stamp):
        if key[0] in OUTLIVE:
            return True
        for row in self.rows[stamp + 1:]:
            for operand in row.operands:
                if operand.key == key:
                    return operand.is_read
        return False

    def write_back(self, key, size):
        del key
        actions = self.outcomes[self._row].actions
        actions["dram.write_byte"] += size
        actions["global_buffer.read"] += divide_up(size, 8)
        self.dma.submit(size)

    def fill(self, key, size, is_prefetch):
        del key
        actions = self.outcomes[self._row + is_prefetch].actions
        actions["dram.read_byte"] += size
        actions["global_buffer.write"] += divide_up(size, 8)
        return self.dma.submit(size, BACKGROUND) if is_prefetch else self.dma.submit(size)

    def hurry(self, job):
        self.dma.hurry(job)


class LayerInTime:
    """A layer's row: its cores, their ports and buffers."""

    def __init__(self, machine, number):
        self.machine, self.number, self.row = machine, number, machine.rows[number]
        self.chip, self.timeline, self.run = machine.chip, machine.timeline, machine.runs[number]
        self.outcome = machine.outcomes[number]
        self.actions, self.places = self.outcome.actions, self.outcome.places
        self._name_operands()
        cores = len(self.run.works)
        self.ports = [[LoadPort(rate, self.chip.latency)
                       for rate in (self.chip.input_bytes, self.chip.weight_bytes)]
                      for _ in range(cores)]
        self.per_cluster = self.chip.core_m * self.chip.core_n * self.chip.core_k
        self.buffers = [self._weight_buffer(cluster) for cluster in range(cores // self.per_cluster)
                        ] if self.chip.cluster_ports is not None else []

    def _name_operands(self):
        entry, stage = self.row.entry, self.row.stage
        x, y, w = entry["inputs"][0], entry["outputs"][0], entry["parameters"]["weight"]
        value_copy, gradient_copy = ("value copy", entry["name"]), ("gradient copy", entry["name"])
        self.a, self.b, self.output, self.copy = {
            "FF": (("value", x), ("parameter", w), ("value", y), value_copy),
            "BP": (("gradient", y), ("parameter", w), ("gradient", x), gradient_copy),
            "WG": (value_copy, gradient_copy, ("parameter gradient", w), gradient_copy)}[stage]

    def place(self, key, writes=False):
        return self.places.get(self.row.names[key, writes])

    # The row.

    def begin(self):
        machine, start = self.machine, self.timeline.now + self.run.balancer_cycles
        transfers = self._beside()
        self.cores = [TimedCore(self.timeline, self.chip, work,
                                divmod(number, self.per_cluster), start, CoreMemory(self, number))
                      for number, work in enumerate(self.run.works)]
        self._count_output()
        copied = start + divide_up(machine.copied(self.number), self.chip.transposer_values)
        all_of([core.ended for core in self.cores]).then(lambda: self._cores_are_known(
            copied, transfers))

    def _beside(self):
        """Streamed transfers beside the row: reads, the transposed copy, other writes."""
        machine, beside = self.machine, self.row.beside
        reads, writes = machine.count_pass(self.number, beside, self.places)
        copied = machine.copied(self.number)
        if copied:
            bits = copied * (self.chip.width + (1 if self.chip.zero_skipping else 0))
            size = divide_up(bits, 8)
            if machine.count_transfer(self.number, self.copy, True, size, self.places):
                writes.insert(0, size)
        return all_of([machine.dma.submit(size, BACKGROUND).done for size in reads + writes
                       if size])

    def _cores_are_known(self, copied, transfers):
        """All cores have been counted to their ends, which may lie ahead."""
        ended = max(core.end for core in self.cores)
        if self.is_split() and self.place(self.output, True) is None:
            self.timeline.at(ended, REQUEST, lambda: self.machine.dma.submit(self._result_bytes()))
        end = max(ended + self.run.aggregation.cycles, copied)
        over = Event()
        self.timeline.at(end, ROW, over.happen)
        all_of([over, transfers]).then(lambda: self.timeline.soon(ROW, self._finish))

    def _finish(self):
        for core in self.cores:
            for pe in core.machine.pes.values():
                self.outcome.pe_cycles.update(pe.counts)
        self.machine._end()

    # Results.

    def result_width(self):
        return self.chip.accumulator_width if self.row.stage == "WG" else self.chip.width

    def _result_bytes(self):
        return divide_up(self.run.aggregation.all_results * self.result_width(), 8)

    def is_split(self):
        return self.run.aggregation.partial > 0

    def _count_output(self):
        size, spilled = self._result_bytes(), self.run.aggregation.spilled
        self.machine.count_transfer(self.number, self.output, True, size, self.places)
        self.actions["dram.write_byte"] += spilled
        self.actions["dram.read_byte"] += spilled

    # Operands.

    def bring(self, key, size, place, then):
        """then() is called when the bytes are at the port."""
        entry = self.place(key)
        if entry is not None:
            entry.fill.then(then)
        else:
            self.machine.dma.submit(size, place=place).done.then(then)

    def count_load(self, key, size):
        self.machine.count_transfer(self.number, key, False, size, self.places)

    def _weight_buffer(self, cluster):
        def fetch(size, then):
            self.count_load(self.b, size)
            self.bring(self.b, size, (cluster, _LAST), then)

        return WeightBuffer(self.timeline, self.chip, fetch, self.actions)

    def weight_tile_name(self, core, tile):
        """(phase, first byte) of a weight tile."""
        work = self.run.works[core]
        block = work.blocks[work.tiles[tile].block]
        k = work.k_range(block.phase, work.tiles[tile].chunks[0])[0]
        total = len(work.reduction.phases[block.phase].k_values)
        return block.phase, (block.columns[0] * total + k) * self.chip.width // 8


class CoreMemory:
    """What a core's ports see."""

    def __init__(self, layer, number):
        self.layer, self.number = layer, number
        self.place = divmod(number, layer.per_cluster)

    def bring_input(self, core, tile, size, then):
        del core, tile
        layer, port = self.layer, self.layer.ports[self.number][0]
        layer.count_load(layer.a, size)
        layer.bring(layer.a, size, self.place + (INPUT,),
                    lambda: then(port.request(layer.timeline.now, size)))

    def bring_weight(self, core, tile, size, then):
        del core
        layer, port = self.layer, self.layer.ports[self.number][1]
        if layer.buffers:
            buffer = layer.buffers[self.number // layer.per_cluster]
            buffer.request(self.number, layer.weight_tile_name(self.number, tile), size,
                           lambda: then(layer.timeline.now + layer.chip.latency))
            return
        layer.count_load(layer.b, size)
        layer.bring(layer.b, size, self.place + (WEIGHT,),
                    lambda: then(port.request(layer.timeline.now, size)))

    def take_results(self, count):
        layer = self.layer
        if layer.is_split() or layer.place(layer.output, True) is not None:
            return Event(True)
        size = divide_up(count * layer.result_width(), 8)
        return layer.machine.dma.submit(size, place=self.place + (OUTPUT,)).done
