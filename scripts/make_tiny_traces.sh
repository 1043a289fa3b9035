#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes traces/tiny/*.h5 again from traces/specs/tiny-*.yaml.
# usage: scripts/make_tiny_traces.sh [PROGRAM]    (default: build/release/skipsim)
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
program="${1:-$root/build/release/skipsim}"
mkdir -p "$root/traces/tiny"
for spec in "$root"/traces/specs/tiny-*.yaml; do
  name="$(basename "$spec" .yaml)"
  "$program" trace synth "$spec" --out "$root/traces/tiny/${name#tiny-}.h5" --force
done
