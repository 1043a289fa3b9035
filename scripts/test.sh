#!/usr/bin/env bash
# From a clean clone to tested: installs missing packages, builds, runs the unit tests under the
# address and undefined-behaviour sanitizers, then every test of the release preset except those
# labelled long (scripts/test_long.sh). Ends with CTest's summary; the exit status is CTest's.
# Usage: scripts/test.sh [CTest arguments]     e.g. scripts/test.sh -L layout
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/lib/common.sh

scripts/setup.sh build test
CMAKE_ARGUMENTS=-DSKIPSIM_REQUIRE_TESTS=ON build_preset release

sanitizer_status=0
if (($# == 0)); then
    build_preset asan tests_unit
    say "unit tests under the sanitizers"
    run_tests asan -L '^unit$' || sanitizer_status=$?
    if ((sanitizer_status != 0)); then
        echo "test: the unit tests failed under the sanitizers, see above" >&2
    fi
fi

say "every test of the release preset"
run_tests release "$@"
exit "$sanitizer_status"
