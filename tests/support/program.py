# SPDX-License-Identifier: Apache-2.0
"""The real program, run as a person would run it."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPSIM = os.environ.get("SKIPSIM", str(ROOT / "build/release/skipsim"))


class Outcome:
    def __init__(self, completed):
        self.status = completed.returncode
        self.out = completed.stdout
        self.err = completed.stderr
        self.lines = completed.stderr.splitlines()


def run_skipsim(*words, cwd=ROOT, **options):
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("timeout", 300)
    return Outcome(subprocess.run([SKIPSIM, *map(str, words)], cwd=cwd, text=True, check=False,
                                  stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **options))
