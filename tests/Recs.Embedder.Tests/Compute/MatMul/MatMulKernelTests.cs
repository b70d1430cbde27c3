using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;
using Recs.Embedder.Compute.MatMul;

namespace Recs.Embedder.Tests.Compute.MatMul;

/// <summary>Packed panels and tiles against a plain loop of fused multiply-adds: equal bits for every tile, tail, block, stored format and layout.</summary>
public sealed unsafe class MatMulKernelTests
{
    public static TheoryData<int, int, int, string, bool> Shapes()
    {
        var shapes = new TheoryData<int, int, int, string, bool>();
        foreach (var type in new[] { "F32", "BF16", "F16", "F8_E4M3" })
            foreach (var inputMajor in new[] { false, true })
                foreach (var (rows, outputs, inputs) in new[] { (1, 16, 8), (5, 3, 7), (6, 33, 64), (13, 47, 20), (9, 80, 1030), (3, 19, 2049) })
                    shapes.Add(rows, outputs, inputs, type, inputMajor);
        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_AnyShapeFormatAndTile_SameBitsAsALoop(int rows, int outputs, int inputs, string type, bool inputMajor)
    {
        var random = new Random(rows * 1000 + outputs);
        using var stored = StoredMatrix.Random(random, outputs, inputs, type, inputMajor);
        var x_mk = Enumerable.Range(0, rows * inputs).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        using var packed = PackedMatrix.Pack([stored.Source]);
        Assert.Equal(type == "F8_E4M3" ? ElementType.F8E4M3 : Enum.Parse<ElementType>(type), packed.Type);

        var expected = new float[rows * outputs];
        for (var m = 0; m < rows; m++)
            for (var n = 0; n < outputs; n++)
                for (var k = 0; k < inputs; k++)
                    expected[m * outputs + n] = MathF.FusedMultiplyAdd(x_mk[m * inputs + k], stored.Value(n, k), expected[m * outputs + n]);
        Assert.Equal(Bits(expected), Bits(Multiply<Tile6x16>(x_mk, rows, packed)));
        Assert.Equal(Bits(expected), Bits(Multiply<Tile8x32>(x_mk, rows, packed)));
        Assert.Equal(Bits(expected), Bits(Multiply<Tile4x16>(x_mk, rows, packed)));
    }

    [Fact]
    public void Pack_StackOfOddHeights_IsTheirConcatenation()
    {
        var random = new Random(5);
        using var first = StoredMatrix.Random(random, 21, 30, "BF16", inputMajor: false);
        using var second = StoredMatrix.Random(random, 40, 30, "BF16", inputMajor: true);
        using var third = StoredMatrix.Random(random, 7, 30, "F8_E4M3", inputMajor: false);
        using var same = PackedMatrix.Pack([first.Source, second.Source]);
        using var mixed = PackedMatrix.Pack([first.Source, second.Source, third.Source]);
        Assert.Equal(ElementType.BF16, same.Type);
        Assert.Equal(ElementType.F32, mixed.Type);
        // Rows of the unit matrix read out the columns.
        var unit = new float[30 * 30];
        for (var k = 0; k < 30; k++) unit[k * 31] = 1;
        var read = Multiply<Tile6x16>(unit, 30, mixed);
        for (var k = 0; k < 30; k++)
            for (var n = 0; n < 68; n++)
                Assert.Equal(n < 21 ? first.Value(n, k) : n < 61 ? second.Value(n - 21, k) : third.Value(n - 61, k), read[k * 68 + n]);
        Assert.Equal(Multiply<Tile6x16>(unit, 30, same), Enumerable.Range(0, 30).SelectMany(k => read[(k * 68)..(k * 68 + 61)]).ToArray());
    }

    private static float[] Multiply<TTile>(float[] x_mk, int rows, PackedMatrix packed) where TTile : struct, ITile
    {
        var y_mn = new float[rows * packed.Outputs];
        var scratch = new AlignedFloats(MatMulKernel.ScratchCount);
        fixed (float* x = x_mk, y = y_mn) MatMulKernel.Run<TTile>(x, rows, packed, 0, packed.Panels, isScaled: true, y, scratch.Pointer);
        GC.KeepAlive(scratch);
        return y_mn;
    }

    private static int[] Bits(float[] values) => [.. values.Select(BitConverter.SingleToInt32Bits)];
}
