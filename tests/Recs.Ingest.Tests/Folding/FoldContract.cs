using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features.State;
using Recs.Storage;
using Recs.Tests;

namespace Recs.Ingest.Tests.Folding;

/// <summary>The fold beside the facts, on each engine: equal to the fold of the distinct events by whatever way it came.</summary>
public abstract class FoldContract
{
    internal abstract TestDatabase NewDatabase();

    [Fact]
    public void LiveFold_BatchesResendsAndGaps_IsTheFoldOfTheFacts()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var facts = Some.Facts(600);
        Append(store, facts.Take(100));
        using (var live = new LiveFold(EventStore.Open(database.Url), TimeSpan.Zero, TimeProvider.System))
        {
            foreach (var batch in facts.Shuffled(1, times: 2).Chunk(70))
            {
                var result = Append(store, batch);
                // Every third is not told of: as if its commit had not been confirmed.
                if (result.Batch % 3 != 0) live.Stored(result);
            }
            var fold = live.Finish(Timeout.InfiniteTimeSpan)!;
            Assert.Equal(FoldOf(facts), fold.Folded.Digest());
            Assert.Equal(1, live.Snapshots);
        }
        var loaded = StoredFold.Load(store);
        Assert.Equal((FoldOf(facts), 0L), (loaded.Folded.Digest(), loaded.Caught));
        Append(store, Some.Facts(50, from: 600));
        loaded.CatchUp(store);
        Assert.Equal((FoldOf(Some.Facts(650)), 50L), (loaded.Folded.Digest(), loaded.Caught));
        Assert.Equal(FoldOf(Some.Facts(650)), StoredFold.FromFacts(store).Folded.Digest());
    }

    [Fact]
    public void Finish_WithoutTime_LeavesTheFactsToTheNextStart()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var facts = Some.Facts(2_000);
        using (var live = new LiveFold(EventStore.Open(database.Url), TimeSpan.Zero, TimeProvider.System))
        {
            foreach (var batch in facts.Chunk(50)) live.Stored(Append(store, batch));
            // Whether it was quick enough or not, it ends, and what it kept is a whole state.
            if (live.Finish(TimeSpan.Zero) is { } fold) Assert.Equal(FoldOf(facts), fold.Folded.Digest());
        }
        Assert.Equal(FoldOf(facts), StoredFold.Load(store).Folded.Digest());
    }

    [Fact]
    public void Load_SnapshotOfAnotherLayout_IsPassedOver()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Append(store, Some.Facts(40));
        store.SaveState(StoredFold.Load(store).ToSnapshot(TimeProvider.System) with { Layout = "an older one" });
        var fold = StoredFold.Load(store);
        Assert.Equal((FoldOf(Some.Facts(40)), 40L), (fold.Folded.Digest(), fold.Caught));
    }

    [Fact]
    public void Load_DamagedSnapshot_IsRefusedWithTheWayOut()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Append(store, Some.Facts(40));
        var snapshot = StoredFold.Load(store).ToSnapshot(TimeProvider.System);
        snapshot.Bytes[snapshot.Bytes.Length / 2] ^= 1;
        store.SaveState(snapshot);
        Assert.Contains("recs replay", Assert.Throws<RefusedException>(() => StoredFold.Load(store)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Retention_AgainAndAgain_LeavesTheStateAsItWas()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var facts = Some.Facts(6_000); // four days and a bit
        Append(store, facts);
        var whole = FoldOf(facts);
        var day = DateOnly.FromDateTime(Some.Start.ToDateTimeOffset().UtcDateTime);
        store.SaveState(StoredFold.Load(store).ToSnapshot(TimeProvider.System));
        var dropped = 0L;
        foreach (var first in new[] { day.AddDays(1), day.AddDays(1), day.AddDays(3) })
        {
            dropped += Retention.Run(store, first, TimeProvider.System).Dropped;
            Assert.Equal(whole, StoredFold.Load(store).Folded.Digest());
            Assert.Equal(whole, StoredFold.FromFacts(store).Folded.Digest());
        }
        Assert.Equal(facts.Count(fact => fact.Event is Impression or Interaction && fact.Event.Time < Some.Start.Plus(TimeSpan.FromDays(3))), dropped);
        Assert.Equal(6_000 - dropped, store.ReadSince(0).Facts.Count());
        // Resends of what is gone change nothing, new events do.
        Assert.Equal(dropped, Append(store, facts).Late - LateButHere(facts));
        Assert.Equal(whole, StoredFold.Load(store).Folded.Digest());
        Append(store, Some.Facts(100, from: 6_000));
        Assert.Equal(FoldOf(Some.Facts(6_100)), StoredFold.Load(store).Folded.Digest());
    }

    [Fact]
    public void Erasure_WithSnapshot_IsTheFoldOfTheOthers()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var facts = Some.Facts(900);
        Append(store, facts.Take(500));
        store.SaveState(StoredFold.Load(store).ToSnapshot(TimeProvider.System));
        Append(store, facts.Skip(500));
        using var live = new LiveFold(EventStore.Open(database.Url), TimeSpan.Zero, TimeProvider.System);
        var gone = new UserId("u7");
        var touched = Erasure.Run(store, gone, TimeProvider.System);
        Assert.Equal(1, touched["state_snapshot"]);
        Fact[] others = [.. facts.Where(fact => !Names(fact.Event, gone))];
        Assert.Equal(FoldOf(others), StoredFold.Load(store).Folded.Digest());
        Assert.Equal(FoldOf(others), StoredFold.FromFacts(store).Folded.Digest());
        // A worker's fold in memory follows with the next batch.
        live.Stored(Append(store, Some.Facts(100, from: 900)));
        Fact[] later = [.. Some.Facts(1_000).Where(fact => !Names(fact.Event, gone))];
        Assert.Equal(FoldOf(later), live.Finish(Timeout.InfiniteTimeSpan)!.Folded.Digest());
        Assert.False(StoredFold.Load(store).Folded.State.Knows(gone));
    }

    [Fact]
    public void Erasure_AfterRetention_ForgetsTheUserInTheBaseToo()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Append(store, Some.Facts(6_000));
        Retention.Run(store, DateOnly.FromDateTime(Some.Start.ToDateTimeOffset().UtcDateTime).AddDays(2), TimeProvider.System);
        var gone = new UserId("u7");
        Erasure.Run(store, gone, TimeProvider.System);
        var fold = StoredFold.Load(store);
        Assert.False(fold.Folded.State.Knows(gone));
        Assert.Equal(fold.Folded.Digest(), StoredFold.FromFacts(store).Folded.Digest());
    }

    [Fact]
    public async Task Replay_FromTheStream_RebuildsWhatWasDamaged()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        using var broker = new EmbeddedBroker();
        using var producer = new EventProducer(broker.Connection);
        var facts = Some.Facts(800);
        producer.Publish(facts.Shuffled(5, times: 2).Select(producer.ToRaw).Append(new RawMessage("recs.events", "k", [1, 2], Some.Start.Plus(TimeSpan.FromMinutes(300)))));
        var worker = new EventConsumer(broker.Connection, store);
        await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        var whole = FoldOf(facts);
        ((Storage.Sql.SqlStore)store).Execute("delete from fact where event_id like 'e3%'");
        ((Storage.Sql.SqlStore)store).Execute("update fact set item_id = 'wrong' where event_id = 'e405'");
        Assert.NotEqual(whole, StoredFold.FromFacts(store).Folded.Digest());

        var (from, to) = (Some.Start, Some.Start.Plus(TimeSpan.FromDays(1)));
        var replay = new StreamReplay(broker.Connection, new Topics(), from, to, allowGap: false, TimeProvider.System);
        var counts = store.Replace(from, to, replay.Facts(CancellationToken.None));
        Assert.Equal((800, 800, 1_601, 1), (counts.Added, counts.Duplicates, replay.Read, replay.Refused));
        Assert.Equal(whole, StoredFold.FromFacts(store).Folded.Digest());
        // The worker goes on as if nothing had been.
        producer.Publish(Some.Facts(100, from: 750));
        await worker.RunUntilCaughtUpAsync().WaitAsync(Some.Patience);
        Assert.Equal(FoldOf(Some.Facts(850)), StoredFold.Load(store).Folded.Digest());
    }

    private static int LateButHere(IReadOnlyList<Fact> facts) =>
        facts.Count(fact => fact.Event is ItemUpserted or UserUpserted && fact.Event.Time < Some.Start.Plus(TimeSpan.FromDays(3)));

    private static bool Names(Event source, UserId user) => source switch
    {
        UserUpserted one => one.User == user,
        Impression one => one.User == user,
        Interaction one => one.User == user,
        _ => false,
    };

    private static string FoldOf(IEnumerable<Fact> facts) => FoldedState.Of(facts.Select(fact => fact.Event)).Digest();

    private static AppendResult Append(IRecsStore store, IEnumerable<Fact> facts) => store.Append(new AppendBatch([.. facts], [], []));
}

public sealed class DuckDbFoldTests : FoldContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.DuckDb();
}

public sealed class PostgresFoldTests : FoldContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
