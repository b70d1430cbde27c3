namespace Recs.Embedder.Compute.Cuda.Kernels;

// t tokens, d hidden, s sequences; "number" is the format given to the constructor

/// <summary>
/// One method a kernel: its grid and its arguments in the order of the .cu file beside this one. Allocates nothing and waits for nothing.
/// Every pointer is a multiple of 16 bytes; a row may have any length, but rows of a multiple of eight numbers are read 16 bytes at a time.
/// No rows, no launch.
/// </summary>
/// <param name="launcher">Where the kernels run.</param>
/// <param name="format">What a number is.</param>
internal sealed unsafe partial class CudaKernels(IKernelLauncher launcher, NumberFormat format)
{
    private const int Warp = 32;

    /// <summary>Numbers that a thread reads at once.</summary>
    private const int Pack = 8;

    /// <summary>Threads of a block whose work is one long row of independent numbers.</summary>
    private const int ElementThreads = 256;

    private readonly string _suffix = format == NumberFormat.BFloat16 ? "_bf16" : "_f32";

    public NumberFormat Format => format;

    /// <summary>Bytes of one number.</summary>
    public int NumberBytes => format == NumberFormat.BFloat16 ? 2 : 4;

    /// <summary>
    /// Threads for one row: a warp for each 32 packs, so that a pass over the row is short, and whole warps, so that sums need no case for a
    /// part of one.
    /// </summary>
    private static int RowThreads(int columns, int most = 1024) => Math.Clamp(Warps(CeilingOf(columns, Pack)) * Warp, Warp, most);

    private static int Warps(int threads) => CeilingOf(threads, Warp);

    private static int CeilingOf(int count, int by) => (int)(((long)count + by - 1) / by);

    /// <summary>Blocks of <see cref="ElementThreads"/> threads of one pack each.</summary>
    private static LaunchShape Elements(long count)
    {
        var blocks = (count + ElementThreads * Pack - 1) / (ElementThreads * Pack);
        return blocks <= int.MaxValue ? new LaunchShape((int)blocks, 1, 1, ElementThreads, 0)
            : throw new ArgumentOutOfRangeException(nameof(count), count, $"more numbers than {int.MaxValue} blocks of {ElementThreads * Pack} hold; split the batch");
    }

    /// <summary>One block a row; shared memory for one number a warp.</summary>
    private static LaunchShape Rows(int rows, int columns)
    {
        var threads = RowThreads(columns);
        return new LaunchShape(rows, 1, 1, threads, threads / Warp * sizeof(float));
    }

    private void Launch(string name, LaunchShape shape, void** arguments) => launcher.Launch(Symbols.Of(name, _suffix), shape, arguments);
}
