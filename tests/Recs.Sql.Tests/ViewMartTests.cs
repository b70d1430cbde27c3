using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Storage;
using Recs.Storage.Marts;
using Recs.Storage.Reports;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>Marts that are views, against the same worked out in C# or by hand, on each engine.</summary>
public sealed class ViewMartTests
{
    private static readonly string[] Engines = ["duckdb", "postgres"];

    public static TheoryData<string> EachEngine => [.. Engines];

    [Theory]
    [MemberData(nameof(EachEngine))]
    public void FctSpend_EachDayAdAndAdvertiser_SumsWhatIsOwed(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = database.Open();
        var shop = new SmallShop(11);
        shop.Fill(store);
        var credited = new HashSet<(RequestId, UserId, ItemId)>();
        var answers = shop.Interactions.ToLookup(answer => (answer.Request, answer.User, answer.Item), answer => answer.Action);
        var expected = shop.Impressions.SelectMany(page => page.Items.Select(place => (page, place))).Select(row =>
        {
            var counted = credited.Add((row.page.Request, row.page.User, row.place.Item)) ? answers[(row.page.Request, row.page.User, row.place.Item)].ToHashSet() : [];
            var ad = shop.ItemAt(row.place.Item, row.page.Time)?.Ad;
            var (clicked, converted) = (counted.Contains(InteractionType.Click), counted.Contains(InteractionType.Conversion));
            var billed = ad?.Bid.Per switch { BidUnit.Thousand => true, BidUnit.Click => clicked, BidUnit.Conversion => converted, _ => false };
            return (row.page.Time.DayIndex, row.place.Item, Ad: ad, Clicked: clicked, Converted: converted, Billed: billed, Thousandths: !billed ? 0 : row.place.PriceMicros * (ad!.Bid.Per == BidUnit.Thousand ? 1 : 1_000));
        }).Where(row => row.Ad is not null).GroupBy(row => (row.DayIndex, row.Item, row.Ad!.Advertiser)).OrderBy(group => group.Key.DayIndex).ThenBy(group => group.Key.Item.Value, StringComparer.Ordinal).Select(group => new object?[]
        {
            RandomFeed.SqlDay(group.Key.DayIndex), group.Key.Item.Value, group.Key.Advertiser.Value, (long)group.Count(), (long)group.Count(row => row.Clicked), (long)group.Count(row => row.Converted),
            (long)group.Count(row => row.Billed), group.Sum(row => row.Thousandths), group.Sum(row => row.Thousandths) / 1_000, group.Max(row => row.Ad!.DailyBudgetMicros),
        }).ToList();
        Assert.Contains(expected, row => (long)row[7]! % 1_000 != 0); // something is dropped
        Tables.Same(expected, Ask(store, "select * from fct_spend order by day, item_id, advertiser"));
    }

    [Theory]
    [MemberData(nameof(EachEngine))]
    public void FctSpend_LargeSums_DropNoMicro(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = database.Open();
        new SmallShop(11).Fill(store);
        if (engine == "postgres") ((SqlStore)store).Execute("select load_mart_day('fct_impression', 'fct_impression', date '2001-01-01')");
        // Far beyond what a double counts in ones.
        ((SqlStore)store).Execute("update fct_impression set spend_thousandths = 900000000000001999 where event_id = 'p000' and ordinal = 0");
        ((SqlStore)store).Execute("update fct_impression set kind = 'ad', day = date '2001-01-01' where event_id = 'p000' and ordinal = 0");
        Assert.Equal([900_000_000_000_001L], Assert.Single(Ask(store, "select spend_micros from fct_spend where day = date '2001-01-01'").Rows));
    }

    [Theory]
    [MemberData(nameof(EachEngine))]
    public void DimModel_EachVersion_SaysWhatItDid(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = database.Open();
        var parameters = "{ \"heads\": [\"click\", \"dwell\"], \"learner\": \"lightgbm\" }";
        store.RegisterModel(new("aa", "models/aa", ModelStatus.Shadow, null, "schema", "v1", At(-2), At(-1), parameters, "{}", At(0), At(0)));
        store.RegisterModel(new("bb", "models/bb", ModelStatus.Shadow, "aa", "schema", "v1", null, null, "{}", "{}", At(1), At(1)));
        store.PromoteModel("aa", null, At(2));
        // r1: asked of aa, then of bb, shown after each, and once before either. r2: cc, which nobody registered, shown within the window and beyond it.
        Decide(store, "d1", "aa", "r1", 3);
        Decide(store, "d2", "bb", "r1", 5);
        Decide(store, "d3", "cc", "r2", 6);
        Decide(store, "d4", "aa", "r9", 7); // never shown
        Append(store, new Impression(new("p0"), At(2.5), new("r1"), new("u"), "home", [new(new("x"), 1, null, 0)]));
        Append(store, new Impression(new("p1"), At(4), new("r1"), new("u"), "home", [new(new("y"), 1, null, 0), new(new("z"), 2, null, 0)]));
        Append(store, new Impression(new("p2"), At(5), new("r1"), new("u"), "home", [new(new("w"), 1, null, 0)]));
        Append(store, new Impression(new("p3"), At(6 + 7 * 24), new("r2"), new("u"), "home", [new(new("y"), 1, null, 0)]));
        Append(store, new Impression(new("p4"), At(6 + 8 * 24), new("r2"), new("u"), "home", [new(new("z"), 1, null, 0)]));
        Append(store, new Impression(new("p5"), At(6), new("r1"), new("stranger"), "home", [new(new("y"), 1, null, 0)]));
        Append(store, new Interaction(new("n1"), At(5), new RequestId("r1"), new("u"), new("y"), InteractionType.Click, 0, 0));
        Append(store, new Interaction(new("n2"), At(5), new RequestId("r1"), new("u"), new("y"), InteractionType.Click, 0, 0));
        Append(store, new Interaction(new("n3"), At(6), new RequestId("r1"), new("u"), new("w"), InteractionType.Conversion, 5, 0));
        store.SavePredictions("dd", [new(new("r1"), new("u"), new("y"), 0.5, true)]);
        ((SqlStore)store).Execute("insert into score values ('ee', 'u', 'y', 0.5, 1, 'v3', timestamp '2011-11-05 00:00:00'), ('ee', 'u', 'z', 0.4, 2, 'v3', timestamp '2011-11-05 00:00:00')");
        store.RefreshMarts();
        Tables.Same(
        [
            // status, parent, heads, embeddings, schema, from, to, created, changed, first and last decision, decisions, impressions, clicks, conversions, thousandths, scores, predictions
            ["aa", "live", null, "click,dwell", "v1", "schema", At(-2), At(-1), At(0), At(2), At(3), At(7), 2L, 3L, 1L, 0L, 0L, 0L, 0L],
            ["bb", "shadow", "aa", null, "v1", "schema", null, null, At(1), At(1), At(5), At(5), 1L, 1L, 0L, 1L, 0L, 0L, 0L],
            ["cc", "unregistered", null, null, "v2", null, null, null, null, null, At(6), At(6), 1L, 1L, 0L, 0L, 0L, 0L, 0L],
            ["dd", "unregistered", null, null, null, null, null, null, null, null, null, null, 0L, 0L, 0L, 0L, 0L, 0L, 1L],
            ["ee", "unregistered", null, null, "v3", null, null, null, null, null, null, null, 0L, 0L, 0L, 0L, 0L, 2L, 0L],
        ], Ask(store, "select * from dim_model order by model_version"));
    }

    [Theory]
    [MemberData(nameof(EachEngine))]
    public void DimUser_EachUser_IsTheNewestVersion(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = database.Open();
        var feed = new RandomFeed(4);
        store.Append(new([.. feed.Events.Select(told => new Fact(told, told.Time))], [], []));
        var expected = feed.Events.OfType<UserUpserted>().GroupBy(told => told.User).OrderBy(user => user.Key.Value, StringComparer.Ordinal).Select(user =>
        {
            var newest = user.OrderBy(told => told.Time).ThenBy(told => told.Id.Value, StringComparer.Ordinal).Last();
            var attributes = newest.Attributes.ToDictionary(pair => pair.Key, pair => pair.Value);
            return new object?[] { user.Key.Value, attributes.GetValueOrDefault("segment") ?? attributes.GetValueOrDefault("country") ?? "unknown", user.Min(told => told.Time), newest.Time, (long)user.Count() };
        });
        Tables.Same(expected, Ask(store, "select user_id, segment, created, changed, versions from dim_user order by user_id"));
    }

    [Fact]
    public void Heads_OfViews_ExplainEachColumn()
    {
        using var database = TestDatabase.DuckDb();
        using var store = database.Open();
        Assert.True(ViewMart.All.Count > 9);
        foreach (var view in ViewMart.All)
        {
            Assert.Equal(Ask(store, $"select * from {view.Name} limit 0").Columns, view.Columns.Select(column => column.Column));
            Assert.All(view.Columns, column => Assert.EndsWith(".", column.Meaning, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Views_OnPostgres_KeepCommentsAndReadersWhenMadeAgain()
    {
        using var database = TestDatabase.Postgres();
        using (var store = database.Open())
        {
            new SmallShop(3).Fill(store);
            Held(store);
            // As an earlier build left them, or somebody by hand: bare. A view that reads another goes before it.
            ((SqlStore)store).Execute("drop view fct_slate; update schema_view set checksum = 'earlier'");
        }
        using (var store = database.Open())
        {
            store.RefreshMarts();
            store.RefreshClusters();
            Held(store);
        }

        static void Held(IRecsStore store)
        {
            var engine = (SqlStore)store;
            foreach (var view in ViewMart.All)
            {
                Assert.StartsWith(view.Meaning[..20], (string)Ask(store, $"select obj_description('{view.Name}'::regclass)").Rows[0][0]!, StringComparison.Ordinal);
                Assert.Equal(view.Columns.Select(column => column.Meaning), Ask(store, $"select col_description('{view.Name}'::regclass, ordinal_position) from information_schema.columns where table_schema = current_schema() and table_name = '{view.Name}' order by ordinal_position").Rows.Select(row => row[0]));
            }
            Assert.Equal(ViewMart.All.Select(view => view.Name).Order(StringComparer.Ordinal), Ask(store, "select viewname from pg_views where schemaname = current_schema() order by viewname collate \"C\"").Rows.Select(row => row[0]));
            engine.Execute("set role recs_reader");
            foreach (var name in ViewMart.All.Select(view => view.Name).Concat(["item_cluster", "item_cluster_state"]))
            {
                Assert.NotNull(Ask(store, $"select count(*) from {name}").Rows[0][0]);
                Assert.Equal([true, false], Ask(store, $"select has_table_privilege('{name}', 'select'), has_table_privilege('{name}', 'insert, update, delete, truncate')").Rows[0]);
                Assert.ThrowsAny<Exception>(() => engine.Execute($"delete from {name}")); // no right to it, or no view that could be written through
            }
            engine.Execute("set role recs_advertiser");
            Assert.ThrowsAny<System.Data.Common.DbException>(() => Ask(store, "select count(*) from fct_spend")); // it would show them everybody's
            engine.Execute("reset role");
        }
    }

    private static void Decide(IRecsStore store, string id, string model, string request, int hour) => Assert.Equal(1, store.Keep([new Decision
    {
        Id = id,
        Request = new(request),
        Time = At(hour),
        User = new("u"),
        Surface = "home",
        Versions = new(model, "v2", "p", "c"),
        Degraded = "none",
        Candidates = 1,
        Places = [new DecidedPlace(1, new("y"), false, 1, 1, null, 0, 0)],
        Removed = new Dictionary<string, int>(),
        Answer = "{}"u8.ToArray(),
        Inputs = [],
    }]));

    private static Timestamp At(double hours) => SmallShop.Start.Plus(TimeSpan.FromHours(hours));

    private static void Append(IRecsStore store, Event told) => store.Append(new([new(told, told.Time)], [], []));

    private static Table Ask(IRecsStore store, string sql) => store.Query(sql, new Dictionary<string, object>());
}
