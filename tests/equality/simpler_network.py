# SPDX-License-Identifier: Apache-2.0
"""Steps that make the network and the masks of a case smaller."""
_PLAIN_ATTRIBUTES = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1}


def network_steps(case):
    """[(name, function that changes a case)], what leaves out most first."""
    steps = [(f"no network {name}", lambda own, name=name: _drop_network(own, name))
             for name, network in case.networks.items() if network["role"] == "teacher"]
    if len(case.iterations) > 1:
        steps += [(f"no iteration {number}", lambda own, n=number: _drop_iteration(own, n))
                  for number in range(len(case.iterations))]
    for name, network in case.networks.items():
        steps += _operator_steps(name, network["graph"])
    steps += _sample_steps(case)
    for name, network in case.networks.items():
        steps += _size_steps(name, network["graph"])
    return steps + _mask_steps(case) + [
        (f"no {name}", lambda own, name=name: own.facts.pop(name)) for name in case.facts]


# Iterations, networks, samples.

def _drop_network(case, name):
    case.networks.pop(name)
    for iteration in case.iterations:
        iteration["networks"].pop(name)


def _drop_iteration(case, number):
    dropped = case.iterations.pop(number)
    for iteration in case.iterations:
        for network, masks in iteration["networks"].items():
            for name, own in masks["parameters"].items():
                _renumber(own, number, dropped["networks"][network]["parameters"][name])


def _renumber(own, number, dropped):
    source = own.get("same_as_iteration")
    if source == number:
        own.clear()
        own.update(dropped)
    elif source is not None and source > number:
        own["same_as_iteration"] = source - 1


def _sample_steps(case):
    most = max(iteration["samples"] for iteration in case.iterations)

    def limit(own, samples):
        for iteration in own.iterations:
            iteration["samples"] = min(iteration["samples"], samples)

    return [(f"{samples} samples", lambda own, samples=samples: limit(own, samples))
            for samples in _smaller(most)]


def _smaller(size):
    """1, half, one less: what a size is reduced to."""
    return sorted({1, size // 2, size - 1} - {0, size}) if size > 1 else []


# Operators.

def _operator_steps(network, graph):
    operators = [operator["name"] for operator in graph["operators"]]
    steps = []
    if len(operators) > 1:
        steps += [(f"only {name}", lambda own, name=name: _keep(own, network, {name}))
                  for name in operators]
        steps += [(f"no {name}", lambda own, name=name: _keep(own, network,
                                                              set(operators) - {name}))
                  for name in reversed(operators)]
    for operator in graph["operators"]:
        if operator.get("input_gradient") is not False:
            steps.append((f"{operator['name']}: no input gradient",
                          lambda own, name=operator["name"]: _operator(own, network, name).update(
                              input_gradient=False)))
        for role in operator.get("parameters", {}):
            if role != "weight" or operator["kind"] == "batch_norm":
                steps.append((f"{operator['name']}: no {role}",
                              lambda own, name=operator["name"], role=role: _drop_parameter(
                                  own, network, name, role)))
    return steps


def _operator(case, network, name):
    return next(operator for operator in case.networks[network]["graph"]["operators"]
                if operator["name"] == name)


def _keep(case, network, names):
    graph = case.networks[network]["graph"]
    graph["operators"] = [operator for operator in graph["operators"]
                          if operator["name"] in names]
    if graph.get("loss") not in names:
        graph.pop("loss", None)
    _tidy(graph)


def _drop_parameter(case, network, name, role):
    _operator(case, network, name)["parameters"].pop(role)
    _tidy(case.networks[network]["graph"])


def _tidy(graph):
    """What no operator writes is an input; what none names is gone."""
    written = [name for operator in graph["operators"] for name in operator["outputs"]]
    read = [name for operator in graph["operators"] for name in operator["inputs"]]
    used = {name for operator in graph["operators"]
            for name in operator.get("parameters", {}).values()}
    graph["inputs"] = sorted(set(read) - set(written))
    graph["tensors"] = [entry for entry in graph["tensors"] if entry["name"] in set(written + read)]
    graph["parameters"] = [entry for entry in graph["parameters"] if entry["name"] in used]


# Shapes and attributes.

def _size_steps(network, graph):
    steps = []
    for operator in graph["operators"]:
        for key, plain in _PLAIN_ATTRIBUTES.items():
            if operator["kind"] == "conv2d" and operator.get("attributes", {}).get(
                    key, plain) != plain:
                steps.append((f"{operator['name']}: plain {key}",
                              lambda own, name=operator["name"], key=key: _operator(
                                  own, network, name)["attributes"].pop(key)))
    for kind, names in (("tensors", graph["inputs"]), ("parameters", _weights(graph))):
        for entry in graph[kind]:
            if entry["name"] in names:
                steps += _axis_steps(network, kind, entry)
    return steps


def _weights(graph):
    return {operator["parameters"]["weight"] for operator in graph["operators"]
            if operator["kind"] in ("conv2d", "linear")}


def _axis_steps(network, kind, entry):
    steps = []
    for axis, side in enumerate(entry["shape"]):
        if kind == "parameters" and axis == 1:
            continue  # follows from the input
        for size in _smaller(side):
            steps.append((f"{entry['name']}: {size} on axis {axis}",
                          lambda own, axis=axis, size=size: _resize(
                              own.networks[network]["graph"][kind], entry["name"], axis, size)))
    return steps


def _resize(entries, name, axis, size):
    next(entry for entry in entries if entry["name"] == name)["shape"][axis] = size


# Masks and numbers.

def _mask_steps(case):
    steps = []
    if any(key.endswith("values") for iteration in case.iterations
           for masks in iteration["networks"].values()
           for own in masks["tensors"].values() for key in own):
        steps.append(("no numbers", _drop_numbers))
    if case.is_checked:
        steps.append(("no check", lambda own: setattr(own, "is_checked", False)))
    for number, iteration in enumerate(case.iterations):
        for network, masks in iteration["networks"].items():
            for kind, entries in masks.items():
                for name, own in entries.items():
                    steps += [(f"iteration {number}: no {key} of {name}",
                               lambda own, at=(number, network, kind, name), key=key: _drop_mask(
                                   own, at, key)) for key in own]
    return steps


def _drop_numbers(case):
    for iteration in case.iterations:
        for masks in iteration["networks"].values():
            for own in masks["tensors"].values():
                for key in [key for key in own if key.endswith("values")]:
                    own.pop(key)


def _drop_mask(case, where, key):
    number, network, kind, name = where
    own = case.iterations[number]["networks"][network][kind][name]
    own.pop(key)
    if not own:
        case.iterations[number]["networks"][network][kind].pop(name)
