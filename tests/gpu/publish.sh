#!/usr/bin/env bash
# Makes artifacts/gpu: all that a Linux machine with a GPU, and without the .NET SDK, needs to run run.sh.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

to=${1:-artifacts/gpu}
rm -rf -- "$to"
# The lock file names no platform, and this publish is for one.
dotnet publish tests/gpu/Recs.Gpu.Tests -c Release -r linux-x64 --self-contained -p:RestorePackagesWithLockFile=false -o "$to/program"
cp tests/gpu/run.sh tests/gpu/torch_layers.py "$to/"
if [[ -d ../shared/golden ]]; then
    mkdir -p "$to/golden"
    for set in toy scout-tiny maverick-tiny fp8-tiny; do cp -r "../shared/golden/$set" "$to/golden/"; done
fi
du -sh "$to"
