using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Tests.Checkpoint;

public sealed unsafe class ElementWideningTests
{
    [Theory]
    [InlineData(0x00, 0f)]
    [InlineData(0x01, 0.001953125f)]
    [InlineData(0x08, 0.015625f)]
    [InlineData(0x38, 1f)]
    [InlineData(0x7E, 448f)]
    [InlineData(0xB8, -1f)]
    [InlineData(0x7F, float.NaN)]
    [InlineData(0xFF, float.NaN)]
    public void Widen_E4M3_IsTheFormatsValue(int code, float expected)
    {
        var stored = (byte)code;
        var widened = new float[1];
        ElementWidening.Widen(ElementType.F8E4M3, &stored, widened);
        Assert.Equal(expected, widened[0]);
    }

    [Fact]
    public void Widen_BFloat16_AnyLengthIsExact()
    {
        var stored = Enumerable.Range(0, 21).Select(i => (ushort)(0x3F80 + 37 * i)).ToArray();
        var widened = new float[21];
        fixed (ushort* start = stored) ElementWidening.Widen(ElementType.BF16, (byte*)start, widened);
        Assert.Equal(stored.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)), widened);
    }

    [Theory]
    [InlineData(3, float.NaN)]
    [InlineData(20, float.PositiveInfinity)]
    [InlineData(9, float.NegativeInfinity)]
    public void FirstNotFinite_OneBadValue_FindsIt(int at, float bad)
    {
        var values = new float[21];
        Assert.Equal(-1, ElementWidening.FirstNotFinite(values));
        values[at] = bad;
        Assert.Equal(at, ElementWidening.FirstNotFinite(values));
    }
}
