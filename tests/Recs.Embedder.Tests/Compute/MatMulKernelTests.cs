using Recs.Embedder.Checkpoint;
using Recs.Embedder.Compute;

namespace Recs.Embedder.Tests.Compute;

/// <summary>The packed kernel against a plain loop of fused multiply-adds: equal bits for every tile and tail.</summary>
public sealed unsafe class MatMulKernelTests
{
    [Theory]
    [InlineData(1, 16, 8)]
    [InlineData(5, 3, 7)]
    [InlineData(6, 33, 64)]
    [InlineData(13, 47, 20)]
    public void Run_AnyShape_SameBitsAsALoop(int rows, int outputs, int inputs)
    {
        var random = new Random(rows * 1000 + outputs);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
        var w_nk = Numbers(outputs * inputs);
        var x_mk = Numbers(rows * inputs);
        var y_mn = new float[rows * outputs];
        using var file = SafetensorsFile.Open(Stored(w_nk, outputs, inputs));
        var packed = PackedMatrix.Pack([new MatrixSource(file.Tensors[0], 0, outputs, inputs, InputMajor: false)]);
        fixed (float* x = x_mk, y = y_mn) MatMulKernel.Run(x, rows, packed, 0, packed.Panels, y);

        for (var m = 0; m < rows; m++)
        {
            for (var n = 0; n < outputs; n++)
            {
                var sum = 0f;
                for (var k = 0; k < inputs; k++) sum = MathF.FusedMultiplyAdd(x_mk[m * inputs + k], w_nk[n * inputs + k], sum);
                Assert.Equal(BitConverter.SingleToInt32Bits(sum), BitConverter.SingleToInt32Bits(y_mn[m * outputs + n]));
            }
        }
    }

    private static string Stored(float[] values, int outputs, int inputs)
    {
        var path = Path.Combine(GoldenFolder.Temporary(), "w.safetensors");
        using var output = File.Create(path);
        new SafetensorsWriter(output, [("w", "F32", [outputs, inputs])]).Write<float>("w", values);
        return path;
    }
}
