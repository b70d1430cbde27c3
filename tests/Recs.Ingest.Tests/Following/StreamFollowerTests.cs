using System.Collections.Concurrent;
using Confluent.Kafka;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage;

namespace Recs.Ingest.Tests;

public sealed class StreamFollowerTests
{
    private static readonly Dictionary<StreamPartition, long> Nowhere = [];

    [Fact]
    public async Task Follow_DuplicatesGarbageAndFaults_HandsOnEachEventOnce()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var facts = Some.Facts(2_000);
        producer.Publish(facts.Take(1_000).ToArray().Shuffled(seed: 6, times: 2).Select(producer.ToRaw).Append(new RawMessage("recs.events", null, [1, 2], Some.Start)));
        var seen = new ConcurrentQueue<Fact>();
        await using var follower = Follower(broker, Nowhere, new SeenEvents(), seen.Enqueue);
        await follower.CaughtUp.WaitAsync(Some.Patience);
        Assert.Equal(1_000, seen.Count);
        broker.Fail(KafkaRequest.Fetch, ErrorCode.Local_Transport, ErrorCode.NotLeaderForPartition);
        var published = producer.Publish(facts.ToArray().Shuffled(seed: 7, times: 2));
        await Reached(follower, published.Next);
        Assert.Equal(facts.Digest(), seen.Digest());
        Assert.Null(follower.Fault);
    }

    [Fact]
    public async Task Follow_FromASnapshot_AddsWhatTheSnapshotDoesNotHave()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        using var store = new MemoryEventStore();
        var facts = Some.Facts(1_500);
        producer.Publish(facts.Take(1_000));
        await new EventConsumer(broker.Connection, store).RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        producer.Publish(facts.Skip(500).ToArray().Shuffled(seed: 2, times: 2));

        var snapshot = store.Read("recs-ingest");
        var seen = new SeenEvents();
        var folded = new ConcurrentQueue<Fact>();
        foreach (var fact in snapshot.Facts)
        {
            seen.Add(fact.Event);
            folded.Enqueue(fact);
        }
        await using var follower = Follower(broker, snapshot.Offsets, seen, folded.Enqueue);
        await follower.CaughtUp.WaitAsync(Some.Patience);
        Assert.Equal(1_500, folded.Count);
        Assert.Equal(facts.Digest(), folded.Digest());
    }

    [Fact]
    public async Task Callback_Throws_IsTheFaultAndAnotherFollowerGoesOn()
    {
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var facts = Some.Facts(300);
        producer.Publish(facts);
        var seen = new SeenEvents();
        var folded = new ConcurrentQueue<Fact>();
        var broken = Follower(broker, Nowhere, seen, fact =>
        {
            if (folded.Count == 100) throw new InvalidOperationException("the fold is full");
            folded.Enqueue(fact);
        });
        await Assert.ThrowsAsync<InvalidOperationException>(() => broken.CaughtUp.WaitAsync(Some.Patience));
        Assert.Equal("the fold is full", broken.Fault?.Message);
        await broken.DisposeAsync();
        // The one whose callback failed was noted as seen; its state is in doubt, so a careful caller starts from the store.
        await using var follower = Follower(broker, broken.Positions, seen, folded.Enqueue);
        await follower.CaughtUp.WaitAsync(Some.Patience);
        Assert.Equal(299, folded.Count);
        Assert.Equal(0, follower.Lag);
    }

    [Fact]
    public async Task Follow_PositionGone_IsTheFault()
    {
        using var broker = new EmbeddedBroker();
        var offsets = new Dictionary<StreamPartition, long> { [new("recs.events", 3)] = 812 };
        await using var follower = Follower(broker, offsets, new SeenEvents(), _ => { });
        var refused = await Assert.ThrowsAsync<RefusedException>(() => follower.CaughtUp.WaitAsync(Some.Patience));
        Assert.StartsWith("topic recs.events, partition 3: offset 812 is next, but the stream holds 0 to 0", refused.Message, StringComparison.Ordinal);
        Assert.Same(refused, follower.Fault);
    }

    private static StreamFollower Follower(EmbeddedBroker broker, IReadOnlyDictionary<StreamPartition, long> offsets, SeenEvents seen, Action<Fact> onFact)
    {
        var follower = new StreamFollower(broker.Connection, offsets, seen, onFact);
        follower.Start();
        return follower;
    }

    // Positions only say so when asked.
    private static async Task Reached(StreamFollower follower, IReadOnlyDictionary<StreamPartition, long> next)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (next.Any(place => follower.Positions.GetValueOrDefault(place.Key) < place.Value))
        {
            if (follower.Fault is { } fault) throw fault;
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Some.Patience, "the follower stands still");
            await Task.Delay(10);
        }
    }
}
