namespace Recs.Embedder.Compute.Cuda.Kernels;

/// <content>Attention: queries and keys made ready, then softmax(q · kᵀ) · v in tiles of queries.</content>
internal sealed unsafe partial class CudaKernels
{
    /// <summary>The largest head that the attention kernels' registers hold.</summary>
    public const int LargestHead = 128;

    private const int QueryKeyThreads = 256;

    /// <summary>
    /// In place on the query and key columns: rotation, weightless head norm, then the queries times their position's factor. queries_keys.cu
    /// </summary>
    /// <param name="qkv_tc">numbers</param>
    /// <param name="shape">How a row is divided.</param>
    /// <param name="positions_t">int32 [rows]</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="cosSin">float32 [positions, head size] as in <see cref="RotaryTable"/>, or none.</param>
    /// <param name="normEpsilon">Or null: no head norm.</param>
    /// <param name="factors">float32 [positions], each position's temperature, or none.</param>
    public void PrepareQueriesAndKeys(DevicePointer qkv_tc, AttentionShape shape, DevicePointer positions_t, int rows, DevicePointer cosSin, float? normEpsilon, DevicePointer factors)
    {
        if (rows == 0) return;
        var (heads, keyHeads, size) = (shape.Heads, shape.KeyValueHeads, shape.HeadSize);
        if (size % 2 != 0 && !cosSin.IsNone) throw new ArgumentOutOfRangeException(nameof(shape), size, "a rotation turns pairs: the head size must be even");
        // A negative epsilon says that there is no norm; no norm has one.
        var epsilon = normEpsilon ?? -1;
        void** arguments = stackalloc void*[] { &qkv_tc, &positions_t, &cosSin, &factors, &epsilon, &rows, &heads, &keyHeads, &size };
        var warps = (long)rows * (heads + keyHeads);
        var shapeOfLaunch = new LaunchShape(checked((int)((warps + QueryKeyThreads / Warp - 1) / (QueryKeyThreads / Warp))), 1, 1, QueryKeyThreads, 0);
        Launch("prepare_queries_keys", shapeOfLaunch, arguments);
    }

    /// <summary>Causal attention of packed sequences; with <paramref name="chunk"/>, within each chunk of that many positions. attention.cu</summary>
    /// <param name="qkv_tc">numbers</param>
    /// <param name="shape">How a row is divided.</param>
    /// <param name="tiles">int32 table of <see cref="AttentionTiles"/>.</param>
    /// <param name="tileCount">Tiles in it.</param>
    /// <param name="chunk">Positions a chunk, or null.</param>
    /// <param name="y_tq">numbers</param>
    public void Attention(DevicePointer qkv_tc, AttentionShape shape, DevicePointer tiles, int tileCount, int? chunk, DevicePointer y_tq)
    {
        if (tileCount == 0) return;
        var (heads, keyHeads, size) = (shape.Heads, shape.KeyValueHeads, shape.HeadSize);
        if (size > LargestHead) throw new ArgumentOutOfRangeException(nameof(shape), size, $"the attention kernels take heads of at most {LargestHead} numbers; run this model on the CPU");
        // No chunk is one chunk that no text is longer than.
        var length = chunk ?? int.MaxValue;
        void** arguments = stackalloc void*[] { &y_tq, &qkv_tc, &tiles, &length, &heads, &keyHeads, &size };
        if (format == NumberFormat.BFloat16 && size % 16 == 0)
            launcher.Launch("attention_mma_bf16", new LaunchShape(tileCount, heads, 1, AttentionTiles.MatrixWarps * Warp, AttentionTiles.MatrixSharedBytes(size)), arguments);
        else
            Launch("attention", new LaunchShape(tileCount, heads, 1, AttentionTiles.PlainWarps * Warp, AttentionTiles.PlainSharedBytes(size)), arguments);
    }
}
