#!/usr/bin/env bash
# Makes artifacts/gpu: all that a Linux x64 machine with a GPU, and without the .NET SDK, needs to run run.sh. The .NET runtime in it is the one
# of the SDK that is used here, so that nothing is restored for another platform and no lock file changes.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

to=${1:-artifacts/gpu}
rm -rf -- "$to"
dotnet publish tests/gpu/Recs.Gpu.Tests -c Release -o "$to/program"

sdk=$(dirname -- "$(readlink -f -- "$(command -v dotnet)")")
runtime=$(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \(10\.[^ ]*\) .*/\1/p' | tail -1)
mkdir -p "$to/dotnet/shared/Microsoft.NETCore.App"
cp "$sdk/dotnet" "$to/dotnet/"
cp -r "$sdk/host" "$to/dotnet/"
cp -r "$sdk/shared/Microsoft.NETCore.App/$runtime" "$to/dotnet/shared/Microsoft.NETCore.App/"

cp tests/gpu/run.sh tests/gpu/torch_layers.py "$to/"
if [[ -d ../shared/golden ]]; then
    mkdir -p "$to/golden"
    for set in toy scout-tiny maverick-tiny fp8-tiny; do cp -r "../shared/golden/$set" "$to/golden/"; done
fi
du -sh "$to"
