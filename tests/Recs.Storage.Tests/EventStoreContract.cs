using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Tests;

namespace Recs.Storage.Tests;

/// <summary>What every store keeps; each engine runs all of it.</summary>
public abstract class EventStoreContract
{
    internal abstract TestDatabase NewDatabase();

    [Fact]
    public void Append_ResendWithinAndBetweenBatches_KeepsTheFirst()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var first = store.Append(An.Batch(An.Interaction("e1", item: "first"), An.Interaction("e1", item: "second"), An.Impression("e2"), An.Impression("e2")));
        var second = store.Append(An.Batch(An.Interaction("e1", item: "third"), An.Impression("e2", items: 5), An.Interaction("e3")));
        Assert.Equal(new AppendResult(2, 2), first);
        Assert.Equal(new AppendResult(1, 2), second);
        Assert.Equal(new StoreCounts(0, 0, 1, 2, 4, 0), store.Count());
        Assert.Equal(new[] { An.Interaction("e1", item: "first"), An.Impression("e2"), An.Interaction("e3") }.Select(An.Text), All(store));
    }

    [Fact]
    public void Append_TextsOfEveryLength_ComeBackAsTheyWere()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        // More rows than go over at once, texts around the lengths that engines treat apart, the same string in neighbouring rows, and more than a megabyte of long ones.
        var user = new string('u', 20);
        Fact[] facts =
        [
            .. Enumerable.Range(0, 5_000).Select(i => An.Interaction($"e{i:0000}" + new string('é', i % 9), user: i % 3 == 0 ? user : new string('v', i % 30 + 1), item: new string('i', i % 14 + 1))),
            .. Enumerable.Range(0, 60).Select(i => An.Item($"t{i:0000}", title: new string((char)('a' + i % 26), 1 << (i % 17)))),
            .. Enumerable.Range(0, 300).Select(i => An.Impression($"w{i:0000} of some length", items: 12)),
        ];
        Assert.Equal(facts.Length, store.Append(An.Batch(facts)).Appended);
        Assert.Equal(facts.Select(An.Text).Order(StringComparer.Ordinal), All(store).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Append_SameIdOnAnotherDay_IsAnotherFact()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.Append(An.Batch(An.Interaction("e1")));
        Assert.Equal(1, store.Append(An.Batch(An.Interaction("e1", An.Time.Plus(TimeSpan.FromDays(1))))).Appended);
    }

    [Fact]
    public void Append_AfterReopening_StillKnowsWhatItHas()
    {
        using var database = NewDatabase();
        using (var store = database.Open()) store.Append(new([An.Interaction("e1")], [An.DeadLetter(1)], [An.Move(0, 2)]));
        using var again = database.Open();
        Assert.Equal(new AppendResult(0, 1), again.Append(An.Batch(An.Interaction("e1"))));
        Assert.Equal(2, again.Offsets("g")[An.Partition]);
        Assert.Empty(again.Offsets("other"));
    }

    [Fact]
    public void Append_OffsetMovedByAnother_IsFencedAndLeavesNothing()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        using var other = EventStore.Open(database.Url);
        store.Append(new([An.Interaction("e1")], [], [An.Move(0, 10)]));
        other.Append(new([An.Interaction("e2")], [], [An.Move(10, 20)]));
        var before = store.Count();
        var fault = Assert.Throws<FencedException>(() => store.Append(new([An.Interaction("e3"), An.Impression("e4"), An.Interaction("e1")],
            [An.DeadLetter(11)], [new("g", new("a", 0), 0, 5), An.Move(10, 15)])));
        Assert.Contains("stands at 20, the batch begins at 10", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, store.Count());
        Assert.Equal(20, Assert.Single(store.Offsets("g")).Value);
        Assert.Equal(2, All(store).Count);
        Assert.Throws<FencedException>(() => store.Append(new([], [], [An.Move(0, 30)])));
        Assert.Throws<FencedException>(() => store.Append(new([], [], [An.Move(7, 30, "never begun")])));
        Assert.Equal(new AppendResult(1, 0), store.Append(new([An.Interaction("e3")], [], [An.Move(20, 21)])));
    }

    [Fact]
    public void Append_FirstBatchFails_NextOneFindsItsStages()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Assert.Throws<FencedException>(() => store.Append(new([], [An.DeadLetter(1)], [An.Move(3, 4)])));
        var beyond = An.Interaction("e1", known: new Timestamp(long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Append(new([An.Interaction("e0"), beyond], [], [An.Move(0, 2)])));
        Assert.Equal(new AppendResult(1, 0), store.Append(new([An.Interaction("e0")], [An.DeadLetter(1)], [An.Move(0, 2)])));
    }

    [Fact]
    public void Append_DeadLettersAgain_AreKeptOnceAndWhole()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.Append(new([], [An.DeadLetter(4), An.DeadLetter(4), An.DeadLetter(3, "a\0b\uD83D")], [An.Move(0, 5)]));
        store.Append(new([], [An.DeadLetter(4), An.DeadLetter(6)], [An.Move(5, 7)]));
        var letters = store.DeadLetters();
        Assert.Equal([3, 4, 6], letters.Select(letter => letter.Offset));
        Assert.Equal("a\uFFFDb\uFFFD", letters[0].Rejection.Detail);
        Assert.Equal(An.DeadLetter(4).Raw, letters[1].Raw);
        Assert.Equal(An.DeadLetter(4).Rejection, letters[1].Rejection);
        Assert.Equal((An.Partition, An.Time), (letters[1].Partition, letters[1].Known));
        Assert.Equal(3, store.Count().DeadLetters);
    }

    [Fact]
    public void Read_AnyArrival_ComesInKnownTimeIdOrder()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        string[] ids = ["a", "B", "Z", "é", "b-1", "b1", "ﬀ", "😀", "_"]; // by bytes: capitals first, U+FB00 before U+1F600
        var facts = (from id in ids
                     from minute in Enumerable.Range(0, 3)
                     from known in Enumerable.Range(0, 2)
                     select An.Interaction($"{id}{minute}{known}", An.Time.Plus(TimeSpan.FromMinutes(minute)), An.Time.Plus(TimeSpan.FromHours(known)))).ToArray();
        var shuffled = facts.ToArray();
        new Random(7).Shuffle(shuffled);
        foreach (var part in shuffled.Chunk(10)) store.Append(An.Batch(part));
        var expected = facts.OrderBy(fact => fact.Known).ThenBy(fact => fact.Event.Time)
            .ThenBy(fact => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(fact.Event.Id.Value)), StringComparer.Ordinal);
        Assert.Equal(expected.Select(An.Text), All(store));
        Assert.Equal(facts.Length / 2, store.Read("g", An.Time.Plus(TimeSpan.FromHours(1))).Facts.Count());
    }

    [Fact]
    public void Read_EveryKindOfEvent_IsExactlyWhatWasAppended()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        const string strange = "'; drop table fact; -- \"$name\" @p 😀 \\ \t é";
        var ad = new Ad(new(strange), new ItemId("i2"), new(BidUnit.Conversion, 120_000), 5_000_000, ["United Kingdom", strange]);
        Fact[] facts =
        [
            An.Item("i" + strange, strange), An.Item("ad", "Ad", ad), An.Item("ad2", "Ad", ad with { Promotes = null, Countries = [], Bid = new(BidUnit.Thousand, 1) }),
            An.User("u" + strange, strange), An.Impression("p0" + strange, request: strange), An.Impression("p1", items: 1), An.Impression("p2", items: 76),
            An.Interaction("n1", new Timestamp(An.Time.Milliseconds + 1), new Timestamp(An.Time.Milliseconds + 999), request: strange, user: strange, item: strange),
            An.Interaction("n2", new Timestamp(0), new Timestamp(-1)),
            An.Interaction("n3", Timestamp.From(new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.Zero))),
            .. Enum.GetValues<InteractionType>().Select(action => An.Interaction($"a{action}", action: action, value: 1_000_000_000_000_000, dwell: 86_400_000)),
        ];
        store.Append(An.Batch(facts));
        Assert.Equal(facts.Select(An.Text).Order(StringComparer.Ordinal), All(store).Order(StringComparer.Ordinal));
        var impression = store.Read("g").Facts.Select(fact => fact.Event).OfType<Impression>().Single(source => source.Id.Value == "p2");
        Assert.Equal(((Impression)An.Impression("p2", items: 76).Event).Items, impression.Items);
    }

    [Fact]
    public void Read_TextThatGrowsWhenWritten_ComesBack()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var item = new Item { Id = new("i1"), Title = "t", Attributes = new AttributeSet(Enumerable.Range(0, 4).Select(k => KeyValuePair.Create($"text{k}", new string('é', 60_000)))) };
        var fact = new Fact(new ItemUpserted(new("e1"), An.Time, item), An.Time);
        store.Append(An.Batch(fact));
        Assert.Equal(An.Text(fact), Assert.Single(All(store)));
    }

    [Fact]
    public void Read_LeftUnfinished_DoesNotBlockTheNextCall()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.Append(new([An.Interaction("e1"), An.Interaction("e2")], [], [An.Move(0, 2)]));
        var never = store.Read("g");
        Assert.Equal(2, never.Offsets[An.Partition]);
        foreach (var _ in store.Read("g").Facts) break;
        store.Append(An.Batch(An.Interaction("e3")));
        Assert.Throws<InvalidOperationException>(() => never.Facts.Count());
        Assert.Equal(3, All(store).Count);
    }

    [Fact]
    public void Append_FromTwoThreadsTheSameFacts_KeepsEachOnce()
    {
        using var database = NewDatabase();
        using (database.Open()) { }
        var batches = Enumerable.Range(0, 20).Select(b => An.Batch([.. Enumerable.Range(0, 50).Select(k => An.Interaction($"e{(b * 25) + k}"))])).ToArray();
        var results = new AppendResult[2][];
        Parallel.For(0, 2, worker =>
        {
            using var store = EventStore.Open(database.Url);
            results[worker] = [.. batches.Select((batch, b) => store.Append(batch with { Offsets = [new("g", new("t", worker), b, b + 1)] }))];
        });
        Assert.Equal(525, results.SelectMany(result => result).Sum(result => result.Appended));
        using var check = EventStore.Open(database.Url);
        Assert.Equal(525, All(check).Count);
        Assert.Equal(2000 - 525, check.Count().Duplicates);
    }

    [Fact]
    public void Migrate_SeveralAtOnceAndAgain_IsSafe()
    {
        using var database = NewDatabase();
        Parallel.For(0, 2, _ =>
        {
            using var store = EventStore.Open(database.Url);
            store.Migrate();
            store.Migrate();
        });
        using var opened = database.Open();
        Assert.Equal(new StoreCounts(0, 0, 0, 0, 0, 0), opened.Count());
    }

    [Fact]
    public void Migrate_StepWithAnotherTextOrNewer_IsRefused()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        ((Sql.SqlStore)store).Execute("update schema_migration set checksum = 'abcdefabcdefabcdef' where version = 1");
        var edited = Assert.Throws<RefusedException>(store.Migrate);
        Assert.Contains("V0001__events", edited.Message, StringComparison.Ordinal);
        ((Sql.SqlStore)store).Execute("delete from schema_migration where version = 1");
        ((Sql.SqlStore)store).Execute("insert into schema_migration (version, name, checksum) values (9000, 'V9000__later', 'x')");
        Assert.Contains("newer than this build", Assert.Throws<RefusedException>(store.Migrate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SaveEmbeddings_AgainAndOtherVersion_ReplacesByItemAndVersion()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        Assert.Null(store.LatestEmbeddingVersion());
        store.SaveEmbeddings([new(new("b"), "v1", "h1", [0.1f, -2f]), new(new("a"), "v1", "h2", [1f, 0f]), new(new("b"), "v1", "h3", [0.5f, float.Epsilon])]);
        store.SaveEmbeddings([new(new("a"), "v2", "h2", [3f])]);
        Assert.Equal("v2", store.LatestEmbeddingVersion());
        store.SaveEmbeddings([new(new("a"), "v1", "h4", [9f, 9f])]);
        Assert.Equal("v1", store.LatestEmbeddingVersion());
        var vectors = store.Embeddings("v1");
        Assert.Equal(["a h4 9,9", $"b h3 0.5,{float.Epsilon}"], vectors.Select(vector => $"{vector.Item} {vector.ContentHash} {string.Join(',', vector.Vector)}"));
        Assert.Empty(store.Embeddings("none"));
        store.SaveEmbeddings([]);
    }

    [Fact]
    public void SaveEmbeddings_Signature_IsKeptAndReplaced()
    {
        using var database = NewDatabase();
        using (var store = database.Open())
        {
            store.SaveEmbeddings([new(new("a"), "v1", "h1", [1f], "3-0-1-2"), new(new("b"), "v1", "h2", [1f])]);
            store.SaveEmbeddings([new(new("b"), "v1", "h3", [1f], "0")]);
        }
        using var again = database.Open();
        Assert.Equal(["a 3-0-1-2", "b 0"], again.Embeddings("v1").Select(vector => $"{vector.Item} {vector.Signature}"));
        Assert.Equal(new Dictionary<ItemId, string> { [new("a")] = "h1", [new("b")] = "h3" }, again.EmbeddingHashes("v1"));
        Assert.Empty(again.EmbeddingHashes("v2"));
    }

    [Fact]
    public void Migrate_VectorsSavedBeforeSignatures_HaveNone()
    {
        using var database = NewDatabase();
        using (var store = database.Open())
        {
            store.SaveEmbeddings([new(new("a"), "v1", "h1", [1f, 2f], "1")]);
            // What the step before left: no such column, and no trace of the step.
            ((Sql.SqlStore)store).Execute("alter table item_embedding drop column signature");
            ((Sql.SqlStore)store).Execute("delete from schema_migration where version = 4");
        }
        using var later = database.Open();
        var vector = Assert.Single(later.Embeddings("v1"));
        Assert.Equal(("h1", "", 2f), (vector.ContentHash, vector.Signature, vector.Vector[1]));
        later.SaveEmbeddings([new(new("a"), "v1", "h2", [1f, 2f], "2")]);
        Assert.Equal("2", Assert.Single(later.Embeddings("v1")).Signature);
    }

    [Fact]
    public void Append_EventsBeforeTheFirstDayOrTheHorizon_AreKeptApartAndCounted()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        ((Sql.SqlStore)store).Execute("update fact_retention set first_day = date '2011-11-05', horizon_days = 2");
        var (yesterday, later) = (An.Time.Plus(TimeSpan.FromDays(-1)), An.Time.Plus(TimeSpan.FromDays(2)));
        var result = store.Append(An.Batch(An.Interaction("e1"), An.Interaction("e2", yesterday), An.Interaction("e2", yesterday),
            An.Interaction("e3", known: later), An.Interaction("e4", known: later.Plus(TimeSpan.FromDays(1)))));
        Assert.Equal(new AppendResult(2, 1) { Late = 2 }, result);
        Assert.Equal(["e1", "e3"], result.Fresh.Select(fact => fact.Event.Id.Value));
        Assert.Equal(new StoreCounts(0, 0, 0, 2, 1, 0, Late: 2), store.Count());
        Assert.Equal(2L, store.Query("select count(*) from late_event where user_id = 'u1' and event_id in ('e2', 'e4')", new Dictionary<string, object>()).Rows[0][0]);
        // Again, in another batch: counted, kept once.
        Assert.Equal(1, store.Append(An.Batch(An.Interaction("e2", yesterday))).Late);
        Assert.Equal(2L, store.Query("select count(*) from late_event", new Dictionary<string, object>()).Rows[0][0]);
    }

    [Fact]
    public void Append_Batches_AreNumberedInTheFacts()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        var first = store.Append(An.Batch(An.Interaction("e1"), An.Impression("e2")));
        var second = store.Append(An.Batch(An.Interaction("e1"), An.Interaction("e3")));
        Assert.InRange(first.Batch, 1, second.Batch - 1);
        var rows = store.Query("select event_id, batch from fact order by event_id", new Dictionary<string, object>()).Rows;
        Assert.Equal([("e1", first.Batch), ("e2", first.Batch), ("e3", second.Batch)], rows.Select(row => ((string)row[0]!, (long)row[1]!)));
        Assert.Equal(0, store.Append(new AppendBatch([], [], [An.Move(0, 1)])).Batch);
    }

    [Fact]
    public void RemoveEmbeddings_OfEveryVersion_LeavesTheOthers()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.SaveEmbeddings([new(new("a"), "v1", "h", [1f]), new(new("a"), "v2", "h", [1f]), new(new("b"), "v1", "h", [1f])]);
        Assert.Equal(2, store.RemoveEmbeddings([new("a"), new("a"), new("unknown")]));
        Assert.Equal(0, store.RemoveEmbeddings([new("a")]));
        Assert.Equal(0, store.RemoveEmbeddings([]));
        Assert.Empty(store.Embeddings("v2"));
        Assert.Equal("b", Assert.Single(store.Embeddings("v1")).Item.Value);
        store.SaveEmbeddings([new(new("a"), "v1", "h2", [1f])]);
        Assert.Equal(2, store.Embeddings("v1").Count);
    }

    [Fact]
    public void Append_Embeddings_MoveWithTheOffsetsOrNotAtAll()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        store.Append(new([], [], [An.Move(0, 3)]) { Embeddings = new([new(new("a"), "v1", "h", [1f], "1"), new(new("b"), "v1", "h", [1f]), new(new("a"), "v1", "h2", [2f], "2")], []) });
        Assert.Equal(["a h2 2", "b h "], store.Embeddings("v1").Select(vector => $"{vector.Item} {vector.ContentHash} {vector.Signature}"));
        Assert.Equal("v1", store.LatestEmbeddingVersion());
        Assert.Throws<FencedException>(() => store.Append(new([], [], [An.Move(0, 4)]) { Embeddings = new([new(new("c"), "v2", "h", [1f])], [new("a")]) }));
        Assert.Equal(2, store.Embeddings("v1").Count);
        Assert.Equal("v1", store.LatestEmbeddingVersion());
        store.Append(new([], [], [An.Move(3, 5)]) { Embeddings = new([new(new("c"), "v2", "h", [1f])], [new("a"), new("nobody")]) });
        Assert.Equal("b", Assert.Single(store.Embeddings("v1")).Item.Value);
        Assert.Equal("v2", store.LatestEmbeddingVersion());
    }

    [Fact]
    public void Catalogue_SeveralVersions_TheNewestByTimeThenId()
    {
        using var database = NewDatabase();
        using var store = database.Open();
        static Fact Version(string id, string item, int hour, string title, ItemStatus status = ItemStatus.Active) => new(new ItemUpserted(new(id),
            An.Time.Plus(TimeSpan.FromHours(hour)), new Item { Id = new(item), Title = title, Status = status }), An.Time);
        store.Append(An.Batch(Version("e2", "i2", 5, "new"), Version("e1", "i2", 1, "old"), Version("e5", "i1", 0, "by id"), Version("e4", "i1", 0, "loses"),
            Version("e6", "i3", 0, "was"), Version("e7", "i3", 30, "", ItemStatus.Deleted), An.Interaction("c1")));
        store.Append(An.Batch(Version("e3", "i2", 2, "late")));
        Assert.Equal(["i1 by id Active", "i2 new Active", "i3  Deleted"], store.Catalogue().Select(version => $"{version.Item.Id} {version.Item.Title} {version.Item.Status}"));
    }

    private static List<string> All(IEventStore store) => [.. store.Read("g").Facts.Select(An.Text)];
}

public sealed class DuckDbEventStoreTests : EventStoreContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.DuckDb();
}

public sealed class PostgresEventStoreTests : EventStoreContract
{
    internal override TestDatabase NewDatabase() => TestDatabase.Postgres();
}
