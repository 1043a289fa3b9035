# SPDX-License-Identifier: Apache-2.0
"""The tables of models/core/README.md are what scripts/skipping_tables.py prints."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPSIM = os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim"))


def test_every_line_of_the_tables_stands_in_the_page():
    done = subprocess.run(["/usr/bin/python3", ROOT / "scripts/skipping_tables.py", "--skipsim", SKIPSIM],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (ROOT / "models/core/README.md").read_text().splitlines()
    lines = [line for line in done.stdout.splitlines() if line.startswith("| chunk")]
    assert len(lines) == 5
    for line in lines:
        assert line in page, f"models/core/README.md lacks: {line}"
