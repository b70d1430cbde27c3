using Recs.Embedder.Checkpoint;
using Recs.Embedder.Planning;

namespace Recs.Embedder.Tests.Planning;

public sealed class ForwardCostTests
{
    [Theory]
    [InlineData(1, null)]
    [InlineData(9, null)]
    [InlineData(9, 4)]
    [InlineData(8, 4)]
    [InlineData(3, 4)]
    public void VisibleKeys_AnyLength_CountsThePairs(int tokens, int? chunk)
    {
        var pairs = 0;
        for (var query = 0; query < tokens; query++)
            for (var key = 0; key <= query; key++)
                if (chunk is null || key / chunk == query / chunk) pairs++;
        Assert.Equal(pairs, ForwardCost.VisibleKeys(tokens, chunk));
    }

    [Fact]
    public void MultiplyAdds_BundledModel_AreItsActiveWeightsAndAttention()
    {
        var config = Llama4ConfigFile.Read(GoldenFolder.Nano);
        // By hand: q, k, v 256 x 512, o 256 x 256, router 256 x 4, expert and shared expert 3 x 256 x 192 each; 4 layers.
        Assert.Equal(4L * (256 * 512 + 256 * 256 + 256 * 4 + 2 * 3 * 256 * 192), config.ActiveWeights);
        Assert.Equal(10.0 * config.ActiveWeights + 4 * 2 * 256 * 55, ForwardCost.MultiplyAdds(config, 10));
    }
}
