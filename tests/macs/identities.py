# SPDX-License-Identifier: Apache-2.0
"""Laws that every result must obey, whatever was run (no counting needed)."""
import math

STAGES = ("FF", "BP", "WG")


def row_problems(row, result):
    """Broken laws of one layer row, as sentences."""
    macs, skipped = row["macs"], row["macs"]["skipped"]
    chip = result["config"]
    width = _value(chip, "core.issue_width_pairs")
    pe_cycles = sum(row["pe_cycles"].values())
    actions = row["actions"]
    mac_action = actions.get("pe.mac_" + _value(chip, "core.operand_format"), 0)
    laws = {
        "dense_all_samples - issued = sum of skipped":
            macs["dense_all_samples"] - macs["issued"] == sum(skipped.values()),
        "effectual <= issued <= dense": macs["effectual"] <= macs["issued"] <= macs["dense"],
        "pe_cycles sum to PEs x cycles": pe_cycles == processing_elements(chip) * row["cycles"],
        "mac = effectual at issue width 1":
            width != 1 or row["pe_cycles"]["mac"] == macs["effectual"],
        "mac + ineffectual = issued at issue width 1":
            width != 1
            or row["pe_cycles"]["mac"] + row["pe_cycles"]["ineffectual"] == macs["issued"],
        "the MAC action counts what was issued": mac_action == macs["issued"],
        "dram_bytes = bytes read + bytes written":
            row["dram_bytes"]
            == actions.get("dram.read_byte", 0) + actions.get("dram.write_byte", 0),
        "mode dense skips nothing": row["skip"] != "dense" or macs["issued"] == macs["dense"],
        "all samples take part": row["samples"]["total"] == row["samples"]["active"] > 0,
        "only selected roles skip": all(
            not skipped[name] or role in row["skip"].split("+")
            for name, role in (
                ("input", "input"), ("weight_fine", "weight"), ("output", "output"))),
    }
    return [law for law, holds in laws.items() if not holds]


def result_problems(result):
    """Broken laws of a whole result."""
    problems = []
    for number, row in enumerate(result["layers"]):
        where = f"row {number} ({row['layer']}, {row['stage']}, iteration {row['iteration']})"
        problems += [f"{where}: {law}" for law in row_problems(row, result)]
    problems += _sums(result["layers"], result["totals"], "totals")
    for stage in STAGES:
        rows = [row for row in result["layers"] if row["stage"] == stage]
        if rows or stage in result["totals_by_stage"]:
            problems += _sums(rows, result["totals_by_stage"][stage], f"totals of {stage}")
    problems += _same_dense_everywhere(result["layers"])
    if not result["config"].get("transport", {}).get("compressed", False):
        problems += _nothing_skipped_nothing_saved(result["layers"])
    return problems


def _nothing_skipped_nothing_saved(rows):
    if any(row["skip"] != "dense" for row in rows):
        return []
    return [f"{row['layer']} {row['stage']}: a dense run needs other than its dense_cycles"
            for row in rows if row["cycles"] != row["dense_cycles"]]


def _sums(rows, totals, name):
    laws = {
        "cycles": sum(row["cycles"] for row in rows) == totals["cycles"],
        "dram_bytes": sum(row["dram_bytes"] for row in rows) == totals["dram_bytes"],
        "energy_pj": _near(math.fsum(row["energy_pj"] for row in rows), totals["energy_pj"]),
        "energy_pj_by_component":
            _near(math.fsum(totals["energy_pj_by_component"].values()), totals["energy_pj"]),
    }
    for count in ("dense", "dense_all_samples", "effectual", "issued"):
        laws[f"macs.{count}"] = sum(row["macs"][count] for row in rows) == totals["macs"][count]
    for count, value in totals["macs"]["skipped"].items():
        laws[f"macs.skipped.{count}"] = sum(row["macs"]["skipped"][count] for row in rows) == value
    return [f"{name}: {law} is not the sum of the rows" for law, holds in laws.items() if not holds]


def _same_dense_everywhere(rows):
    dense, problems = {}, []
    for row in rows:
        if row["stage"] == "WU":
            continue  # multiplies nothing
        key = (row["trace"], row.get("network"), row["iteration"], row["layer"])
        if dense.setdefault(key, row["macs"]["dense"]) != row["macs"]["dense"]:
            problems.append(f"{key}: dense differs between stages")
    return problems


def _near(a, b):
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b))


def _value(config, path):
    """A resolved value, whether the result nests its keys or lists full paths."""
    if path in config:
        return config[path]
    for part in path.split("."):
        config = config[part]
    return config


def processing_elements(config):
    return math.prod(_value(config, path) for path in (
        "accelerator.clusters", "accelerator.cores_per_cluster", "core.rows", "core.columns"))
