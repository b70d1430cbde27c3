using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Tests.Cuda.Double;

namespace Recs.Embedder.Tests.Cuda;

/// <summary>Routed experts over several devices: the same bits as on one, in whatever order the devices' streams get on.</summary>
public sealed class CudaDevicesTests
{
    private static readonly int[][] Texts = [[7, 8, 9, 10, 11], [12, 13, 14, 15]];

    [Theory]
    [InlineData(Precision.Float32, 64)]
    [InlineData(Precision.Float32, 0)]
    [InlineData(Precision.Fp8Experts, 64)]
    [InlineData(Precision.Fp8Experts, 0)]
    public void Embed_TwoDevices_SameBitsAsOne(Precision precision, int streamTokens)
    {
        var tuning = new CudaTuning { StreamTokens = streamTokens, GraphTokens = 0 };
        TextEmbedding[] one;
        using (CudaDouble.Begin()) one = CudaRun.Embed(GoldenFolder.Nano, precision, Texts, tuning);
        foreach (var seed in (long[])[1, 2])
        {
            using var run = CudaDouble.Begin(("devices", 2), ("seed", seed));
            var two = CudaRun.Embed(GoldenFolder.Nano, precision, [Texts], tuning, devices: [0, 1])[0];
            for (var i = 0; i < Texts.Length; i++)
            {
                Assert.Equal(one[i].Vector, two[i].Vector);
                Assert.Equal(one[i].Signature, two[i].Signature);
            }
        }
    }

    [Fact]
    public void Embed_MoreBatchesThanDevices_EachDeviceTakesSomeAndTheBitsStay()
    {
        var texts = Enumerable.Range(0, 6).Select(t => Enumerable.Range(1, 17).Select(p => t * 17 + p).ToArray()).ToArray();
        TextEmbedding[] Embed(params int[] devices)
        {
            using var run = CudaDouble.Begin(("devices", 2));
            using var embedder = TokenEmbedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda, Devices = devices, Precision = Precision.BFloat16 });
            return embedder.Embed(texts);
        }

        var (one, two) = (Embed(0), Embed(0, 1));
        for (var t = 0; t < texts.Length; t++)
        {
            Assert.Equal(one[t].Vector, two[t].Vector);
            Assert.Equal(one[t].Signature, two[t].Signature);
        }
    }

    [Fact]
    public void Embed_ThreeDevicesAndWeightsPassingThrough_SameBitsAsOne()
    {
        float[] Vector(IReadOnlyList<int> devices, Residency residency)
        {
            using var run = CudaDouble.Begin(("devices", 3));
            using var embedder = TokenEmbedder.Load(GoldenFolder.Nano, new EmbedderOptions { Backend = Backend.Cuda, Devices = devices, Residency = residency });
            return embedder.Embed(Texts)[1].Vector;
        }

        Assert.Equal(Vector([0], Residency.Full), Vector([2, 0, 1], Residency.Stream));
    }
}
