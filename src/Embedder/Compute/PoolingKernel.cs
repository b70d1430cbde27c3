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
    /// <param name="normalize">Divide by the L2 norm.</param>
    /// <param name="to">[hidden]</param>
    public static void Run(float* x_td, int rows, int columns, Pooling pooling, bool normalize, float* to)
    {
        if (pooling == Pooling.Last)
        {
            new ReadOnlySpan<float>(x_td + (nint)(rows - 1) * columns, columns).CopyTo(new Span<float>(to, columns));
        }
        else
        {
            new Span<float>(to, columns).Clear();
            for (var t = 0; t < rows; t++) RowKernels.AddScaled(to, x_td + (nint)t * columns, 1f, columns);
            RowKernels.Scale(to, 1f / rows, to, columns);
        }
        if (normalize) RowKernels.Scale(to, 1f / MathF.Max(MathF.Sqrt(RowKernels.Dot(to, to, columns)), LeastNorm), to, columns);
    }
}
