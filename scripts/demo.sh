#!/usr/bin/env bash
# From a clean clone to a first result: installs missing packages (no PyTorch), builds the release
# preset, runs ResNet-20 on CIFAR-10 and says where the result and its report are. Can be run again at any time.
# Usage: scripts/demo.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/lib/common.sh

config=configs/pnpu.yaml
trace=traces/resnet20-cifar10-e12.h5
out=runs/demo

scripts/setup.sh build
build_preset release skipsim

say "run: build/release/skipsim run $config --trace $trace --out $out --force"
build/release/skipsim run "$config" --trace "$trace" --out "$out" --force

build/release/skipsim report "$out" --out "$out/report.html" --force

say "done; the result to open:"
echo "  $PWD/$out/report.html   charts and tables, for a browser; needs no network"
echo "  $PWD/$out/result.json   everything: totals, layers, stages, energy, assumptions"
echo "  $PWD/$out/layers.csv    one row per layer and stage, for a spreadsheet or pandas"
