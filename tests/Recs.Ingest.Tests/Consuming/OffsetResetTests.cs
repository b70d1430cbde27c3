using Recs.Domain;
using Recs.Storage;

namespace Recs.Ingest.Tests;

public sealed class OffsetResetTests
{
    [Theory]
    [InlineData("earliest", 4, 6)]
    [InlineData("latest", 10, 0)]
    [InlineData("offset=7", 7, 3)]
    public async Task Run_PositionGone_GoesOnWhereTheOperatorWantsAndKeepsTheGap(string reset, long to, long consumed)
    {
        using var broker = new EmbeddedBroker(eventPartitions: 1);
        using var producer = new EventProducer(broker.Connection);
        producer.Publish(Some.Facts(10).Select(fact => producer.ToRaw(fact) with { Topic = "recs.events" }));
        using var store = new MemoryEventStore();
        var partition = new StreamPartition("recs.events", 0);
        store.Append(new([], [], [new OffsetMove("recs-ingest", partition, 0, 2)]));
        broker.DeleteRecords("recs.events", 0, 4);
        List<StreamGap> told = [];
        var progress = await Run(broker, store, reset, told.AddRange);
        Assert.Equal((consumed, 10), (progress.Consumed, store.Offsets("recs-ingest")[partition]));
        var gap = Assert.Single(store.Gaps("recs-ingest"));
        Assert.Equal((2, to, reset, partition), (gap.From, gap.To, gap.How, gap.Partition));
        Assert.Equal([gap], told);
        // The position is on the stream now: the switch, left where it is, moves nothing more.
        await Run(broker, store, reset, told.AddRange);
        Assert.Single(told);
    }

    [Fact]
    public async Task Run_TopicMadeAnew_EarliestGoesBackAndReadsAll()
    {
        using var broker = new EmbeddedBroker(eventPartitions: 1);
        using var producer = new EventProducer(broker.Connection);
        producer.Publish(Some.Facts(10).Select(fact => producer.ToRaw(fact) with { Topic = "recs.events" }));
        using var store = new MemoryEventStore();
        store.Append(new([], [], [new OffsetMove("recs-ingest", new("recs.events", 0), 0, 812)]));
        Assert.Equal(10, (await Run(broker, store, "earliest")).Appended);
        Assert.Equal((812, 0), (store.Gaps("recs-ingest")[0].From, store.Gaps("recs-ingest")[0].To));
    }

    [Fact]
    public async Task Run_NeverRead_LatestBeginsBehindAndEarliestLeavesNoGap()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var published = producer.Publish(Some.Facts(100));
        using var whole = new MemoryEventStore();
        Assert.Equal(100, (await Run(broker, whole, "earliest")).Appended);
        Assert.Empty(whole.Gaps("recs-ingest"));
        using var none = new MemoryEventStore();
        Assert.Equal(0, (await Run(broker, none, "latest")).Consumed);
        Assert.Equal(published.Next.OrderBy(entry => entry.Key.ToString()), none.Gaps("recs-ingest").ToDictionary(gap => gap.Partition, gap => gap.To).OrderBy(entry => entry.Key.ToString()));
    }

    [Fact]
    public async Task Run_AnotherWorkerMovesMeanwhile_ItIsLookedAtAnew()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        producer.Publish(Some.Facts(100));
        using var store = new MemoryEventStore();
        using var rival = new Rival(store);
        Assert.Equal(0, (await Run(broker, rival, "latest")).Consumed);
        Assert.Equal(2, rival.Moves);
    }

    [Fact]
    public async Task Run_WhereTheStreamDoesNotReach_RefusesWithItsRange()
    {
        using var broker = new EmbeddedBroker();
        using var store = new MemoryEventStore();
        Assert.Equal(0, (await Run(broker, store, "offset=5")).Consumed); // never read: not what an offset is for
        using var lost = new MemoryEventStore();
        lost.Append(new([], [], [new OffsetMove("recs-ingest", new("recs.events", 3), 0, 812)]));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Run(broker, lost, "offset=5"));
        Assert.Contains("the stream holds offsets 0 to 0, so reading cannot go on at 5", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<RefusedException>(() => Run(broker, lost, "timestamp=2024-03-01"));
        Assert.Contains("embedded broker cannot look up offsets by time", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WhatItWrites_IsTheSame()
    {
        foreach (var reset in new[] { OffsetReset.Earliest, OffsetReset.Latest, OffsetReset.At(Some.Start), OffsetReset.To(0) }) Assert.Equal(reset, OffsetReset.Parse(reset.Text));
        Assert.Equal(Some.Start, OffsetReset.Parse("timestamp=2024-03-01T01:00:00+01:00").Time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Earliest")]
    [InlineData("earliest=1")]
    [InlineData("offset=-1")]
    [InlineData("offset=1e3")]
    [InlineData("offset")]
    [InlineData("timestamp=yesterday")]
    [InlineData("timestamp=1923-01-01")]
    public void Parse_AnythingElse_Refuses(string text) => Assert.Contains("offset=N", Assert.Throws<RefusedException>(() => OffsetReset.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("auto.offset.reset", "--reset")]
    [InlineData("topic.auto.offset.reset", "--reset")]
    [InlineData("enable.auto.commit", "exactly once")]
    public async Task Options_ThatDecideDelivery_AreRefused(string name, string instead)
    {
        using var store = new MemoryEventStore();
        var connection = new KafkaConnection("127.0.0.1:1") { Options = new Dictionary<string, string> { [name] = "earliest" } };
        var refused = await Assert.ThrowsAsync<RefusedException>(() => new EventConsumer(connection, store).RunAsync(default));
        Assert.Contains(instead, refused.Message, StringComparison.Ordinal);
    }

    private static async Task<IngestProgress> Run(EmbeddedBroker broker, IEventStore store, string reset, Action<IReadOnlyList<StreamGap>>? moved = null) =>
        await new EventConsumer(broker.Connection, store, new IngestOptions { Reset = OffsetReset.Parse(reset), Notice = notice => moved?.Invoke(((IngestNotice.Moved)notice).Gaps) }).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);

    /// <summary>A store in which another worker begins a partition just before the first move.</summary>
    private sealed class Rival(MemoryEventStore store) : IEventStore
    {
        public int Moves { get; private set; }

        public string Name => store.Name;

        public void MoveAcross(IReadOnlyList<StreamGap> gaps)
        {
            if (++Moves == 1) store.Append(new([], [], [new OffsetMove("recs-ingest", gaps[0].Partition, gaps[0].From, gaps[0].To)]));
            store.MoveAcross(gaps);
        }

        public void Migrate() { }
        public AppendResult Append(AppendBatch batch) => store.Append(batch);
        public IReadOnlyDictionary<StreamPartition, long> Offsets(string group) => store.Offsets(group);
        public IReadOnlyList<StreamGap> Gaps(string group) => store.Gaps(group);
        public StoreSnapshot Read(string group, Timestamp? before = null) => store.Read(group, before);
        public StoreCounts Count() => store.Count();
        public void SaveEmbeddings(IEnumerable<Domain.Embeddings.ItemEmbedding> embeddings) => store.SaveEmbeddings(embeddings);
        public IReadOnlyList<Domain.Embeddings.ItemEmbedding> Embeddings(string version) => store.Embeddings(version);
        public string? LatestEmbeddingVersion() => null;
        public void Dispose() { }
    }
}
