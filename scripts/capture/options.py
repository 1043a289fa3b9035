# SPDX-License-Identifier: Apache-2.0
"""The command line of capture_trace.py."""
import argparse
import re

from . import formats
from .errors import InputError

_EXAMPLES = """\
models        resnet20, digits_cnn, torchvision:NAME, FILE.py:FUNCTION (returns a torch.nn.Module;
              called with channels and classes if it takes arguments)
data          digits, folder:DIR, cifar10:DIR, torchvision:NAME[:DIR]
iterations    a list of  STEP | N@epochE | N@all  : STEP counts from the start of this command (0 is
              its first step); N@epochE spreads N steps evenly over epoch E (epochs count from 0
              over the whole run: a checkpoint after E epochs continues with epoch E); N@all over the run

examples
  A small network on bundled data, four steps of the third epoch, all in a few seconds:
    capture_trace.py --model digits_cnn --data digits --epochs 3 --iterations 4@epoch2 --out t.h5
  A torchvision model on one's own images, first and 100th step:
    capture_trace.py --model torchvision:mobilenet_v2 --data folder:photos --image-size 64 \\
                     --iterations 0,99 --stop-after-capture --out mobilenet.h5
  A model of one's own, zeros as an FP8 chip sees them:
    capture_trace.py --model net.py:make --data digits --number-format fp8_e4m3 --out net.h5
  ResNet-20 continued from a checkpoint of epoch 4 of 12:
    capture_trace.py --model resnet20 --data cifar10:images --checkpoint ckpt_e04.pt \\
                     --checkpoint-epoch 4 --planned-epochs 12 --schedule one-cycle --lr 0.1 \\
                     --iterations 4@epoch4 --out resnet20.h5

exit status: 0 done, 2 wrong input, 3 the machine refused (disk full, ...), 130/143 interrupted;
the output file is written whole or not at all
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise InputError(f"capture_trace.py: {message} (--help shows all options)")


def _whole(low, high=2 ** 31):
    def convert(text):
        try:
            value = int(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"expected a whole number in {low}..{high}, got {text}")
        return value
    return convert


def _number(low, high):
    def convert(text):
        try:
            value = float(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"expected a number in {low}..{high}, got {text}")
        return value
    return convert


def make_parser():
    parser = _Parser(prog="capture_trace.py", epilog=_EXAMPLES, allow_abbrev=False,
                     formatter_class=argparse.RawDescriptionHelpFormatter,
                     description="Trains a PyTorch model and captures chosen training steps as a "
                                 "skipsim trace (traces/FORMAT.md).")
    _add_what(parser.add_argument_group("what to capture"))
    _add_training(parser.add_argument_group("training"))
    _add_content(parser.add_argument_group("content of the trace"))
    return parser


def _add_what(group):
    add = group.add_argument
    add("--model", required=True, metavar="MODEL", help="what to train (below)")
    add("--data", required=True, metavar="DATA", help="what to train it on (below)")
    add("--out", required=True, metavar="FILE", help="the trace to write")
    add("--force", action="store_true", help="overwrite FILE")
    add("--iterations", default="4@all", metavar="LIST", help="steps to capture (default 4@all)")
    add("--stop-after-capture", action="store_true",
        help="stop once the last chosen step is captured")
    add("--quiet", action="store_true", help="no progress, no summary")
    add("--threads", type=_whole(1, 1024), default=1, metavar="N",
        help="CPU threads of PyTorch (default 1; values may differ in the last bit with N)")


def _add_training(group):
    add = group.add_argument
    add("--epochs", type=_whole(1, 100000), default=1, metavar="N",
        help="epochs to train now (default 1)")
    add("--batch-size", type=_whole(1, 65536), default=32, metavar="N", help="default 32")
    add("--seed", type=_whole(0), default=1, metavar="N", help="default 1")
    add("--checkpoint", metavar="FILE",
        help="start from this state (model and, if in it, optimizer)")
    add("--checkpoint-epoch", type=_whole(0, 100000), default=0, metavar="E",
        help="epochs the checkpoint was trained for (default 0)")
    add("--planned-epochs", type=_whole(1, 100000), default=None, metavar="N",
        help="length of the whole run, for the schedule (default: checkpoint's epochs + --epochs)")
    add("--optimizer", choices=("sgd", "adam"), default="sgd", help="default sgd")
    add("--lr", type=_number(0, 1e6), default=0.05, metavar="X",
        help="learning rate; the maximum if a schedule changes it (default 0.05)")
    add("--momentum", type=_number(0, 1), default=0.9, metavar="X", help="default 0.9")
    add("--nesterov", action="store_true", help="Nesterov momentum")
    add("--weight-decay", type=_number(0, 1e6), default=0.0, metavar="X", help="default 0")
    add("--schedule", choices=("constant", "cosine", "one-cycle"), default="constant",
        help="of the learning rate (default constant); one-cycle: rises for 25 %% of the steps "
             "from lr/25, then falls to lr/250000")
    add("--cycle-momentum", metavar="LOW,HIGH",
        help="with one-cycle: momentum moves between these, against the learning rate")
    add("--augment", choices=("none", "flip", "flip-crop"), default=None,
        help="random flips, crops (4 pixels, one offset per batch); default flip-crop for "
             "cifar10, else none")
    add("--image-size", type=_whole(0, 4096), default=0, metavar="N", help="resize to N x N")
    add("--limit", type=_whole(0), default=0, metavar="N",
        help="use at most N samples of each part of the data")
    add("--validation-fraction", type=_number(0, 0.9), default=0.0, metavar="X",
        help="hold this part of the training samples out to measure validation accuracy")


def _add_content(group):
    add = group.add_argument
    add("--number-format", choices=formats.NUMBER_FORMATS, default="fp32",
        help="count as zero what becomes zero in this format (default fp32: exact zeros)")
    add("--weights-format", choices=("fp16", "fp32"), default="fp16",
        help="how weights are stored (default fp16)")
    add("--tensors", choices=("all", "layers"), default="all",
        help="patterns of all tensors, or only of operands and results of conv2d and linear")
    add("--values", default="", metavar="LAYERS",
        help="store the values, too, for these conv2d/linear layers (comma-separated names)")
    add("--per-sample-gradients", type=_whole(0, 65536), default=0, metavar="K",
        help="mean absolute weight gradients of K samples of each captured batch")
    add("--no-epoch-data", action="store_true",
        help="leave out label, prediction and confidence of all samples of full epochs")
    add("--log", metavar="FILE",
        help="accuracy per epoch from this log instead of measuring it: JSON lines with epoch "
             "(counted from 1), test_acc, train_acc, val_acc")
    add("--network", default="student", metavar="NAME", help="name of the network in the trace")


def chosen_steps(text, first_epoch, epochs, steps_per_epoch):
    """Step numbers of an --iterations value, counted from the start of this command."""
    total, steps = epochs * steps_per_epoch, []
    for item in text.split(","):
        spread = re.fullmatch(r"(\d+)@(?:epoch(\d+)|all)", item.strip())
        if spread:
            epoch = spread.group(2)
            begin = 0 if epoch is None else (int(epoch) - first_epoch) * steps_per_epoch
            length = total if epoch is None else steps_per_epoch
            if not 0 <= begin < total:
                raise InputError(f"--iterations: {item}: expected an epoch in {first_epoch}.."
                                 f"{first_epoch + epochs - 1}, got {epoch}")
            count = int(spread.group(1))
            if not 1 <= count <= length:
                raise InputError(f"--iterations: {item}: expected 1..{length} steps, got {count}")
            steps += [begin + (2 * i + 1) * length // (2 * count) for i in range(count)]
        elif re.fullmatch(r"\d+", item.strip()):
            steps.append(int(item))
        else:
            raise InputError("--iterations: expected a list of STEP, N@epochE or N@all, "
                             f"got {item}")
    late = [s for s in steps if s >= total]
    if late:
        raise InputError(f"--iterations: the run has steps 0..{total - 1}, got {late[0]}")
    return sorted(set(steps))
