using Recs.Embedder.Compute;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>queries_keys, attention, attention_mma.</summary>
internal static class AttentionCases
{
    private const float Epsilon = 1e-5f;

    public static IEnumerable<KernelCase> All()
    {
        // Heads that need one pair a lane, fewer, more than one; grouped or not.
        foreach (var shape in new AttentionShape[] { new(4, 2, 8), new(1, 1, 2), new(5, 1, 128), new(2, 2, 70) })
            foreach (var (rope, norm, temperature) in new[] { (true, true, false), (true, false, false), (false, false, true), (false, true, false) })
                foreach (var one in Prepare(shape, rope, norm, temperature)) yield return one;
        // A head of an odd size, which cannot be turned.
        foreach (var one in Prepare(new(2, 1, 5), rope: false, norm: true, temperature: true)) yield return one;
        int[][] batches = [[1], [3, 70, 1, 33], [130]];
        foreach (var lengths in batches)
            foreach (var chunk in new int?[] { null, 8, 33 })
            {
                foreach (var shape in new AttentionShape[] { new(4, 2, 5), new(1, 1, 40) })
                    foreach (var one in KernelCase.InBoth("attention.cu", Name(shape, lengths, chunk), (device, kernels) => Attend(device, kernels, shape, lengths, chunk))) yield return one;
                foreach (var shape in new AttentionShape[] { new(4, 2, 16), new(1, 1, 48) })
                    yield return new KernelCase("attention_mma.cu", Name(shape, lengths, chunk), device => Attend(device, new CudaKernels(device, NumberFormat.BFloat16), shape, lengths, chunk));
            }
        // The widest heads, once each.
        foreach (var one in KernelCase.InBoth("attention.cu", Name(new(1, 1, 127), [37], null), (device, kernels) => Attend(device, kernels, new(1, 1, 127), [37], null))) yield return one;
        yield return new KernelCase("attention_mma.cu", Name(new(2, 1, 128), [67], 40), device => Attend(device, new CudaKernels(device, NumberFormat.BFloat16), new(2, 1, 128), [67], 40));
    }

    private static string Name(AttentionShape shape, int[] lengths, int? chunk) =>
        $"{shape.Heads}/{shape.KeyValueHeads} heads of {shape.HeadSize}, lengths {string.Join('+', lengths)}, chunk {chunk?.ToString(null as IFormatProvider) ?? "none"}";

    private static IEnumerable<KernelCase> Prepare(AttentionShape shape, bool rope, bool norm, bool temperature) => KernelCase.InBoth("queries_keys.cu",
        $"{shape.Heads}/{shape.KeyValueHeads} heads of {shape.HeadSize}{(rope ? ", rope" : "")}{(norm ? ", norm" : "")}{(temperature ? ", temperature" : "")}", (device, kernels) =>
    {
        int[] positions = [0, 1, 2, 0, 5];
        var (rows, size) = (positions.Length, shape.HeadSize);
        var x = Numbers.Uniform(20, rows * shape.Columns, kernels.Format, 2);
        var cosSin = new float[6 * size];
        for (var i = 0; i < cosSin.Length; i += 2) (cosSin[i], cosSin[i + 1]) = ((float)Math.Cos(i * 0.37), (float)Math.Sin(i * 0.37));
        float[] factors = [1, 1.1f, 1.2f, 1.3f, 1.4f, 1.5f];
        var onX = device.Upload(x, kernels.Format);
        kernels.PrepareQueriesAndKeys(onX, shape, device.Upload(positions), rows, rope ? device.Upload(cosSin) : DevicePointer.None, norm ? Epsilon : null, temperature ? device.Upload(factors) : DevicePointer.None);
        var expected = Array.ConvertAll(x, v => (double)v);
        for (var row = 0; row < rows; row++)
            for (var head = 0; head < shape.Heads + shape.KeyValueHeads; head++)
            {
                var at = expected.AsSpan(row * shape.Columns + head * size, size);
                var turns = cosSin.AsSpan(positions[row] * size, size);
                for (var i = 0; rope && i < size; i += 2) (at[i], at[i + 1]) = (at[i] * turns[i] - at[i + 1] * turns[i + 1], at[i] * turns[i + 1] + at[i + 1] * turns[i]);
                var squares = 0.0;
                foreach (var v in at) squares += v * v;
                var scale = (norm ? 1 / Math.Sqrt(squares / size + Epsilon) : 1) * (temperature && head < shape.Heads ? factors[positions[row]] : 1);
                foreach (ref var v in at) v *= scale;
            }
        Expect.Rounded("qkv", device.Download(onX, kernels.Format), expected, kernels.Format);
    });

    private static void Attend(CaseDevice device, CudaKernels kernels, AttentionShape shape, int[] lengths, int? chunk)
    {
        int[] starts = [0, .. lengths.Select((_, s) => lengths.Take(s + 1).Sum())];
        var (rows, size) = (starts[^1], shape.HeadSize);
        // Large enough that the softmax is far from even.
        var x = Numbers.Uniform(21, (long)rows * shape.Columns, kernels.Format, 2);
        var tiles = new int[AttentionTiles.Count(starts) * AttentionTiles.Fields];
        AttentionTiles.Fill(starts, tiles);
        var onY = device.Room(rows * shape.QueryColumns, kernels.Format);
        kernels.Attention(device.Upload(x, kernels.Format), shape, device.Upload(tiles), tiles.Length / AttentionTiles.Fields, chunk, onY);
        var expected = new double[rows * shape.QueryColumns];
        for (var s = 0; s < lengths.Length; s++)
            for (var query = 0; query < lengths[s]; query++)
                for (var head = 0; head < shape.Heads; head++)
                {
                    var first = chunk is { } length ? query / length * length : 0;
                    var pair = head / (shape.Heads / shape.KeyValueHeads) * size;
                    var weights = Enumerable.Range(first, query - first + 1).Select(key =>
                    {
                        var sum = 0.0;
                        for (var i = 0; i < size; i++) sum += (double)x[(starts[s] + query) * shape.Columns + head * size + i] * x[(starts[s] + key) * shape.Columns + shape.FirstKey + pair + i];
                        return sum / Math.Sqrt(size);
                    }).ToArray();
                    var maximum = weights.Max();
                    weights = [.. weights.Select(weight => Math.Exp(weight - maximum))];
                    var total = weights.Sum();
                    for (var i = 0; i < size; i++)
                        for (var key = 0; key < weights.Length; key++)
                            expected[(starts[s] + query) * shape.QueryColumns + head * size + i] += weights[key] / total * x[(starts[s] + first + key) * shape.Columns + shape.FirstValue + pair + i];
                }
        // bf16 weights in the matrix units are worth 2^-9 of a value of up to 2 each.
        var isFloat32 = kernels.Format == NumberFormat.Float32;
        Expect.Close("y", device.Download(onY, kernels.Format), expected, isFloat32 ? 1e-5 : 0.004, isFloat32 ? 1e-5 : size % 16 == 0 ? 0.006 : 2e-4);
    }
}
