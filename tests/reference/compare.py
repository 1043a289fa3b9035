# SPDX-License-Identifier: Apache-2.0
"""Compares the counter's rows with those of a result.json, field by field."""

_PLAIN = ("iteration", "network", "layer", "kind", "stage", "skip", "patterns", "cycles",
          "dense_cycles",
          "samples", "dram_bytes")


def flat_fields(row):
    """{field path: value}; `actions` may leave out counts that are 0, so they are left out here."""
    fields = {name: row.get(name, "missing") for name in _PLAIN}
    macs = dict(row["macs"])
    for name, value in macs.pop("skipped").items():
        fields[f"macs.skipped.{name}"] = value
    fields.update({f"macs.{name}": value for name, value in macs.items()})
    fields.update({f"pe_cycles.{name}": value for name, value in row["pe_cycles"].items()})
    fields.update({f"choices.{name}": value for name, value in row.get("choices", {}).items()})
    if "regret_cycles" in row:
        fields["regret_cycles"] = row["regret_cycles"]
    fields.update({f"actions.{name}": value for name, value in row["actions"].items() if value})
    return fields


def differences(expected, found):
    """Lines `row: field: counter says, skipsim says`; empty when equal."""
    lines = []
    if len(expected) != len(found):
        lines.append(f"number of rows: counter {len(expected)}, skipsim {len(found)}")
    for number, (ours, theirs) in enumerate(zip(expected, found)):
        ours, theirs = flat_fields(ours), flat_fields(theirs)
        names = (f"iteration {ours['iteration']}", ours["layer"], ours["stage"], ours["skip"])
        where = f"row {number} ({', '.join(names)})"
        for field in sorted(set(ours) | set(theirs)):
            if ours.get(field, 0) != theirs.get(field, 0):
                numbers = f"counter {ours.get(field, 0)}, skipsim {theirs.get(field, 0)}"
                lines.append(f"{where}: {field}: {numbers}")
    return lines
