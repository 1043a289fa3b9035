# SPDX-License-Identifier: Apache-2.0
"""Runs the example of traces/FORMAT.md as it stands there, validates what it writes, then breaks
copies of it in one way each and expects `trace validate` to name that.

usage: format_test.py TRACE_COMMAND
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..")
IT0 = "iterations/0/networks/student"


def run(*words):
    return subprocess.run([COMMAND, *words], capture_output=True, text=True, timeout=60)


def replace(file, path, array, **options):
    """Puts another dataset in the place of one."""
    if path in file:
        del file[path]
    options.setdefault("chunks", array.shape)
    file.create_dataset(path, data=array, shuffle=True, compression="gzip", fletcher32=True,
                        **options)


def edit_graph(change):
    def edit(file):
        graph = json.loads(bytes(file["networks/student/graph"][:]))
        change(graph)
        replace(file, "networks/student/graph",
                np.frombuffer(json.dumps(graph).encode(), dtype=np.uint8))
    return edit


def set_attribute(path, name, value):
    return lambda file: file[path].attrs.__setitem__(name, value)


def put(path, array):
    return lambda file: replace(file, path, array)


def edit_bits(path, byte, value):
    def edit(file):
        array = file[path][...]
        array[(0,) * (array.ndim - 1) + (byte,)] = value
        replace(file, path, array)
    return edit


def soft_link(file):
    del file[f"{IT0}/tensors/flat.y/nonzero"]
    file[f"{IT0}/tensors/flat.y/nonzero"] = h5py.SoftLink("/run")


def external_link(file):
    del file["run"]
    file["run"] = h5py.ExternalLink("/etc/passwd", "/")


def cycle(file):
    file["iterations/0/networks/student/tensors/relu.y/nonzero_too"] = file["/"]


def external_storage(file):
    path = f"{IT0}/tensors/relu.y/nonzero"
    del file[path]
    file.create_dataset(path, shape=(4, 8), dtype=np.uint8, external=[("/etc/passwd", 0, 32)])


def declare_huge(file):
    """A graph and a dataset that agree on an absurd size; nothing is stored."""
    def add_input(graph):
        graph["inputs"].append("spare")
        graph["tensors"].append({"name": "spare", "shape": [1, 46000, 46000]})
    edit_graph(add_input)(file)
    file.create_dataset(f"{IT0}/tensors/spare/nonzero", shape=(4, 46000 * 46000 // 8),
                        dtype=np.uint8, chunks=(4, 1 << 22), compression="gzip", fletcher32=True)


def huge_list(file):
    del file["iterations/0/samples/id"]
    file.create_dataset("iterations/0/samples/id", shape=(1 << 43,), dtype=np.int64, chunks=(1 << 20,))


def deflate_bomb(file):
    """One chunk declared as 32 bytes that inflates to 64 MB."""
    import zlib
    path = f"{IT0}/tensors/conv.y/gradient_nonzero"
    del file[path]
    data = file.create_dataset(path, shape=(4, 8), dtype=np.uint8, chunks=(4, 8), compression="gzip")
    data.id.write_direct_chunk((0, 0), zlib.compress(bytes(64 << 20)))


def variable_strings(file):
    del file["iterations/0/samples/id"]
    file.create_dataset("iterations/0/samples/id", data=["a" * 1000] * 4, dtype=h5py.string_dtype())


def pruned_not_zero(file):
    keep = file[f"{IT0}/parameters/conv.weight/weight_keep"][...]
    replace(file, f"{IT0}/parameters/conv.weight/weight_keep", np.zeros_like(keep))


def not_finite(value):
    def edit(file):
        values = file[f"{IT0}/parameters/conv.weight/values"][...]
        values[0, 0, 0, 0] = value
        replace(file, f"{IT0}/parameters/conv.weight/values", values)
        del file[f"{IT0}/parameters/conv.weight/weight_keep"]
    return edit


def coarse(bits, coarse_in=3, coarse_out=2):
    def edit(file):
        path = f"{IT0}/parameters/conv.weight/coarse_keep"
        replace(file, path, np.asarray(bits, dtype=np.uint8))
        file[path].attrs["coarse_in"] = coarse_in
        file[path].attrs["coarse_out"] = coarse_out
    return edit


def event(file, **attributes):
    group = file.create_group("pruning_events/0")
    facts = dict(epoch=0, step=5, network=np.bytes_(b"student"), kind=np.bytes_(b"fine_magnitude"),
                 reason=np.bytes_(b"period"), accuracy_before=0.5)
    facts.update(attributes)
    for name, value in facts.items():
        group.attrs[name] = value
    own = group.create_group("parameters/conv.weight")
    own.attrs["threshold"] = 0.25
    for name in ("keep_before", "keep_after"):
        replace(own, name, np.full(14, 255, dtype=np.uint8) & np.array([255] * 13 + [15], np.uint8))


def everything_optional(file):
    """Uses every part of the format that the example leaves out."""
    event(file)
    accuracy = file.create_group("run/accuracy")
    replace(accuracy, "epoch", np.array([0, 3]))
    replace(accuracy, "validation", np.array([0.5, -1.0]))
    epoch = file.create_group("epochs/0")
    epoch.attrs["epoch"] = 0
    for name, array in dict(id=np.arange(7), label=np.arange(7), prediction=np.arange(7),
                            confidence=np.linspace(0, 1, 7, dtype=np.float16)).items():
        replace(epoch, name, array)
    file["run"].attrs["momentum"] = 0.9
    file["run"].attrs["nesterov"] = 1
    file["extra_group"] = 3
    file["run"].attrs["extra_fact"] = [1, 2]
    weight = file[f"{IT0}/parameters/conv.weight"]
    replace(weight, "gradient_samples", np.array([0, 3]))
    replace(weight, "gradient_absolute_mean", np.array([0.5, 0.25], dtype=np.float32))
    coarse([255, 255, 3])(file)  # 3 x 3 taps, 1 block of inputs, 2 of outputs: 18 bits
    teacher = file.create_group("networks/teacher")
    teacher.attrs["role"] = "teacher"  # variable length: allowed, with a note
    file.copy("networks/student/graph", "networks/teacher/graph")


CASES = {
    "schema": (set_attribute("/", "schema", np.bytes_(b"skipsim-trace/2")), 'found "skipsim-trace/2"'),
    "number format": (set_attribute("/", "number_format", np.bytes_(b"fp31")), "did you mean fp32?"),
    "zero scale": (set_attribute("/", "zero_rule", np.bytes_(b"flushed")), "zero_scale: expected a text, found nothing"),
    "batch size": (set_attribute("run", "batch_size", 0), "batch_size: expected an integer >= 1, found 0"),
    "boolean": (set_attribute("run", "nesterov", True), "nesterov: expected an integer"),
    "list": (set_attribute("run", "batch_size", [1, 2]), "found a list"),
    "not text": (set_attribute("run", "dataset", np.bytes_(b"\xff\xfe")), "not UTF-8"),
    "nan": (set_attribute("iterations/0", "learning_rate", float("nan")), "expected a finite number"),
    "unknown attribute": (set_attribute("run", "batchsize", 3), 'unknown attribute "batchsize"; did you mean batch_size?'),
    "unknown dataset": (lambda f: f.move(f"{IT0}/tensors/relu.y/nonzero", f"{IT0}/tensors/relu.y/nonzeros"), "did you mean nonzero?"),
    "unknown tensor": (lambda f: f.move(f"{IT0}/tensors/relu.y", f"{IT0}/tensors/relu"), "expected a tensor of the network's graph"),
    "no run": (lambda f: f.__delitem__("run"), 'expected a group "run", found none'),
    "no student": (set_attribute("networks/student", "role", np.bytes_(b"teacher")), "exactly one network with role student, found 0"),
    "phase": (set_attribute("iterations/0", "phase", np.bytes_(b"inference")), "expected no gradients"),
    "gap": (lambda f: f.move("iterations/1", "iterations/2"), "without gaps"),
    "step": (set_attribute("iterations/1", "step", 10), "expected more than 10"),
    "not json": (put("networks/student/graph", np.frombuffer(b"{nonsense", dtype=np.uint8)), "expected JSON"),
    "kind": (edit_graph(lambda g: g["operators"][1].update(kind="conv3d")), "did you mean conv2d?"),
    "shape": (edit_graph(lambda g: g["tensors"][1].update(shape=[4, 5, 4])), "expected the output [4, 4, 4], found [4, 5, 4]"),
    "mask size": (put(f"{IT0}/tensors/relu.y/nonzero", np.zeros((4, 9), np.uint8)), "expected shape [4, 8], found [4, 9]"),
    "mask samples": (put(f"{IT0}/tensors/relu.y/nonzero", np.zeros((3, 8), np.uint8)), "expected shape [4, 8], found [3, 8]"),
    "mask type": (put(f"{IT0}/tensors/relu.y/nonzero", np.zeros((4, 8), np.int8)), "expected uint8, found int8"),
    "big endian": (put("iterations/0/samples/id", np.arange(4, dtype=">i8")), "expected little-endian integers"),
    "padding": (edit_bits(f"{IT0}/parameters/conv.weight/weight_keep", 13, 255), "expected zeros after bit 107"),
    "pruned": (pruned_not_zero, "weight_keep is 0 but the value is not"),
    "nan value": (not_finite(np.nan), "expected finite values, found nan"),
    "infinite value": (not_finite(np.inf), "expected finite values, found inf"),
    "coarse size": (coarse([255, 255]), "expected shape [3], found [2]"),
    "coarse block": (coarse([0, 0, 0]), "weight_keep is 1 but coarse_keep of its block is 0"),
    "coarse zero": (coarse([255, 255, 3], coarse_in=0), "coarse_in: expected an integer >= 1"),
    "same_as": (set_attribute("iterations/1/networks/student/parameters/conv.weight", "same_as_iteration", 1), "expected an earlier iteration"),
    "id": (put("iterations/0/samples/id", np.array([1, 2, 3, 100])), "expected positions in 0..99, found 100"),
    "confidence": (put("iterations/0/samples/confidence", np.array([0, 1, 2, 0], np.float32)), "expected values in 0..1, found 2"),
    "value without a bit": (put(f"{IT0}/tensors/relu.y/values", np.ones((4, 4, 4, 4), np.float32)), "expected 0 where the pattern is 0"),
    "soft link": (soft_link, "soft or external link"),
    "external link": (external_link, "soft or external link"),
    "cycle": (cycle, "unknown member"),
    "external storage": (external_storage, "data stored elsewhere"),
    "huge": (declare_huge, "found one stored in 0 bytes"),
    "huge list": (huge_list, "expected shape [1..1048576]"),
    "deflate bomb": (deflate_bomb, "damaged or longer"),
    "strings": (variable_strings, "expected little-endian integers"),
    "other filter": (lambda f: (f.__delitem__("iterations/0/samples/id"), f.create_dataset("iterations/0/samples/id", data=np.arange(4), chunks=(4,), compression="lzf")), "expected no filters but"),
    "event kind": (lambda f: event(f, kind=np.bytes_(b"fine")), "one of fine_magnitude"),
    "event network": (lambda f: event(f, network=np.bytes_(b"other")), "attribute network: expected student"),
}


class Format(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        with open(os.path.join(ROOT, "traces", "FORMAT.md"), encoding="utf-8") as page:
            script = re.search(r"```python\n(.*?)```", page.read(), re.S).group(1)
        subprocess.run([sys.executable, "-c", script], cwd=cls.folder, check=True)
        cls.example = os.path.join(cls.folder, "example.h5")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def broken(self, edit):
        path = os.path.join(self.folder, "copy.h5")
        shutil.copy(self.example, path)
        with h5py.File(path, "a", libver="latest") as file:
            edit(file)
        return path

    def test_the_example_is_a_good_trace(self):
        done = run("validate", self.example)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertNotIn("note:", done.stdout)
        layers = json.loads(run("info", self.example, "--json").stdout)["networks"][0]["layers"]
        self.assertEqual([layer["name"] for layer in layers], ["conv", "fc"])
        with h5py.File(self.example) as file:
            bits = [np.unpackbits(file[f"iterations/{n}/networks/student/tensors/flat.y/nonzero"][:]).mean()
                    for n in (0, 1)]
        self.assertAlmostEqual(layers[1]["density"]["x"], np.mean(bits), places=12)

    def test_each_broken_rule_is_named(self):
        for name, (edit, expected) in CASES.items():
            with self.subTest(name):
                done = run("validate", self.broken(edit))
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertIn(expected, done.stdout)
                self.assertTrue(all(line.startswith(("/", "note: ")) for line in done.stdout.splitlines()))

    def test_everything_optional_is_taken(self):
        done = run("validate", self.broken(everything_optional))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("note:", done.stdout)

    def test_the_traces_in_the_repository_are_good(self):
        files = glob.glob(os.path.join(ROOT, "traces", "**", "*.h5"), recursive=True)
        self.assertGreaterEqual(len(files), 4)
        for path in sorted(files):
            done = run("validate", path)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_specifications_in_the_repository_make_good_traces(self):
        path = os.path.join(self.folder, "synthetic.h5")
        for spec in sorted(glob.glob(os.path.join(ROOT, "traces", "specs", "*.yaml"))):
            done = run("synth", spec, path, "--force")
            self.assertEqual(done.returncode, 0, done.stderr)
            done = run("validate", path)
            self.assertEqual((done.returncode, "note:" in done.stdout), (0, False), done.stdout)

    def test_several_broken_rules_are_named_in_one_run(self):
        def edit(file):
            set_attribute("iterations/0", "epoch", -1)(file)
            put(f"{IT0}/tensors/relu.y/nonzero", np.zeros((4, 9), np.uint8))(file)
            put("iterations/1/samples/label", np.zeros(3, np.int64))(file)
        lines = run("validate", self.broken(edit)).stdout.splitlines()
        self.assertEqual(len(lines), 4, lines)
        self.assertIn("not checked: the values of the data", lines[3])

    def test_wrong_facts_do_not_hide_wrong_data(self):
        def edit(file):
            set_attribute("/", "number_format", np.bytes_(b"fp31"))(file)
            set_attribute("run", "dataset_samples", 0)(file)
            set_attribute("iterations/0", "epoch", -1)(file)
            not_finite(np.nan)(file)
        lines = run("validate", self.broken(edit)).stdout.splitlines()
        for line, expected in zip(lines, ("did you mean fp32", "dataset_samples", "attribute epoch",
                                          "found nan")):
            self.assertIn(expected, line)
        self.assertEqual(len(lines), 4, lines)

    def test_a_broken_graph_hides_only_what_it_describes(self):
        def edit(file):
            set_attribute("/", "number_format", np.bytes_(b"fp31"))(file)
            edit_graph(lambda g: g["operators"][1].update(kind="conv3d"))(file)
            set_attribute("iterations/1", "epoch", -1)(file)
            put("iterations/1/samples/label", np.zeros(3, np.int64))(file)
            event(file, kind=np.bytes_(b"fine"))
        lines = run("validate", self.broken(edit)).stdout.splitlines()
        for line, expected in zip(lines, ("did you mean fp32", "did you mean conv2d", "attribute epoch",
                                          "samples/label", "one of fine_magnitude",
                                          "not checked: the data of network student")):
            self.assertIn(expected, line)
        self.assertEqual(len(lines), 6, lines)

    def test_without_values_every_kept_weight_is_not_zero(self):
        path = self.broken(lambda file: file.__delitem__(f"{IT0}/parameters/conv.weight/values"))
        self.assertEqual(run("validate", path).returncode, 0)
        density = json.loads(run("info", path, "--json").stdout)["networks"][0]["layers"][0]["density"]
        self.assertLess(density["w"], 1.0)
        self.assertEqual(density["w"], density["weight_keep"])

    def test_a_pattern_lost_behind_a_flatten_is_a_note(self):
        path = self.broken(lambda file: file.__delitem__(f"{IT0}/tensors/flat.y/nonzero"))
        done = run("validate", path)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, "note: .*iterations/0/.*flat.y: has no nonzero")

    def test_info_shows_dilation_and_groups(self):
        def edit(graph):
            graph["operators"][0]["attributes"].update(dilation=[2, 2], padding=[2, 2])
        self.assertIn(", dilation 2x2", run("info", self.broken(edit_graph(edit))).stdout)

    def test_no_memory_is_not_the_fault_of_the_file(self):
        with open(COMMAND, "rb") as program:
            if re.search(rb"__[at]san_init", program.read()):
                self.skipTest("a sanitizer maps terabytes")
        statuses = set()
        for limit in (*range(24000, 34000, 250), 100000):
            done = subprocess.run(["bash", "-c", f'ulimit -v {limit}; exec "$0" validate "$1"', COMMAND,
                                   self.example], capture_output=True, text=True, timeout=60)
            # 126, 127, signals: the program did not even start
            self.assertNotIn(done.returncode, (1, 2), (limit, done.stdout + done.stderr))
            statuses.add(done.returncode)
        self.assertIn(0, statuses)

    def test_old_layouts_and_other_files_are_refused(self):
        path = os.path.join(self.folder, "old.h5")
        with h5py.File(path, "w", libver="earliest") as file:
            file.attrs["schema"] = "skipsim-trace/1"
        self.assertIn('libver="latest"', run("validate", path).stdout)
        for content in (b"", b"\x89HDF\r\n\x1a\n", os.urandom(5000), b"\x89HDF\r\n\x1a\n" + bytes(5000)):
            with open(path, "wb") as file:
                file.write(content)
            self.assertEqual(run("validate", path).returncode, 1)
        self.assertEqual(run("validate", self.folder).returncode, 1)
        self.assertEqual(run("validate", os.path.join(self.folder, "none")).returncode, 2)
        os.mkfifo(os.path.join(self.folder, "pipe"))
        self.assertEqual(run("validate", os.path.join(self.folder, "pipe")).returncode, 1)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
