#!/usr/bin/env bash
# Runs clang-tidy (rules: .clang-tidy) over sources that a configured build folder compiles.
# Usage: scripts/tidy.sh [--build FOLDER] [--all | --under FOLDER... | FILE...]
#   nothing   every source of sim and models
#   --all     the tests as well
#   --under   only the sources below that folder; can be repeated
set -euo pipefail
here=$PWD
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/lib/common.sh

build=build/release
patterns=()
files=()
while (($# > 0)); do
    case $1 in
        --build) build=$2; shift ;;
        --all) patterns+=('sim/*.cpp' 'models/*.cpp' 'tests/*.cpp') ;;
        --under) patterns+=("${2%/}/*.cpp"); shift ;;
        -*) echo "tidy: unknown option $1; known: --build, --all, --under" >&2; exit 2 ;;
        *) files+=("$(realpath --relative-to=. "$here/$1" 2>/dev/null || echo "$1")") ;;
    esac
    shift
done
if [[ ! -f $build/compile_commands.json ]]; then
    echo "tidy: $build/compile_commands.json is missing; run: cmake --preset release" >&2
    exit 2
fi
if ((${#patterns[@]} == 0)); then
    patterns=('sim/*.cpp' 'models/*.cpp')
fi
if ((${#files[@]} == 0)); then
    # A file that no target compiles has no command to check it with.
    while IFS= read -r -d '' file; do
        if grep -qF "$PWD/$file\"" "$build/compile_commands.json"; then
            files+=("$file")
        fi
    done < <(list_files "${patterns[@]}")
fi
printf '%s\0' "${files[@]}" |
    xargs -0 -n 1 -P "$(build_jobs)" clang-tidy --quiet -p "$build" 2> >(grep -v 'warnings\? generated' >&2)
echo "tidy: ${#files[@]} files ok"
