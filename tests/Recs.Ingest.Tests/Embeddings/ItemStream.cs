using Recs.Domain;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Domain.Items;

namespace Recs.Ingest.Tests.Embeddings;

/// <summary>Publishes item versions, runs workers and reads the vectors that come out of them, by way of ingest.</summary>
internal sealed class ItemStream(KafkaConnection connection, Topics? topics = null) : IDisposable
{
    /// <summary>The embedded broker gives an emptied classic group to the next member only a second before the last one's session would have ended.</summary>
    public static readonly IReadOnlyDictionary<string, string> ShortSessions = new Dictionary<string, string> { ["session.timeout.ms"] = "2000", ["heartbeat.interval.ms"] = "300" };

    private readonly EventProducer _producer = new(connection, new ProducerOptions { Topics = topics ?? new Topics() });
    private readonly MemoryEventStore _store = new();
    private int _events;

    public MemoryEventStore Store => _store;

    public KafkaConnection Connection => connection;

    public static ItemUpserted Version(string id, string item, int hour, string title, ItemStatus status = ItemStatus.Active, string? promotes = null) => new(new(id),
        Some.Start.Plus(TimeSpan.FromHours(hour)), new Item
        {
            Id = new(item),
            Title = title,
            Status = status,
            Ad = promotes is null ? null : new Ad(new("adv"), new ItemId(promotes), new(BidUnit.Click, 1), 1, []),
        });

    public void Publish(params IEnumerable<ItemUpserted> versions) => _producer.Publish(versions.Select(version => new Fact(version, Some.Start)));

    public void Publish(params IEnumerable<RawMessage> messages) => _producer.Publish(messages);

    /// <summary>Item <paramref name="number"/> with a title; each call is a later version.</summary>
    public void Publish(int number, string title) => Publish(Version($"e{++_events:D6}", $"i{number}", _events, title));

    public EmbeddingWorker Worker(TextEmbedder embedder, EmbeddingWorkerOptions? options = null) =>
        new(connection, embedder, (options ?? new EmbeddingWorkerOptions()) with { Topics = topics ?? new Topics() });

    /// <summary>Runs a worker to the end of the items.</summary>
    public Task<EmbeddingProgress> Work(TextEmbedder embedder, EmbeddingWorkerOptions? options = null) => Worker(embedder, options).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);

    /// <summary>What the store has, once everything on the stream is in it: item=title, in item order; every part of a vector is checked.</summary>
    public async Task<string> Vectors(IReadOnlyDictionary<string, string> titleByHash, string version = "v1")
    {
        await new EventConsumer(connection, _store, new IngestOptions { Topics = topics ?? new Topics() }).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        return string.Join(' ', _store.Embeddings(version).Select(vector => $"{vector.Item}={Checked(vector, titleByHash)}"));
    }

    public Task<string> Vectors(params string[] titles) => Vectors(titles.Distinct().ToDictionary(TextEmbedder.HashOf));

    public void Dispose()
    {
        _producer.Dispose();
        _store.Dispose();
    }

    private static string Checked(ItemEmbedding vector, IReadOnlyDictionary<string, string> titleByHash)
    {
        var title = titleByHash[vector.ContentHash];
        Assert.Equal(TextEmbedder.VectorOf(title), vector.Vector);
        Assert.Equal(TextEmbedder.SignatureOf(title), vector.Signature);
        return title;
    }
}
