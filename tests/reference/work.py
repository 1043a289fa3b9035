# SPDX-License-Identifier: Apache-2.0
"""What each core has to do: blocks of columns, results, tiles, loads (sections 2 to 5)."""
from dataclasses import dataclass

from .chip import divide_up
from .columns import columns_of_parts, share


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
class Part:
    """What a core has of the axes m, columns, k: (number, of how many)."""

    m: tuple
    n: tuple
    k: tuple


@dataclass(frozen=True)
class Block:
    phase: int
    columns: tuple
    groups: tuple  # of each column
    is_private: bool
    share_m: int  # m of the core before dropping
    lists: tuple  # of each column: its m as positions in phase.m_values
    left_out: tuple  # of each column: the other m of the core
    chunks: range  # the core's part of the k axis
    jumps: tuple  # of each column: chunks it jumps


@dataclass(frozen=True)
class Result:
    block: int
    m: dict  # {(row, column) of the PEs with a place: m}


@dataclass(frozen=True)
class Tile:
    block: int
    slice: int
    results: tuple  # indices of results
    chunks: range  # chunk numbers within each of these results
    is_spilled: bool  # its slice of a result leaves the array


@dataclass(frozen=True)
class Piece:
    """One chunk of one result that some PE receives."""

    tile: int
    result: int
    name: object  # of what the accumulators hold: the result or, if spilled, its slice
    chunk: int
    receivers: dict  # {(row, column): m}


@dataclass(frozen=True)
class Load:
    input_bytes: int
    weight_bytes: object  # None: no weight load


class Operands:
    """Chunks of a reduction under a mode, made on demand and kept."""

    def __init__(self, chip, reduction, roles, is_packed=False):
        self.reduction, self.roles, self.chunk = reduction, tuple(roles), chip.chunk
        self.is_packed = is_packed and "output" in roles
        self.has_coarse_runs = (chip.coarse_runs and "weight" in roles
                                and reduction.coarse is not None)
        self._rows, self._columns, self._elements, self._pruned = {}, {}, {}, {}

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

    def jumped(self, phase, n, chunks):
        """Those of the chunks, but for their last, in which column n has pruned blocks only."""
        if not self.has_coarse_runs:
            return frozenset()
        return frozenset(t for t in chunks[:-1] if t in self._pruned_chunks(phase, n))

    def _pruned_chunks(self, phase, n):
        key = (phase, n)
        if key not in self._pruned:
            k_values = self.reduction.phases[phase].k_values
            pruned = [self.reduction.is_pruned(k, n) for k in k_values]
            self._pruned[key] = {t for t in range(self.chunk_count(phase))
                                 if all(pruned[t * self.chunk : (t + 1) * self.chunk])}
        return self._pruned[key]

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

    def __init__(self, chip, operands, part):
        self.chip, self.operands, self.reduction = chip, operands, operands.reduction
        self.blocks, self.results, self.tiles = [], [], []
        for phase, values in enumerate(self.reduction.phases):
            chunks = self._share_of_chunks(operands.chunk_count(phase), part)
            columns = columns_of_parts(chip, operands, phase, part.n[1])[part.n[0]]
            m_share = share(len(values.m_values), *part.m)
            for block_columns in self._cut_columns(columns) if chunks else []:
                self._add_block(phase, block_columns, m_share, chunks)
        self.pieces = [list(self._pieces(t)) for t in range(len(self.tiles))]
        self.loads = [self._load(t) for t in range(len(self.tiles))]

    @staticmethod
    def _share_of_chunks(count, part):
        return share(count, *part.k)

    def _cut_columns(self, columns):
        blocks = []
        for n in columns:
            is_new = not blocks or len(blocks[-1]) == self.chip.columns
            if not is_new and not self.chip.has_private_columns:
                is_new = self.reduction.group_of(n) != self.reduction.group_of(blocks[-1][-1])
            if is_new:
                blocks.append([])
            blocks[-1].append(n)
        return [tuple(block) for block in blocks]

    def _add_block(self, phase, columns, m_share, chunks):
        groups = tuple(self.reduction.group_of(n) for n in columns)
        is_private = len(set(groups)) > 1 or self.operands.is_packed
        lists = self._lists(self.reduction.phases[phase].m_values, columns, m_share)
        jumps = tuple(self._jumps(phase, n, chunks) for n in columns)
        block, first = len(self.blocks), len(self.results)
        self.blocks.append(Block(
            phase, columns, groups, is_private, len(m_share), lists,
            tuple(tuple(sorted(set(m_share) - set(own))) for own in lists), chunks, jumps))
        for start in range(0, max(len(own) for own in lists), self.chip.rows):
            self.results.append(Result(block, {
                (i, j): m for j, own in enumerate(lists)
                for i, m in enumerate(own[start : start + self.chip.rows])}))
        self._add_tiles(block, range(first, len(self.results)))

    def _jumps(self, phase, n, chunks):
        return self.operands.jumped(phase, n, chunks)

    def _lists(self, m_values, columns, m_share):
        """The m of every column."""
        if not self.drops_outputs():
            return tuple(tuple(m_share) for _ in columns)
        needed = [tuple(m for m in m_share if self.reduction.is_needed(m_values[m], n))
                  for n in columns]
        if self.operands.is_packed:
            return tuple(needed)
        wanted = set().union(*needed)
        return tuple(tuple(m for m in m_share if m in wanted) for _ in columns)

    def drops_outputs(self):
        return "output" in self.operands.roles

    def receivers(self, result, chunk):
        """{position: m} of the PEs that get this chunk of this result."""
        jumps = self.blocks[self.results[result].block].jumps
        return {place: m for place, m in self.results[result].m.items()
                if chunk not in jumps[place[1]]}

    def _add_tiles(self, block, results):
        chunks, limit = self.blocks[block].chunks, self.chip.tile_chunks
        if len(chunks) <= limit:
            per_tile = limit // len(chunks)
            for start in range(0, len(results), per_tile):
                self.tiles.append(Tile(block, 0, tuple(results[start : start + per_tile]), chunks,
                                       False))
            return
        slices = list(enumerate(chunks[n : n + limit] for n in range(0, len(chunks), limit)))
        if self.chip.psum_spill:
            order = [(result, *part) for part in slices for result in results]
        else:
            order = [(result, *part) for result in results for part in slices]
        for result, number, part in order:
            if self._is_tile(result, part):
                self.tiles.append(Tile(block, number, (result,), part, self.chip.psum_spill))

    def _is_tile(self, result, chunks):
        return any(self.receivers(result, chunk) for chunk in chunks)

    def _pieces(self, number):
        tile = self.tiles[number]
        for result in tile.results:
            name = (result, tile.slice) if tile.is_spilled else result
            for chunk in tile.chunks:
                receivers = self.receivers(result, chunk)
                if receivers:
                    yield Piece(number, result, name, chunk, receivers)

    def block_of(self, piece):
        return self.blocks[self.tiles[piece.tile].block]

    def k_range(self, phase, chunk):
        total = len(self.reduction.phases[phase].k_values)
        return range(chunk * self.chip.chunk, min((chunk + 1) * self.chip.chunk, total))

    def _load(self, number):
        before = self.tiles[number - 1] if number else None
        tile = self.tiles[number]
        same = before is not None and (before.block, before.slice) == (tile.block, tile.slice)
        return Load(self._input_bytes(number), None if same else self._weight_bytes(number))

    def _input_bytes(self, number):
        block = self.blocks[self.tiles[number].block]
        received = {(piece.chunk, block.groups[j], m) for piece in self.pieces[number]
                    for (_, j), m in piece.receivers.items()}
        elements = {self.operands.row_elements(block.phase, group, m)[k]
                    for chunk, group, m in received for k in self.k_range(block.phase, chunk)}
        elements.discard(None)
        nonzero = sum(self.reduction.a_bits[e] for e in elements)
        return self._bytes(len(elements), nonzero, "input")

    def _weight_bytes(self, number):
        block = self.blocks[self.tiles[number].block]
        k_values = self.reduction.phases[block.phase].k_values
        received = {(piece.chunk, block.columns[j]) for piece in self.pieces[number]
                    for _, j in piece.receivers}
        bits = [self.reduction.b_bits[self.reduction.b_index(k_values[k], n)]
                for chunk, n in received for k in self.k_range(block.phase, chunk)]
        return self._bytes(len(bits), sum(bits), "weight")

    def _bytes(self, elements, nonzero, role):
        width = self.chip.width
        bits = elements + nonzero * width if role in self.operands.roles else elements * width
        return divide_up(bits, 8)


def parts_of_chip(chip, stage):
    """The Part of every core, clusters in order, cores in order."""
    parts = []
    for cluster in range(chip.cluster_m * chip.cluster_n * chip.cluster_k):
        for core in range(chip.core_m * chip.core_n * chip.core_k):
            cluster_mn, cluster_k = divmod(cluster, chip.cluster_k)
            cluster_m, cluster_n = divmod(cluster_mn, chip.cluster_n)
            core_mn, core_k = divmod(core, chip.core_k)
            core_m, core_n = divmod(core_mn, chip.core_n)
            m = (cluster_m * chip.core_m + core_m, chip.parts_m)
            k = (cluster_k * chip.core_k + core_k, chip.parts_k)
            if stage == "WG" and chip.wg_m_is_k:
                m, k = k, m
            parts.append(Part(m, (cluster_n * chip.core_n + core_n, chip.parts_n), k))
    return parts
