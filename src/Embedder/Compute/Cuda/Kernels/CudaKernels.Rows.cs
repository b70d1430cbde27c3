using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Compute.Cuda.Kernels;

/// <content>The residual stream: embedding, norms, sums, pooling.</content>
internal sealed unsafe partial class CudaKernels
{
    /// <summary>x[t] = table[ids[t]], widened. embed.cu</summary>
    /// <param name="table">Rows as they are stored.</param>
    /// <param name="stored">F32, BF16, F16 or F8E4M3.</param>
    /// <param name="ids_t">int32 row of each token.</param>
    /// <param name="rows">Tokens.</param>
    /// <param name="columns">Hidden size.</param>
    /// <param name="x_td">float32</param>
    public void Embed(DevicePointer table, ElementType stored, DevicePointer ids_t, int rows, int columns, DevicePointer x_td)
    {
        if (rows == 0) return;
        var type = (int)stored;
        void** arguments = stackalloc void*[] { &x_td, &table, &ids_t, &type, &columns };
        launcher.Launch("embed", new LaunchShape(rows, 1, 1, RowThreads(columns, ElementThreads), 0), arguments);
    }

    /// <summary>y = x / sqrt(mean(x²) + epsilon) · gain; x and gain float32, y numbers. norm.cu</summary>
    public void RmsNorm(DevicePointer x_td, DevicePointer gain_d, float epsilon, int rows, int columns, DevicePointer y_td) =>
        RmsNorm(_suffix, x_td, gain_d, epsilon, rows, columns, y_td);

    /// <summary>As <see cref="RmsNorm(DevicePointer, DevicePointer, float, int, int, DevicePointer)"/>, but y is float32 whatever a number is.</summary>
    public void RmsNormToFloat32(DevicePointer x_td, DevicePointer gain_d, float epsilon, int rows, int columns, DevicePointer y_td) =>
        RmsNorm("_f32", x_td, gain_d, epsilon, rows, columns, y_td);

    /// <summary>x += branch, then y = norm of x; x and gain float32, branch and y numbers. y may be the branch. norm.cu</summary>
    public void AddRmsNorm(DevicePointer x_td, DevicePointer branch_td, DevicePointer gain_d, float epsilon, int rows, int columns, DevicePointer y_td)
    {
        if (rows == 0) return;
        void** arguments = stackalloc void*[] { &y_td, &x_td, &branch_td, &gain_d, &epsilon, &columns };
        Launch("add_rms_norm", Rows(rows, columns), arguments);
    }

    /// <summary>x += branch, float32 += numbers. add.cu</summary>
    public void Add(DevicePointer x, DevicePointer branch, long count)
    {
        if (count == 0) return;
        void** arguments = stackalloc void*[] { &x, &branch, &count };
        Launch("add", Elements(count), arguments);
    }

    /// <summary>
    /// One float32 vector a sequence: the mean, or the last, of its rows without the first and last few, summed in their order; zeros where
    /// none are left. x are numbers. pool.cu
    /// </summary>
    /// <param name="x_td">numbers</param>
    /// <param name="starts">int32 [sequences + 1]</param>
    /// <param name="sequences">How many.</param>
    /// <param name="range">What is left out.</param>
    /// <param name="pooling">Mean or last.</param>
    /// <param name="columns">Hidden size.</param>
    /// <param name="y_sd">float32</param>
    public void Pool(DevicePointer x_td, DevicePointer starts, int sequences, PooledRange range, Pooling pooling, int columns, DevicePointer y_sd) =>
        Pool(_suffix, x_td, starts, sequences, range, pooling, columns, y_sd);

    /// <summary>As <see cref="Pool(DevicePointer, DevicePointer, int, PooledRange, Pooling, int, DevicePointer)"/>, but x is float32 whatever a number is.</summary>
    public void PoolFloat32(DevicePointer x_td, DevicePointer starts, int sequences, PooledRange range, Pooling pooling, int columns, DevicePointer y_sd) =>
        Pool("_f32", x_td, starts, sequences, range, pooling, columns, y_sd);

    private void RmsNorm(string suffix, DevicePointer x_td, DevicePointer gain_d, float epsilon, int rows, int columns, DevicePointer y_td)
    {
        if (rows == 0) return;
        void** arguments = stackalloc void*[] { &y_td, &x_td, &gain_d, &epsilon, &columns };
        launcher.Launch(Symbols.Of("rms_norm", suffix), Rows(rows, columns), arguments);
    }

    private void Pool(string suffix, DevicePointer x_td, DevicePointer starts, int sequences, PooledRange range, Pooling pooling, int columns, DevicePointer y_sd)
    {
        if (sequences == 0) return;
        var (skipFirst, skipLast, isLast) = (range.SkipFirst, range.SkipLast, pooling == Pooling.Last ? 1 : 0);
        void** arguments = stackalloc void*[] { &y_sd, &x_td, &starts, &skipFirst, &skipLast, &isLast, &columns };
        launcher.Launch(Symbols.Of("pool", suffix), new LaunchShape(sequences, CeilingOf(columns, ElementThreads), 1, ElementThreads, 0), arguments);
    }
}
