using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>widen_weights, transpose_bytes, first_not_finite.</summary>
internal static class WeightCases
{
    private static readonly (int Outputs, int Inputs)[] Shapes = [(1, 1), (32, 64), (33, 70), (70, 31)];

    public static IEnumerable<KernelCase> All()
    {
        foreach (var type in Enum.GetValues<ElementType>())
        {
            foreach (var isInputMajor in new[] { false, true })
                foreach (var (outputs, inputs) in Shapes)
                    foreach (var one in Widen(type, isInputMajor, outputs, inputs)) yield return one;
            foreach (var at in new[] { -1, 0, 4099 }) yield return NotFinite(type, at);
        }
        foreach (var (outputs, inputs) in Shapes)
            yield return new KernelCase("transpose_bytes.cu", $"{outputs}x{inputs}", device =>
            {
                var from = Numbers.Stored(80, ElementType.F8E4M3, outputs * inputs).Stored;
                var onTo = device.Room(outputs * inputs);
                new CudaKernels(device, NumberFormat.Float32).TransposeBytes(device.Upload(from), outputs, inputs, onTo);
                Expect.Same("to", device.Download<byte>(onTo), [.. Enumerable.Range(0, outputs * inputs).Select(i => from[i % inputs * outputs + i / inputs])]);
            });
    }

    private static IEnumerable<KernelCase> Widen(ElementType type, bool isInputMajor, int outputs, int inputs) =>
        KernelCase.InBoth("widen_weights.cu", $"{type} {outputs}x{inputs}{(isInputMajor ? " input-major" : "")}", (device, kernels) =>
        {
            var (stored, worth) = Numbers.Stored(81, type, outputs * inputs);
            var scales = type == ElementType.F8E4M3 ? Numbers.Uniform(82, outputs) : null;
            var onTo = device.Room(outputs * inputs, kernels.Format);
            kernels.WidenWeights(device.Upload(stored), type, scales is null ? DevicePointer.None : device.Upload(scales), outputs, inputs, isInputMajor, onTo);
            float[] expected = [.. Enumerable.Range(0, outputs * inputs).Select(i => worth[isInputMajor ? i % inputs * outputs + i / inputs : i] * (scales is null ? 1 : scales[i / inputs]))];
            if (kernels.Format == NumberFormat.BFloat16) expected = Array.ConvertAll(expected, v => Numbers.WidenBF16(Numbers.NarrowBF16(v)));
            Expect.Same("to", device.Download(onTo, kernels.Format), expected);
        });

    private static KernelCase NotFinite(ElementType type, int at) => new("first_not_finite.cu", $"{type} at {at}", device =>
    {
        const int count = 5003;
        var stored = Numbers.Stored(83, type, count).Stored;
        // All exponent bits, and in FP8 all mantissa bits; a later one too, which must not be told.
        foreach (var i in at < 0 ? [] : new[] { at, count - 1 })
        {
            var size = ElementWidening.SizeOf(type);
            stored[(i + 1) * size - 1] |= 0x7F;
            if (size > 1) stored[(i + 1) * size - 2] |= 0x80;
        }
        var onFirst = device.Upload(ulong.MaxValue);
        var kernels = new CudaKernels(device, NumberFormat.Float32);
        kernels.FirstNotFinite(device.Upload(stored), type, count, 1000, onFirst);
        Expect.Same("first", device.Download<ulong>(onFirst), [at < 0 ? ulong.MaxValue : 1000 + (ulong)at]);
    });
}
