using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Storage;
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
