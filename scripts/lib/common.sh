# Functions shared by the scripts of this folder. To be sourced with the repository root as the
# current folder.

# Prints what is about to happen, set apart from the output of tools.
say() {
    printf '\n== %s\n' "$*"
}

# Sources that match the git patterns, separated by NUL: the tracked ones in a git checkout, all of
# the source folders elsewhere.
list_files() {
    if git -c safe.directory='*' rev-parse --show-toplevel >/dev/null 2>&1; then
        git -c safe.directory='*' ls-files -z -- "$@"
        return
    fi
    local pattern
    for pattern in "$@"; do
        find sim models tests -path "$pattern" -type f -print0
    done
}

# Parallel jobs for compiling: one per core, but no more than memory carries (1.2 GiB a job).
build_jobs() {
    local cores memory_kib fitting
    cores=$(nproc)
    memory_kib=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || echo 0)
    fitting=$((memory_kib / 1258291))
    if ((fitting < 1)); then
        fitting=1
    fi
    echo $((fitting < cores ? fitting : cores))
}

# Configures and builds a preset: build_preset NAME [TARGET...]. Set CMAKE_ARGUMENTS to add options.
build_preset() {
    local preset=$1
    shift
    say "configure and build: preset $preset, $(build_jobs) jobs"
    cmake --preset "$preset" ${CMAKE_ARGUMENTS:+"$CMAKE_ARGUMENTS"}
    cmake --build --preset "$preset" --parallel "$(build_jobs)" ${1:+--target "$@"}
}

# Runs the ordinary tests of a built preset: run_tests PRESET [CTest arguments].
run_tests() {
    local preset=$1
    shift
    ctest --preset "$preset" --parallel "$(build_jobs)" "$@"
}
