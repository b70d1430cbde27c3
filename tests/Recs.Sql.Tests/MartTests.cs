using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
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

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void FctConversion_EachWay_IsPutDownToWhatComesFirst(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = Empty(database); // a window of 3 days
        Event[] told =
        [
            new ItemUpserted(new("e1"), At(0), new Item { Id = new("shoe"), Title = "Shoe" }),
            new ItemUpserted(new("e2"), At(0), new Item { Id = new("ad"), Title = "Ad for the shoe", Ad = new Ad(new("adv"), new ItemId("shoe"), new(BidUnit.Click, 10_000), 1_000_000, []) }),
            Shown("p1", 1, "r1", "ann", "shoe"), Shown("p2", 2, "r1", "ann", "shoe"), Act("c1", 5, "r1", "ann", "shoe", InteractionType.Conversion),
            Shown("p3", 1, "r3", "bob", "ad"), Act("k3", 2, "r3", "bob", "ad", InteractionType.Click), Shown("p4", 3, "r4", "bob", "shoe"), Act("c2", 4, null, "bob", "shoe", InteractionType.Conversion),
            Shown("p5", 1, "r5", "cid", "ad"), Shown("p6", 2, "r6", "cid", "ad"), Act("c3", 4, null, "cid", "shoe", InteractionType.Conversion),
            Shown("p7", 1, "r7", "dan", "ad"), Act("c4", 24 * 4, null, "dan", "shoe", InteractionType.Conversion), // a day after the window
            Act("k8", 5, null, "eve", "shoe", InteractionType.Click), Act("c5", 4, null, "eve", "shoe", InteractionType.Conversion), // clicked afterwards
        ];
        store.Append(new([.. told.Select(source => new Fact(source, source.Time))], [], []));
        store.RefreshMarts();
        const long hour = 3_600_000;
        Tables.Same(
        [
            ["c1", "request", "shoe", "p1", null, 4 * hour],
            ["c2", "click", "ad", "k3", "adv", 2 * hour],
            ["c3", "shown", "ad", "p6", "adv", 2 * hour],
            ["c4", "none", null, null, null, null],
            ["c5", "none", null, null, null, null],
        ], Ask(store, "select event_id, attribution, touched_item, touch_event_id, advertiser, lag_ms from fct_conversion order by event_id"));
        Assert.Empty(new CheckRunner(store).RunAll());

        static Timestamp At(int hours) => RandomFeed.Start.Plus(TimeSpan.FromHours(hours));
        static Impression Shown(string id, int at, string request, string user, string item) => new(new(id), At(at), new(request), new(user), "home", [new(new(item), 1, null, item == "ad" ? 5_000 : 0)]);
        static Interaction Act(string id, int at, string? request, string user, string item, InteractionType action) =>
            new(new(id), At(at), request is null ? null : new RequestId(request), new(user), new(item), action, 1_000, 0);
    }

    [Fact]
    public void Comments_OnPostgres_LackNoColumnOfAMartTable()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        Assert.Empty(Ask(store, """
            select c.relname, a.attname
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and not a.attisdropped and (a.attnum > 0 or a.attname = 'tableoid')
            where c.relkind in ('r', 'p') and not c.relispartition and (c.relname like 'fct\_%' or c.relname like 'mart\_%' or c.relname like 'item\_cluster%')
              and not exists (select 1 from pg_description d where d.objoid = c.oid and d.objsubid = greatest(a.attnum, 0))
            """).Rows);
    }

    [Fact]
    public void Readers_OnPostgres_SeeTheirAdvertisersRowsOnly()
    {
        using var database = TestDatabase.Postgres();
        using var store = database.Open();
        new SmallShop(3).Fill(store);
        var role = "seller_" + database.Url[(database.Url.LastIndexOf('/') + 1)..];
        var engine = (SqlStore)store;
        engine.Execute($"create role {role}; grant recs_advertiser to {role}; insert into advertiser_access values ('{role}', 'adv-1')");
        var own = Ask(store, "select count(*) from fct_impression where advertiser = 'adv-1'").Rows[0][0];
        var all = Ask(store, "select count(*) from fct_impression").Rows[0][0];
        engine.Execute($"set role {role}");
        Assert.Equal("adv-1", Assert.Single(Ask(store, "select distinct advertiser from fct_impression").Rows)[0]);
        Assert.Equal(own, Ask(store, "select count(day) from fct_impression").Rows[0][0]);
        Assert.ThrowsAny<System.Data.Common.DbException>(() => Ask(store, "select user_id from fct_impression"));
        engine.Execute("set role recs_reader");
        Assert.Equal(all, Ask(store, "select count(*) from fct_impression").Rows[0][0]);
        Assert.ThrowsAny<System.Data.Common.DbException>(() => engine.Execute("delete from fct_impression"));
        Assert.True((long)Ask(store, "select count(event_id) from fact").Rows[0][0]! > 0);
        Assert.ThrowsAny<System.Data.Common.DbException>(() => Ask(store, "select payload from fact"));
        engine.Execute($"reset role; drop owned by {role}; drop role {role}");
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
            Assert.Empty(new CheckRunner(store).Run("mart_books").Rows); // silent on what waits for a refresh
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
                    Assert.Empty(new CheckRunner(store).Run("mart_books").Rows);
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
