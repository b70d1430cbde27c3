using Recs.Api.Live;
using Recs.Domain.Events;
using Recs.Ranker.Model;
using Recs.Storage;

namespace Recs.Api.Tests;

/// <summary>The tiny shop's state, without a stream and without a server.</summary>
internal static class LoadedShop
{
    public static LiveState Load(bool withVectors = true, LiveStateOptions? options = null, TimeProvider? clock = null, IReadOnlyList<Fact>? facts = null, RankerModel? model = null)
    {
        using var store = EventStore.Open("duckdb::memory:");
        store.Migrate();
        store.Append(new AppendBatch(facts ?? TinyShop.Facts, [], []));
        if (withVectors) store.SaveEmbeddings(TinyShop.Embeddings);
        return LiveState.Load(store, model ?? TinyShop.Model, options, clock);
    }
}
