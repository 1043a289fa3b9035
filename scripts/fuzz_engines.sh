#!/usr/bin/env bash
# Random cases until stopped (Ctrl-C): the fast engine against the clocked one. A case in which they
# differ is made small and left in a folder that is named.
# Usage: scripts/fuzz_engines.sh [--jobs N] [--seed N] [options of tests/equality/compare_engines.py]
#        (default: a job per processor, seeds from the time, so that every call sees new cases)
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

program=${SKIPSIM:-build/release/skipsim}
if [[ ! -x $program ]]; then
    echo "fuzz_engines.sh: $program is missing; build it: cmake --preset release && cmake --build --preset release" >&2
    exit 2
fi
PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 tests/equality/compare_engines.py \
    --skipsim "$program" --jobs "$(nproc)" --seed "$(date +%s)" --forever --shrink --largest 5000000 \
    --keep "${KEEP:-/tmp/skipsim-equality-failures}" "$@"
