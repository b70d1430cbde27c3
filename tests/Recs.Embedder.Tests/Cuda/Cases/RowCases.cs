using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>embed, norm, add, pool, swiglu, gather, scatter_add.</summary>
internal static class RowCases
{
    /// <summary>One row; whole packs; a row that is no multiple of eight; more packs than threads would need to be one pass.</summary>
    private static readonly (int Rows, int Columns)[] Shapes = [(1, 8), (3, 40), (5, 13), (2, 1), (2, 520), (1, 9000)];

    public static IEnumerable<KernelCase> All()
    {
        foreach (var type in Enum.GetValues<ElementType>())
            foreach (var (rows, columns) in Shapes.SkipLast(1)) yield return Embed(type, rows, columns);
        foreach (var (rows, columns) in Shapes)
            foreach (var one in Norms(rows, columns).Concat(Add(rows * columns)).Concat(SwiGlu(rows, columns)).Concat(GatherAndScatter(rows, columns))) yield return one;
        foreach (var one in Add(4100)) yield return one;
        foreach (var pooling in Enum.GetValues<Pooling>())
            foreach (var columns in new[] { 5, 300 })
                foreach (var one in Pool(pooling, columns)) yield return one;
    }

    private static KernelCase Embed(ElementType type, int rows, int columns) => new("embed.cu", $"{type} {rows}x{columns}", device =>
    {
        const int vocabulary = 7;
        var (stored, worth) = Numbers.Stored(1, type, vocabulary * columns);
        var ids = Enumerable.Range(0, rows).Select(row => (row * 5 + 6) % vocabulary).ToArray();
        var x = device.Room(rows * columns, NumberFormat.Float32);
        new CudaKernels(device, NumberFormat.Float32).Embed(device.Upload(stored), type, device.Upload(ids), rows, columns, x);
        Expect.Same("x", device.Download<float>(x), [.. ids.SelectMany(id => worth.Skip(id * columns).Take(columns))]);
    });

    private static IEnumerable<KernelCase> Norms(int rows, int columns)
    {
        const float epsilon = 1e-5f;
        foreach (var isAdded in new[] { false, true })
            foreach (var one in KernelCase.InBoth("norm.cu", $"{(isAdded ? "add and " : "")}norm {rows}x{columns}", (device, kernels) =>
            {
                var x = Numbers.Uniform(2, rows * columns, 3);
                var branch = Numbers.Uniform(3, rows * columns, kernels.Format);
                var gain = Numbers.Uniform(4, columns);
                var (onX, onBranch, onGain, onY) = (device.Upload(x), device.Upload(branch, kernels.Format), device.Upload(gain), device.Room(rows * columns, kernels.Format));
                if (isAdded) kernels.AddRmsNorm(onX, onBranch, onGain, epsilon, rows, columns, onY);
                else kernels.RmsNorm(onX, onGain, epsilon, rows, columns, onY);
                var sum = isAdded ? x.Zip(branch, (a, b) => a + b).ToArray() : x;
                Expect.Same("x", device.Download<float>(onX), sum);
                var expected = new double[rows * columns];
                for (var row = 0; row < rows; row++)
                {
                    var scale = 1 / Math.Sqrt(sum.Skip(row * columns).Take(columns).Sum(v => (double)v * v) / columns + epsilon);
                    for (var i = 0; i < columns; i++) expected[row * columns + i] = sum[row * columns + i] * scale * gain[i];
                }
                Expect.Rounded("y", device.Download(onY, kernels.Format), expected, kernels.Format);
            })) yield return one;
    }

    private static IEnumerable<KernelCase> Add(int count) => KernelCase.InBoth("add.cu", $"{count}", (device, kernels) =>
    {
        var (x, branch) = (Numbers.Uniform(5, count, 100), Numbers.Uniform(6, count, kernels.Format));
        var onX = device.Upload(x);
        kernels.Add(onX, device.Upload(branch, kernels.Format), count);
        Expect.Same("x", device.Download<float>(onX), [.. x.Zip(branch, (a, b) => a + b)]);
    });

    private static IEnumerable<KernelCase> SwiGlu(int rows, int width) => KernelCase.InBoth("swiglu.cu", $"{rows}x{width}", (device, kernels) =>
    {
        var x = Numbers.Uniform(7, rows * 2 * width, kernels.Format, 6);
        x[0] = -200; // exp(200) is infinite, and the result 0
        var onA = device.Room(rows * width, kernels.Format);
        kernels.SwiGlu(device.Upload(x, kernels.Format), rows, width, onA);
        var expected = new double[rows * width];
        for (var i = 0; i < expected.Length; i++)
        {
            var (gate, up) = (x[i / width * 2 * width + i % width], x[i / width * 2 * width + width + i % width]);
            expected[i] = gate / (1 + Math.Exp(-(double)gate)) * up;
        }
        Expect.Rounded("a", device.Download(onA, kernels.Format), expected, kernels.Format);
    });

    private static IEnumerable<KernelCase> GatherAndScatter(int rows, int columns)
    {
        // Rows of a larger batch, in no order, each once.
        var tokens = rows + 2;
        var order = Enumerable.Range(0, rows).Select(row => tokens - 1 - row).ToArray();
        foreach (var one in KernelCase.InBoth("gather.cu", $"{rows}x{columns}", (device, kernels) =>
        {
            var (x, scores) = (Numbers.Uniform(8, tokens * columns, kernels.Format), Numbers.Uniform(9, tokens));
            var onY = device.Room(rows * columns, kernels.Format);
            kernels.Gather(device.Upload(x, kernels.Format), device.Upload(order), device.Upload(scores), rows, columns, onY);
            Expect.Rounded("y", device.Download(onY, kernels.Format), [.. Enumerable.Range(0, rows * columns).Select(i => (double)x[order[i / columns] * columns + i % columns] * scores[order[i / columns]])], kernels.Format);
        })) yield return one;
        foreach (var one in KernelCase.InBoth("scatter_add.cu", $"{rows}x{columns}", (device, kernels) =>
        {
            var (x, y) = (Numbers.Uniform(10, rows * columns, kernels.Format), Numbers.Uniform(11, tokens * columns, kernels.Format));
            var onY = device.Upload(y, kernels.Format);
            kernels.ScatterAdd(device.Upload(x, kernels.Format), device.Upload(order), rows, columns, onY);
            var expected = Array.ConvertAll(y, v => (double)v);
            for (var i = 0; i < rows * columns; i++) expected[order[i / columns] * columns + i % columns] += x[i];
            Expect.Rounded("y", device.Download(onY, kernels.Format), expected, kernels.Format);
        })) yield return one;
    }

    private static IEnumerable<KernelCase> Pool(Pooling pooling, int columns) => KernelCase.InBoth("pool.cu", $"{pooling} {columns}", (device, kernels) =>
    {
        // Lengths 1, 6, 3 and 2 with one token left out at the start and one at the end: the first and last sequence have none left.
        int[] starts = [0, 1, 7, 10, 12];
        var x = Numbers.Uniform(12, 12 * columns, kernels.Format);
        var onY = device.Room(4 * columns, NumberFormat.Float32);
        kernels.Pool(device.Upload(x, kernels.Format), device.Upload(starts), 4, new PooledRange(1, 1), pooling, columns, onY);
        // Sums in the order of rows in float32: the CPU's bits.
        var expected = new float[4 * columns];
        for (var i = 0; i < expected.Length; i++)
        {
            var (first, end) = (starts[i / columns] + 1, starts[i / columns + 1] - 1);
            if (first >= end) continue;
            for (var row = pooling == Pooling.Last ? end - 1 : first; row < end; row++) expected[i] += x[row * columns + i % columns];
            if (pooling == Pooling.Mean) expected[i] *= 1f / (end - first);
        }
        Expect.Same("y", device.Download<float>(onY), expected);
    });
}
