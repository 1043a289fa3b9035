#!/usr/bin/env bash
# Checks that every C++ source has the layout of .clang-format; with --fix, gives it that layout.
# Usage: scripts/format.sh [--fix]
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/lib/common.sh

mode=(--dry-run -Werror)
if [[ "${1:-}" == "--fix" ]]; then
    mode=(-i)
fi
list_files '*.h' '*.cpp' | xargs -0 --no-run-if-empty clang-format "${mode[@]}"
echo "format: $(list_files '*.h' '*.cpp' | tr -cd '\0' | wc -c) files ok"
