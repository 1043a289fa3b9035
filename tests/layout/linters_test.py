# SPDX-License-Identifier: Apache-2.0
"""Shows that the project's clang-format and clang-tidy settings fail on a bad file."""
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BAD_FILE = ROOT / "tests" / "support" / "data" / "tidy_bad.cpp"
BROKEN_RULES = ["readability-identifier-naming", "cppcoreguidelines-init-variables",
                "modernize-use-nullptr"]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Linters(unittest.TestCase):
    def test_tidy_reports_every_rule_that_the_bad_file_breaks(self):
        done = run("clang-tidy", "--quiet", str(BAD_FILE), "--", "-std=c++17")
        self.assertNotEqual(done.returncode, 0)
        for rule in BROKEN_RULES:
            self.assertIn(f"[{rule},-warnings-as-errors]", done.stdout)

    def test_format_rejects_what_it_would_change(self):
        style = f"--style=file:{ROOT / '.clang-format'}"
        with tempfile.TemporaryDirectory() as folder:
            good = pathlib.Path(folder, "good.cpp")
            good.write_text("int twice(int value) {\n    return 2 * value;\n}\n")
            bad = pathlib.Path(folder, "bad.cpp")
            bad.write_text("int twice(int value)\n{\n  return 2*value;\n}\n")
            self.assertEqual(run("clang-format", style, "--dry-run", "-Werror", good).returncode, 0)
            self.assertNotEqual(run("clang-format", style, "--dry-run", "-Werror", bad).returncode, 0)


if __name__ == "__main__":
    unittest.main()
