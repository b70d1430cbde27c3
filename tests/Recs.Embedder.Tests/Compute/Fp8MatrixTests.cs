using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Tests.Compute;

public sealed class Fp8MatrixTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Round_EitherLayout_EachOutputByItsOwnLargest(bool inputMajor)
    {
        const int outputs = 70, inputs = 131;
        var random = new Random(5);
        var wide = new float[outputs, inputs];
        for (var n = 0; n < outputs; n++)
            for (var k = 0; k < inputs; k++) wide[n, k] = n == 3 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, n % 5 - 2));
        var path = Path.Combine(GoldenFolder.Temporary(), "m.safetensors");
        var flat = new float[outputs * inputs];
        for (var n = 0; n < outputs; n++)
            for (var k = 0; k < inputs; k++) flat[inputMajor ? k * outputs + n : n * inputs + k] = wide[n, k];
        using (var stream = File.Create(path))
        {
            var writer = new SafetensorsWriter(stream, [("w", "F32", inputMajor ? [inputs, outputs] : [outputs, inputs])]);
            writer.Write<float>("w", flat);
            writer.Finish();
        }
        using var file = SafetensorsFile.Open(path);
        var rounded = Fp8Matrix.Round([new MatrixSource(file.Tensors.Single(), 0, outputs, inputs, inputMajor)]);
        for (var n = 0; n < outputs; n++)
        {
            var largest = 0f;
            for (var k = 0; k < inputs; k++) largest = Math.Max(largest, Math.Abs(wide[n, k]));
            var scale = largest == 0 ? 1 : largest / 448;
            Assert.Equal(scale, rounded.Scales_n[n]);
            for (var k = 0; k < inputs; k++) Assert.Equal(Fp8Rounding.RoundE4M3(wide[n, k] / scale), Decoded(rounded.Numbers_nk[n * inputs + k]));
        }
    }

    [Fact]
    public void Encode_EveryNumber_IsTheByteThatMeansIt()
    {
        for (var b = 0; b < 256; b++)
        {
            if ((b & 0x7F) == 0x7F) continue; // NaN
            Assert.Equal(b, Fp8Rounding.Encode(Decoded((byte)b)));
        }
    }

    private static unsafe float Decoded(byte stored)
    {
        float wide;
        ElementWidening.Widen(ElementType.F8E4M3, &stored, &wide, 1);
        return wide;
    }
}
