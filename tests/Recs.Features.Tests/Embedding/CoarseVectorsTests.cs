using Recs.Features.Embedding;

namespace Recs.Features.Tests.Embedding;

public sealed class CoarseVectorsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(37)]
    [InlineData(256)]
    public void Of_AnyVectors_IsAtLeastTheProductAndNearIt(int dimensions)
    {
        var random = new Random(dimensions);
        const int rows = 200;
        float[] values = [.. Enumerable.Range(0, rows * dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
        var coarse = new CoarseVectors(values, dimensions);
        for (var round = 0; round < 20; round++)
        {
            float[] direction = [.. Enumerable.Range(0, dimensions).Select(_ => (float)(random.NextDouble() - 0.5))];
            var bound = coarse.Towards(direction);
            for (var row = 0; row < rows; row++)
            {
                var vector = values.AsSpan(row * dimensions, dimensions);
                var product = Cosines.Dot(direction, vector);
                var lengths = MathF.Sqrt(Cosines.Dot(direction, direction) * Cosines.Dot(vector, vector));
                Assert.InRange(bound.Of(row), product, product + 0.03f * lengths + 1e-6f);
            }
        }
    }

    [Fact]
    public void Of_ZeroRowOrDirection_IsNothing()
    {
        var coarse = new CoarseVectors([0, 0, 3, 4], 2);
        Assert.Equal(0, coarse.Towards([1f, 1f]).Of(0));
        Assert.Equal(0, coarse.Towards([0f, 0f]).Of(1));
    }
}
