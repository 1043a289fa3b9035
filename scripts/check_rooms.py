#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the rules of the source tree that a compiler does not: who may include whom, which room
may use which library, calls that only the program itself may make, the length of files, and links
between its pages.

Usage: check_rooms.py [ROOT]     one line per broken rule; exit status 1 if there is any

A room is a folder under sim, or one under models; under models, the files named *_module.* (SystemC
modules) have more rights than the rest (plain cores). Includes point downward only.
"""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "sim/base": [],
    "sim/config": ["sim/base"],
    "sim/trace": ["sim/base"],
    "sim/stats": ["sim/base"],
    "sim/kernel": ["sim/base"],
    "models:core": ["models:core", "sim/base"],
    "models:module": ["models:module", "models:core", "sim/base", "sim/kernel"],
    "sim/check": ["models:core", "sim/base"],
    "sim/system": ["sim/check", "models:module", "models:core", "sim/kernel",
                   "sim/config", "sim/trace", "sim/stats", "sim/base"],
    "sim/results": ["sim/stats", "sim/config", "sim/base"],
    "sim/job": ["sim/system", "sim/config", "sim/trace", "sim/stats", "sim/base"],
    "sim/compare": ["sim/results", "sim/stats", "sim/config", "sim/base"],
    "sim/sweep": ["sim/job", "sim/results", "sim/config", "sim/trace", "sim/stats", "sim/base"],
    "sim/report": ["sim/sweep", "sim/compare", "sim/results", "sim/stats", "sim/base"],
    "sim/app": ["sim/report", "sim/sweep", "sim/compare", "sim/job", "sim/results", "sim/system",
                "sim/config", "sim/trace", "sim/stats", "sim/base"],
}

# Library: (pattern of its headers, rooms that may include them). A file of a DEEP room also counts
# as including what the headers it includes include.
LIBRARIES = {
    "SystemC": (r"systemc(\.h)?$|tlm(\.h)?$|tlm_utils/|sysc/",
                ["models:module", "sim/kernel", "sim/system", "sim/app"]),
    "YAML": (r"yaml-cpp/", ["sim/base/yaml", "sim/config", "sim/trace", "sim/stats",
                            "sim/system", "sim/sweep", "sim/app"]),
    "SQLite": (r"SQLiteCpp/|sqlite3\.h$", ["sim/sweep"]),
    "muParser": (r"muParser\w*\.h$", ["sim/sweep"]),
    "HDF5": (r"(hdf5|H5\w+)\.h$", ["sim/trace"]),
    "oneDNN": (r"(oneapi/dnnl/)?dnnl\w*\.hp?p?$", ["sim/check"]),
    "spdlog": (r"spdlog/", ["sim/system", "sim/sweep", "sim/app"]),
    "JSON": (r"nlohmann/", ["sim/config", "sim/stats", "sim/trace", "sim/system", "sim/results",
                            "sim/job", "sim/compare", "sim/sweep", "sim/report", "sim/app"]),
}
DEEP_ROOMS = ("sim/base", "sim/kernel", "models:core", "models:module")

BANNED_OUTSIDE_APP = [
    (re.compile(r"\bstd::(?:cout|cerr|clog)\b"), "writes to the terminal"),
    (re.compile(r"(?<![\w.>])(?:std::)?v?printf\s*\("), "writes to the terminal"),
    (re.compile(r"(?<![\w.>])(?:std::)?(?:_?exit|_Exit|quick_exit|abort|terminate)\s*\("),
     "ends the program"),
    (re.compile(r"\bassert\s*\("), "vanishes or aborts; use base::require"),
]
# (file, call): why this one is right.
EXCEPTIONS = {
    ("sim/trace/probe.cpp", "_exit("): "a forked child must not unwind into its parent's code",
    ("sim/sweep/local_executor.cpp", "_exit("): "the same, of the workers",
}
BANNED_EVERYWHERE = [
    (re.compile(r"\bstd::random_device\b|\bstd::\w+_distribution\b|(?<![\w.>])s?rand\s*\("),
     "differs between platforms; use base::Random"),
]

MAX_LINES = 500
SOURCE_SUFFIXES = (".h", ".cpp")
SCRIPT_SUFFIXES = (".py", ".sh", ".cmake")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"\(.*?\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def room_of(path):
    parts = path.split("/")
    if parts[0] == "models":
        return "models:module" if "_module." in parts[-1] else "models:core"
    return "/".join(parts[:2])


def folder_of(path):
    return "/".join(path.split("/")[:2])


class Tree:
    """The C++ sources of sim and models, with what each includes."""

    def __init__(self, root):
        self.text = {}
        for top in ("sim", "models"):
            for file in sorted((root / top).rglob("*")):
                if file.suffix in SOURCE_SUFFIXES:
                    self.text[file.relative_to(root).as_posix()] = file.read_text(encoding="utf-8")
        # Highway asks for quotes around its own header, so that tools keep it in its place.
        self.own = {name: [target for mark, target in INCLUDE.findall(text)
                           if mark == '"' and not target.startswith("hwy/")]
                    for name, text in self.text.items()}
        self.library = {name: [target for mark, target in INCLUDE.findall(text)]
                        for name, text in self.text.items()}

    def reach(self, name):
        """Files that `name` includes, directly or through others: {file: through which chain}."""
        chains = {name: [name]}
        pending = [name]
        while pending:
            here = pending.pop()
            for target in self.own.get(here, []):
                if target in self.text and target not in chains:
                    chains[target] = chains[here] + [target]
                    pending.append(target)
        return chains


def include_problems(tree):
    for name, targets in tree.own.items():
        here = room_of(name)
        if here not in MAY_INCLUDE:
            yield f"{name}: {here} is not a known room; known: {', '.join(sorted(MAY_INCLUDE))}"
            continue
        for target in targets:
            there = room_of(target)
            if target not in tree.text:
                yield f"{name}: includes {target}, which is not a file; write paths from the root"
            elif there == "models:module" and here == there and folder_of(target) != folder_of(name):
                yield f"{name}: may not include another block's module, {target}"
            elif there != here and there not in MAY_INCLUDE[here]:
                yield f"{name}: {here} may not include {target} ({there})"


def cycle_problems(tree):
    """Folders that include each other, directly or in a ring."""
    below = {}
    for name, targets in tree.own.items():
        for target in targets:
            if target in tree.text and folder_of(target) != folder_of(name):
                below.setdefault(folder_of(name), {})[folder_of(target)] = f"{name} -> {target}"
    for start in sorted(below):
        seen = {start: []}
        pending = [start]
        while pending:
            here = pending.pop()
            for there, example in below.get(here, {}).items():
                if there == start and start == min(seen[here] + [start, here]):
                    ring = " -> ".join(seen[here] + [here, start])
                    yield f"{start}: folders include each other: {ring} ({example})"
                if there not in seen:
                    seen[there] = seen[here] + [here]
                    pending.append(there)


def library_problems(tree):
    for name in tree.text:
        here = room_of(name)
        reached = tree.reach(name) if here in DEEP_ROOMS else {name: [name]}
        for file, chain in reached.items():
            for header in tree.library[file]:
                for library, (pattern, rooms) in LIBRARIES.items():
                    allowed = here in rooms or any(name.startswith(r + "_") for r in rooms)
                    if re.match(pattern, header) and not allowed:
                        through = "" if len(chain) == 1 else f" through {' -> '.join(chain[1:])}"
                        yield f"{name}: {here} may not include {library} (<{header}>){through}"


def call_problems(tree):
    for name, text in tree.text.items():
        code = NOT_CODE.sub(lambda found: "\n" * found.group().count("\n") or " ", text)
        rules = BANNED_EVERYWHERE + ([] if room_of(name) == "sim/app" else BANNED_OUTSIDE_APP)
        for pattern, reason in rules:
            for found in pattern.finditer(code):
                if (name, found.group().strip()) in EXCEPTIONS:
                    continue
                line = code.count("\n", 0, found.start()) + 1
                yield f"{name}:{line}: {found.group().strip()} is banned here: {reason}"


def file_problems(root):
    for top in ("sim", "models", "tests", "scripts"):
        for file in sorted((root / top).rglob("*")):
            name = file.relative_to(root).as_posix()
            if not file.is_file() or "__pycache__" in name:
                continue
            if file.suffix in SOURCE_SUFFIXES + SCRIPT_SUFFIXES:
                lines = file.read_text(encoding="utf-8").splitlines()
                if len(lines) > MAX_LINES:
                    yield f"{name}: {len(lines)} lines; a file has at most {MAX_LINES}"
                if file.suffix in SOURCE_SUFFIXES and "SPDX-License-Identifier" not in "".join(lines[:3]):
                    yield f"{name}: the licence line is missing (// SPDX-License-Identifier: Apache-2.0)"
            if file.name == "CMakeLists.txt" and re.search(r"\bGLOB", file.read_text(encoding="utf-8")):
                yield f"{name}: GLOB hides which sources exist; name every file"


def link_problems(root):
    """Markdown links to files of the tree that are not there."""
    pages = list(root.glob("*.md"))
    for top in ("sim", "models", "configs", "traces", "tests", "scripts"):
        pages += (root / top).rglob("*.md")
    for page in sorted(pages):
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                yield f"{page.relative_to(root).as_posix()}: links to {target}, which does not exist"


def problems(root):
    tree = Tree(root)
    for check in (include_problems, cycle_problems, library_problems, call_problems):
        yield from check(tree)
    yield from file_problems(root)
    yield from link_problems(root)


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    found = list(problems(root))
    print("\n".join(found) or "rooms: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
