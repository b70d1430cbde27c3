namespace Recs.Embedder.Compute;

/// <summary>Softmax attention of one head of one sequence, query by query. Scores and softmax are float32.</summary>
internal static unsafe class AttentionKernel
{
    /// <param name="qkv_tc">First row of the sequence.</param>
    /// <param name="shape">How a row is divided.</param>
    /// <param name="tokens">Rows of the sequence.</param>
    /// <param name="head">The query head.</param>
    /// <param name="chunk">Positions a chunk, or null.</param>
    /// <param name="scores">Scratch for <paramref name="tokens"/> numbers, rounded up to a multiple of eight.</param>
    /// <param name="y_tq">First row of the sequence's result.</param>
    public static void Run(float* qkv_tc, AttentionShape shape, int tokens, int head, int? chunk, float* scores, float* y_tq)
    {
        var size = shape.HeadSize;
        var columns = shape.Columns;
        var pair = head / (shape.Heads / shape.KeyValueHeads);
        var q_tc = qkv_tc + head * size;
        var k_tc = qkv_tc + shape.FirstKey + pair * size;
        var v_tc = qkv_tc + shape.FirstValue + pair * size;
        var scale = 1f / MathF.Sqrt(size);
        for (var query = 0; query < tokens; query++)
        {
            var first = chunk is { } length ? query / length * length : 0;
            var keys = query - first + 1;
            for (var key = 0; key < keys; key++)
                scores[key] = RowKernels.Dot(q_tc + (nint)query * columns, k_tc + (nint)(first + key) * columns, size) * scale;
            var inverse = 1f / RowKernels.Softmax(scores, keys);
            var y = y_tq + (nint)query * shape.QueryColumns + head * size;
            new Span<float>(y, size).Clear();
            for (var key = 0; key < keys; key++)
                RowKernels.AddScaled(y, v_tc + (nint)(first + key) * columns, scores[key], size);
            RowKernels.Scale(y, inverse, y, size);
        }
    }
}
