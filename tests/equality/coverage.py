# SPDX-License-Identifier: Apache-2.0
"""What the compared cases exercised, and what an ordinary run must have exercised."""
from collections import Counter

_CATEGORIES = ("mac", "ineffectual", "empty_chunk", "wait_memory", "wait_weight", "wait_sibling",
               "wait_operand", "wait_drain", "idle")
_SKIPPED = ("output", "input", "weight_fine", "weight_coarse")
_PAIRS = ("dense", "input", "weight", "input+weight")
_WITH_OUTPUT = ("output", "input+output", "weight+output")
_ACTIONS = {
    "balancer": "balancer.bit", "parts of k": "aggregation.add",
    "cluster buffer": "cluster_buffer.read", "global buffer": "global_buffer.read",
    "DRAM": "dram.read_burst", "DRAM writes": "dram.write_burst", "refreshes": "dram.refresh",
    "spilled partial sums": "output_buffer.read", "transposer": "transposer.bit",
    "lists of needed results": "sequencer.output_bit", "coarse bits": "sequencer.coarse_bit",
    "vector adds": "vector.add", "vector multiplies": "vector.multiply",
    "vector compares": "vector.compare", "vector specials": "vector.special"}
_UNLIMITED = ("core.bus_values", "core.bus_bits", "core.scan_bits", "memory.input_bytes_per_cycle",
              "memory.weight_bytes_per_cycle", "memory.ideal_bytes_per_cycle", "dma.bytes_per_cycle",
              "transposer.values_per_cycle", "vector_unit.lanes", "vector_unit.bytes_per_cycle",
              "aggregation.adds_per_cycle", "aggregation.bytes_per_cycle",
              "cluster.fill_bytes_per_cycle", "cluster.weight_buffer_bytes",
              "balancer.bits_per_cycle", "balancer.compares_per_cycle")


def required():
    """Every entry that an ordinary run has to have seen."""
    names = [f"FF {mode}" for mode in _PAIRS]
    names += [f"{stage} {mode}" for stage in ("BP", "WG") for mode in _PAIRS + _WITH_OUTPUT]
    names += [f"category {name}" for name in _CATEGORIES] + ["WU"]
    names += [f"skipped {name}" for name in _SKIPPED] + list(_ACTIONS)
    names += [f"{key} {state}" for key in _UNLIMITED for state in ("unlimited", "finite")]
    names += ["private columns", "packed columns", "output mode adaptive", "policy cycles",
              "zero insertion", "no zero skipping", "finite output buffer", "streamed vector rows",
              "overlapping updates", "crossing clocks", "compressed transport", "blocked core",
              "blocked vector unit", "blocked dma", "teacher", "inference", "several iterations",
              "stride", "dilation", "groups", "values whole", "values real", "values none",
              "m and k change places"]
    return names


class Coverage:
    """Counts, of each entry, the cases in which it was seen."""

    def __init__(self):
        self.seen, self.cases, self.rows, self.cycles, self.pe_cycles = Counter(), 0, 0, 0, 0
        self.values = self.exact_values = 0  # y, dx and dw that --check compared

    def add(self, case, result, second=None):
        """result, second: of the two engines; the second one may have checked values."""
        checked = (second or {}).get("values", {})
        self.values += checked.get("compared", 0)
        self.exact_values += checked.get("exact", 0)
        self.cases += 1
        self.rows += len(result["layers"])
        self.cycles += result["totals"]["cycles"]
        self.pe_cycles += sum(result["totals"]["pe_cycles"].values())
        self.seen.update(exercised(case, result))

    def update(self, other):
        for name in ("cases", "rows", "cycles", "pe_cycles", "values", "exact_values"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.seen.update(other.seen)

    def missing(self):
        missing = [name for name in required() if not self.seen[name]]
        if not 0 < self.exact_values < self.values:
            missing.append("values that are checked, exactly and within bounds")
        return missing

    def print(self):
        print(f"{self.rows} rows, {self.cycles} cycles, {self.pe_cycles} PE-cycles; {self.values} "
              f"values checked, {self.exact_values} of them exactly")
        print("cases in which: " + ", ".join(f"{name} {self.seen[name]}" for name in required()))


def exercised(case, result):
    """The set of entries that one case exercised."""
    seen = _of_rows(case.config, result["layers"]) | _of_chip(case.config, result["config"])
    totals = result["totals"]
    seen |= {f"category {name}" for name, value in totals["pe_cycles"].items() if value}
    seen |= {f"skipped {name}" for name, value in totals["macs"]["skipped"].items() if value}
    for name, action in _ACTIONS.items():
        if any(row["actions"][action] for row in result["layers"]):
            seen.add(name)
    for unit in result["units"]:
        if unit["blocked"]:
            name = unit["unit"]
            seen.add("blocked core" if "core" in name else "blocked " + name.replace("_", " "))
    return seen | _of_trace(case) | {f"values {case.values}"}


def _of_rows(config, rows):
    seen = set()
    has_blocks = config.get("vector_unit", {}).get("block_bytes", 4096)
    for row in rows:
        is_layer = row["kind"] in ("conv2d", "linear") and row["stage"] != "WU"
        if is_layer:
            seen.add(f"{row['stage']} {row['skip']}")
            if "output" in row["skip"] and row["stage"] != "FF":
                mode = config["skip"]["output_mode"]
                seen.add("packed columns" if mode == "packed" else f"output mode {mode}")
        elif row["stage"] == "WU":
            seen.add("WU")
            if not row["cycles"] and row["actions"]["vector.add"]:
                seen.add("overlapping updates")
        elif row["dram_bytes"] > 2 * has_blocks:
            seen.add("streamed vector rows")
    return seen


def _of_chip(config, shown):
    """config: as drawn; shown: as the result has it, with all defaults."""
    seen, skip = set(), shown["skip"]
    for path in _UNLIMITED:
        section, key = path.split(".")
        if section in config:
            is_unlimited = shown[section][key] == "unlimited"
            seen.add(f"{path} {'unlimited' if is_unlimited else 'finite'}")
    dram = shown["memory"]["dram"] != "ideal"
    states = {
        "policy cycles": skip["adaptive_policy"] == "cycles" and "adaptive" in (
            skip["ff"], skip["bp"], skip["wg"]),
        "zero insertion": shown["core"]["zero_insertion"],
        "no zero skipping": not shown["core"]["zero_skipping"],
        "finite output buffer": shown["core"]["output_buffer_bytes"] != "unlimited",
        "crossing clocks": dram and shown["clocks"]["crossing_cycles"] > 0,
        "compressed transport": shown["transport"]["compressed"],
        "m and k change places": shown["accelerator"]["partition"]["wg_m_is_k"]}
    return seen | {name for name, is_so in states.items() if is_so}


def _of_trace(case):
    seen = set()
    if len(case.iterations) > 1:
        seen.add("several iterations")
    seen |= {"inference" for iteration in case.iterations if iteration["phase"] == "inference"}
    for network in case.networks.values():
        if network["role"] == "teacher":
            seen.add("teacher")
        for operator in network["graph"]["operators"]:
            attributes = operator.get("attributes", {})
            if operator["kind"] == "conv2d":
                seen |= {key for key in ("stride", "dilation")
                         if attributes.get(key, [1, 1]) != [1, 1]}
                if attributes.get("groups", 1) > 1:
                    seen.add("groups")
                    if case.config["core"].get("group_columns") == "private":
                        seen.add("private columns")
    return seen
