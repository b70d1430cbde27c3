namespace Recs.Embedder.Compute.MatMul;

/// <summary>A block of outputs whose accumulators fit the registers of one instruction set.</summary>
internal unsafe interface ITile
{
    /// <summary>Rows of x and y.</summary>
    static abstract int Rows { get; }

    /// <summary>Outputs; a multiple of a panel's.</summary>
    static abstract int Columns { get; }

    /// <summary>y[r, n] = (y[r, n] if <paramref name="accumulate"/>, else 0) + Σ x[r, k] · w[k, n], in the order of k.</summary>
    /// <param name="x">First row.</param>
    /// <param name="xStride">Numbers from row to row.</param>
    /// <param name="w">[inputs, <see cref="Columns"/>]</param>
    /// <param name="inputs">Products an output.</param>
    /// <param name="y">First row.</param>
    /// <param name="yStride">Numbers from row to row.</param>
    /// <param name="rows">1 to <see cref="Rows"/>.</param>
    /// <param name="accumulate">Whether y holds a sum to go on from.</param>
    static abstract void Run(float* x, nint xStride, float* w, nint inputs, float* y, nint yStride, int rows, bool accumulate);
}
