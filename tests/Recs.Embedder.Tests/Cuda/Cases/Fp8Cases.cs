using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>quantize_rows and quantize_weights: the bits of <see cref="Fp8Rounding"/>.</summary>
internal static unsafe class Fp8Cases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach (var (rows, columns) in new[] { (1, 8), (3, 13), (2, 520), (2, 9000) })
            foreach (var order in Enum.GetValues<Order>())
                foreach (var one in Rows(rows, columns, order)) yield return one;
        foreach (var type in new[] { ElementType.F32, ElementType.BF16, ElementType.F16 })
            foreach (var isInputMajor in new[] { false, true })
                foreach (var (outputs, inputs) in new[] { (1, 1), (16, 64), (33, 70), (70, 31) }) yield return Weights(type, isInputMajor, outputs, inputs);
    }

    /// <summary>The codes and the scale of one row on the CPU.</summary>
    public static (byte[] Codes, float Scale) Quantize(float[] row)
    {
        var rounded = new float[row.Length];
        float scale;
        fixed (float* from = row) fixed (float* to = rounded) scale = Fp8Rounding.Round(from, to, row.Length);
        return (Array.ConvertAll(rounded, Code), scale);
    }

    private static byte Code(float number)
    {
        var sign = float.IsNegative(number) ? 0x80 : 0;
        for (var code = 0; code < 0x7F; code++)
            if (Worth[code] == Math.Abs(number)) return (byte)(sign | code);
        throw new InvalidOperationException($"{number} is no E4M3 number");
    }

    public static readonly float[] Worth = Numbers.Widen(ElementType.F8E4M3, [.. Enumerable.Range(0, 256).Select(code => (byte)code)]);

    private static KernelCase[] Rows(int rows, int columns, Order order) => [.. KernelCase.InBoth("quantize_rows.cu", $"{rows}x{columns} {order}", (device, kernels) =>
    {
        var tokens = rows + 1;
        // Magnitudes down to E4M3's subnormals and below; one row of zeros; ties by chance in bf16.
        var x = Numbers.Uniform(40, tokens * columns, kernels.Format);
        for (var i = 0; i < x.Length; i += 3) x[i] *= 1f / 512;
        if (kernels.Format == NumberFormat.BFloat16) x = Array.ConvertAll(x, v => Numbers.WidenBF16(Numbers.NarrowBF16(v)));
        if (rows > 1) Array.Fill(x, 0, columns, columns);
        var scores = Numbers.Uniform(41, tokens);
        var taken = Enumerable.Range(0, rows).Select(row => order == Order.None ? row : tokens - 1 - row).ToArray();
        var (onY, onScales) = (device.Room(rows * columns), device.Room(rows * 4));
        kernels.QuantizeRows(device.Upload(x, kernels.Format), order == Order.None ? DevicePointer.None : device.Upload(taken),
            order == Order.Scored ? device.Upload(scores) : DevicePointer.None, rows, columns, onY, onScales);
        var expected = taken.Select(token => Quantize([.. x.Skip(token * columns).Take(columns).Select(v => order == Order.Scored ? v * scores[token] : v)])).ToArray();
        Expect.Same("scales", device.Download<float>(onScales), [.. expected.Select(row => row.Scale)]);
        Expect.Same("codes", device.Download<byte>(onY), [.. expected.SelectMany(row => row.Codes)]);
    })];

    private static KernelCase Weights(ElementType type, bool isInputMajor, int outputs, int inputs) =>
        new("quantize_weights.cu", $"{type} {outputs}x{inputs}{(isInputMajor ? " input-major" : "")}", device =>
        {
            var (stored, worth) = Numbers.Stored(42, type, outputs * inputs);
            var (onTo, onScales) = (device.Room(outputs * inputs), device.Room(outputs * 4));
            new CudaKernels(device, NumberFormat.Float32).QuantizeWeights(device.Upload(stored), type, outputs, inputs, isInputMajor, onTo, onScales);
            var expected = Enumerable.Range(0, outputs).Select(n => Quantize([.. Enumerable.Range(0, inputs).Select(k => worth[isInputMajor ? k * outputs + n : n * inputs + k])])).ToArray();
            Expect.Same("scales", device.Download<float>(onScales), [.. expected.Select(row => row.Scale)]);
            Expect.Same("codes", device.Download<byte>(onTo), [.. expected.SelectMany(row => row.Codes)]);
        });

    private enum Order
    {
        None,
        Given,
        Scored,
    }
}
