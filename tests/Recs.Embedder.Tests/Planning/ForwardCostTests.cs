using Recs.Embedder.Planning;

namespace Recs.Embedder.Tests.Planning;

public sealed class ForwardCostTests
{
    [Fact]
    public void OfText_Scout_IsTwiceTheActiveMatricesAndAttention()
    {
        var plan = CheckpointPlan.OfConfig(PlannedConfig.File(PlannedConfig.Scout));
        var matrices = plan.ActivePerToken - plan.Parameters.Norms;
        Assert.Equal(2.0 * matrices + 48 * 4 * 5120.0, plan.Cost.OfText(1));
        Assert.Equal(2.0 * 100 * matrices + 48 * 4 * 5120.0 * 5050, plan.Cost.OfText(100));
        Assert.Equal(0, plan.Cost.OfText(0));
        // 36 layers look back within chunks of 8192, 12 over all.
        var chunked = 8192.0 * 8193 / 2 + 10.0 * 11 / 2;
        Assert.Equal(2.0 * 8202 * matrices + 4 * 5120.0 * (36 * chunked + 12 * (8202.0 * 8203 / 2)), plan.Cost.OfText(8202));
    }

    [Theory]
    [InlineData(0, null, 0)]
    [InlineData(5, null, 15)]
    [InlineData(5, 8, 15)]
    [InlineData(8, 8, 36)]
    [InlineData(9, 8, 37)]
    [InlineData(20, 8, 82)]
    public void VisiblePairs_OfAText_CountsKeysOfTheChunk(long tokens, int? chunk, double expected)
    {
        Assert.Equal(expected, ForwardCost.VisiblePairs(tokens, chunk));
        var counted = 0;
        for (var query = 0; query < tokens; query++)
            for (var key = 0; key <= query; key++)
                if (chunk is not { } size || query / size == key / size) counted++;
        Assert.Equal(counted, expected);
    }
}
