#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a PyTorch model and captures chosen training steps as a skipsim trace.

The trace's form is described in traces/FORMAT.md; `--help` lists options and examples. What
is captured is exact: forward values and gradients are those autograd itself computes in the
step (in-place operations are done out of place, so that every tensor is seen unspoilt); the
rules behind `dx_needed` are in capture/needed.py.
"""
import os
import signal
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from capture.errors import InputError, did_you_mean  # noqa: E402


def _momentum_range(text):
    if text is None:
        return ()
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low, high = 1.0, 0.0
    if not 0 <= low <= high < 1:
        raise InputError("--cycle-momentum: expected LOW,HIGH with 0 <= LOW <= HIGH < 1, "
                         f"got {text}")
    return low, high


def _check(options):
    problems = []
    if options.cycle_momentum and options.schedule != "one-cycle":
        problems.append("--cycle-momentum: needs --schedule one-cycle")
    if options.nesterov and options.momentum == 0:
        problems.append("--nesterov: needs --momentum above 0")
    if options.nesterov and options.optimizer != "sgd":
        problems.append("--nesterov: needs --optimizer sgd")
    if options.checkpoint_epoch and not options.checkpoint:
        problems.append("--checkpoint-epoch: needs --checkpoint")
    if not set(options.network) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789_.-:") or options.network[:1] in ("", "."):
        problems.append("--network: expected letters, digits and _ . - : , "
                        f"got {options.network!r}")
    folder = os.path.dirname(os.path.abspath(options.out))
    if not os.path.isdir(folder):
        problems.append(f"--out: {folder}: no such folder")
    if problems:
        raise InputError("\n".join(problems))


def _value_layers(text, graph):
    names = [n for n in text.split(",") if n]
    known = [o.name for o in graph.layers()]
    for name in names:
        if name not in known:
            raise InputError(f"--values: no conv2d or linear layer {name}"
                             + did_you_mean(name, known))
    return tuple(names)


def _run_facts(options, data, steps_per_epoch):
    facts = {"dataset": data.name, "dataset_samples": len(data.train),
             "steps_per_epoch": steps_per_epoch, "batch_size": options.batch_size,
             "optimizer": options.optimizer, "weight_decay": options.weight_decay,
             "epochs": options.planned_epochs or options.checkpoint_epoch + options.epochs}
    if options.optimizer == "sgd":
        facts["momentum"] = options.momentum
        facts["nesterov"] = int(options.nesterov)
    return facts


def _prepare(options):
    """(data, model, optimizer state): everything that can be wrong before training."""
    import torch
    from capture import data, models

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    torch.use_deterministic_algorithms(True)
    options.augment = options.augment or (
        "flip-crop" if options.data.startswith("cifar10:") else "none")
    colour = 3 if options.model.startswith("torchvision:") else 0
    samples = data.load_data(options.data, colour, options.image_size, options.limit,
                             options.validation_fraction,
                             not options.quiet and sys.stderr.isatty())
    model = models.make_model(options.model, samples.train.images.shape[1], samples.classes)
    state = models.load_checkpoint(options.checkpoint, model) if options.checkpoint else None
    return samples, model, state


def _capture(options, writer):
    from capture import graph, options as command_line, recorder, tracing, training

    momentum_range = _momentum_range(options.cycle_momentum)
    samples, model, state = _prepare(options)
    steps_per_epoch = -(-len(samples.train) // options.batch_size)
    steps = command_line.chosen_steps(options.iterations, options.checkpoint_epoch,
                                      options.epochs, steps_per_epoch)
    accuracy = training.accuracy_of_log(options.log) if options.log else None
    module = tracing.functional_module(model)
    network = graph.build_graph(module, samples.batch(samples.train.images[:2]))
    pack = recorder.PackOptions(options.number_format, options.weights_format,
                                options.tensors == "all",
                                _value_layers(options.values, network))
    optimizer = training.make_optimizer(options, model, state, options.checkpoint)
    writer.write_graph(options.network, network)
    trainer = training.Trainer(training.Run(
        options, model, module, network, samples, optimizer, steps, pack, writer,
        accuracy is None, momentum_range))
    trainer.train()
    measured = trainer.accuracy if trainer.accuracy["epoch"] else None
    writer.write_run(_run_facts(options, samples, steps_per_epoch), accuracy or measured)
    return len(steps), network


def run(arguments):
    from capture import options as command_line

    options = command_line.make_parser().parse_args(arguments)
    _check(options)
    from capture import writer as trace_file

    writer = trace_file.TraceWriter(options.out, "capture_trace.py", options.number_format,
                                    options.force)
    try:
        count, network = _capture(options, writer)
        writer.close()
    except BaseException:
        writer.abort()
        raise
    if not options.quiet:
        print(f"{options.out}: {count} iterations, {len(network.operators)} operators, "
              f"{len(network.layers())} conv2d and linear layers")
    return 0


def _terminated(number, frame):
    raise SystemExit(128 + number)


def main(arguments):
    signal.signal(signal.SIGTERM, _terminated)
    try:
        return run(arguments)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except (OSError, MemoryError) as error:
        print(f"cannot write the trace: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
