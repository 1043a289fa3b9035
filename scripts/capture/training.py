# SPDX-License-Identifier: Apache-2.0
"""The training run around the captured steps."""
import dataclasses
import json
import math

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from . import recorder
from .data import augment
from .errors import InputError


def rate_at(schedule, peak, step, total):
    """Learning rate of `step` (of `total`); the last one is kept beyond the end."""
    place = min(step, total - 1)
    if schedule == "constant" or total < 2:
        return peak
    if schedule == "cosine":
        return peak * (1 + math.cos(math.pi * place / total)) / 2
    return _one_cycle(place, total, peak / 25, peak, peak / 250000)


def momentum_at(low, high, step, total):
    """Momentum of a one-cycle schedule: lowest where the learning rate is highest."""
    return _one_cycle(min(step, total - 1), total, high, low, high)


def _one_cycle(place, total, start, middle, end):
    turn = 0.25 * total - 1
    if place <= turn:
        first, last, share = start, middle, place / turn
    else:
        first, last, share = middle, end, (place - turn) / (total - 1 - turn)
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2


def make_optimizer(options, model, state, path):
    if options.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), options.lr,
                                     weight_decay=options.weight_decay)
    else:
        optimizer = torch.optim.SGD(model.parameters(), options.lr, options.momentum,
                                    weight_decay=options.weight_decay, nesterov=options.nesterov)
    if state is not None:
        settings = [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
        try:
            optimizer.load_state_dict(state)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"--checkpoint: {path}: its optimizer does not fit: {error}")
        for group, setting in zip(optimizer.param_groups, settings):
            group.update(setting)  # the state comes from the file, the settings from the options
    return optimizer


def accuracy_of_log(path):
    """Accuracy per epoch of a log of JSON lines; its epoch n is this program's epoch n - 1."""
    rows = []
    try:
        with open(path, encoding="utf-8") as handle:
            for number, line in enumerate(handle, 1):
                if line.strip():
                    row = json.loads(line)
                    rows.append((int(row["epoch"]) - 1, row))
    except OSError as error:
        raise InputError(f"--log: {path}: {error.strerror}")
    except (ValueError, KeyError, TypeError):
        raise InputError(f"--log: {path}:{number}: expected a JSON object with epoch and "
                         "test_acc, train_acc or val_acc")
    rows.sort(key=lambda row: row[0])
    result = {"epoch": [epoch for epoch, _ in rows]}
    for name, key in (("validation", "val_acc"), ("test", "test_acc"), ("training", "train_acc")):
        if any(key in row for _, row in rows):
            result[name] = [float(row.get(key, -1)) for _, row in rows]
    if len(result) == 1 or sorted(set(result["epoch"])) != result["epoch"]:
        raise InputError(f"--log: {path}: expected accuracies of distinct epochs")
    return result


def evaluate(model, data, part):
    """Share of a part's samples that the model, in evaluation mode, gets right."""
    model.eval()
    right = 0
    with torch.no_grad():
        for begin in range(0, len(part), 250):
            logits = model(data.batch(part.images[begin:begin + 250]))
            right += int((logits.argmax(1) == part.labels[begin:begin + 250]).sum())
    model.train()
    return right / len(part)


@dataclasses.dataclass
class Run:
    """Everything a training run needs; the capture program fills it in."""

    options: object
    model: torch.nn.Module  # evaluated
    module: torch.fx.GraphModule  # trained: the same parameters
    graph: object
    data: object
    optimizer: torch.optim.Optimizer
    steps: list  # to capture
    pack: recorder.PackOptions
    writer: object
    measure: bool = True  # accuracy after every epoch
    momentum_range: tuple = ()


class Trainer:
    """Trains and hands each captured step and each full epoch to the writer."""

    def __init__(self, run):
        self._run = run
        self._generator = torch.Generator().manual_seed(run.options.seed)
        self._steps_per_epoch = -(-len(run.data.train) // run.options.batch_size)
        planned = run.options.planned_epochs or (run.options.checkpoint_epoch + run.options.epochs)
        self._total = planned * self._steps_per_epoch
        self.accuracy = {"epoch": [], "validation": [], "test": [], "training": []}

    def train(self):
        options = self._run.options
        shown = not options.quiet
        bar = tqdm(total=self._last_step() + 1, desc="training", unit="step",
                   disable=None if shown else True)
        for epoch in range(options.epochs):
            if not self._train_epoch(epoch, bar):
                break
        bar.close()

    def _last_step(self):
        if self._run.options.stop_after_capture:
            return self._run.steps[-1]
        return self._run.options.epochs * self._steps_per_epoch - 1

    def _train_epoch(self, epoch, bar):
        """One epoch; false if it was left early."""
        run, batch_size = self._run, self._run.options.batch_size
        order = torch.randperm(len(run.data.train), generator=self._generator)
        visits = []
        for index in range(self._steps_per_epoch):
            step = epoch * self._steps_per_epoch + index
            if step > self._last_step():
                return False
            ids = order[index * batch_size:(index + 1) * batch_size]
            visits.append(self._step(step, ids))
            bar.update()
        self._finish_epoch(run.options.checkpoint_epoch + epoch, visits)
        return True

    def _step(self, step, ids):
        run = self._run
        global_step = run.options.checkpoint_epoch * self._steps_per_epoch + step
        rate = self._set_rate(global_step)
        part = run.data.train.take(ids)
        images = run.data.batch(augment(part.images, run.options.augment, self._generator))
        run.optimizer.zero_grad(set_to_none=True)
        if step in run.steps:
            raw = recorder.run_step(run.module, run.graph, images, part.labels,
                                    run.options.per_sample_gradients)
            probabilities = raw.probabilities
        else:
            raw = None
            logits = run.module(images)
            loss = F.cross_entropy(logits, part.labels)
            if not torch.isfinite(loss):
                raise InputError("training diverged: the loss is not finite; choose a smaller --lr")
            loss.backward()
            probabilities = F.softmax(logits.detach(), dim=1)
        samples = _samples(ids, part.labels, probabilities)
        if raw is not None:
            self._write(raw, global_step, rate, samples)
        run.optimizer.step()
        return samples

    def _set_rate(self, global_step):
        run = self._run
        rate = rate_at(run.options.schedule, run.options.lr, global_step, self._total)
        for group in run.optimizer.param_groups:
            group["lr"] = rate
            if run.momentum_range:
                group["momentum"] = momentum_at(*run.momentum_range, global_step, self._total)
        return rate

    def _write(self, raw, global_step, rate, samples):
        run = self._run
        tensors, parameters = recorder.pack_step(raw, run.graph, run.pack)
        facts = {"epoch": global_step // self._steps_per_epoch, "step": global_step,
                 "learning_rate": rate, "phase": "train"}
        run.writer.write_iteration(run.options.network, facts, samples, tensors, parameters)

    def _finish_epoch(self, epoch, visits):
        run = self._run
        arrays = {name: np.concatenate([v[name] for v in visits]) for name in visits[0]}
        if not run.options.no_epoch_data:
            arrays_stored = dict(arrays, confidence=arrays["confidence"].astype(np.float16))
            run.writer.write_epoch(epoch, arrays_stored)
        if not run.measure:
            return
        self.accuracy["epoch"].append(epoch)
        right = float((arrays["label"] == arrays["prediction"]).mean())
        self.accuracy["training"].append(right)
        for name, part in (("validation", run.data.validation), ("test", run.data.test)):
            if len(part):
                self.accuracy[name].append(evaluate(run.model, run.data, part))


def _samples(ids, labels, probabilities):
    confidence, prediction = probabilities.max(1)
    return {"id": ids.numpy().astype(np.int32), "label": labels.numpy().astype(np.int16),
            "prediction": prediction.numpy().astype(np.int16),
            "confidence": confidence.clamp(0, 1).numpy().astype(np.float32)}
