using Recs.Domain;
using Recs.Embedder.Model;

namespace Recs.Embedder.Tests.Model;

public sealed class Llama4LoaderTests
{
    [Fact]
    public void RequireMemory_MoreThanThereIs_RefusesWithBothFigures()
    {
        var refused = Assert.Throws<RefusedException>(() => Llama4Loader.RequireMemory(431_000_000_000, 16_000_000_000));
        Assert.Contains("431.0 GB", refused.Message);
        Assert.Contains("16.0 GB", refused.Message);
        Llama4Loader.RequireMemory(16, 16);
    }
}
