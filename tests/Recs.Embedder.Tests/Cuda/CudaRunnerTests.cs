using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Double;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>Whole texts through the bundled model on the test double.</summary>
public sealed class CudaRunnerTests
{
    private static readonly int[][] Texts = [[7, 8, 9, 10, 11], [300], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]];
    private static readonly CudaTuning Eager = new() { GraphTokens = 0 };

    [Fact]
    public void Embed_BundledModel_IsTheCpus()
    {
        using var run = CudaDouble.Begin();
        using var gpu = TokenEmbedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda });
        using var cpu = TokenEmbedder.Load(GoldenFolder.Nano);
        var (a, b) = (gpu.Embed(Texts), cpu.Embed(Texts));
        for (var i = 0; i < a.Length; i++)
        {
            Assert.InRange(Difference.Largest(a[i].Vector, b[i].Vector), 0, 1e-5);
            Assert.Equal(b[i].Signature, a[i].Signature);
        }
        Assert.True(run.Count("launches") > 0);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Fp8Experts)]
    public void Embed_OneByOneOrTogether_SameBits(Precision precision)
    {
        using var run = CudaDouble.Begin();
        var together = CudaRun.Embed(GoldenFolder.Nano, precision, [Texts], Eager)[0];
        var alone = CudaRun.Embed(GoldenFolder.Nano, precision, [[Texts[0]], [Texts[1]], [Texts[2]]], Eager);
        for (var i = 0; i < Texts.Length; i++)
        {
            Assert.Equal(together[i].Vector, alone[i][0].Vector);
            Assert.Equal(together[i].Signature, alone[i][0].Signature);
        }
    }

    /// <summary>Where FP8 is beside bf16 on one and beside float32 on the other, vectors must not meet.</summary>
    [Theory]
    [InlineData(Precision.Float32, true)]
    [InlineData(Precision.BFloat16, true)]
    [InlineData(Precision.Fp8Activations, false)]
    [InlineData(Precision.Fp8Experts, false)]
    public void EmbeddingVersion_OfTheCpuAndTheGpu_IsOneWhereTheNumbersAre(Precision precision, bool same)
    {
        using var run = CudaDouble.Begin();
        using var gpu = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda, Precision = precision });
        using var cpu = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Precision = precision });
        Assert.Equal(same, gpu.Version == cpu.Version);
    }

    [Fact]
    public void Embed_ShapeThatComesAgain_IsRecordedAndGivesTheSameBits()
    {
        using var run = CudaDouble.Begin();
        int[][][] batches = [[Texts[0]], [Texts[2]], [[1, 2, 3, 4, 5]], [[9, 9, 9, 9, 9]], [[3, 1, 4, 1, 5]], [Texts[1]]];
        var eager = CudaRun.Embed(GoldenFolder.Nano, Precision.BFloat16, batches, Eager);
        var before = run.Count("graphs");
        var recorded = CudaRun.Embed(GoldenFolder.Nano, Precision.BFloat16, batches, new CudaTuning());
        // Buffers grow at the second batch; then one of five tokens is launched, the next recorded and started, the last started.
        Assert.Equal(2, run.Count("graphs") - before);
        for (var b = 0; b < batches.Length; b++)
        {
            Assert.Equal(eager[b][0].Vector, recorded[b][0].Vector);
            Assert.Equal(eager[b][0].Signature, recorded[b][0].Signature);
        }
    }

    [Fact]
    public void Embed_OnceWarm_AllocatesNothingAndWaitsOnlyForItsResults()
    {
        using var run = CudaDouble.Begin();
        List<(long Allocations, long Waits)> counts = [];
        _ = CudaRun.Embed(GoldenFolder.Nano, Precision.Float32, [Texts, Texts, Texts], Eager, _ => counts.Add((run.Count("allocations"), run.Count("synchronisations"))));
        Assert.Equal(counts[1].Allocations, counts[2].Allocations);
        // Positions and rows were sent before (two waits that find nothing to wait for); routes and vectors come back.
        Assert.Equal(4, counts[2].Waits - counts[1].Waits);
    }
}
