using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Double;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>The narrow precisions against the CPU at the same precision, and what must never change a bit.</summary>
public sealed class CudaPrecisionTests(ITestOutputHelper output)
{
    private static readonly int[][] Ids = [[1], [5, 9, 3, 1, 7], [.. Enumerable.Range(1, 18)]];

    /// <summary>
    /// A near tie between two experts may fall the other way, and a tiny random model turns such a token around; of the tokens that took the same
    /// way the worst is compared, and of all the share that did not.
    /// </summary>
    [Theory]
    [InlineData("maverick-tiny", Precision.BFloat16, 0.999)]
    [InlineData("maverick-tiny", Precision.Fp8Experts, 0.99)]
    [InlineData("fp8-tiny", Precision.Fp8Activations, 0.99)]
    [InlineData("fp8-tiny", Precision.BFloat16, 0.99)]
    public void Record_NarrowPrecision_IsTheCpusAsFarAsRoundingAllows(string set, Precision precision, double leastCosine)
    {
        var checkpoint = Path.Combine(GoldenFolder.Shared(set), "checkpoint");
        using var run = CudaDouble.Begin();
        using var gpu = GoldenFolder.Record(checkpoint, Ids, new EmbedderOptions { Backend = Backend.Cuda, Precision = precision });
        using var cpu = GoldenFolder.Record(checkpoint, Ids, new EmbedderOptions { Precision = precision });
        var (worst, tokens, elsewhere) = (1.0, 0, 0);
        for (var k = 0; k < Ids.Length; k++)
        {
            var routers = gpu.Names.Where(name => name.StartsWith($"s{k}.router.", StringComparison.Ordinal)).ToList();
            var routes = routers.ConvertAll(name => gpu.Integers(name).Zip(cpu.Integers(name)).ToArray());
            var (a, b) = (gpu.Floats($"s{k}.hidden_states.8"), cpu.Floats($"s{k}.hidden_states.8"));
            var hidden = a.Length / Ids[k].Length;
            for (var t = 0; t < Ids[k].Length; t++)
            {
                tokens++;
                // A token that went another way is seen by those after it.
                if (routes.Exists(layer => layer.Take(t + 1).Any(pair => pair.First != pair.Second))) elsewhere++;
                else worst = Math.Min(worst, Cosine(a.AsSpan(t * hidden, hidden), b.AsSpan(t * hidden, hidden)));
            }
        }
        output.WriteLine($"{set} {precision}: least cosine {worst:F5}, {elsewhere} of {tokens} tokens behind another route");
        Assert.InRange(worst, leastCosine, 1.0001);
        Assert.InRange(elsewhere, 0, tokens * 3 / 4);
    }

    [Theory]
    [InlineData("maverick-tiny", Precision.Float32)]
    [InlineData("maverick-tiny", Precision.Fp8Experts)]
    [InlineData("fp8-tiny", Precision.Fp8Activations)]
    [InlineData("scout-tiny", Precision.BFloat16)]
    public void Record_WeightsPassingThrough_SameBytesAsResident(string set, Precision precision)
    {
        var checkpoint = Path.Combine(GoldenFolder.Shared(set), "checkpoint");
        byte[]? expected = null;
        foreach (var (residency, seed) in new[] { (Residency.Full, 1), (Residency.Stream, 2), (Residency.Stream, 3) })
        {
            using var run = CudaDouble.Begin(("seed", seed));
            using var recorded = GoldenFolder.Record(checkpoint, Ids, new EmbedderOptions { Backend = Backend.Cuda, Precision = precision, Residency = residency });
            var bytes = File.ReadAllBytes(recorded.Path);
            expected ??= bytes;
            Assert.True(expected.AsSpan().SequenceEqual(bytes), $"{residency}, seed {seed}: other bytes");
        }
    }

    /// <summary>The test above would notice a wait that is missing: without any, bytes differ.</summary>
    [Fact]
    public void Record_NoStreamWaitsForAnother_OtherBytes()
    {
        var checkpoint = Path.Combine(GoldenFolder.Shared("maverick-tiny"), "checkpoint");
        byte[] Record(long ignores)
        {
            using var run = CudaDouble.Begin(("ignore-waits", ignores), ("seed", 2));
            using var recorded = GoldenFolder.Record(checkpoint, Ids, new EmbedderOptions { Backend = Backend.Cuda, Precision = Precision.BFloat16, Residency = Residency.Stream });
            return File.ReadAllBytes(recorded.Path);
        }

        Assert.False(Record(0).AsSpan().SequenceEqual(Record(1)));
    }

    [Fact]
    public void Record_WithoutScaledFp8Products_EqualsWithThem()
    {
        var checkpoint = Path.Combine(GoldenFolder.Shared("fp8-tiny"), "checkpoint");
        List<float[]> states = [];
        foreach (var has in (long[])[1, 0])
        {
            using var run = CudaDouble.Begin(("outer-vector", has));
            using var recorded = GoldenFolder.Record(checkpoint, Ids, new EmbedderOptions { Backend = Backend.Cuda, Precision = Precision.Fp8Activations });
            states.Add(recorded.Floats("s2.hidden_states.8"));
            Assert.Equal(0, run.Count("guards"));
        }
        Assert.InRange(Difference.Largest(states[0], states[1]), 0, 0.05);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.Fp8Experts)]
    public void Embed_ExpertsAsProductsOrStreamed_AgreeAsSumsInAnotherOrderDo(Precision precision)
    {
        var checkpoint = Path.Combine(GoldenFolder.Shared("maverick-tiny"), "checkpoint");
        using var run = CudaDouble.Begin();
        var streamed = CudaRun.Embed(checkpoint, precision, [Ids[2]], new CudaTuning { StreamTokens = 1000, GraphTokens = 0 });
        var products = CudaRun.Embed(checkpoint, precision, [Ids[2]], new CudaTuning { StreamTokens = 0, GraphTokens = 0 });
        Assert.Equal(streamed[0].Signature, products[0].Signature);
        Assert.InRange(Difference.Largest(streamed[0].Vector, products[0].Vector), 0, precision == Precision.Float32 ? 1e-5 : 0.05);
    }

    private static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var (dot, x, y) = (0.0, 0.0, 0.0);
        for (var i = 0; i < a.Length; i++) (dot, x, y) = (dot + (double)a[i] * b[i], x + (double)a[i] * a[i], y + (double)b[i] * b[i]);
        return dot / Math.Sqrt(x * y);
    }
}
