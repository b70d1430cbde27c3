using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Storage.Tests;

/// <summary>Folded states and the ways in which facts leave; each engine runs all of it.</summary>
public abstract class StateStoreContract
{
    private static readonly DateOnly Day = SqlTime.DayOf(An.Time);

    internal abstract TestDatabase NewDatabase();

    [Fact]
    public void SaveState_OfManyParts_ComesBackAndReplacesTheOlderOne()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Assert.Null(store.FindState(StateKind.Snapshot));
        store.SaveState(State(1, [1]));
        var bytes = new byte[9_000_001];
        new Random(3).NextBytes(bytes);
        var state = State(7, bytes);
        store.SaveState(state);
        using var again = database.Open();
        var found = again.FindState(StateKind.Snapshot)!;
        Assert.Equal(bytes, found.Bytes);
        Assert.Equal(state with { Bytes = found.Bytes, Offsets = found.Offsets }, found);
        Assert.Equal(state.Offsets, found.Offsets);
        Assert.Null(again.FindState(StateKind.Base));
        Assert.Equal(1L, Number(again, "select count(*) from state_snapshot"));
    }

    [Fact]
    public void ReadSince_AfterEachBatch_HasWhatCameLater()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var empty = store.ReadSince(0);
        Assert.Empty(empty.Facts);
        store.Append(new([An.Interaction("e1"), An.Impression("e2")], [], [An.Move(0, 2)]));
        var first = store.ReadSince(empty.Batch);
        Assert.Equal(["e1", "e2"], first.Facts.Select(fact => fact.Event.Id.Value).Order(StringComparer.Ordinal));
        store.Append(new([An.Interaction("e1"), An.Interaction("e3")], [], [An.Move(2, 4)]));
        var second = store.ReadSince(first.Batch);
        Assert.Equal(KeyValuePair.Create(new GroupPartition("g", new("recs.events", 0)), 4L), Assert.Single(second.Offsets));
        Assert.Equal(["e3"], second.Facts.Select(fact => fact.Event.Id.Value));
        Assert.Equal(3, store.ReadSince(0).Facts.Count());
        Assert.Empty(store.ReadSince(second.Batch).Facts);
    }

    [Fact]
    public async Task ReadSince_WhileWorkersAppend_MissesNothing()
    {
        using var database = NewDatabase();
        using (database.Open()) { }
        const int batches = 60;
        var workers = Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            using var own = EventStore.Open(database.Url);
            for (var b = 0; b < batches; b++) own.Append(An.Batch(An.Interaction($"w{worker}-{b}"), An.Impression($"i{worker}-{b}")));
        })).ToArray();
        using var store = EventStore.Open(database.Url);
        List<string> seen = [];
        var at = 0L;
        for (var last = false; !last;)
        {
            last = workers.All(worker => worker.IsCompleted);
            var since = store.ReadSince(at);
            seen.AddRange(since.Facts.Select(fact => fact.Event.Id.Value));
            at = since.Batch;
        }
        await Task.WhenAll(workers);
        Assert.Equal(4 * batches, seen.Count);
        Assert.Equal(4 * batches, seen.Distinct().Count());
    }

    [Fact]
    public void DropBefore_ADay_LeavesItemsUsersAndLaterDays()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var (before, after) = (An.Time.Plus(TimeSpan.FromDays(-1)), An.Time.Plus(TimeSpan.FromDays(1)));
        store.Append(An.Batch(An.Item("i"), An.User("u"), An.Interaction("old", before), An.Impression("old2", time: before), An.Interaction("day"), An.Impression("day2"), An.Interaction("new", after), An.Impression("new2", time: after)));
        store.SaveState(State(1_000, [1]));
        Assert.Throws<InvalidOperationException>(() => store.DropBefore(Day.AddDays(1), State(0, [2])));
        store.KeepFrom(Day.AddDays(1));
        store.KeepFrom(Day);
        Assert.Equal(["day", "day2", "old", "old2"], store.ReadBefore(Day.AddDays(1)).Select(fact => fact.Event.Id.Value).Order(StringComparer.Ordinal));
        var epoch = store.ReadSince(0).Epoch;
        Assert.Equal(4, store.DropBefore(Day.AddDays(1), State(0, [2])));
        Assert.Equal(["i", "new", "new2", "u"], store.ReadSince(0).Facts.Select(fact => fact.Event.Id.Value).Order(StringComparer.Ordinal));
        Assert.Equal(3L, Number(store, "select count(*) from fact_shown"));
        Assert.Single(store.Catalogue());
        Assert.Null(store.FindState(StateKind.Snapshot));
        Assert.Equal([(byte)2], store.FindState(StateKind.Base)!.Bytes);
        Assert.Equal(epoch + 1, store.ReadSince(0).Epoch);
        // A resend of what is gone is late, of what is here a duplicate; a fold from before is refused.
        Assert.Equal(new AppendResult(0, 2) { Late = 2 }, store.Append(An.Batch(An.Interaction("old", before), An.Interaction("day"), An.Interaction("new", after), An.Impression("new2", time: after))));
        Assert.Throws<FencedException>(() => store.SaveState(State(5, [3])));
    }

    [Fact]
    public void Erase_AUser_RemovesEveryRowAndRefusesWhatComes()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        const string user = "u \"é\" 1";
        var first = store.Append(An.Batch(An.Item("i"), An.User("u", user), An.Interaction("a", user: user), An.Interaction("b", user: "other"), An.Impression("c")));
        store.SaveState(State(first.Batch, [1]));
        store.Append(new([An.Interaction("d", user: user)], [Letter(1, "{\"user\":\"u \\\"é\\\" 1\",}"), Letter(2, "{\"user\":\"u \\u0022\\u00E9\\u0022 1\",}"), Letter(3, "{\"user\":\"u\",}")], []));
        List<string> inState = [];
        var touched = store.Erase(new(user), An.Time, (state, events) =>
        {
            inState.AddRange(events.Select(source => source.Id.Value));
            return state with { Bytes = [9] };
        });
        Assert.Equal(["a", "u"], inState.Order(StringComparer.Ordinal));
        Assert.Equal((3L, 2L, 1L), (touched["fact"], touched["dead_letter"], touched["state_snapshot"]));
        Assert.Equal([(byte)9], store.FindState(StateKind.Snapshot)!.Bytes);
        Assert.Equal(["b", "c", "i"], store.ReadSince(0).Facts.Select(fact => fact.Event.Id.Value).Order(StringComparer.Ordinal));
        Assert.Equal(3, Assert.Single(store.DeadLetters()).Offset);
        Assert.True(store.IsErased(new(user)));
        Assert.False(store.IsErased(new("other")));
        using var other = EventStore.Open(database.Url);
        foreach (var open in new[] { store, other })
            Assert.Equal(new AppendResult(0, 0) { Erased = 3 }, open.Append(An.Batch(An.Interaction("a", user: user), An.Interaction("new", user: user), An.Interaction("new", user: user))));
        Assert.Equal(6, store.Count().Erased);
        foreach (var table in new[] { "fact", "late_event", "prediction", "score" }) Assert.Equal(0L, Number(store, $"select count(*) from {table} where user_id like 'u \"%'"));
    }

    [Fact]
    public void Replace_AWindow_ChangesPlacesWithTheFactsOfThatTime()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Timestamp At(int minute) => An.Time.Plus(TimeSpan.FromMinutes(minute));
        store.Append(An.Batch(An.Interaction("before", known: At(0)), An.Interaction("lost", known: At(10)), An.Impression("kept", time: At(11)), An.Interaction("after", known: At(30))));
        store.Erase(new("gone"), An.Time, (state, _) => state);
        store.SaveState(State(9, [1]) with { Epoch = store.ReadSince(0).Epoch });
        var counts = store.Replace(At(10), At(30),
        [
            [An.Impression("kept", time: At(11), items: 2), An.Interaction("found", known: At(12), item: "first"), An.Interaction("x", known: At(12), user: "gone")],
            [An.Interaction("found", known: At(13), item: "second"), An.Interaction("before", known: At(14)), An.Item("item") with { Known = At(20) }],
        ]);
        Assert.Equal(new ReplayCounts(Removed: 2, Added: 3, Duplicates: 2, Late: 0, Erased: 1), counts);
        Assert.Equal(["after", "before", "found", "item", "kept"], store.ReadSince(0).Facts.Select(fact => fact.Event.Id.Value).Order(StringComparer.Ordinal));
        Assert.Equal(("first", 2L), (store.Read("g").Facts.Select(fact => fact.Event).OfType<Interaction>().Single(source => source.Id.Value == "found").Item.Value, Number(store, "select count(*) from fact_shown")));
        Assert.Equal(1L, Number(store, "select count(*) from fact_item"));
        Assert.Null(store.FindState(StateKind.Snapshot));
        Assert.Equal(new AppendResult(1, 2), store.Append(An.Batch(An.Interaction("found"), An.Interaction("lost"), An.Item("item"))));
        Assert.Throws<ArgumentException>(() => store.Replace(At(10), At(30), [[An.Interaction("y", known: At(30))]]));
    }

    private static StoredState State(long batch, byte[] bytes) => new(StateKind.Snapshot, batch, 0, "layout", An.Time, 12, new Dictionary<GroupPartition, long> { [new("g", new("recs.events", 0))] = 4 }, bytes);

    private static DeadLetter Letter(long offset, string raw) => An.DeadLetter(offset) with { Raw = System.Text.Encoding.UTF8.GetBytes(raw) };

    private static long Number(IRecsStore store, string sql) => Convert.ToInt64(store.Query(sql, new Dictionary<string, object>()).Rows[0][0], System.Globalization.CultureInfo.InvariantCulture);
}

public sealed class DuckDbStateStoreTests : StateStoreContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.DuckDb();
}

public sealed class PostgresStateStoreTests : StateStoreContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
