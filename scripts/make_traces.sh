#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes every shipped trace of real training again.
#
#   scripts/make_traces.sh DATA_DIR [NAME...]
#
# DATA_DIR holds CIFAR-10 as an image folder, train/CLASS/*.jpg and test/CLASS/*.jpg, the
# checkpoints ckpt_e01.pt, ckpt_e04.pt, ckpt_e12.pt of a ResNet-20 run of 12 epochs, and its
# train.log (traces/README.md says more); .tar.xz archives of these in DATA_DIR are unpacked
# to a temporary folder. NAME: digits-cnn, resnet20-cifar10-e01, -e04, -e12; default all.
# digits-cnn needs no data. A ResNet-20 trace trains one epoch: 5 minutes on two idle cores.
# The result depends on the processor and the PyTorch build in the last bits of the values.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
out="${SKIPSIM_TRACES_OUT:-$root/traces}"
if [ $# -lt 1 ] || [ ! -d "$1" ]; then
    sed -n '3,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
data="$(cd "$1" && pwd)"
shift
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(digits-cnn resnet20-cifar10-e01 resnet20-cifar10-e04 resnet20-cifar10-e12)

unpacked=""
trap '[ -z "$unpacked" ] || rm -rf "$unpacked"' EXIT
unpack() {
    [ -d "$data/train" ] && return
    unpacked="$(mktemp -d)"
    for archive in "$data"/*.tar.xz; do
        echo "unpacking $archive"
        tar -xJf "$archive" -C "$unpacked"
    done
    data="$unpacked"
}

capture() {
    /usr/bin/python3 "$root/scripts/capture_trace.py" --force --threads 2 --batch-size 32 "$@"
}

for name in "${names[@]}"; do
    case "$name" in
    digits-cnn)
        capture --model digits_cnn --data digits --seed 1 --epochs 12 --lr 0.05 \
            --iterations 4@all --per-sample-gradients 8 --values conv2 \
            --out "$out/$name.h5"
        ;;
    resnet20-cifar10-e01 | resnet20-cifar10-e04 | resnet20-cifar10-e12)
        unpack
        epoch="${name##*-e}"
        capture --model resnet20 --data "cifar10:$data" --seed 1 \
            --checkpoint "$data/ckpt_e$epoch.pt" --checkpoint-epoch "$((10#$epoch))" \
            --planned-epochs 12 --schedule one-cycle --lr 0.1 --cycle-momentum 0.85,0.95 \
            --nesterov --weight-decay 5e-4 --augment flip-crop \
            --iterations "4@epoch$((10#$epoch))" --log "$data/train.log" \
            --out "$out/$name.h5"
        ;;
    *)
        echo "make_traces.sh: no trace $name" >&2
        exit 2
        ;;
    esac
done
