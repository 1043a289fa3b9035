# SPDX-License-Identifier: Apache-2.0
"""What the random cases exercised, so that a weak generator shows."""
from collections import Counter


def seen_in_run(run, choice):
    """{what: 1} for one row."""
    blocks = [block for work in run.works for block in work.blocks if any(block.lists)]
    kinds = [[work.blocks[tile.block].is_private for tile in work.tiles] for work in run.works]
    feeds = [step for machine in run.machines for step in machine.steps if step.feed is not None]
    balanced = bool(run.balancer_actions)
    held = [(piece.result, piece.name, place[1]) for work in run.works for pieces in work.pieces
            for piece in pieces for place in piece.receivers]
    seen = {
        "columns of several groups": any(len(set(block.groups)) > 1 for block in blocks),
        "packed columns": run.operands.is_packed and bool(blocks),
        "columns with lists of unlike length": any(len({len(own) for own in block.lists}) > 1
                                                   for block in blocks),
        "a feed of several slots": any(len(step.feed) > run.chip.input_ports for step in feeds),
        "from feed to row buses": any(len(set(kind)) > 1 for kind in kinds),
        "jumped chunks": any(any(block.jumps) for block in blocks),
        "columns that jump unlike chunks": any(len(set(block.jumps)) > 1 for block in blocks),
        "jumped chunks on a feed": any(any(block.jumps) and block.is_private for block in blocks),
        "slices that are no tile": any(_missing_slices(work) for work in run.works),
        "parts of k": run.aggregation.partial > 0,
        "parts of k without a chunk": _has_empty_part(run),
        "partial sums beyond the buffer": run.aggregation.spilled > 0,
        "aggregation takes cycles": run.aggregation.cycles > 0,
        "spilled slices": any(tile.is_spilled for work in run.works for tile in work.tiles),
        "spilled slices that some columns jump": _has_unlike_slices(run, held),
        "balanced columns": balanced,
        "columns in another order": balanced and any(
            list(block.columns) != sorted(block.columns) for block in blocks),
        "cycles choose unlike density": choice.roles != choice.by_density,
        "regret": choice.regret_fields().get("regret_cycles", 0) > 0,
        "output mode adaptive packs": choice.is_packed and run.chip.output_mode == "adaptive",
        "output mode adaptive does not pack": not choice.is_packed and "output" in choice.roles
                                              and run.chip.output_mode == "adaptive"}
    return {name: 1 for name, is_so in seen.items() if is_so}


def _missing_slices(work):
    """Some slice of a result has no tile."""
    limit, chunks = work.chip.tile_chunks, Counter()
    for tile in work.tiles:
        for result in tile.results:
            chunks[result] += len(tile.chunks)
    return any(len(work.blocks[work.results[result].block].chunks) > max(limit, count)
               for result, count in chunks.items())


def _has_empty_part(run):
    return any(run.aggregation.parts_with_work(run, phase) < run.parts[0].k[1]
               for phase in range(len(run.reduction.phases)))


def _has_unlike_slices(run, held):
    """A slice of a result that leaves the array holds chunks for some of its columns only."""
    if not run.chip.psum_spill:
        return False
    columns = {}
    for result, name, column in held:
        columns.setdefault((result, name), set()).add(column)
    widest = {}
    for (result, _), own in columns.items():
        widest[result] = max(widest.get(result, 0), len(own))
    return any(len(own) < widest[result] for (result, _), own in columns.items())


class Coverage:
    """Sums over the rows of all cases."""

    def __init__(self):
        self.seen, self.categories, self.modes = Counter(), Counter(), Counter()
        self.attributions, self.rows, self.cycles = Counter(), 0, 0

    def add_rows(self, rows):
        for row in rows:
            self.rows += 1
            self.cycles += row["cycles"]
            self.categories.update(name for name, value in row["pe_cycles"].items() if value)
            self.attributions.update(name for name, value in row["macs"]["skipped"].items()
                                     if value)
            self.modes[f"{row['stage']} {row['skip']}"] += 1

    def print(self):
        print(f"{self.rows} rows, {self.cycles} cycles")
        for title, counts in (("a category", self.categories),
                              ("a reason to skip", self.attributions), ("a feature", self.seen)):
            print(f"rows in which {title} occurs: " + _listed(counts))
        print("rows by stage and mode: " + _listed(self.modes))


def _listed(counts):
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
