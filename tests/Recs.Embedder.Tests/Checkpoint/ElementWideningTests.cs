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
        float widened;
        ElementWidening.Widen(ElementType.F8E4M3, &stored, &widened, 1);
        Assert.Equal(expected, widened);
    }

    [Fact]
    public void Widen_E4M3_EveryCodeByTheDefinition()
    {
        var codes = Enumerable.Range(0, 256).Select(code => (byte)code).ToArray();
        var widened = new float[256];
        fixed (byte* from = codes) fixed (float* to = widened) ElementWidening.Widen(ElementType.F8E4M3, from, to, 256);
        foreach (var code in codes)
        {
            var (exponent, mantissa) = ((code >> 3) & 15, code & 7);
            var magnitude = exponent == 0 ? mantissa * Math.Pow(2, -9) : (8 + mantissa) * Math.Pow(2, exponent - 10);
            if ((code & 0x7F) == 0x7F) Assert.True(float.IsNaN(widened[code]));
            else Assert.Equal((float)(code < 128 ? magnitude : -magnitude), widened[code]);
        }
    }

    [Fact]
    public void Widen_Float16_EveryCodeAsTheRuntimeDoes()
    {
        var codes = Enumerable.Range(0, 65_536).Select(code => (ushort)code).ToArray();
        var widened = new float[codes.Length];
        fixed (ushort* from = codes) fixed (float* to = widened) ElementWidening.Widen(ElementType.F16, (byte*)from, to, codes.Length);
        for (var code = 0; code < codes.Length; code++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf((ushort)code);
            if (float.IsNaN(expected)) Assert.True(float.IsNaN(widened[code]));
            else Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(widened[code]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(21)]
    public void Widen_BFloat16_AnyLengthIsExact(int count)
    {
        var stored = Enumerable.Range(0, count).Select(i => (ushort)(0x3F80 + 37 * i)).ToArray();
        var widened = new float[count];
        fixed (ushort* from = stored) fixed (float* to = widened) ElementWidening.Widen(ElementType.BF16, (byte*)from, to, count);
        Assert.Equal(stored.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)), widened);
    }

    [Theory]
    [InlineData(nameof(ElementType.F32), 0x7F800000u)]
    [InlineData(nameof(ElementType.F32), 0xFFC00000u)]
    [InlineData(nameof(ElementType.BF16), 0x7F80u)]
    [InlineData(nameof(ElementType.BF16), 0xFFFFu)]
    [InlineData(nameof(ElementType.F16), 0x7C00u)]
    [InlineData(nameof(ElementType.F16), 0xFE00u)]
    [InlineData(nameof(ElementType.F8E4M3), 0x7Fu)]
    [InlineData(nameof(ElementType.F8E4M3), 0xFFu)]
    public void FirstNotFinite_OneBadValueAnywhere_FindsIt(string name, uint bad)
    {
        var type = Enum.Parse<ElementType>(name);
        var size = ElementWidening.SizeOf(type);
        for (var at = 0; at < 70; at++)
        {
            var stored = new byte[70 * size];
            fixed (byte* from = stored)
            {
                Assert.Equal(-1, ElementWidening.FirstNotFinite(type, from, 70));
                for (var i = 0; i < size; i++) stored[at * size + i] = (byte)(bad >> (8 * i));
                Assert.Equal(at, ElementWidening.FirstNotFinite(type, from, 70));
            }
        }
    }
}
