#!/usr/bin/env bash
# Random cases until stopped (Ctrl-C): the per-cycle counter of tests/reference against the simulator.
# Usage: scripts/fuzz_reference.sh [FIRST_SEED]     (default: the time, so that every call sees new cases)
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

program=${SKIPSIM:-build/release/skipsim}
if [[ ! -x $program ]]; then
    echo "fuzz_reference.sh: $program is missing; build it: cmake --preset release && cmake --build --preset release" >&2
    exit 2
fi
PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 tests/reference/fuzz.py --skipsim "$program" \
    --seed "${1:-$(date +%s)}" --forever --keep "${KEEP:-/tmp/skipsim-reference-failures}"
