#!/usr/bin/env bash
# Tests and times the CUDA path on this machine's GPU: kernels, golden checkpoints, compute-sanitizer, throughput beside PyTorch where they are there.
# No step may take longer than its timeout, so that all of it ends within eight minutes. Writes gpu.json and gpu.md into $OUT (default: results beside this script). usage: run.sh [scout|tiny]
set -uo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

shape=${1:-scout}
out=${OUT:-$PWD/results}
program=("$PWD/dotnet/dotnet" "$PWD/program/Recs.Gpu.Tests.dll")
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 RECS_CUDA_CACHE=${RECS_CUDA_CACHE:-$out/cache}
mkdir -p "$out"
status=0

# NVIDIA's Python packages bring libraries of their own, in a virtual environment or the user's; see CudaSearch.
torch=()
if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    if timeout 90 python3 torch_layers.py "$shape" "$out/torch.json"; then torch=(--torch "$out/torch.json"); else echo "run.sh: the PyTorch layers did not end well"; fi
else
    echo "run.sh: no PyTorch with a GPU here, so nothing is compared with it"
fi

golden=()
[[ -d golden ]] && golden=(--golden "$PWD/golden")
timeout 240 "${program[@]}" --out "$out" --shape "$shape" "${golden[@]}" "${torch[@]}" || status=$?

if command -v compute-sanitizer >/dev/null; then
    for tool in memcheck racecheck; do
        timeout 70 compute-sanitizer --tool "$tool" --error-exitcode 1 "${program[@]}" --out "$out/$tool" --only kernels >"$out/$tool.log" 2>&1
        code=$?
        echo "run.sh: compute-sanitizer $tool ended with $code (124: its 70 s were over), see $tool.log"
        [[ $code == 0 || $code == 124 ]] || status=1
    done
else
    echo "run.sh: no compute-sanitizer here"
fi
exit "$status"
