using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute.Cuda.Kernels;

/// <content>Loading: stored weights, output by output or input by input, into the products' layout [outputs, inputs].</content>
internal sealed unsafe partial class CudaKernels
{
    /// <summary>A square of weights that is turned in shared memory, and the threads that do it: 8 rows of 32.</summary>
    private const int TileSide = 32;

    private const int TileThreads = 256;

    /// <summary>One number more a row, so that a column lies in 32 banks.</summary>
    private const int TileSharedBytes = TileSide * (TileSide + 1) * sizeof(float);

    /// <summary>Stored weights to numbers [outputs, inputs], times each output's scale where there is one. widen_weights.cu</summary>
    /// <param name="from">[outputs, inputs], or with <paramref name="inputMajor"/> [inputs, outputs].</param>
    /// <param name="stored">F32, BF16, F16 or F8E4M3.</param>
    /// <param name="scales_n">float32, or none.</param>
    /// <param name="outputs">n</param>
    /// <param name="inputs">k</param>
    /// <param name="inputMajor">The stored orientation.</param>
    /// <param name="to_nk">numbers</param>
    public void WidenWeights(DevicePointer from, ElementType stored, DevicePointer scales_n, int outputs, int inputs, bool inputMajor, DevicePointer to_nk)
    {
        if (outputs == 0 || inputs == 0) return;
        var (type, turned) = ((int)stored, inputMajor ? 1 : 0);
        void** arguments = stackalloc void*[] { &to_nk, &from, &scales_n, &type, &outputs, &inputs, &turned };
        Launch("widen_weights", Tiles(outputs, inputs), arguments);
    }

    /// <summary>
    /// Stored F32, BF16 or F16 weights to e4m3 [outputs, inputs] with a float32 scale an output, by the rule of <see cref="Fp8Rounding"/>, bit for bit.
    /// quantize_weights.cu
    /// </summary>
    /// <param name="from">[outputs, inputs], or with <paramref name="inputMajor"/> [inputs, outputs].</param>
    /// <param name="stored">F32, BF16 or F16.</param>
    /// <param name="outputs">n</param>
    /// <param name="inputs">k</param>
    /// <param name="inputMajor">The stored orientation.</param>
    /// <param name="to_nk">e4m3</param>
    /// <param name="scales_n">float32</param>
    public void QuantizeWeights(DevicePointer from, ElementType stored, int outputs, int inputs, bool inputMajor, DevicePointer to_nk, DevicePointer scales_n)
    {
        if (stored == ElementType.F8E4M3) throw new ArgumentOutOfRangeException(nameof(stored), stored, "these weights are FP8 already: copy them, or turn them with TransposeBytes");
        if (outputs == 0 || inputs == 0) return;
        var (type, turned) = ((int)stored, inputMajor ? 1 : 0);
        void** arguments = stackalloc void*[] { &to_nk, &scales_n, &from, &type, &outputs, &inputs, &turned };
        launcher.Launch("quantize_weights", new LaunchShape(CeilingOf(outputs, TileSide), 1, 1, TileThreads, TileSharedBytes), arguments);
    }

    /// <summary>Bytes [inputs, outputs] to [outputs, inputs]: FP8 weights that are stored input by input. transpose_bytes.cu</summary>
    public void TransposeBytes(DevicePointer from_kn, int outputs, int inputs, DevicePointer to_nk)
    {
        if (outputs == 0 || inputs == 0) return;
        void** arguments = stackalloc void*[] { &to_nk, &from_kn, &outputs, &inputs };
        launcher.Launch("transpose_bytes", Tiles(outputs, inputs), arguments);
    }

    /// <summary>
    /// The index of the first stored number that is NaN or infinite, if it is less than what <paramref name="first"/> holds. Set that to
    /// all ones (no number) before the first launch; several tensors may share one by <paramref name="offset"/>. first_not_finite.cu
    /// </summary>
    /// <param name="from">Stored numbers.</param>
    /// <param name="stored">F32, BF16, F16 or F8E4M3.</param>
    /// <param name="count">How many.</param>
    /// <param name="offset">The index that the first of them counts as.</param>
    /// <param name="first">uint64</param>
    public void FirstNotFinite(DevicePointer from, ElementType stored, long count, long offset, DevicePointer first)
    {
        if (count == 0) return;
        var type = (int)stored;
        void** arguments = stackalloc void*[] { &first, &from, &type, &count, &offset };
        launcher.Launch("first_not_finite", Elements(count), arguments);
    }

    private static LaunchShape Tiles(int outputs, int inputs)
    {
        // k in x: it is the dimension that may be long, and y holds 65,535 blocks at most.
        var (tilesOfK, tilesOfN) = (CeilingOf(inputs, TileSide), CeilingOf(outputs, TileSide));
        return tilesOfN <= 65_535 ? new LaunchShape(tilesOfK, tilesOfN, 1, TileThreads, TileSharedBytes)
            : throw new ArgumentOutOfRangeException(nameof(outputs), outputs, $"more than {65_535 * TileSide} outputs; load the matrix in parts");
    }
}
