using System.Runtime.Intrinsics;

namespace Recs.Embedder.Compute;

/// <summary>
/// Softmax attention of one head of one sequence, query by query. Scores and softmax are float32. Four keys are taken at once to keep the
/// multiply-add units busy; each score is summed by itself and values are added in the order of keys, so that changes no bit.
/// </summary>
internal static unsafe class AttentionKernel
{
    /// <summary>Scores are worked on in vectors; so many numbers behind the last one must be there.</summary>
    public const int ScoreSlack = 8;

    private const int KeysAtOnce = 4;

    /// <param name="qkv_tc">First row of the sequence.</param>
    /// <param name="shape">How a row is divided.</param>
    /// <param name="tokens">Rows of the sequence.</param>
    /// <param name="head">The query head.</param>
    /// <param name="chunk">Positions a chunk, or null.</param>
    /// <param name="scores">Scratch for <paramref name="tokens"/> + <see cref="ScoreSlack"/> numbers.</param>
    /// <param name="y_tq">First row of the sequence's result.</param>
    public static void Run(float* qkv_tc, AttentionShape shape, int tokens, int head, int? chunk, float* scores, float* y_tq)
    {
        var size = shape.HeadSize;
        nint columns = shape.Columns;
        var pair = head / (shape.Heads / shape.KeyValueHeads);
        var q_tc = qkv_tc + head * size;
        var k_tc = qkv_tc + shape.FirstKey + pair * size;
        var v_tc = qkv_tc + shape.FirstValue + pair * size;
        var scale = 1f / MathF.Sqrt(size);
        for (var query = 0; query < tokens; query++)
        {
            var first = chunk is { } length ? query / length * length : 0;
            var keys = query - first + 1;
            Score(q_tc + query * columns, k_tc + first * columns, columns, keys, size, scale, scores);
            var inverse = 1f / RowKernels.Softmax(scores, keys);
            var y = y_tq + (nint)query * shape.QueryColumns + head * size;
            Mix(scores, v_tc + first * columns, columns, keys, size, y);
            RowKernels.Scale(y, inverse, y, size);
        }
    }

    /// <summary>scores[key] = q · k[key] · scale</summary>
    private static void Score(float* q, float* k, nint columns, int keys, int size, float scale, float* scores)
    {
        var key = 0;
        for (; key <= keys - KeysAtOnce; key += KeysAtOnce)
        {
            RowKernels.DotFour(q, k, columns, size, scores + key);
            k += KeysAtOnce * columns;
        }
        for (; key < keys; key++, k += columns) scores[key] = RowKernels.Dot(q, k, size);
        RowKernels.Scale(scores, scale, scores, keys);
    }

    /// <summary>y = Σ weight[key] · v[key], in the order of keys.</summary>
    private static void Mix(float* weights, float* v, nint columns, int keys, int size, float* y)
    {
        new Span<float>(y, size).Clear();
        var key = 0;
        for (; key <= keys - KeysAtOnce; key += KeysAtOnce)
        {
            var (w0, w1, w2, w3) = (Vector256.Create(weights[key]), Vector256.Create(weights[key + 1]), Vector256.Create(weights[key + 2]), Vector256.Create(weights[key + 3]));
            var v1 = v + columns;
            var v2 = v1 + columns;
            var v3 = v2 + columns;
            var i = 0;
            for (; i <= size - 8; i += 8)
            {
                var sum = Vector256.FusedMultiplyAdd(Vector256.Load(v + i), w0, Vector256.Load(y + i));
                sum = Vector256.FusedMultiplyAdd(Vector256.Load(v1 + i), w1, sum);
                sum = Vector256.FusedMultiplyAdd(Vector256.Load(v2 + i), w2, sum);
                Vector256.FusedMultiplyAdd(Vector256.Load(v3 + i), w3, sum).Store(y + i);
            }
            for (; i < size; i++)
            {
                var sum = MathF.FusedMultiplyAdd(v[i], weights[key], y[i]);
                sum = MathF.FusedMultiplyAdd(v1[i], weights[key + 1], sum);
                sum = MathF.FusedMultiplyAdd(v2[i], weights[key + 2], sum);
                y[i] = MathF.FusedMultiplyAdd(v3[i], weights[key + 3], sum);
            }
            v += KeysAtOnce * columns;
        }
        for (; key < keys; key++, v += columns) RowKernels.AddScaled(y, v, weights[key], size);
    }
}
