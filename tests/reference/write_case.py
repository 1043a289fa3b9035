# SPDX-License-Identifier: Apache-2.0
"""Writes a case as configuration (YAML) and trace (HDF5, from traces/FORMAT.md alone)."""
import json

import h5py
import numpy as np
import yaml


def write_config(path, config, energy_table):
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump({**config, "energy": {"table": str(energy_table)}}, file, sort_keys=False)


def write_trace(path, graph, iterations, network="net"):
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["schema"] = _text("skipsim-trace/1")
        file.attrs["creator"] = _text("tests/reference")
        file.attrs["number_format"] = _text("fp32")
        file.attrs["zero_rule"] = _text("exact")
        run = file.create_group("run")
        run.attrs["dataset"] = _text("random masks")
        for name in ("dataset_samples", "steps_per_epoch", "batch_size"):
            run.attrs[name] = max(i["samples"] for i in iterations)
        group = file.create_group(f"networks/{network}")
        group.attrs["role"] = _text("student")
        _dataset(group, "graph", np.frombuffer(json.dumps(graph).encode(), dtype=np.uint8))
        for number, iteration in enumerate(iterations):
            _write_iteration(file.create_group(f"iterations/{number}"), number, iteration, network)


def _text(value):
    return np.bytes_(value.encode())


def _dataset(group, name, data):
    group.create_dataset(name, data=data, chunks=data.shape, shuffle=True, compression="gzip",
                         fletcher32=True)


def _write_iteration(group, number, iteration, network):
    group.attrs["epoch"] = 0
    group.attrs["step"] = number
    group.attrs["phase"] = _text(iteration["phase"])
    _dataset(group.create_group("samples"), "id", np.arange(iteration["samples"], dtype=np.int64))
    for name, masks in iteration["tensors"].items():
        if masks:
            tensor = group.create_group(f"networks/{network}/tensors/{name}")
            for key, mask in masks.items():
                _dataset(tensor, key,
                         np.packbits(mask.reshape(len(mask), -1), axis=1, bitorder="little"))
    for name, masks in iteration["parameters"].items():
        _write_parameter(group.create_group(f"networks/{network}/parameters/{name}"), masks)


def _write_parameter(group, masks):
    for key, data in masks.items():
        if key == "same_as_iteration":
            group.attrs[key] = data
        elif key == "values":
            _dataset(group, key, data)
        else:
            _dataset(group, key, np.packbits(data.ravel(), bitorder="little"))
