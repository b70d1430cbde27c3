using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>expert_stream in float32, bf16 and FP8.</summary>
internal static class ExpertCases
{
    /// <summary>Rows of each expert: one, none, a part of a tile; more than are held at once, and the last has none.</summary>
    private static readonly int[][] Batches = [[1], [0, 3, 0, 9], [41, 2, 0]];

    /// <summary>Whole tiles; fewer outputs than a tile; k that is no multiple of 16 bytes; k of more than one step of all warps.</summary>
    private static readonly (int Outputs, int Inputs)[] Shapes = [(16, 64), (5, 8), (33, 70), (18, 272), (8, 3)];

    public static IEnumerable<KernelCase> All()
    {
        foreach (var rows in Batches)
            foreach (var (outputs, inputs) in Shapes)
            {
                var name = $"{string.Join('+', rows)} rows {outputs}x{inputs}";
                yield return new KernelCase("expert_stream_f32.cu", name, device => Numbered(device, NumberFormat.Float32, rows, outputs, inputs));
                yield return new KernelCase("expert_stream.cu", name, device => Numbered(device, NumberFormat.BFloat16, rows, outputs, inputs));
                foreach (var one in KernelCase.InBoth("expert_stream.cu", $"FP8 {name}", (device, kernels) => Fp8(device, kernels, rows, outputs, inputs))) yield return one;
            }
    }

    private static int[] Starts(int[] rows) => [0, .. rows.Select((_, e) => rows.Take(e + 1).Sum())];

    private static void Numbered(CaseDevice device, NumberFormat format, int[] rows, int outputs, int inputs)
    {
        var starts = Starts(rows);
        var x = Numbers.Uniform(50, starts[^1] * inputs, format);
        var w = rows.Select((_, e) => Numbers.Uniform(51 + e, outputs * inputs, format)).ToArray();
        var onY = device.Room(starts[^1] * outputs, format);
        new CudaKernels(device, format).ExpertStream(device.Upload(x, format), device.UploadTable([.. w.Select(one => device.Upload(one, format))]), device.Upload(starts), rows.Length, outputs, inputs, onY);
        var expected = Products(starts, x, w, outputs, inputs, (_, _, _) => 1);
        Expect.Close("y", device.Download(onY, format), expected, format == NumberFormat.Float32 ? 4e-6 : 0.00393, 1e-5);
    }

    private static void Fp8(CaseDevice device, CudaKernels kernels, int[] rows, int outputs, int inputs)
    {
        var starts = Starts(rows);
        var x = Codes(60, starts[^1] * inputs);
        var w = rows.Select((_, e) => Codes(61 + e, outputs * inputs)).ToArray();
        var xScales = Numbers.Uniform(70, starts[^1], 0.01f);
        var scales = rows.Select((_, e) => Numbers.Uniform(71 + e, outputs, 0.01f)).ToArray();
        var onY = device.Room(starts[^1] * outputs, kernels.Format);
        kernels.ExpertStreamFp8(device.Upload(x), device.Upload(xScales), device.UploadTable([.. w.Select(one => device.Upload(one))]), device.UploadTable([.. scales.Select(one => device.Upload(one))]),
            device.Upload(starts), rows.Length, outputs, inputs, onY);
        var expected = Products(starts, Array.ConvertAll(x, code => Fp8Cases.Worth[code]), Array.ConvertAll(w, one => Array.ConvertAll(one, code => Fp8Cases.Worth[code])), outputs, inputs,
            (e, row, n) => (double)xScales[row] * scales[e][n]);
        Expect.Close("y", device.Download(onY, kernels.Format), expected, kernels.Format == NumberFormat.Float32 ? 1e-5 : 0.00394, 2e-3);
    }

    /// <summary>All E4M3 numbers but NaN.</summary>
    private static byte[] Codes(int seed, int count)
    {
        var random = new Random(seed);
        var codes = new byte[count];
        for (var i = 0; i < count; i++) codes[i] = (byte)(random.Next(0x7F) | random.Next(2) << 7);
        return codes;
    }

    private static double[] Products(int[] starts, float[] x, float[][] w, int outputs, int inputs, Func<int, int, int, double> scale)
    {
        var y = new double[starts[^1] * outputs];
        for (var e = 0; e < w.Length; e++)
            for (var row = starts[e]; row < starts[e + 1]; row++)
                for (var n = 0; n < outputs; n++)
                {
                    for (var k = 0; k < inputs; k++) y[row * outputs + n] += (double)x[row * inputs + k] * w[e][n * inputs + k];
                    y[row * outputs + n] *= scale(e, row, n);
                }
        return y;
    }
}
