using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>Each report against the same numbers worked out from the events in C#, and one engine against the other.</summary>
public sealed class ReportTests : IDisposable
{
    private static readonly Dictionary<string, string> Defaults = [];
    private readonly SmallShop _shop = new(20111105);
    private readonly TestDatabase _database = TestDatabase.DuckDb();
    private readonly IRecsStore _store;

    public ReportTests()
    {
        _store = _database.Open();
        _shop.Fill(_store);
    }

    [Fact]
    public void Funnel_AllDays_CountsShownClickedConverted()
    {
        var expected = Shown().GroupBy(row => (row.Kind, row.Hour)).OrderBy(group => group.Key.Kind, StringComparer.Ordinal).ThenBy(group => group.Key.Hour)
            .Select(group => new object?[]
            {
                group.Key.Kind, (long)group.Key.Hour, (long)group.Count(), (long)group.Count(row => row.Clicks > 0), (long)group.Count(row => row.Conversions > 0),
                group.Count(row => row.Clicks > 0) / (double)group.Count(), group.Count(row => row.Conversions > 0) / (double)group.Count(),
            });
        Tables.Same(expected, new ReportRunner(_store).Run("funnel", Defaults));
    }

    [Fact]
    public void Funnel_OneDay_CountsOnlyIt()
    {
        var day = new Dictionary<string, string> { ["from"] = "2011-11-06", ["to"] = "2011-11-06" };
        var shown = new ReportRunner(_store).Run("funnel", day).Rows.Sum(row => (long)row[2]!);
        Assert.Equal(_shop.Impressions.Where(source => source.Time.DayIndex == SmallShop.Start.DayIndex + 1).Sum(source => source.Items.Count), shown);
    }

    [Fact]
    public void Spend_AllDays_OwesOnceForWhatTheBidPays()
    {
        var expected = Shown().Where(row => row.Ad is not null).GroupBy(row => row.Ad!.Advertiser.Value).Select(group =>
        {
            var thousandths = group.Where(row => row.Ad!.Bid.Per == BidUnit.Thousand).Sum(row => row.Price);
            var events = group.Where(row => row.Ad!.Bid.Per != BidUnit.Thousand && row.IsBillable).Sum(row => row.Price);
            var spend = events + thousandths / 1_000;
            var budget = group.GroupBy(row => (row.Item, row.Day)).Sum(day => day.Max(row => row.Ad!.DailyBudgetMicros));
            return new object?[]
            {
                group.Key, (long)group.Select(row => row.Item).Distinct().Count(), (long)group.Count(), (long)group.Count(row => row.Clicks > 0),
                (long)group.Count(row => row.Conversions > 0), (long)group.Count(row => row.IsBillable), spend, spend / 1e6, budget, spend / (double)budget,
            };
        }).OrderByDescending(row => (long)row[6]!).ToList();
        Assert.Equal(5, expected.Count);
        Assert.All(Enum.GetValues<BidUnit>(), unit => Assert.Contains(Shown(), row => row.Ad?.Bid.Per == unit && row.IsBillable));
        Tables.Same(expected, new ReportRunner(_store).Run("spend", Defaults));
    }

    [Fact]
    public void Calibration_OneModel_ComparesTenthsOfItsRows()
    {
        var rows = _shop.Predictions.OrderBy(row => row.Score).ThenBy(row => row.Request.Value, StringComparer.Ordinal).ToList();
        var expected = new List<object?[]>();
        for (int decile = 0, at = 0; decile < 10; decile++)
        {
            var size = rows.Count / 10 + (decile < rows.Count % 10 ? 1 : 0); // ntile gives the remainder to the first ones
            var tenth = rows.GetRange(at, size);
            at += size;
            var (mean, observed) = (tenth.Average(row => row.Score), tenth.Average(row => row.Label ? 1.0 : 0));
            expected.Add(["m1", decile + 1L, (long)size, tenth[0].Score, tenth[^1].Score, mean, observed, mean - observed]);
        }
        Tables.Same(expected, new ReportRunner(_store).Run("calibration", new Dictionary<string, string> { ["model"] = "m1" }));
        Assert.Equal(20, new ReportRunner(_store).Run("calibration", Defaults).Rows.Count);
    }

    [Fact]
    public void Run_OnPostgres_GivesTheSameRows()
    {
        using var database = TestDatabase.Postgres();
        using var postgres = database.Open();
        _shop.Fill(postgres);
        // Experiments and policies have data and tests of their own.
        foreach (var name in ReportRunner.Names.Where(name => !name.StartsWith("experiment", StringComparison.Ordinal) && name != "off_policy"))
        {
            var given = name == "drift" ? new() { ["base_days"] = "1" } : Defaults; // the shop has three days
            var expected = new ReportRunner(_store).Run(name, given);
            var actual = new ReportRunner(postgres).Run(name, given);
            Assert.Equal(expected.Columns, actual.Columns);
            Tables.Same(expected.Rows, actual);
        }
        foreach (var mart in new[] { "select * from fct_impression order by event_id, ordinal", "select * from dim_item order by item_id, version" })
            Tables.Same(_store.Query(mart, new Dictionary<string, object>()).Rows, postgres.Query(mart, new Dictionary<string, object>()));
        Assert.Empty(new CheckRunner(postgres).RunAll());
    }

    [Fact]
    public void Run_WrongNameOrParameter_IsRefusedWithWhatThereIs()
    {
        var runner = new ReportRunner(_store);
        var name = Assert.Throws<RefusedException>(() => runner.Run("funel", Defaults));
        Assert.Contains("did you mean funnel? Reports are ad_load, calibration, ", name.Message, StringComparison.Ordinal);
        Assert.Contains("from (date)", Assert.Throws<RefusedException>(() => runner.Run("funnel", new Dictionary<string, string> { ["form"] = "" })).Message, StringComparison.Ordinal);
        Assert.Contains("'5 Nov'", Assert.Throws<RefusedException>(() => runner.Run("spend", new Dictionary<string, string> { ["to"] = "5 Nov" })).Message, StringComparison.Ordinal);
        var quoted = runner.Run("calibration", new Dictionary<string, string> { ["model"] = "' or 1=1 --" });
        Assert.Empty(quoted.Rows);
    }

    public void Dispose()
    {
        _store.Dispose();
        _database.Dispose();
    }

    private List<ShownRow> Shown()
    {
        var credited = new HashSet<(RequestId, UserId, ItemId)>();
        var responses = _shop.Interactions.ToLookup(source => (source.Request, source.User, source.Item));
        var rows = new List<ShownRow>();
        foreach (var source in _shop.Impressions)
            foreach (var shown in source.Items)
            {
                var answers = credited.Add((source.Request, source.User, shown.Item)) ? responses[(source.Request, source.User, shown.Item)].ToList() : [];
                var item = _shop.ItemAt(shown.Item, source.Time);
                rows.Add(new(item is null ? "unknown" : item.Ad is null ? "content" : "ad", source.Time.ToDateTimeOffset().Hour, source.Time.DayIndex, shown.Item, item?.Ad,
                    shown.PriceMicros, answers.Count(answer => answer.Action == InteractionType.Click), answers.Count(answer => answer.Action == InteractionType.Conversion)));
            }
        return rows;
    }

    private sealed record ShownRow(string Kind, int Hour, int Day, ItemId Item, Ad? Ad, long Price, int Clicks, int Conversions)
    {
        public bool IsBillable => Ad?.Bid.Per switch { BidUnit.Thousand => true, BidUnit.Click => Clicks > 0, BidUnit.Conversion => Conversions > 0, _ => false };
    }
}
