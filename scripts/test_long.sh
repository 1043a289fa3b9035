#!/usr/bin/env bash
# Builds and runs the tests labelled long, plants faults (scripts/mutation_check.py), then runs all
# other tests under the sanitizers.
# Usage: scripts/test_long.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/lib/common.sh

scripts/setup.sh build test
CMAKE_ARGUMENTS=-DSKIPSIM_REQUIRE_TESTS=ON build_preset release
build_preset asan

status=0
say "tests labelled long"
ctest --test-dir build/release -L '^long$' --output-on-failure --no-tests=ignore || status=$?
say "faults planted one at a time: would the tests see them?"
/usr/bin/python3 scripts/mutation_check.py --jobs "$(build_jobs)" || status=$?
say "ordinary tests under the sanitizers"
ctest --test-dir build/asan -LE '^(layout|bench|long)$' --output-on-failure \
    --parallel "$(build_jobs)" || status=$?
exit "$status"
