# SPDX-License-Identifier: Apache-2.0
"""Writes a trace file (traces/FORMAT.md), whole or not at all.

The file grows in memory (compressed; a full disk would make the HDF5 library crash at
exit) and is written under a temporary name beside its place, then renamed. No time stamps:
the same run gives the same bytes. Within an iteration, patterns with the same bits are one
object with several hard links.
"""
import hashlib
import io
import json
import os

import h5py
import numpy as np

from .errors import InputError

_SCHEMA = "skipsim-trace/1"
_CHUNK_BYTES = 1 << 16


class TraceWriter:
    """Requires close() to finish the file, or abort() to remove it."""

    def __init__(self, path, creator, number_format, force):
        if os.path.isdir(path):
            raise InputError(f"--out: {path}: is a folder, expected a file name")
        if os.path.exists(path) and not force:
            raise InputError(f"--out: {path}: exists already; --force overwrites it")
        self._path = path
        self._partial = f"{path}.{os.getpid()}.partial"
        with open(self._partial, "wb"):  # refused now rather than after hours of training
            pass
        self._memory = io.BytesIO()
        self._file = _open_without_times(self._memory)
        self._iterations = self._epochs = 0
        flushed = number_format != "fp32"
        facts = {"schema": _SCHEMA, "creator": creator, "number_format": number_format,
                 "zero_rule": "flushed" if flushed else "exact"}
        if flushed:
            facts["zero_scale"] = "per_tensor_absolute_maximum"
        _set_attributes(self._file, facts)

    def write_run(self, facts, accuracy):
        """Facts: attribute name -> value. Accuracy: None or {"epoch": [...], "test": [...]}."""
        run = self._group("run")
        _set_attributes(run, facts)
        if accuracy:
            group = self._group("run/accuracy")
            _add(group, "epoch", np.asarray(accuracy["epoch"], dtype=np.int32))
            for name in ("validation", "test", "training"):
                if accuracy.get(name):
                    _add(group, name, np.asarray(accuracy[name], dtype=np.float64))

    def write_graph(self, network, graph):
        group = self._group(f"networks/{network}")
        _set_attributes(group, {"role": "student"})
        text = json.dumps(graph.as_json(), separators=(",", ":")).encode()
        _add(group, "graph", np.frombuffer(text, dtype=np.uint8))

    def write_iteration(self, network, facts, samples, tensors, parameters):
        base = f"iterations/{self._iterations}"
        self._iterations += 1
        _set_attributes(self._group(base), facts)
        for name, array in samples.items():
            _add(self._group(f"{base}/samples"), name, array)
        seen = {}
        for part, arrays in (("tensors", tensors), ("parameters", parameters)):
            for name, datasets in arrays.items():
                if datasets:
                    group = self._group(f"{base}/networks/{network}/{part}/{name}")
                    for key, array in datasets.items():
                        _add_once(group, key, array, seen)

    def write_epoch(self, epoch, arrays):
        group = self._group(f"epochs/{self._epochs}")
        self._epochs += 1
        _set_attributes(group, {"epoch": epoch})
        for name, array in arrays.items():
            _add(group, name, array)

    def close(self):
        self._file.close()
        with open(self._partial, "wb") as handle:
            handle.write(self._memory.getbuffer())
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(self._partial, self._path)

    def abort(self):
        self._file.close()
        if os.path.exists(self._partial):
            os.remove(self._partial)

    def _group(self, path):
        group = self._file
        for name in path.split("/"):
            if name not in group:
                plan = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
                plan.set_obj_track_times(False)
                h5py.h5g.create(group.id, name.encode(), gcpl=plan)
            group = group[name]
        return group


def _open_without_times(memory):
    create = h5py.h5p.create(h5py.h5p.FILE_CREATE)
    create.set_obj_track_times(False)
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fclose_degree(h5py.h5f.CLOSE_STRONG)
    access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    access.set_fileobj_driver(h5py.h5fd.fileobj_driver, memory)
    return h5py.File(h5py.h5f.create(b"trace", h5py.h5f.ACC_TRUNC, create, access))


def _set_attributes(group, facts):
    for name, value in facts.items():  # text of fixed length: the checksums cover it
        group.attrs[name] = np.bytes_(value.encode()) if isinstance(value, str) else value


def _add(group, name, array):
    row_bytes = max(1, array[:1].nbytes)
    chunk = (max(1, min(len(array), _CHUNK_BYTES // row_bytes)),) + array.shape[1:]
    return group.create_dataset(name, data=array, chunks=chunk, shuffle=True, fletcher32=True,
                                compression="gzip", compression_opts=9, track_times=False)


def _add_once(group, name, array, seen):
    key = (array.dtype.str, array.shape, hashlib.sha256(array.tobytes()).digest())
    if key in seen:
        group[name] = seen[key]  # a hard link
    else:
        seen[key] = _add(group, name, array)
