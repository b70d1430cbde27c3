using Recs.Embedder.Compute;

namespace Recs.Embedder.Tests.Compute;

public sealed unsafe class BFloat16RoundingTests
{
    [Fact]
    public void Round_AnyNumber_IsTheNearestTiesToEven()
    {
        var random = new Random(11);
        var values = Enumerable.Range(0, 1003).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-30, 30)))).ToArray();
        // Half way between two neighbours, below an even and below an odd one.
        (values[0], values[1]) = (BitConverter.UInt32BitsToSingle(0x3F808000), BitConverter.UInt32BitsToSingle(0x3F818000));
        var rounded = new float[values.Length];
        var narrow = new ushort[values.Length];
        fixed (float* from = values, to = rounded)
        fixed (ushort* half = narrow)
        {
            BFloat16Rounding.Round(from, to, values.Length);
            BFloat16Rounding.Narrow(from, half, values.Length);
        }
        Assert.Equal((0x3F800000u, 0x3F820000u), (BitConverter.SingleToUInt32Bits(rounded[0]), BitConverter.SingleToUInt32Bits(rounded[1])));
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal((uint)narrow[i] << 16, BitConverter.SingleToUInt32Bits(rounded[i]));
            Assert.InRange(Math.Abs((double)rounded[i] - values[i]), 0, Math.Abs((double)values[i]) / 256 + 1e-40);
        }
    }

    [Fact]
    public void Embed_BFloat16OnTheCpu_IsNearFloat32AndOfAnotherVersion()
    {
        using var narrow = Llama4Embedder.Load(GoldenFolder.Nano, new EmbedderOptions { Precision = Precision.BFloat16 });
        using var wide = Llama4Embedder.Load(GoldenFolder.Nano);
        Assert.NotEqual(wide.Version, narrow.Version);
        var (a, b) = (narrow.Embed("red retro spot mug").Vector, wide.Embed("red retro spot mug").Vector);
        var cosine = a.Zip(b).Sum(pair => (double)pair.First * pair.Second);
        Assert.InRange(cosine, 0.999, 0.9999999);
    }
}
