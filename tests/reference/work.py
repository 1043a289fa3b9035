# SPDX-License-Identifier: Apache-2.0
"""What each core has to do: chunks, blocks of columns, results, tiles, loads (sections 2 to 5)."""
from dataclasses import dataclass

from .chip import divide_up


@dataclass(frozen=True)
class OperandChunk:
    """One chunk of one row of A or one column of B; bit i of a mask is position i of the chunk."""

    in_bounds: int
    nonzero: int  # within in_bounds
    counted: int  # what the mode sends: in_bounds or nonzero

    @property
    def values(self):
        return self.counted.bit_count()


@dataclass(frozen=True)
class Block:
    phase: int
    group: int
    columns: tuple
    share_m: int  # m of the core before dropping
    kept_m: tuple  # positions in phase.m_values
    dropped_m: tuple


@dataclass(frozen=True)
class Result:
    block: int
    m: tuple  # row i of the array has m[i]


@dataclass(frozen=True)
class Tile:
    block: int
    slice: int
    results: tuple  # indices of results
    chunks: range  # chunk numbers within each of these results


@dataclass(frozen=True)
class Load:
    input_bytes: int
    weight_bytes: object  # None: no weight load


class Operands:
    """Chunks of a reduction under a mode, made on demand and kept."""

    def __init__(self, reduction, roles, chunk):
        self.reduction, self.roles, self.chunk = reduction, tuple(roles), chunk
        self._rows, self._columns, self._elements = {}, {}, {}

    def chunk_count(self, phase):
        return divide_up(len(self.reduction.phases[phase].k_values), self.chunk)

    def row(self, phase, group, m):
        key = (phase, group, m)
        if key not in self._rows:
            bits = [0 if e is None else 2 + self.reduction.a_bits[e]
                    for e in self.row_elements(phase, group, m)]
            self._rows[key] = self._cut(bits, "input" in self.roles)
        return self._rows[key]

    def row_elements(self, phase, group, m):
        """Element of the A tensor at every k, None out of bounds."""
        key = (phase, group, m)
        if key not in self._elements:
            values = self.reduction.phases[phase]
            self._elements[key] = [self.reduction.a_index(group, values.m_values[m], k)
                                   for k in values.k_values]
        return self._elements[key]

    def column(self, phase, n):
        key = (phase, n)
        if key not in self._columns:
            k_values = self.reduction.phases[phase].k_values
            bits = [2 + self.reduction.b_bits[self.reduction.b_index(k, n)] for k in k_values]
            self._columns[key] = self._cut(bits, "weight" in self.roles)
        return self._columns[key]

    def _cut(self, codes, skips_zeros):
        """Codes: 0 out of bounds, 2 zero, 3 not zero."""
        chunks = []
        for start in range(0, len(codes), self.chunk):
            part = codes[start : start + self.chunk]
            in_bounds = sum(1 << i for i, code in enumerate(part) if code >= 2)
            nonzero = sum(1 << i for i, code in enumerate(part) if code == 3)
            chunks.append(OperandChunk(in_bounds, nonzero, nonzero if skips_zeros else in_bounds))
        return chunks


class CoreWork:
    """Blocks, results, tiles and loads of one core, in the order it works through them."""

    def __init__(self, chip, operands, part_m, part_n):
        self.chip, self.operands, self.reduction = chip, operands, operands.reduction
        self.blocks, self.results, self.tiles = [], [], []
        columns = _share(self.reduction.columns, part_n, chip.parts_n)
        for phase, values in enumerate(self.reduction.phases):
            m_share = _share(len(values.m_values), part_m, chip.parts_m)
            for block_columns in self._cut_columns(columns):
                self._add_block(phase, block_columns, m_share)
        self.loads = [self._load(t) for t in range(len(self.tiles))]

    def _cut_columns(self, columns):
        blocks = []
        for n in columns:
            starts_group = n % self.reduction.columns_of_group == 0
            if not blocks or starts_group or len(blocks[-1]) == self.chip.columns:
                blocks.append([])
            blocks[-1].append(n)
        return [tuple(block) for block in blocks]

    def _add_block(self, phase, columns, m_share):
        values = self.reduction.phases[phase].m_values
        kept, dropped = [], []
        for m in m_share:
            stays = not self.drops_outputs() or any(self.reduction.is_needed(values[m], n)
                                                    for n in columns)
            (kept if stays else dropped).append(m)
        group = columns[0] // self.reduction.columns_of_group
        block = len(self.blocks)
        self.blocks.append(Block(phase, group, columns, len(m_share), tuple(kept), tuple(dropped)))
        first = len(self.results)
        for start in range(0, len(kept), self.chip.rows):
            self.results.append(Result(block, tuple(kept[start : start + self.chip.rows])))
        self._add_tiles(block, range(first, len(self.results)))

    def drops_outputs(self):
        return "output" in self.operands.roles

    def _add_tiles(self, block, results):
        chunks, limit = self.operands.chunk_count(self.blocks[block].phase), self.chip.tile_chunks
        if chunks <= limit:
            per_tile = limit // chunks
            for start in range(0, len(results), per_tile):
                self.tiles.append(Tile(block, 0, tuple(results[start : start + per_tile]),
                                       range(chunks)))
            return
        for result in results:
            for number, start in enumerate(range(0, chunks, limit)):
                self.tiles.append(Tile(block, number, (result,),
                                       range(start, min(start + limit, chunks))))

    def _k_range(self, tile):
        total = len(self.reduction.phases[self.blocks[tile.block].phase].k_values)
        return range(tile.chunks.start * self.chip.chunk,
                     min(tile.chunks.stop * self.chip.chunk, total))

    def _load(self, number):
        tile = self.tiles[number]
        before = self.tiles[number - 1] if number else None
        same = before is not None and (before.block, before.slice) == (tile.block, tile.slice)
        return Load(self._input_bytes(tile), None if same else self._weight_bytes(tile))

    def _input_bytes(self, tile):
        block, elements = self.blocks[tile.block], set()
        for result in tile.results:
            for m in self.results[result].m:
                row = self.operands.row_elements(block.phase, block.group, m)
                elements.update(row[k] for k in self._k_range(tile))
        elements.discard(None)
        nonzero = sum(self.reduction.a_bits[e] for e in elements)
        return self._bytes(len(elements), nonzero, "input")

    def _weight_bytes(self, tile):
        block = self.blocks[tile.block]
        k_values = self.reduction.phases[block.phase].k_values
        bits = [self.reduction.b_bits[self.reduction.b_index(k_values[k], n)]
                for k in self._k_range(tile) for n in block.columns]
        return self._bytes(len(bits), sum(bits), "weight")

    def _bytes(self, elements, nonzero, role):
        width = self.chip.width
        bits = elements + nonzero * width if role in self.operands.roles else elements * width
        return divide_up(bits, 8)


def _share(amount, part, parts):
    return range(part * amount // parts, (part + 1) * amount // parts)


def parts_of_chip(chip):
    """(part of m, part of the columns) of every core, clusters in order, cores in order."""
    parts = []
    for cluster in range(chip.cluster_m * chip.cluster_n):
        for core in range(chip.core_m * chip.core_n):
            cluster_m, cluster_n = divmod(cluster, chip.cluster_n)
            core_m, core_n = divmod(core, chip.core_n)
            parts.append((cluster_m * chip.core_m + core_m, cluster_n * chip.core_n + core_n))
    return parts
