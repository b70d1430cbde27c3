using Recs.Domain;
using Recs.Domain.Events;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>Marts that are tables: made day by day as facts come, they hold what they would hold if they were made at once, and what C# works out one showing at a time.</summary>
public sealed class MartTests
{
    private const int Window = 3;

    private const string Rows = """
        select event_id, ordinal, day, kind, category, author, item_created, advertiser, segment, clicks, conversions, conversion_micros, billable, spend_thousandths
        from fct_impression order by event_id, ordinal
        """;

    private const string Whole = "select * from fct_impression order by event_id, ordinal";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void RefreshMarts_FactsInAnyOrder_HoldsWhatARebuildHolds(int seed)
    {
        using var database = TestDatabase.DuckDb();
        Grow(database, seed);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void RefreshMarts_OnPostgres_HoldsWhatARebuildHolds(int seed)
    {
        using var database = TestDatabase.Postgres();
        Grow(database, seed);
    }

    [Fact]
    public void RefreshMarts_NothingNew_MakesNoDay()
    {
        using var database = TestDatabase.DuckDb();
        using var store = Filled(database, new RandomFeed(9));
        Assert.Equal(0, Assert.Single(store.RefreshMarts()).Days);
        Assert.True(Assert.Single(store.RefreshMarts(rebuild: true)).Days > 20);
    }

    [Fact]
    public void RefreshMarts_OneNewAnswer_MakesTheDaysOfItsRequestOnly()
    {
        using var database = TestDatabase.DuckDb();
        var feed = new RandomFeed(9);
        using var store = Filled(database, feed);
        var page = feed.Events.OfType<Impression>().First(page => feed.Events.OfType<Impression>().Count(other => other.Request == page.Request) == 1);
        var answer = new Interaction(new("new"), page.Time.Plus(TimeSpan.FromDays(Window)), page.Request, page.User, page.Items[0].Item, InteractionType.Click, 0, 0);
        var before = Clicks();
        store.Append(new([new(answer, answer.Time)], [], []));
        Assert.Equal(1, Assert.Single(store.RefreshMarts()).Days);
        Assert.Equal(before + 1, Clicks());

        long Clicks() => (long)store.Query("select cast(sum(clicks) as bigint) as clicks from fct_impression", new Dictionary<string, object>()).Rows[0][0]!;
    }

    [Fact]
    public void RefreshMarts_AnotherWindow_MakesEveryDayAnew()
    {
        using var database = TestDatabase.DuckDb();
        var feed = new RandomFeed(10);
        using var store = Filled(database, feed);
        ((SqlStore)store).Execute("update mart_setting set window_days = 1");
        Assert.True(Assert.Single(store.RefreshMarts()).IsRebuilt);
        Tables.Same(RandomFeed.Rows(feed.Events, 1), Ask(store, Rows));
    }

    [Fact]
    public void FctImpression_Table_HasTheColumnsOfItsSelect()
    {
        using var database = TestDatabase.DuckDb();
        using var store = database.Open();
        var mart = Assert.Single(Storage.Marts.TableMart.All);
        var select = store.Query(mart.Select, new Dictionary<string, object> { ["from"] = new DateOnly(2024, 1, 1), ["to"] = new DateOnly(2024, 1, 1), ["window"] = 7 });
        Assert.Equal(select.Columns, Ask(store, "select * from fct_impression").Columns);
    }

    /// <summary>Appends the feed in batches, with and without refreshes between them, some of which are ended; a user is erased and old days go on the way.</summary>
    private static void Grow(TestDatabase database, int seed)
    {
        var feed = new RandomFeed(seed);
        var random = new Random(seed);
        using var store = Empty(database);
        using var ended = new CancellationTokenSource();
        ended.Cancel();
        Dictionary<EventId, Event> there = [];
        var (first, erased) = (int.MinValue, new UserId("nobody"));
        var batches = feed.Arrivals.Chunk(40).ToList();
        for (var at = 0; at < batches.Count; at++)
        {
            store.Append(new([.. batches[at].Select(told => new Fact(told, told.Time))], [], []));
            foreach (var told in batches[at])
                if (!IsOf(told, erased) && told.Time.DayIndex >= first) there[told.Id] = told;
            if (at == batches.Count / 3)
            {
                erased = new UserId("u1");
                store.Erase(erased, RandomFeed.Start, (_, _) => null);
                foreach (var gone in there.Values.Where(told => IsOf(told, erased)).ToList()) there.Remove(gone.Id);
                Assert.Empty(Ask(store, "select * from fct_impression where user_id = 'u1'").Rows);
            }
            if (at == batches.Count / 2)
            {
                first = RandomFeed.Start.DayIndex + 4;
                store.KeepFrom(RandomFeed.SqlDay(first));
                store.DropBefore(RandomFeed.SqlDay(first), new(StateKind.Base, 0, 0, "none", RandomFeed.Start, 0, new Dictionary<GroupPartition, long>(), []));
                foreach (var gone in there.Values.Where(told => told is Impression or Interaction && told.Time.DayIndex < first).ToList()) there.Remove(gone.Id);
            }
            switch (random.Next(3))
            {
                case 0: break;
                case 1: Assert.Throws<OperationCanceledException>(() => store.RefreshMarts(cancel: ended.Token)); break;
                default:
                    var wasMade = Ask(store, "select mart from mart_state").Rows.Count > 0;
                    Assert.Equal(!wasMade, store.RefreshMarts().Single().IsRebuilt); // erasure and retention leave their days behind, so nothing is made whole twice
                    Tables.Same(RandomFeed.Rows(there.Values, Window), Ask(store, Rows));
                    break;
            }
        }
        store.RefreshMarts();
        var grown = Ask(store, Whole);
        Assert.True(store.RefreshMarts(rebuild: true).Single().IsRebuilt);
        Tables.Same(grown.Rows, Ask(store, Whole));
        Tables.Same(RandomFeed.Rows(there.Values, Window), Ask(store, Rows));
        Assert.Empty(new CheckRunner(store).Run("fct_impression_grain").Rows);
    }

    private static bool IsOf(Event told, UserId user) => told switch
    {
        UserUpserted source => source.User == user,
        Impression source => source.User == user,
        Interaction source => source.User == user,
        _ => false,
    };

    private static IRecsStore Empty(TestDatabase database)
    {
        var store = database.Open();
        ((SqlStore)store).Execute($"update mart_setting set window_days = {Window}");
        return store;
    }

    private static IRecsStore Filled(TestDatabase database, RandomFeed feed)
    {
        var store = Empty(database);
        store.Append(new([.. feed.Events.Select(told => new Fact(told, told.Time))], [], []));
        store.RefreshMarts();
        return store;
    }

    private static Table Ask(IRecsStore store, string sql) => store.Query(sql, new Dictionary<string, object>());
}
