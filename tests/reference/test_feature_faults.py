# SPDX-License-Identifier: Apache-2.0
"""As test_faults: rules of private feeds, coarse runs, parts of k, balancer, choices, broken."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from reference import columns as columns_module  # noqa: E402
from reference import run as run_module  # noqa: E402
from reference import test_faults  # noqa: E402
from reference.choice import Choice  # noqa: E402
from reference.chip import divide_up  # noqa: E402
from reference.core import Machine  # noqa: E402
from reference.counts import CoreCounts  # noqa: E402
from reference.operands import BackPropagation  # noqa: E402
from reference.run import Aggregation, Run  # noqa: E402
from reference.test_faults import is_seen, prepared  # noqa: E402
from reference.work import CoreWork, Operands  # noqa: E402


class SlotsColumnByColumn(Machine):
    @staticmethod
    def order_of_feed(step):
        return sorted(step.work, key=lambda place: (place[1], place[0]))


class SlotsAsLongAsTheirOwnPayloads(Machine):
    def slots_of_feed(self, step):
        places = self.order_of_feed(step)
        packets = [places[n : n + self.input_ports]
                   for n in range(0, len(places), self.input_ports)]
        return [(max(step.feed[place] for place in packet), [self.pes[place] for place in packet])
                for packet in packets]


class SlotsForPesThatGetNothing(Machine):
    def slots_of_feed(self, step):
        slots, length = super().slots_of_feed(step), max(step.feed.values())
        missing = -(-len(step.places) // self.input_ports) - len(slots)
        return slots + [(length, [])] * missing


class OnePortMore(Machine):
    def slots_of_feed(self, step):
        self.input_ports += 1
        slots = super().slots_of_feed(step)
        self.input_ports -= 1
        return slots


class PesHaveTheirChunkWhenAllHave(Machine):
    def slots_of_feed(self, step):
        slots = super().slots_of_feed(step)
        cycles = sum(length for length, _ in slots)
        return [(cycles, [pe for _, pes in slots for pe in pes])]


class FeedAndRowBusesAreOneWire(Machine):
    def may_begin(self, source):
        if source.side == "row" and source.begun < len(source.steps):
            t = source.steps[source.begun]
            others = self.row_buses if source is self.feed else [self.feed]
            if any(other.queue or other.begun < sum(step < t for step in other.steps)
                   for other in others):
                return False
        return super().may_begin(source)


class JumpedChunksLeaveAPeIdle(Machine):
    def serves_others(self, source, t, pe):
        return source.sent < source.order[t]


class OthersResultsAreSiblings(Machine):
    def serves_others(self, source, t, pe):
        return False


class PrunedLastChunksAreJumped(CoreWork):
    def _jumps(self, phase, n, chunks):
        return self.operands.jumped(phase, n, range(chunks.start, chunks.stop + 1))


class EndMarkOfTheWholeAxisOnly(CoreWork):
    def _jumps(self, phase, n, chunks):
        whole = range(self.operands.chunk_count(phase))
        return self.operands.jumped(phase, n, whole) & set(chunks)


class ColumnsJumpTogetherOnly(CoreWork):
    def _add_block(self, phase, columns, m_share, chunks):
        self.together = frozenset(chunks).intersection(
            *(self.operands.jumped(phase, n, chunks) for n in columns))
        super()._add_block(phase, columns, m_share, chunks)

    def _jumps(self, phase, n, chunks):
        return self.together


class SlicesThatNobodyGetsAreTiles(CoreWork):
    def _is_tile(self, result, chunks):
        return True


class InputsOfJumpedChunksAreLoaded(CoreWork):
    def _input_bytes(self, number):
        tile, rows = self.tiles[number], set()
        block = self.blocks[tile.block]
        for result in tile.results:
            for (_, j), m in self.results[result].m.items():
                rows.update((chunk, block.groups[j], m) for chunk in tile.chunks)
        elements = {self.operands.row_elements(block.phase, group, m)[k]
                    for chunk, group, m in rows for k in self.k_range(block.phase, chunk)} - {None}
        return self._bytes(len(elements), sum(self.reduction.a_bits[e] for e in elements), "input")


class WeightsOfTheWholeBlockAreLoaded(CoreWork):
    def _weight_bytes(self, number):
        tile = self.tiles[number]
        block = self.blocks[tile.block]
        k_values = self.reduction.phases[block.phase].k_values
        bits = [self.reduction.b_bits[self.reduction.b_index(k_values[k], n)]
                for chunk in tile.chunks for k in self.k_range(block.phase, chunk)
                for n in block.columns]
        return self._bytes(len(bits), sum(bits), "weight")


class PackedByTheRowRule(CoreWork):
    def _lists(self, m_values, columns, m_share):
        needed = super()._lists(m_values, columns, m_share)
        wanted = set().union(*needed)
        return tuple(tuple(m for m in m_share if m in wanted) for _ in columns)


class MixedColumnsDropRowsOfTheirOwn(CoreWork):
    def _lists(self, m_values, columns, m_share):
        groups = {self.reduction.group_of(n) for n in columns}
        if len(groups) == 1 or not self.drops_outputs():
            return super()._lists(m_values, columns, m_share)
        return tuple(tuple(m for m in m_share if self.reduction.is_needed(m_values[m], n))
                     for n in columns)


class PackedBlocksAreCutAtGroups(CoreWork):
    def _cut_columns(self, columns):
        return [part for block in super()._cut_columns(columns) for part in self._by_group(block)]

    def _by_group(self, block):
        groups = sorted({self.reduction.group_of(n) for n in block})
        return [tuple(n for n in block if self.reduction.group_of(n) == g) for g in groups]


class PartsOfKAreRoundedUp(CoreWork):
    @staticmethod
    def _share_of_chunks(count, part):
        number, parts = part.k
        return range(-(-number * count // parts), -(-(number + 1) * count // parts))


class SpilledSlicesResultByResult(CoreWork):
    def _add_tiles(self, block, results):
        for result in results:
            super()._add_tiles(block, range(result, result + 1))


MACHINES = [SlotsColumnByColumn, SlotsAsLongAsTheirOwnPayloads, SlotsForPesThatGetNothing,
            OnePortMore, PesHaveTheirChunkWhenAllHave, FeedAndRowBusesAreOneWire,
            JumpedChunksLeaveAPeIdle, OthersResultsAreSiblings]
WORKS = [PrunedLastChunksAreJumped, EndMarkOfTheWholeAxisOnly, ColumnsJumpTogetherOnly,
         SlicesThatNobodyGetsAreTiles, InputsOfJumpedChunksAreLoaded,
         WeightsOfTheWholeBlockAreLoaded, PackedByTheRowRule, MixedColumnsDropRowsOfTheirOwn,
         PackedBlocksAreCutAtGroups, PartsOfKAreRoundedUp, SpilledSlicesResultByResult]


@pytest.fixture(scope="module", autouse=True)
def right_rows():
    """Counted before any rule is broken."""
    for seed in range(1, test_faults.CASES + 1):
        prepared(seed)


@pytest.mark.parametrize("machine", MACHINES)
def test_faulty_core_is_seen(machine):
    assert is_seen(machine=machine)


@pytest.mark.parametrize("work", WORKS)
def test_faulty_division_of_work_is_seen(work):
    assert is_seen(work=work)


# Rules that are functions: (where, name, what stands there instead).


def one_pruned_position_is_enough(operands, phase, n):
    k_values = operands.reduction.phases[phase].k_values
    pruned = [operands.reduction.is_pruned(k, n) for k in k_values]
    return {t for t in range(operands.chunk_count(phase))
            if any(pruned[t * operands.chunk : (t + 1) * operands.chunk])}


def coarse_blocks_of_the_group(reduction, k, n):
    r, s, f = k
    return not reduction.coarse.is_kept((r, s), n % reduction.group_inputs, f)


def coarse_blocks_not_transposed(reduction, k, n):
    r, s, f = k
    keep = reduction.coarse.keep[r, s]
    return not keep[min(f // reduction.coarse.coarse_in, keep.shape[0] - 1),
                    min(n // reduction.coarse.coarse_out, keep.shape[1] - 1)]


def aggregation_starts_early(run, copied):
    worked = max(max(run.ends), run.aggregation.cycles)
    return max(worked, divide_up(copied, run.chip.transposer_values)) + run.balancer_cycles


def balancer_is_hidden(run, copied):
    worked = max(max(run.ends) + run.aggregation.cycles, run.balancer_cycles)
    return max(worked, divide_up(copied, run.chip.transposer_values))


def transposer_waits_for_nobody(run, copied):
    worked = max(run.ends) + run.aggregation.cycles + run.balancer_cycles
    return max(worked, divide_up(copied, run.chip.transposer_values))


def every_part_of_k_is_added(run, phase):
    del phase
    return run.parts[0].k[1]


def sums_are_read_back_always(counts):
    words = divide_up(counts.chip.accumulator_width, 64)
    held = {(piece.result, piece.name, place) for pieces in counts.work.pieces
            for piece in pieces for place in piece.receivers}
    counts.actions["pe.accumulator_write"] += len(held)
    counts.actions["output_buffer.write"] += len(held) * words
    spilled = [entry for entry in held if isinstance(entry[1], tuple)]
    counts.actions["output_buffer.read"] += len(spilled) * words


def parts_keep_their_axes_in_weight_gradient(chip, stage, original=run_module.parts_of_chip):
    del stage
    return original(chip, "FF")


def work_counted_by(key_of):
    def sorted_columns(operands, phase):
        chunks = range(operands.chunk_count(phase))

        def key(n):
            jumped = operands.jumped(phase, n, chunks)
            work = sum(chunk.nonzero.bit_count() for chunk in operands.column(phase, n))
            return key_of([t in jumped for t in chunks], work, n)

        return sorted(range(operands.reduction.columns), key=key)

    return sorted_columns


def balanced_with_groups(chip, operands):
    return chip.balancer and "weight" in operands.roles


def balanced_in_any_mode(chip, operands):
    return chip.balancer and operands.reduction.layer.groups == 1


def last_of_equals(choice):
    pairs = [roles for roles in choice._fixed([("weight", "output"), ("input", "output"),
                                               ("input", "weight")]) if len(roles) == 2]
    return min(pairs, key=choice.cycles)


def rows_for_the_candidates(choice, roles):
    return choice._cycles(roles, False)


def packs_among_equals(choice, roles):
    if "output" not in roles or choice.chip.output_mode == "row":
        return False
    return (choice.chip.output_mode == "packed"
            or choice._cycles(roles, True) <= choice._cycles(roles, False))


RULES = [
    (Operands, "_pruned_chunks", one_pruned_position_is_enough),
    (BackPropagation, "is_pruned", coarse_blocks_of_the_group),
    (BackPropagation, "is_pruned", coarse_blocks_not_transposed),
    (Run, "cycles", aggregation_starts_early),
    (Run, "cycles", balancer_is_hidden),
    (Run, "cycles", transposer_waits_for_nobody),
    (Aggregation, "parts_with_work", staticmethod(every_part_of_k_is_added)),
    (CoreCounts, "_count_accumulators", sums_are_read_back_always),
    (run_module, "parts_of_chip", parts_keep_their_axes_in_weight_gradient),
    (columns_module, "visiting_order", lambda parts: list(range(parts)) * 2),
    (columns_module, "sorted_columns", work_counted_by(lambda jumped, work, n: (-work, n))),
    (columns_module, "sorted_columns", work_counted_by(lambda jumped, work, n: (jumped, work, n))),
    (columns_module, "sorted_columns",
     work_counted_by(lambda jumped, work, n: (jumped, -work, -n))),
    (columns_module, "sorted_columns",
     work_counted_by(lambda jumped, work, n: ([not jump for jump in jumped], -work, n))),
    (columns_module, "dealt",
     lambda columns, sizes, packet, original=columns_module.dealt: original(columns, sizes, 1)),
    (columns_module, "is_balanced", balanced_with_groups),
    (columns_module, "is_balanced", balanced_in_any_mode),
    (Choice, "fewest_cycles", last_of_equals),
    (Choice, "cycles", rows_for_the_candidates),
    (Choice, "packs", packs_among_equals),
]


def _name(value):
    return getattr(value, "__name__", None) if callable(value) else None


@pytest.mark.parametrize("place, name, instead", RULES, ids=_name)
def test_faulty_rule_is_seen(monkeypatch, place, name, instead):
    monkeypatch.setattr(place, name, instead)
    assert is_seen()
