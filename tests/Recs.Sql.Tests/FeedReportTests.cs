using System.Globalization;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>The reports on what was shown and earned, each against the same numbers worked out from the events in C#. That both engines agree is for <see cref="ReportTests"/>.</summary>
public sealed class FeedReportTests : IDisposable
{
    private const double Z = 1.959963984540054;
    private readonly SmallShop _shop = new(20111106);
    private readonly TestDatabase _database = TestDatabase.DuckDb();
    private readonly IRecsStore _store;
    private readonly List<Row> _rows;

    public FeedReportTests()
    {
        _store = _database.Open();
        _shop.Fill(_store);
        _rows = Shown();
    }

    [Theory]
    [InlineData("position")]
    [InlineData("hour")]
    [InlineData("category")]
    [InlineData("campaign")]
    [InlineData("day")]
    public void ClickThrough_By_CountsWithWilsonsBounds(string by)
    {
        Func<Row, string> value = by switch
        {
            "position" => row => Text(row.Position),
            "hour" => row => Text(row.Hour),
            "category" => row => row.Item?.Category ?? "",
            "day" => row => row.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => row => row.Id.Value,
        };
        var rows = by == "campaign" ? _rows.Where(row => row.Item?.Ad is not null).ToList() : _rows;
        var overall = rows.Count(row => row.Clicks > 0) / (double)rows.Count;
        var expected = rows.GroupBy(value).OrderBy(group => by is "position" or "hour" ? int.Parse(group.Key, CultureInfo.InvariantCulture) : 0).ThenBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            double n = group.Count(), p = group.Count(row => row.Clicks > 0) / n;
            var (centre, half) = ((p + Z * Z / (2 * n)) / (1 + Z * Z / n), Z / (1 + Z * Z / n) * Math.Sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)));
            return new object?[] { group.Key, (long)n, (long)group.Count(row => row.Clicks > 0), p, Math.Max(0, centre - half), Math.Min(1, centre + half), p / overall - 1 };
        });
        Tables.Same(expected, Run("click_through", ("by", by)));
    }

    [Fact]
    public void Revenue_ByCampaign_IsWhatBidsPayFor()
    {
        var expected = _rows.Where(row => row.Item?.Ad is not null).GroupBy(row => row.Id.Value).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            var billed = group.Where(row => row.IsBillable).ToList();
            var thousandths = group.Sum(row => row.Thousandths);
            double? Mean(double sum) => billed.Count == 0 ? null : sum / billed.Count / 1e6;
            var (price, bid) = (billed.Sum(row => row.Price), billed.Sum(row => row.Item!.Ad!.Bid.Micros));
            return new object?[] { group.Key, (long)group.Count(), (long)billed.Count, thousandths / 1000, thousandths / 1e9, thousandths / 1e6 / group.Count(), Mean(price), Mean(bid), bid > 0 ? price / (double)bid : null };
        });
        Tables.Same(expected, Run("revenue", ("by", "campaign")));
    }

    [Theory]
    [InlineData("even")]
    [InlineData("1,1,1,1,1,1,2,2,2,2,2,2,3,3,3,3,3,3,4,4,4,4,4,4")]
    public void Pacing_EachAdAndDay_FindsTheHourFarthestFromPlan(string curve)
    {
        var weights = curve == "even" ? [.. Enumerable.Repeat(1.0, 24)] : curve.Split(',').Select(weight => double.Parse(weight, CultureInfo.InvariantCulture)).ToArray();
        var expected = _rows.Where(row => row.Item?.Ad is not null).GroupBy(row => (row.Day, Id: row.Id.Value)).OrderBy(group => group.Key.Day).ThenBy(group => group.Key.Id, StringComparer.Ordinal).Select(group =>
        {
            var budget = group.Max(row => row.Item!.Ad!.DailyBudgetMicros);
            var errors = Enumerable.Range(0, 24).Select(hour => (Hour: hour,
                Error: Math.Abs(group.Where(row => row.Hour <= hour).Sum(row => row.Thousandths) / 1000.0 / budget - weights.Take(hour + 1).Sum() / weights.Sum()))).ToList();
            var worst = errors.First(error => error.Error >= errors.Max(other => other.Error) - 1e-12);
            var spent = group.Where(row => row.Thousandths > 0).Select(row => (long)row.Hour).ToList();
            var total = group.Sum(row => row.Thousandths);
            return new object?[]
            {
                group.Key.Day, group.Key.Id, group.First().Item!.Ad!.Advertiser.Value, budget, total / 1000, total / 1000.0 / budget, worst.Error, (long)worst.Hour,
                spent.Count == 0 ? null : spent.Min(), spent.Count == 0 ? null : spent.Max(),
            };
        });
        Tables.Same(expected, Run("pacing", ("curve", curve)));
    }

    [Fact]
    public void AdLoad_ByAdsOnAPage_IsTheMeanAPage()
    {
        var expected = _rows.GroupBy(row => row.Event).GroupBy(page => page.Count(row => row.Item?.Ad is not null)).OrderBy(group => group.Key).Select(group =>
        {
            double pages = group.Count();
            var all = group.SelectMany(page => page).ToList();
            return new object?[]
            {
                (long)group.Key, (long)pages, all.Count(row => row.Item?.Ad is null) / pages, (double)group.Key, all.Count(row => row.Item?.Ad is null && row.Clicks > 0) / pages,
                all.Count(row => row.Item?.Ad is not null && row.Clicks > 0) / pages, all.Count(row => row.Likes > 0) / pages, 0.0, 0.0, all.Sum(row => row.Thousandths) / pages / 1e6,
            };
        });
        Tables.Same(expected, Run("ad_load"));
    }

    [Fact]
    public void Retention_ByDay_CountsWhoCameBack()
    {
        var seen = _shop.Impressions.Select(source => (source.User, source.Time.DayIndex)).Concat(_shop.Interactions.Select(source => (source.User, source.Time.DayIndex))).Distinct().ToList();
        var first = seen.GroupBy(pair => pair.User).ToDictionary(group => group.Key, group => group.Min(pair => pair.DayIndex));
        var expected = seen.GroupBy(pair => (Cohort: first[pair.User], Period: pair.DayIndex - first[pair.User])).OrderBy(group => group.Key).Select(group =>
        {
            var users = first.Values.Count(day => day == group.Key.Cohort);
            return new object?[] { new DateOnly(1970, 1, 1).AddDays(group.Key.Cohort), (long)group.Key.Period, (long)users, (long)group.Count(), group.Count() / (double)users };
        });
        Tables.Same(expected, Run("retention", ("days", "1")));
    }

    [Fact]
    public void Catalogue_EachDayAndKind_CoverageAndGini()
    {
        var expected = new List<object?[]>();
        var first = _shop.Items.GroupBy(source => source.Item.Id).ToDictionary(group => group.Key, group => group.Min(source => DayOf(source.Time)));
        foreach (var day in _rows.Where(row => row.Item is not null).Select(row => row.Day).Distinct().Order())
            foreach (var kind in new[] { "ad", "content" })
            {
                var known = first.Where(item => item.Value <= day && _shop.ItemAt(item.Key, SmallShop.Start)!.Ad is not null == (kind == "ad")).ToList();
                var counts = known.Select(item => (item.Key, Shown: (long)_rows.Count(row => row.Day == day && row.Id == item.Key), New: day.DayNumber - item.Value.DayNumber < 2)).ToList();
                double total = counts.Sum(item => item.Shown), n = counts.Count;
                // Mean absolute difference over twice the mean: the definition, not the sorted formula that the report uses.
                var gini = counts.Sum(a => counts.Sum(b => (double)Math.Abs(a.Shown - b.Shown))) / (2 * n * total);
                var top = counts.Select(item => item.Shown).OrderDescending().Take((int)Math.Ceiling(n / 10)).Sum();
                expected.Add([day, kind, (long)n, (long)counts.Count(item => item.Shown > 0), counts.Count(item => item.Shown > 0) / n, (long)total, gini, top / total,
                    (long)counts.Count(item => item.New), counts.Where(item => item.New).Sum(item => item.Shown) / total]);
            }
        Tables.Same(expected, Run("catalogue", ("new_days", "2")));
    }

    [Fact]
    public void Signatures_FirstLayers_LiftOverAll()
    {
        string? Signature(Row row) => int.Parse(row.Id.Value[1..], CultureInfo.InvariantCulture) is var n && n < 20 && n != 7 ? $"{n % 3}-{n % 2}" : null;
        var signed = _rows.Where(row => Signature(row) is not null).ToList();
        var overall = signed.Count(row => row.Clicks > 0) / (double)signed.Count;
        var expected = signed.GroupBy(Signature).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            double n = group.Count(), p = group.Count(row => row.Clicks > 0) / n;
            return new object?[] { group.Key, (long)Enumerable.Range(0, 20).Count(i => i != 7 && $"{i % 3}-{i % 2}" == group.Key), (long)n, (long)group.Count(row => row.Clicks > 0), p, p / overall - 1, (p - overall) / Math.Sqrt(overall * (1 - overall) / n) };
        });
        Tables.Same(expected, Run("signatures"));
    }

    [Fact]
    public void Drift_OfCategoriesAndPositions_IsPopulationStability()
    {
        var start = _rows.Min(row => row.Day);
        var actual = Run("drift", ("base_days", "1"));
        foreach (var (feature, bin) in new (string, Func<Row, string>)[] { ("category", row => row.Item?.Category ?? ""), ("position", row => Text(row.Position)), ("surface", _ => "home") })
        {
            var bins = _rows.Select(bin).Distinct().ToList();
            var expected = _rows.Where(row => row.Day > start).GroupBy(row => row.Day).OrderBy(group => group.Key).Select(group =>
            {
                double Share(IReadOnlyCollection<Row> rows, string name) => (rows.Count(row => bin(row) == name) + 0.5) / (rows.Count + 0.5 * bins.Count);
                var before = _rows.Where(row => row.Day == start).ToList();
                return new object?[] { feature, group.Key, (long)group.Count(), (long)bins.Count, bins.Sum(name => (Share([.. group], name) - Share(before, name)) * Math.Log(Share([.. group], name) / Share(before, name))) };
            });
            Tables.Same(expected, actual with { Rows = [.. actual.Rows.Where(row => (string)row[0]! == feature)] });
        }
        Assert.Equal(["category", "hour", "item_age", "kind", "position", "price", "propensity", "surface"], actual.Rows.Select(row => row[0]).Distinct());
    }

    [Fact]
    public void Freshness_ByDayAndType_IsHowLateFactsCame()
    {
        var expected = _shop.Facts.GroupBy(fact => (Day: DayOf(fact.Event.Time), Type: fact.Event switch { ItemUpserted => "item", Impression => "impression", _ => "interaction" }))
            .OrderBy(group => group.Key.Day).ThenBy(group => group.Key.Type, StringComparer.Ordinal)
            .Select(group => new object?[] { group.Key.Day, group.Key.Type, (long)group.Count(), group.Max(fact => fact.Event.Time), group.Max(fact => fact.Known), 0.0, 0.0, 0.0, 0.0, 0.0 });
        Tables.Same(expected, Run("freshness"));
    }

    [Fact]
    public void DeadLetters_ByReason_AreCounted()
    {
        var names = new[] { "too large", "not json", "unknown type" };
        var expected = SmallShop.DeadLetters.GroupBy(letter => (letter.Partition.Topic, Reason: names[(int)letter.Rejection.Reason - 1])).OrderBy(group => group.Key.Topic, StringComparer.Ordinal).ThenBy(group => group.Key.Reason, StringComparer.Ordinal)
            .Select(group => new object?[] { group.Key.Topic, group.Key.Reason, "open", (long)group.Count(), group.Min(letter => letter.Known), group.Max(letter => letter.Known), group.MaxBy(letter => letter.Known)!.Rejection.Detail });
        Tables.Same(expected, Run("dead_letters"));
    }

    [Fact]
    public void SlatesAndRemovals_OfTheLedger_AreItsSums()
    {
        var decisions = _shop.Decisions;
        var removals = decisions.SelectMany(decision => decision.Removed.Select(removed => (decision.Surface, Reason: removed.Key, Count: removed.Value))).GroupBy(removed => (removed.Surface, removed.Reason))
            .OrderBy(group => group.Key.Surface, StringComparer.Ordinal).ThenBy(group => group.Key.Reason, StringComparer.Ordinal).Select(group =>
            {
                var all = decisions.Where(decision => decision.Surface == group.Key.Surface).ToList();
                var taken = group.Sum(removed => removed.Count);
                return new object?[] { group.Key.Surface, group.Key.Reason, (long)group.Count(), (long)taken, taken / (double)all.Count, taken / (double)all.Sum(decision => decision.Candidates) };
            });
        Tables.Same(removals, Run("removals"));
        var slates = decisions.GroupBy(decision => (Day: DayOf(decision.Time), decision.Surface, decision.Versions.Policy)).OrderBy(group => group.Key.Day).ThenBy(group => group.Key.Surface, StringComparer.Ordinal).ThenBy(group => group.Key.Policy, StringComparer.Ordinal).Select(group =>
        {
            double n = group.Count();
            var places = group.SelectMany(decision => decision.Places).ToList();
            return new object?[]
            {
                group.Key.Day, group.Key.Surface, "m1", group.Key.Policy, (long)n, (long)group.Select(decision => decision.User).Distinct().Count(), group.Sum(decision => decision.Candidates) / n, places.Count / n,
                places.Count(place => place.IsAd) / n, group.Count(decision => decision.Degraded != "none") / n, places.Count(place => place.Propensity < 1) / (double)places.Count,
                places.Sum(place => place.EcpmMicros) / (double)places.Count(place => place.IsAd) / 1e6,
            };
        });
        Tables.Same(slates, Run("slates"));
    }

    [Fact]
    public void CalibrationSegments_ByCategory_AreGapsInStandardErrors()
    {
        var expected = _shop.Predictions.GroupBy(row => _shop.ItemAt(row.Item, SmallShop.Start.Plus(TimeSpan.FromDays(9)))!.Category).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
        {
            var (mean, observed) = (group.Average(row => row.Score), group.Average(row => row.Label ? 1.0 : 0));
            return new object?[] { "m1", group.Key, (long)group.Count(), mean, observed, mean - observed, group.Sum(row => row.Score - (row.Label ? 1 : 0)) / Math.Sqrt(group.Sum(row => row.Score * (1 - row.Score))) };
        });
        Tables.Same(expected, Run("calibration_segments", ("model", "m1")));
    }

    public void Dispose()
    {
        _store.Dispose();
        _database.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static DateOnly DayOf(Timestamp time) => new DateOnly(1970, 1, 1).AddDays(time.DayIndex);

    private Table Run(string report, params (string Name, string Value)[] given) => new ReportRunner(_store).Run(report, given.ToDictionary(pair => pair.Name, pair => pair.Value));

    private List<Row> Shown()
    {
        var credited = new HashSet<(RequestId, UserId, ItemId)>();
        var responses = _shop.Interactions.ToLookup(source => (source.Request, source.User, source.Item));
        List<Row> rows = [];
        foreach (var source in _shop.Impressions)
            foreach (var shown in source.Items)
            {
                var answers = credited.Add((source.Request, source.User, shown.Item)) ? responses[(source.Request, source.User, shown.Item)].ToList() : [];
                int Count(InteractionType action) => answers.Count(answer => answer.Action == action);
                rows.Add(new(source.Id.Value, DayOf(source.Time), source.Time.ToDateTimeOffset().Hour, shown.Position, shown.Item, _shop.ItemAt(shown.Item, source.Time), shown.PriceMicros,
                    Count(InteractionType.Click), Count(InteractionType.Like), Count(InteractionType.Conversion)));
            }
        return rows;
    }

    private sealed record Row(string Event, DateOnly Day, int Hour, int Position, ItemId Id, Item? Item, long Price, int Clicks, int Likes, int Conversions)
    {
        public bool IsBillable => Item?.Ad?.Bid.Per switch { BidUnit.Thousand => true, BidUnit.Click => Clicks > 0, BidUnit.Conversion => Conversions > 0, _ => false };

        public long Thousandths => !IsBillable ? 0 : Item!.Ad!.Bid.Per == BidUnit.Thousand ? Price : 1000 * Price;
    }
}
