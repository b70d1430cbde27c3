using Confluent.Kafka;
using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Wire;
using Recs.Features.Embedding;
using Recs.Ingest;

namespace Recs.Api.Tests.Live;

/// <summary>Vectors that come over the stream while slates are made.</summary>
public sealed class FollowedVectorsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Vectors_OfTheModelsVersion_ComeIntoUse_AsIfTheStoreHadThem()
    {
        await using var shop = await ServedShop.Start(withVectors: false, clock: TimeProvider.System);
        Assert.Equal("none", shop.Live.EmbeddingVersion);
        Publish(shop.Brokers, TinyShop.Embeddings.Select(embedding => (embedding.Item, (ItemEmbedding?)embedding)));
        await Until(() => shop.Live.Vectors?.Count == TinyShop.Embeddings.Count);
        Assert.Equal("tiny", shop.Live.EmbeddingVersion);
        var stored = new ItemVectors(TinyShop.Embeddings);
        var similar = shop.Live.Similar(new("p05"), 5)!;
        Assert.True(similar.ByText);
        Assert.Equal(stored.Similar("p05", 5)!.Select(near => near.Item), similar.Items.Select(near => near.Item.Id.Value));
        Assert.Equal("tiny", (await shop.Rank("""{"user":"u1"}""")).GetProperty("versions").GetProperty("embedding").GetString());
    }

    [Fact]
    public async Task Vectors_ChangedAndRemoved_AreFollowed_OnesOfAnotherVersionPassedOver_AndNoRequestIsDropped()
    {
        await using var shop = await ServedShop.Start(clock: TimeProvider.System);
        shop.Live.UseShadow(new(TinyShop.Model, shop.Live.Vectors));
        var (first, second) = (TinyShop.Embeddings[0], TinyShop.Embeddings[1]);
        using var stop = new CancellationTokenSource();
        var ranking = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                Assert.Equal(20, (await shop.Rank($$"""{"user":"u{{i % 40}}"}""")).GetProperty("slate").GetArrayLength());
        });
        Publish(shop.Brokers, [(new("p59"), TinyShop.Embeddings[59] with { Version = "other", Vector = [1, 0] }), (first.Item, first with { Vector = second.Vector }), (second.Item, null)]);
        await Until(() => shop.Live.Vectors!.Count == TinyShop.Embeddings.Count - 1);
        await stop.CancelAsync();
        await ranking;
        Assert.False(shop.Live.Vectors!.Has(second.Item));
        Assert.True(shop.Live.Vectors.Has(new("p59")));
        var expected = new ItemVectors([first with { Vector = second.Vector }, .. TinyShop.Embeddings.Skip(2)]).Similar(first.Item.Value, 10)!;
        Assert.Equal(expected, shop.Live.Vectors.Similar(first.Item.Value, 10));
        Assert.Same(shop.Live.Vectors, shop.Live.Shadow!.Ranker.Slates.Vectors);
    }

    private static void Publish(KafkaConnection brokers, IEnumerable<(ItemId Item, ItemEmbedding? Vector)> vectors)
    {
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = brokers.BootstrapServers }).Build();
        foreach (var (item, vector) in vectors)
            producer.Produce(new Topics().Embeddings, new() { Key = item.Value, Value = vector is null ? null! : EmbeddingCodec.Write(new(vector)) });
        Assert.Equal(0, producer.Flush(Patience));
    }

    private static async Task Until(Func<bool> holds)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, "the vectors did not come");
            await Task.Delay(5);
        }
    }
}
