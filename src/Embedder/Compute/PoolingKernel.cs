namespace Recs.Embedder.Compute;

/// <summary>The hidden states of one sequence to one vector, in the order of their positions.</summary>
internal static unsafe class PoolingKernel
{
    /// <summary>Keeps a vector of zeros from becoming NaN when it is normalised.</summary>
    private const float LeastNorm = 1e-12f;

    /// <param name="x_td">The rows that count, at least one.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Hidden size.</param>
    /// <param name="pooling">Mean or last.</param>
    /// <param name="to">[hidden]</param>
    public static void Run(float* x_td, int rows, int columns, Pooling pooling, float* to)
    {
        if (pooling == Pooling.Last)
        {
            new ReadOnlySpan<float>(x_td + (nint)(rows - 1) * columns, columns).CopyTo(new Span<float>(to, columns));
            return;
        }
        new Span<float>(to, columns).Clear();
        for (var t = 0; t < rows; t++) RowKernels.AddScaled(to, x_td + (nint)t * columns, 1f, columns);
        RowKernels.Scale(to, 1f / rows, to, columns);
    }

    /// <summary>Divides by the L2 norm.</summary>
    public static void Normalize(Span<float> vector)
    {
        fixed (float* x = vector)
            RowKernels.Scale(x, 1f / MathF.Max(MathF.Sqrt(RowKernels.Dot(x, x, vector.Length)), LeastNorm), x, vector.Length);
    }
}
