# SPDX-License-Identifier: Apache-2.0
"""Writes a case as configuration (YAML) and trace (HDF5, from traces/FORMAT.md alone)."""
import json

import h5py
import numpy as np
import yaml


def write_config(path, config, energy_table):
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump({**config, "energy": {"table": str(energy_table)}}, file, sort_keys=False)


def write_trace(path, networks, iterations, facts=None):
    """networks: {name: {"role", "graph"}}; iterations as in generate.Case; facts: of /run."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs["schema"] = _text("skipsim-trace/1")
        file.attrs["creator"] = _text("tests/reference")
        file.attrs["number_format"] = _text("fp32")
        file.attrs["zero_rule"] = _text("exact")
        run = file.create_group("run")
        run.attrs["dataset"] = _text("random masks")
        for name in ("dataset_samples", "steps_per_epoch", "batch_size"):
            run.attrs[name] = max(i["samples"] for i in iterations)
        for name, value in (facts or {}).items():
            run.attrs[name] = _text(value) if isinstance(value, str) else value
        for name, network in networks.items():
            group, text = file.create_group(f"networks/{name}"), json.dumps(network["graph"])
            group.attrs["role"] = _text(network["role"])
            _dataset(group, "graph", np.frombuffer(text.encode(), dtype=np.uint8))
        for number, iteration in enumerate(iterations):
            _write_iteration(file.create_group(f"iterations/{number}"), number, iteration)


def _text(value):
    return np.bytes_(value.encode())


def _dataset(group, name, data):
    group.create_dataset(name, data=data, chunks=data.shape, shuffle=True, compression="gzip",
                         fletcher32=True)


def _write_iteration(group, number, iteration):
    group.attrs["epoch"] = 0
    group.attrs["step"] = number
    group.attrs["phase"] = _text(iteration["phase"])
    _dataset(group.create_group("samples"), "id", np.arange(iteration["samples"], dtype=np.int64))
    for network, masks in iteration["networks"].items():
        for name, tensor_masks in masks["tensors"].items():
            _write_tensor(group, f"networks/{network}/tensors/{name}", tensor_masks)
        for name, parameter_masks in masks["parameters"].items():
            parameter = group.create_group(f"networks/{network}/parameters/{name}")
            _write_parameter(parameter, parameter_masks)


def _write_tensor(group, path, masks):
    for key, data in masks.items():
        if not key.endswith("values"):
            data = np.packbits(data.reshape(len(data), -1), axis=1, bitorder="little")
        _dataset(group.require_group(path), key, data)


def _write_parameter(group, masks):
    for key, data in masks.items():
        if key == "same_as_iteration":
            group.attrs[key] = data
        elif key == "values":
            _dataset(group, key, data)
        elif key == "coarse_keep":
            _dataset(group, key, np.packbits(data.keep.ravel(), bitorder="little"))
            group[key].attrs["coarse_in"] = data.coarse_in
            group[key].attrs["coarse_out"] = data.coarse_out
        else:
            _dataset(group, key, np.packbits(data.ravel(), bitorder="little"))
