# SPDX-License-Identifier: Apache-2.0
"""Would the random cases see a fault? Each test breaks one rule; some number must change."""
import functools
import pathlib
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from reference import run as run_module  # noqa: E402
from reference.chip import chip_from_dict, divide_up  # noqa: E402
from reference.compare import differences  # noqa: E402
from reference.core import Machine, Port  # noqa: E402
from reference.generate import Case  # noqa: E402
from reference.generate_features import ROW_FEATURES  # noqa: E402
from reference.rows import RowCounter, rows_of_trace  # noqa: E402
from reference.trace_file import TraceFile  # noqa: E402
from reference.work import CoreWork  # noqa: E402
from reference.write_case import write_trace  # noqa: E402

CASES = 150  # random cases; each fault must show in one of them


class EntryFreedWhenTheChunkIsDone(Machine):
    def free_entries(self, pe):
        pass

    def _edge_of_pe(self, pe):
        was_busy = bool(pe.busy)
        super()._edge_of_pe(pe)
        if was_busy and not pe.busy:
            Machine.free_entries(pe)


class EntryFreedIsSeenInTheSameCycle(Machine):
    def may_begin(self, source):
        starting = [pe for pe in self.pes.values() if not pe.busy and self.may_start(pe)]
        for pe in starting:
            pe.freed += 1
        answer = super().may_begin(source)
        for pe in starting:
            pe.freed -= 1
        return answer


class OneAccumulator(Machine):
    accumulators = 1


class ThreeAccumulators(Machine):
    accumulators = 3


class DrainedAccumulatorIsUsedInTheSameCycle(Machine):
    def may_start(self, pe):
        leaving = sum(self.drain_of(j) is pe for j in range(len(self.drain_lists)))
        pe.open_results -= leaving
        answer = super().may_start(pe)
        pe.open_results += leaving
        return answer


class DrainTakesAnyFinishedResult(Machine):
    def drain_of(self, column):
        entries = self.drain_lists[column]
        for position, (result, row) in enumerate(entries):
            if result in self.pes[row, column].finished:
                entries.insert(0, entries.pop(position))
                return self.pes[row, column]
        return None


class TilesRequestedThreeAhead(Machine):
    def request_tiles(self):
        super().request_tiles()
        self.requested |= set(range(self.released + 3))


class LatencyOccupiesThePort(Machine):
    def __init__(self, rows, columns, depth, latency, steps, loads, input_ports):
        super().__init__(rows, columns, depth, latency, steps, loads, input_ports)
        for name, which in (("input_port", 0), ("weight_port", 1)):
            setattr(self, name,
                    Port([None if load[which] is None else load[which] + latency for load in loads],
                         0))


class FirstElementReleasesTheTile(Machine):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.chunks_left = [sum(step.tile == tile for step in self.steps)
                            for tile in range(len(self.chunks_left))]

    def request_tiles(self):
        self.chunks_left = [max(0, left) for left in self.chunks_left]
        super().request_tiles()


class WeightWaitBeforeMemoryWait(Machine):
    def category(self, pe):
        t = pe.wanted()
        if t is not None and not self.weight_is_resident(self.steps[t].tile):
            return "wait_weight"
        return super().category(pe)


class FullSiblingBeforeIdle(Machine):
    def category(self, pe):
        answer = super().category(pe)
        return "wait_sibling" if answer == "idle" and pe.wanted() is not None else answer


class AccumulatorsBeforeOperands(Machine):
    def category(self, pe):
        answer = super().category(pe)
        if answer != "wait_operand" or pe.wanted() not in pe.firsts:
            return answer
        return "wait_drain" if pe.open_results == self.accumulators else answer


class WeightsLoadedForEveryTile(CoreWork):
    def _load(self, number):
        load = super()._load(number)
        return type(load)(load.input_bytes, self._weight_bytes(number))


class RepeatsLoadedAgain(CoreWork):
    def _input_bytes(self, number):
        block = self.blocks[self.tiles[number].block]
        received = {(piece.chunk, block.groups[j], m) for piece in self.pieces[number]
                    for (_, j), m in piece.receivers.items()}
        elements = [self.operands.row_elements(block.phase, group, m)[k]
                    for chunk, group, m in received for k in self.k_range(block.phase, chunk)]
        found = [e for e in elements if e is not None]
        return self._bytes(len(found), sum(self.reduction.a_bits[e] for e in found), "input")


class BlocksStraddleGroups(CoreWork):
    def _cut_columns(self, columns):
        return [tuple(columns[i : i + self.chip.columns])
                for i in range(0, len(columns), self.chip.columns)]


class TilesNeverHoldTwoResults(CoreWork):
    def _add_tiles(self, block, results):
        for result in results:
            super()._add_tiles(block, range(result, result + 1))


class NeededIfTheWholeLayerNeedsIt(CoreWork):
    def _add_block(self, phase, columns, m_share, chunks):
        everything = self.reduction
        self.reduction = _AnyColumn(everything)
        super()._add_block(phase, columns, m_share, chunks)
        self.reduction = everything


class _AnyColumn:
    def __init__(self, reduction):
        self._reduction = reduction

    def __getattr__(self, name):
        return getattr(self._reduction, name)

    def is_needed(self, m, n):
        del n
        return any(self._reduction.is_needed(m, n) for n in range(self._reduction.columns))


@functools.lru_cache(maxsize=None)
def prepared(seed):
    """(chip, open trace, right rows) of a random case."""
    case = Case(seed, ROW_FEATURES)
    folder = tempfile.TemporaryDirectory(prefix="skipsim-faults-")
    path = pathlib.Path(folder.name) / "case.h5"
    write_trace(path, case.networks, case.iterations)
    trace = TraceFile(path)
    folder.cleanup()  # the open file stays readable
    chip = chip_from_dict(case.config)
    return chip, trace, rows_of_trace(RowCounter(chip), trace)


def is_seen(cases=CASES, **parts):
    """True as soon as one of the cases gives other numbers."""
    for seed in range(1, cases + 1):
        chip, trace, right = prepared(seed)
        if differences(right, rows_of_trace(RowCounter(chip, **parts), trace)):
            return True
    return False


MACHINES = [EntryFreedWhenTheChunkIsDone, EntryFreedIsSeenInTheSameCycle, OneAccumulator,
            ThreeAccumulators,
            DrainedAccumulatorIsUsedInTheSameCycle, DrainTakesAnyFinishedResult,
            TilesRequestedThreeAhead, LatencyOccupiesThePort,
            FirstElementReleasesTheTile, WeightWaitBeforeMemoryWait, FullSiblingBeforeIdle,
            AccumulatorsBeforeOperands]
WORKS = [WeightsLoadedForEveryTile, RepeatsLoadedAgain, BlocksStraddleGroups,
         TilesNeverHoldTwoResults, NeededIfTheWholeLayerNeedsIt]


def test_without_a_fault_nothing_differs():
    assert not is_seen(cases=10, machine=type("SameMachine", (Machine,), {}))


@pytest.mark.parametrize("machine", MACHINES)
def test_faulty_core_is_seen(machine):
    assert is_seen(machine=machine)


@pytest.mark.parametrize("work", WORKS)
def test_faulty_division_of_work_is_seen(work):
    assert is_seen(work=work)


def test_payload_that_counts_zeros_is_seen(monkeypatch):
    def payload(chip, operand_chunk, is_selected):
        values = divide_up(operand_chunk.in_bounds.bit_count(), chip.bus_values)
        return max(1, values, divide_up(chip.chunk if is_selected else 0, chip.bus_bits))

    prepared_rows = [prepared(seed) for seed in range(1, 31)]
    monkeypatch.setattr(run_module, "payload", payload)
    assert any(differences(right, rows_of_trace(RowCounter(chip), trace)) for chip, trace,
               right in prepared_rows)
