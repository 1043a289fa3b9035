# SPDX-License-Identifier: Apache-2.0
"""Shows that scripts/check_rooms.py reports every kind of broken rule, one planted at a time."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check_rooms.py"
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"

# A small tree that keeps every rule; each case below adds or replaces one file.
GOOD = {
    "sim/base/bits.h": "#pragma once\n#include <cstdint>\n",
    "sim/base/yaml_reader.h": "#pragma once\n#include <yaml-cpp/yaml.h>\n",
    "sim/config/reader.h": "#pragma once\n",
    "sim/config/reader.cpp": '#include "sim/base/yaml_reader.h"\n',
    "sim/trace/reader.h": '#include "sim/base/bits.h"\n#include <hdf5.h>\n',
    "sim/kernel/hooks.h": "#include <systemc>\n",
    "models/core/array.h": '#include "sim/base/bits.h"\n// exit( and std::cout in words are fine\n',
    "models/core/array_module.h": '#include "models/core/array.h"\n#include <systemc>\n',
    "models/cluster/cluster.h": '#include "models/core/array.h"\n',
    "models/cluster/cluster_module.h": '#include "models/cluster/cluster.h"\n#include <tlm>\n',
    "sim/check/values.h": '#include "models/core/array.h"\n#include <dnnl.hpp>\n',
    "sim/system/builder.cpp": '#include "models/cluster/cluster_module.h"\n'
                              '#include "sim/trace/reader.h"\n',
    "README.md": "[here](sim/base/bits.h) and [there](https://debian.org)\n",
    "sim/app/main.cpp": "#include <spdlog/spdlog.h>\nvoid f() { std::cout << 1; std::exit(0); }\n",
}

VIOLATIONS = {
    "upward include": (
        "sim/base/bits.h", '#include "sim/config/reader.h"\n', "sim/base may not include"),
    "core reads the configuration": (
        "models/core/array.h", '#include "sim/base/yaml_reader.h"\n',
        "models:core may not include YAML (<yaml-cpp/yaml.h>) through sim/base/yaml_reader.h"),
    "core includes a module": (
        "models/core/array.h", '#include "models/core/array_module.h"\n',
        "models:core may not include models/core/array_module.h"),
    "model includes statistics": (
        "models/core/array_module.h", '#include "sim/stats/x.h"\n', "sim/stats/x.h"),
    "app goes past the system": (
        "sim/app/main.cpp", '#include "models/core/array.h"\n', "sim/app may not include"),
    "another block's module": (
        "models/cluster/cluster_module.h", '#include "models/core/array_module.h"\n',
        "another block's module, models/core/array_module.h"),
    "folders in a ring": (
        "models/core/array.h", '#include "models/cluster/cluster.h"\n',
        "folders include each other"),
    "relative include": ("models/core/array.h", '#include "bits.h"\n', "paths from the root"),
    "SystemC in a core": ("models/core/array.h", "#include <systemc>\n", "may not include SystemC"),
    "TLM in a core": (
        "models/core/array.h", "#include <tlm_utils/simple_target_socket.h>\n", "include SystemC"),
    "SystemC in the trace reader": ("sim/trace/reader.h", "#include <systemc.h>\n", "SystemC"),
    "YAML in a core": ("models/core/array.h", "#include <yaml-cpp/yaml.h>\n", "include YAML"),
    "HDF5 in a core": ("models/core/array.h", "#include <hdf5.h>\n", "include HDF5"),
    "HDF5 next to the configuration": ("sim/config/reader.cpp", "#include <H5Fpublic.h>\n", "HDF5"),
    "oneDNN in a core": ("models/core/array.h", "#include <dnnl.hpp>\n", "include oneDNN"),
    "oneDNN beside the check": (
        "sim/system/builder.cpp", "#include <oneapi/dnnl/dnnl.h>\n", "include oneDNN"),
    "the check includes a module": (
        "sim/check/values.h", '#include "models/core/array_module.h"\n', "sim/check may not"),
    "spdlog in a core": ("models/core/array.h", "#include <spdlog/fmt/fmt.h>\n", "include spdlog"),
    "standard output": ("models/core/array.h", "void f() { std::cout << 1; }\n", "array.h:2: std::cout"),
    "printf": ("sim/stats/text.cpp", 'void f() { printf("x"); }\n', "printf( is banned"),
    "exit": ("sim/base/bits.h", "void f() { exit(1); }\n", "exit( is banned"),
    "abort": ("sim/base/bits.h", "void f() { std::abort(); }\n", "std::abort( is banned"),
    "ending a child process": ("sim/base/bits.h", "void f() { ::_exit(1); }\n", "_exit( is banned"),
    "assert": ("models/core/array.h", "void f() { assert(true); }\n", "assert( is banned"),
    "platform-dependent random numbers": (
        "sim/app/main.cpp", "std::uniform_int_distribution<int> d;\n", "use base::Random"),
    "a file of 501 lines": ("models/core/array.h", "\n" * 500, "501 lines"),
    "a script of 501 lines": ("scripts/long.py", "\n" * 501, "scripts/long.py: 50"),
    "no licence line": ("sim/base/bits.h", None, "licence line is missing"),
    "GLOB": ("sim/base/CMakeLists.txt", "file(GLOB sources *.cpp)\n", "GLOB hides"),
    "dead link": ("sim/README.md", "see [this](base/none.md#part)\n", "links to base/none.md"),
    "unknown room": ("sim/misc/x.h", "\n", "sim/misc is not a known room"),
}


def check(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n" if text is None else LICENCE + text)
        done = subprocess.run([sys.executable, str(SCRIPT), folder], capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout


class CheckRooms(unittest.TestCase):
    def test_accepts_a_tree_that_keeps_the_rules(self):
        self.assertEqual(check(GOOD), (0, "rooms: ok\n"))

    def test_reports_every_planted_violation(self):
        for name, (path, text, expected) in VIOLATIONS.items():
            with self.subTest(name):
                status, output = check({**GOOD, path: text})
                self.assertIn(expected, output)
                self.assertEqual(status, 1)

    def test_allows_words_that_only_look_like_banned_calls(self):
        harmless = ('static_assert(true);\nvoid on_exit(int);\nconst char* t = "exit(1)";\n'
                    "/* assert(x)\n std::cout */ int brand(int);\n")
        self.assertEqual(check({**GOOD, "models/core/array.h": harmless})[0], 0)


if __name__ == "__main__":
    unittest.main()
