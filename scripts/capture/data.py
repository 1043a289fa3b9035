# SPDX-License-Identifier: Apache-2.0
"""Training, validation and test samples.

    digits                  8x8 grey digits bundled with scikit-learn: 1197 to train,
                            300 to validate, 300 to test, the same split always
    folder:DIR              DIR/train/CLASS/* (and DIR/test/CLASS/*), or DIR/CLASS/*
    cifar10:DIR             the same folders, or the published cifar-10-batches-py, with the
                            usual normalisation
    torchvision:NAME[:DIR]  torchvision.datasets.NAME(DIR, train=...), without downloading

A sample's id is its position in the training set: classes and files in the order of their
names, or the data set's own order.
"""
import dataclasses
import os
import pickle

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from .errors import InputError, did_you_mean

_CIFAR_MEAN, _CIFAR_DEVIATION = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)
_IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".pgm", ".webp", ".tif", ".tiff")


@dataclasses.dataclass
class Part:
    """Images uint8 [samples, channels, height, width] and labels int64 [samples]."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self):
        return len(self.labels)

    def take(self, positions):
        return Part(self.images[positions], self.labels[positions])


@dataclasses.dataclass
class DataSet:
    name: str
    train: Part
    validation: Part
    test: Part
    classes: int
    white: float  # the largest value of a pixel
    mean: torch.Tensor
    deviation: torch.Tensor

    def batch(self, images):
        """Float images, normalised per channel."""
        scale = (self.white * self.deviation).view(1, -1, 1, 1)
        return (images.float() - (self.white * self.mean).view(1, -1, 1, 1)) / scale


def augment(images, how, generator):
    """Random flip of each image, then one random crop (4 pixels of padding) for the batch."""
    if how == "none":
        return images
    flip = torch.rand(len(images), generator=generator) < 0.5
    images = torch.where(flip.view(-1, 1, 1, 1), images.flip(3), images)
    if how == "flip":
        return images
    top, left = torch.randint(0, 9, (2,), generator=generator).tolist()
    height, width = images.shape[2:]
    return F.pad(images, (4, 4, 4, 4))[:, :, top:top + height, left:left + width]


def load_data(spec, channels=0, image_size=0, limit=0, validation_fraction=0.0, show=False):
    """The DataSet of a --data value. `channels` 3 repeats grey images."""
    kind, _, rest = spec.partition(":")
    if spec == "digits":
        name, parts, white = "digits", _digits(), 16.0
    elif kind == "folder" and rest:
        name = os.path.basename(os.path.normpath(rest))
        parts, white = _folder(rest, image_size, limit, show), 255.0
    elif kind == "cifar10" and rest:
        name, parts, white = "cifar10", _cifar10(rest, image_size, limit, show), 255.0
    elif kind == "torchvision" and rest:
        name = rest.partition(":")[0].lower()
        parts, white = _torchvision(rest, image_size, limit, show), 255.0
    else:
        kinds = ["digits", "folder:DIR", "cifar10:DIR", "torchvision:NAME"]
        raise InputError(f"--data: expected {', '.join(kinds)}, got {spec}"
                         + did_you_mean(spec, kinds))
    parts = [_fit(p, channels, image_size, limit) for p in parts]
    return _finish(name, parts, white, validation_fraction)


def _finish(name, parts, white, validation_fraction):
    train, validation, test = parts
    if validation_fraction > 0 and not len(validation):
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
        held = int(len(train) * validation_fraction)
        validation, train = train.take(order[:held].sort()[0]), train.take(order[held:].sort()[0])
    if not len(train):
        raise InputError("--data: no training samples")
    classes = int(max(int(p.labels.max()) for p in (train, validation, test) if len(p))) + 1
    if name == "cifar10":
        mean, deviation = torch.tensor(_CIFAR_MEAN), torch.tensor(_CIFAR_DEVIATION)
    else:
        pixels = train.images[:10000].double() / white
        mean = pixels.mean((0, 2, 3)).float()
        deviation = pixels.std((0, 2, 3)).clamp(min=1e-3).float()
    return DataSet(name, train, validation, test, max(2, classes), white, mean, deviation)


def _fit(part, channels, image_size, limit):
    images = part.images[:limit] if limit and len(part) > limit else part.images
    if image_size and len(images) and tuple(images.shape[2:]) != (image_size, image_size):
        resized = F.interpolate(images.float(), (image_size, image_size), mode="bilinear",
                                align_corners=False)
        images = resized.round().clamp(0, 255).to(torch.uint8)
    if channels == 3 and images.shape[1] == 1:
        images = images.repeat(1, 3, 1, 1)
    return Part(images, part.labels[:len(images)])


def _empty(like):
    return Part(like.images[:0], like.labels[:0])


def _digits():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = torch.from_numpy(bunch.images.astype(np.uint8)).unsqueeze(1)
    labels = torch.from_numpy(bunch.target.astype(np.int64))
    order = torch.from_numpy(np.random.RandomState(0).permutation(len(labels)))
    whole = Part(images, labels)
    return [whole.take(order[:1197]), whole.take(order[1197:1497]), whole.take(order[1497:])]


def _class_folders(folder):
    return sorted(n for n in os.listdir(folder) if os.path.isdir(os.path.join(folder, n)))


def _folder(root, image_size, limit, show):
    if not os.path.isdir(root):
        raise InputError(f"--data: {root}: no such folder")
    train_root = os.path.join(root, "train")
    if not os.path.isdir(train_root):
        part = _read_images(root, _class_folders(root), image_size, limit, show)
        return [part, _empty(part), _empty(part)]
    classes = _class_folders(train_root)
    train = _read_images(train_root, classes, image_size, limit, show)
    parts = [train]
    for name in ("validation", "test"):
        folder = os.path.join(root, name)
        parts.append(_read_images(folder, classes, image_size, limit, show)
                     if os.path.isdir(folder) else _empty(train))
    return parts


def _read_images(folder, classes, image_size, limit, show):
    files = [(os.path.join(folder, name, file), label) for label, name in enumerate(classes)
             if os.path.isdir(os.path.join(folder, name))
             for file in sorted(os.listdir(os.path.join(folder, name)))
             if file.lower().endswith(_IMAGE_ENDINGS)]
    if not files:
        raise InputError(f"--data: {folder}: no images in class folders")
    if limit and len(files) > limit:
        files = [files[i * len(files) // limit] for i in range(limit)]
    title = f"reading {os.path.basename(folder)}"
    images = [_read_image(path, image_size) for path, _ in tqdm(files, title, disable=not show)]
    for (path, _), image in zip(files, images):
        if image.shape != images[0].shape:
            raise InputError(f"--data: {path}: is {image.shape[0]} x {image.shape[1]} pixels, "
                             "others differ; --image-size N makes them equal")
    stacked = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous()
    return Part(stacked, torch.tensor([label for _, label in files]))


def _read_image(path, image_size):
    from PIL import Image

    try:
        with Image.open(path) as image:
            image = image.convert("RGB")
            if image_size:
                image = image.resize((image_size, image_size), Image.BILINEAR)
            return np.asarray(image, dtype=np.uint8)
    except OSError as error:
        raise InputError(f"--data: {path}: not a readable image: {error}")


def _cifar10(root, image_size, limit, show):
    archive = root if os.path.isfile(os.path.join(root, "data_batch_1")) else os.path.join(
        root, "cifar-10-batches-py")
    if not os.path.isdir(archive):
        return _folder(root, image_size, limit, show)
    parts = []
    for names in ([f"data_batch_{i}" for i in range(1, 6)], ["test_batch"]):
        images, labels = [], []
        for name in names:
            try:
                with open(os.path.join(archive, name), "rb") as handle:
                    content = pickle.load(handle, encoding="bytes")
            except (OSError, pickle.UnpicklingError) as error:
                raise InputError(f"--data: {os.path.join(archive, name)}: {error}")
            images.append(content[b"data"].reshape(-1, 3, 32, 32))
            labels += content[b"labels"]
        parts.append(Part(torch.from_numpy(np.concatenate(images)), torch.tensor(labels)))
    return [parts[0], _empty(parts[0]), parts[1]]


def _torchvision(rest, image_size, limit, show):
    from torchvision import datasets

    name, _, root = rest.partition(":")
    if not hasattr(datasets, name):
        raise InputError(f"--data: torchvision has no data set {name}"
                         + did_you_mean(name, datasets.__all__))
    parts = []
    for train in (True, False):
        try:
            content = getattr(datasets, name)(root or ".", train=train, download=False)
        except (RuntimeError, TypeError, ValueError, OSError) as error:
            raise InputError(f"--data: torchvision:{name}: " + " ".join(str(error).split()))
        parts.append(_convert(content, image_size, limit, show))
    return [parts[0], _empty(parts[0]), parts[1]]


def _convert(content, image_size, limit, show):
    images, labels = [], []
    count = min(len(content), limit) if limit else len(content)
    for index in tqdm(range(count), "reading", disable=not show):
        image, label = content[index]
        if image_size:
            image = image.resize((image_size, image_size))
        array = np.asarray(image, dtype=np.uint8)
        images.append(array[None] if array.ndim == 2 else array.transpose(2, 0, 1))
        labels.append(int(label))
    return Part(torch.from_numpy(np.stack(images)), torch.tensor(labels))
