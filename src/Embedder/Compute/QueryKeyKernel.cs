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

    /// <summary>Neighbours (2i, 2i + 1) are one complex number, turned by the position's angle i.</summary>
    private static void Rotate(float* x, float* cosSin, int size)
    {
        for (var i = 0; i < size; i += 2)
        {
            var (real, imaginary, cos, sin) = (x[i], x[i + 1], cosSin[i], cosSin[i + 1]);
            x[i] = real * cos - imaginary * sin;
            x[i + 1] = real * sin + imaginary * cos;
        }
    }

    private static float Factor(TemperatureTuning tuning, int position) =>
        (float)(1 + tuning.Scale * Math.Log(1 + Math.Floor((position + 1) / tuning.Floor)));
}
