#!/usr/bin/env bash
# Installs the Debian 12 packages that skipsim needs and that are missing; does nothing if none is.
# Usage: scripts/setup.sh [build] [test]     default: build
#   build  what compiling and running the simulator needs
#   test   what the tests and trace capture need besides (PyTorch among them)
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
source scripts/lib/common.sh

build_packages=(
    g++ cmake ninja-build ccache git ca-certificates
    libsystemc-dev libboost-program-options-dev libspdlog-dev libhdf5-dev libyaml-cpp-dev
    libhwy-dev libdnnl-dev nlohmann-json3-dev libssl-dev
    libsqlitecpp-dev libsqlite3-dev libmuparser-dev libjs-chart.js
)
test_packages=(
    libgtest-dev libgmock-dev libbenchmark-dev clang-format clang-tidy
    python3 python3-torch python3-torchvision python3-h5py python3-numpy python3-sklearn
    python3-yaml python3-pil python3-tqdm python3-jsonschema python3-pytest python3-selenium
    chromium chromium-driver slurm-wlm munge
)

wanted=()
for set in "${@:-build}"; do
    case $set in
        build) wanted+=("${build_packages[@]}") ;;
        test) wanted+=("${test_packages[@]}") ;;
        *) echo "setup: unknown set $set; known: build, test" >&2; exit 2 ;;
    esac
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "setup: this is not a Debian system; install what these packages hold: ${wanted[*]}" >&2
    exit 3
fi

missing=()
for package in "${wanted[@]}"; do
    if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true) != installed ]]; then
        missing+=("$package")
    fi
done
if ((${#missing[@]} == 0)); then
    say "setup: all ${#wanted[@]} packages are installed"
    exit 0
fi

say "setup: installing ${missing[*]}"
as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        echo "setup: run as root: apt-get install ${missing[*]}" >&2
        exit 3
    fi
    as_root=(sudo)
fi
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 \
        -o Acquire::Retries=3 "$@" </dev/null
}
apt update
apt install -y --no-install-recommends "${missing[@]}"
