# SPDX-License-Identifier: Apache-2.0
"""Actions and multiplies of one core, by walking through everything it was given (section 9)."""
from collections import Counter

from .chip import divide_up
from .run import operand_chunks, pair


class CoreCounts:
    def __init__(self, chip, work):
        self.chip, self.work, self.roles = chip, work, work.operands.roles
        self.actions, self.macs = Counter(), Counter()
        self.z_row = chip.chunk * ("input" in self.roles)
        self.z_column = chip.chunk * ("weight" in self.roles)
        for pieces in work.pieces:
            for piece in pieces:
                self._count_piece(piece)
        self._count_accumulators()
        for load in work.loads:
            self._count_load("input_buffer.write", load.input_bytes)
            if load.weight_bytes is not None:
                self._count_load("weight_buffer.write", load.weight_bytes)
        for block in work.blocks:
            self._count_block(block)
        for result in work.results:
            self._count_jumped(result)

    def _count_piece(self, piece):
        received = operand_chunks(self.work, piece)
        if self.work.block_of(piece).is_private:
            streams = [a for a, _, _ in received.values()]
        else:
            streams = {i: a for (i, _), (a, _, _) in received.items()}.values()
        for a in streams:
            self._count_transfer("input_buffer.read", a.values * self.chip.width + self.z_row)
        for b in {j: b for (_, j), (_, b, _) in received.items()}.values():
            self._count_transfer("weight_buffer.read", b.values * self.chip.width + self.z_column)
        for chunks in received.values():
            self._count_pair(*chunks)

    def _count_transfer(self, read, bits):
        self.actions["bus.bit"] += bits
        self.actions[read] += divide_up(bits, 64)

    def _count_load(self, write, count):
        self.actions[write] += divide_up(count, 8)

    def _count_pair(self, a, b, needed):
        issued, effectual, _ = pair(self.chip, a, b, needed)
        chunk, width = self.chip.chunk, self.chip.width
        self.actions["fifo.bit_write"] += self.z_row + self.z_column
        self.actions["fifo.bit_read"] += self.z_row + self.z_column
        self.actions["operand_buffer.bit_write"] += (a.values + b.values) * width
        self.actions["operand_buffer.bit_read"] += 2 * issued * width
        self.actions["and.bit"] += chunk if self.z_row and self.z_column else 0
        self.actions["detector.bit"] += chunk if self.z_row or self.z_column else 0
        self.actions[f"pe.mac_{self.chip.operand_format}"] += issued
        self.macs["issued"] += issued
        self.macs["effectual"] += effectual
        pairs = a.in_bounds & b.in_bounds
        self.macs["dense"] += pairs.bit_count()
        zero_in_a = pairs & ~a.nonzero if "input" in self.roles else 0
        zero_in_b = pairs & ~b.nonzero & ~zero_in_a if "weight" in self.roles else 0
        self.macs["input"] += zero_in_a.bit_count()
        self.macs["weight_fine"] += zero_in_b.bit_count()

    def _count_accumulators(self):
        """A write when a result, or a slice that leaves the array, ends; a read when it goes on."""
        words = divide_up(self.chip.accumulator_width, 64)
        held = {(piece.result, piece.name, place) for pieces in self.work.pieces
                for piece in pieces for place in piece.receivers}
        results = {(result, place) for result, _, place in held}
        self.actions["pe.accumulator_write"] += len(held)
        self.actions["output_buffer.write"] += len(held) * words
        self.actions["output_buffer.read"] += (len(held) - len(results)) * words

    def _count_block(self, block):
        operands = self.work.operands
        if self.work.drops_outputs():
            self.actions["sequencer.output_bit"] += block.share_m * len(block.columns)
        if operands.has_coarse_runs:
            self.actions["sequencer.coarse_bit"] += len(block.chunks) * len(block.columns)
        for group, left_out in zip(block.groups, block.left_out):
            for m in left_out:
                chunks = operands.row(block.phase, group, m)
                in_bounds = sum(chunks[t].in_bounds.bit_count() for t in block.chunks)
                self.macs["output"] += in_bounds
                self.macs["dense"] += in_bounds

    def _count_jumped(self, result):
        """Pairs of the chunks that a column jumps; its weights are zero there."""
        block, operands = self.work.blocks[result.block], self.work.operands
        for (_, j), m in result.m.items():
            row = operands.row(block.phase, block.groups[j], m)
            column = operands.column(block.phase, block.columns[j])
            for t in block.jumps[j]:
                pairs = row[t].in_bounds & column[t].in_bounds
                zero_in_a = pairs & ~row[t].nonzero if "input" in self.roles else 0
                self.macs["dense"] += pairs.bit_count()
                self.macs["input"] += zero_in_a.bit_count()
                self.macs["weight_coarse"] += (pairs & ~zero_in_a).bit_count()
