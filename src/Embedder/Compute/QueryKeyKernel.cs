using System.Runtime.Intrinsics;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute;

/// <summary>Rotation, weightless head norm and temperature, in place on the query and key columns of fused projections.</summary>
internal static unsafe class QueryKeyKernel
{
    public static void Run(CpuTensor qkv_tc, AttentionShape shape, PackedBatch batch, QueryKeyStep step)
    {
        fixed (float* table = step.Rope?.CosSin)
        {
            for (var t = 0; t < batch.Tokens; t++)
            {
                var row = qkv_tc.Row(t);
                var position = batch.Positions[t];
                for (var head = 0; head < shape.Heads + shape.KeyValueHeads; head++)
                {
                    var x = row + head * shape.HeadSize;
                    if (table is not null) Rotate(x, table + (nint)position * shape.HeadSize, shape.HeadSize);
                    if (step.NormEpsilon is { } epsilon) RowKernels.RmsNorm(x, null, epsilon, x, shape.HeadSize);
                }
                if (step.Temperature is { } temperature)
                    RowKernels.Scale(row, Factor(temperature, position), row, shape.QueryColumns);
            }
        }
    }

    /// <summary>Neighbours (2i, 2i + 1) are one complex number, turned by the position's angle i; no multiply-add is fused.</summary>
    private static void Rotate(float* x, float* cosSin, int size)
    {
        var i = 0;
        for (; i <= size - 8; i += 8)
        {
            var (values, turns) = (Vector256.Load(x + i), Vector256.Load(cosSin + i));
            var cos = Vector256.Shuffle(turns, Vector256.Create(0, 0, 2, 2, 4, 4, 6, 6));
            var sin = Vector256.Shuffle(turns, Vector256.Create(1, 1, 3, 3, 5, 5, 7, 7)) * Vector256.Create(-1f, 1, -1, 1, -1, 1, -1, 1);
            var swapped = Vector256.Shuffle(values, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6));
            (values * cos + swapped * sin).Store(x + i);
        }
        for (; i < size; i += 2)
        {
            var (real, imaginary, cos, sin) = (x[i], x[i + 1], cosSin[i], cosSin[i + 1]);
            x[i] = real * cos - imaginary * sin;
            x[i + 1] = real * sin + imaginary * cos;
        }
    }

    /// <summary>What queries at a position are multiplied by.</summary>
    public static float Factor(TemperatureTuning tuning, int position) =>
        (float)(1 + tuning.Scale * Math.Log(1 + Math.Floor((position + 1) / tuning.Floor)));
}
