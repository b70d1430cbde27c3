using Recs.Features.Embedding;

namespace Recs.Features.Tests.Embedding;

public sealed class CosinesTests
{
    [Fact]
    public void Dots_AnyLengthAndCount_AreTheBitsOfDotAndNearTheSum()
    {
        var random = new Random(1);
        foreach (var dimensions in (int[])[1, 7, 15, 16, 17, 40, 256])
        {
            var table = Enumerable.Range(0, 9 * dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray();
            var direction = Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray();
            for (var count = 0; count <= 9; count++)
            {
                var rows = Enumerable.Range(0, count).Select(_ => random.Next(9)).ToArray();
                var dots = new float[count];
                Cosines.Dots(direction, table, rows, dots);
                for (var at = 0; at < count; at++)
                {
                    var row = table.AsSpan(rows[at] * dimensions, dimensions);
                    Assert.Equal(BitConverter.SingleToInt32Bits(Cosines.Dot(direction, row)), BitConverter.SingleToInt32Bits(dots[at]));
                    Assert.Equal(BitConverter.SingleToInt32Bits(Cosines.Dot(row, direction)), BitConverter.SingleToInt32Bits(dots[at]));
                    var sum = 0.0;
                    for (var i = 0; i < dimensions; i++) sum += (double)direction[i] * row[i];
                    Assert.Equal(sum, dots[at], 1e-5);
                }
            }
        }
    }
}
