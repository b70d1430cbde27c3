using Recs.Domain;
using Recs.Pipelines.Serve;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.State;
using Recs.Storage;

namespace Recs.Pipelines.Tests.Serve;

public sealed class StoreErasureTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public async Task Erase_RemovesTheUser_AlsoWhileThisProcessHoldsTheFile()
    {
        var facts = SmallStore.Facts();
        var url = SmallStore.Make(_folder.In("shop.duckdb"), facts);
        using var held = EventStore.Open(url);
        Assert.Equal(facts.Count, held.Read("recs-ingest").Facts.Count());
        using var erasure = new StoreErasure(url, TimeProvider.System);
        var erased = await erasure.EraseAsync(new("u1"), TestContext.Current.CancellationToken);
        Assert.Equal(21, erased.Rows["fact"]);
        Assert.Equal(facts.Count - 21, held.Read("recs-ingest").Facts.Count());
        // What ingest brings of the user afterwards is refused.
        var again = held.Append(new([facts[2]], [], []));
        Assert.Equal((0, 1), (again.Appended, again.Erased));
    }

    [Fact]
    public async Task Erase_NoStore_IsRefused()
    {
        using var erasure = new StoreErasure("duckdb:" + _folder.In("nowhere.duckdb"), TimeProvider.System);
        await Assert.ThrowsAsync<RefusedException>(() => erasure.EraseAsync(new("u1"), TestContext.Current.CancellationToken));
    }

    public void Dispose() => _folder.Dispose();
}
