using System.Globalization;
using System.Text;
using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;
using Recs.Storage;
using Recs.Storage.Reports;
using Recs.Storage.Sql;
using Recs.Tests;

namespace Recs.Sql.Tests;

/// <summary>
/// The marts of decisions against what C# works out one decision at a time, on both engines: three weeks of showings, some again days later, within the window
/// and beyond it; decisions made before, on and after the day of the first showing, some twice for a request, some never shown.
/// </summary>
public sealed class DecisionMartTests
{
    private const int Window = 3;

    private readonly List<Event> _events;
    private readonly List<Decision> _decisions = [];
    private readonly Dictionary<(string Id, int Position, string Action), double> _said = [];
    private readonly RandomFeed _feed = new(21);

    public DecisionMartTests()
    {
        var random = new Random(21);
        var pages = _feed.Events.OfType<Impression>().OrderBy(page => page.Time).ThenBy(page => page.Id.Value, StringComparer.Ordinal).ToList();
        _events = [.. _feed.Events];
        foreach (var page in pages)
            foreach (var (item, action) in page.Items.SelectMany(item => new[] { InteractionType.Like, InteractionType.Hide, InteractionType.Dwell }.Select(action => (item.Item, action))))
                if (random.Next(4) == 0)
                    _events.Add(new Interaction(new($"more{_events.Count}"), page.Time.Plus(TimeSpan.FromHours(random.Next(24 * 6))), page.Request, page.User, item, action, 0, action == InteractionType.Dwell ? random.Next(9_000) : 0));
        foreach (var made in pages.DistinctBy(page => page.Request).SelectMany((page, n) => n % 9 == 4 ? new[] { page, page } : [page])) Decide(random, made, made.Request, made.Time.Plus(TimeSpan.FromDays(random.Next(-4, 2))));
        Decide(random, pages[0], new("never shown"), pages[0].Time);
        _decisions.Add(_decisions[0] with { Id = "empty", Candidates = 0, Places = [], Removed = new Dictionary<string, int> { ["seen"] = 0 } });
    }

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void FctSlate_Outcomes_AreThoseOfItsRequestWithinTheWindow(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = Filled(database);
        var shown = Shown();
        var expected = _decisions.OrderBy(made => made.Id, StringComparer.Ordinal).Select(made =>
        {
            var mine = Of(made, shown);
            return new object?[]
            {
                made.Id, RandomFeed.SqlDay(made.Time.DayIndex), made.Request.Value, made.User.Value, (long)made.Candidates, (long)made.Removed.Values.Sum(), (long)made.Places.Count, (long)made.Places.Count(place => place.IsAd),
                made.Places.Sum(place => place.EcpmMicros), (long)mine.Count, mine.Sum(one => one.Clicks), mine.Sum(one => one.Likes), mine.Sum(one => one.Hides), mine.Sum(one => one.Conversions), mine.Sum(one => one.Micros),
                mine.Sum(one => one.Dwell), mine.Sum(one => one.Thousandths),
            };
        }).ToList();
        foreach (var column in Enumerable.Range(9, 8)) Assert.Contains(expected, row => (long)row[column]! > 0);
        Assert.Contains(expected, row => (long)row[9]! == 0);
        Tables.Same(expected, Ask(store, """
            select decision_id, day, request_id, user_id, candidates, removed, places, ads, ecpm_micros, shown, clicks, likes, hides, conversions, conversion_micros, dwell_ms, spend_thousandths
            from fct_slate order by decision_id
            """));
        Assert.Empty(new CheckRunner(store).Run("mart_grain").Rows);
    }

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void FctFilter_EachReason_IsAShareOfTheCandidates(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = Filled(database);
        var expected = _decisions.SelectMany(made => made.Removed.Select(removed => new object?[]
        {
            RandomFeed.SqlDay(made.Time.DayIndex), made.Time, made.Id, made.Request.Value, made.User.Value, made.Surface, made.Versions.Policy, made.Experiments, removed.Key, (long)removed.Value, (long)made.Candidates,
            made.Candidates == 0 ? null : removed.Value / (double)made.Candidates,
        })).OrderBy(row => (string)row[2]!, StringComparer.Ordinal).ThenBy(row => (string)row[8]!, StringComparer.Ordinal).ToList();
        Assert.Contains(expected, row => row[^1] is null);
        Assert.Contains(expected, row => row[^1] is > 0.0);
        Tables.Same(expected, Ask(store, "select * from fct_filter order by decision_id, reason"));
    }

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void FctPrediction_EachHead_IsWhatTheAnswerSaidAndWhatHappened(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = Filled(database);
        var expected = Predicted();
        Assert.Contains(expected, row => row.Showings == 0);
        Assert.Contains(expected, row => row.Showings > 1);
        foreach (var action in new[] { "click", "like", "hide", "conversion" }) Assert.Equal(2, expected.Where(row => row.Action == action && row.Showings > 0).Select(row => row.Happened).Distinct().Count());
        Tables.Same(expected.Select(row => new object?[] { row.Made.Id, (long)row.Position, row.Action, row.Probability, row.Showings, row.Showings == 0 ? null : row.Happened ? 1L : 0L, row.Made.Degraded }),
            Ask(store, "select decision_id, position, action, probability, showings, happened, degraded from fct_prediction order by decision_id, position, action"));
        Assert.Empty(new CheckRunner(store).Run("mart_grain").Rows);
    }

    [Theory]
    [InlineData("duckdb")]
    [InlineData("postgres")]
    public void CalibrationLive_ByDecile_IsPredictedAgainstHappened(string engine)
    {
        using var database = engine == "duckdb" ? TestDatabase.DuckDb() : TestDatabase.Postgres();
        using var store = Filled(database);
        var expected = Predicted().Where(row => row.Showings > 0 && row.Made.Degraded != "counters").GroupBy(row => (Model: row.Made.Versions.Model, row.Action))
            .OrderBy(group => group.Key.Model, StringComparer.Ordinal).ThenBy(group => group.Key.Action, StringComparer.Ordinal).SelectMany(group =>
            {
                var rows = group.OrderBy(row => row.Probability).ThenBy(row => row.Made.Id, StringComparer.Ordinal).ThenBy(row => row.Position).ToList();
                // The first rows % 10 tenths have one row more.
                var ends = Enumerable.Range(0, 11).Select(tenth => tenth * (rows.Count / 10) + Math.Min(tenth, rows.Count % 10)).ToList();
                return Enumerable.Range(0, 10).Select(tenth => (Tenth: tenth, Rows: rows[ends[tenth]..ends[tenth + 1]])).Where(tenth => tenth.Rows.Count > 0).Select(tenth =>
                {
                    var (mean, rate) = (tenth.Rows.Average(row => row.Probability), tenth.Rows.Average(row => row.Happened ? 1.0 : 0));
                    return new object?[]
                    {
                        group.Key.Model, group.Key.Action, (long)tenth.Tenth + 1, (long)tenth.Rows.Count, tenth.Rows[0].Probability, tenth.Rows[^1].Probability, mean, rate, mean - rate,
                        tenth.Rows.Sum(row => row.Probability - (row.Happened ? 1 : 0)) / Math.Sqrt(tenth.Rows.Sum(row => row.Probability * (1 - row.Probability))),
                    };
                });
            }).ToList();
        var runner = new ReportRunner(store);
        Tables.Same(expected, runner.Run("calibration_live", new Dictionary<string, string>()));
        Tables.Same(expected.Where(row => (string)row[0]! == "m1" && (string)row[1]! == "like"), runner.Run("calibration_live", new Dictionary<string, string> { ["model"] = "m1", ["action"] = "like" }));
        Assert.Contains("one of all, click, like", Assert.Throws<RefusedException>(() => runner.Run("calibration_live", new Dictionary<string, string> { ["action"] = "share" })).Message, StringComparison.Ordinal);
        Assert.Empty(runner.Run("calibration_live", new Dictionary<string, string> { ["model"] = "none" }).Rows);
    }

    private void Decide(Random random, Impression page, RequestId request, Timestamp time)
    {
        var (id, degraded) = ($"d{random.Next(int.MaxValue):x8}", _decisions.Count % 5 == 1 ? "popularity" : _decisions.Count % 5 == 3 ? "counters" : _decisions.Count % 5 == 2 ? "no embeddings" : "none");
        var places = page.Items.Select((shown, at) => new DecidedPlace(at + 1, shown.Item, at % 3 == 2, 1, 1, null, at % 3 == 2 ? 7_000 + at : 0, 0)).ToList();
        string Heads(int position) => string.Join(',', new[] { "click", "like", "hide", "conversion", "share" }.Where((_, n) => n != 1 || _decisions.Count % 3 != 0).Select(action =>
        {
            var probability = random.NextDouble();
            if (degraded != "popularity" && action != "share") _said[(id, position, action)] = probability;
            return string.Create(CultureInfo.InvariantCulture, $"\"{action}\":{probability:R}");
        }));
        var answer = "{\"request_id\":\"é\",\"slate\":[" + string.Join(',', places.Select(place => $"{{\"position\":{place.Position},\"item\":\"{place.Item}\",\"heads\":{{{Heads(place.Position)}}}}}")) + "]}";
        _decisions.Add(new()
        {
            Id = id, Request = request, Time = time, User = page.User, Surface = "home", Versions = new(_decisions.Count % 2 == 0 ? "m1" : "m2", "v", "p1", "c"), Degraded = degraded, Experiments = "rank=a", Candidates = 40 + _decisions.Count,
            Places = places, Removed = _decisions.Count % 2 == 0 ? new Dictionary<string, int>() : new() { ["seen"] = random.Next(9), ["frequency_cap"] = 2 }, Answer = Encoding.UTF8.GetBytes(answer), Inputs = [],
        });
    }

    private IRecsStore Filled(TestDatabase database)
    {
        var store = database.Open();
        ((SqlStore)store).Execute($"update mart_setting set window_days = {Window}");
        store.Append(new([.. _events.Select(told => new Fact(told, told.Time))], [], []));
        store.Keep(_decisions);
        store.RefreshMarts();
        return store;
    }

    private List<Outcome> Shown()
    {
        var spend = RandomFeed.Rows(_events, Window).ToDictionary(row => ((string)row[0]!, (long)row[1]!), row => (long)row[13]!);
        var answers = _events.OfType<Interaction>().ToLookup(answer => (answer.Request, answer.User, answer.Item));
        Dictionary<(RequestId, UserId, ItemId), int> before = [];
        List<Outcome> outcomes = [];
        foreach (var page in _events.OfType<Impression>().OrderBy(page => page.Time).ThenBy(page => page.Id.Value, StringComparer.Ordinal))
            for (var at = 0; at < page.Items.Count; at++)
            {
                var (key, day) = ((page.Request, page.User, page.Items[at].Item), page.Time.DayIndex);
                var mine = before.TryGetValue(key, out var last) && day - last <= Window ? [] : answers[key].Where(answer => answer.Time.DayIndex >= day && answer.Time.DayIndex <= day + Window).ToList();
                before[key] = day;
                long Count(InteractionType action) => mine.Count(answer => answer.Action == action);
                outcomes.Add(new(page.Request, page.User, day, page.Items[at].Position, page.Items[at].Item, Count(InteractionType.Click), Count(InteractionType.Like), Count(InteractionType.Hide), Count(InteractionType.Conversion),
                    mine.Where(answer => answer.Action == InteractionType.Conversion).Sum(answer => answer.ValueMicros), mine.Sum(answer => answer.DwellMilliseconds), spend[(page.Id.Value, at)]));
            }
        return outcomes;
    }

    private List<(Decision Made, int Position, string Action, double Probability, long Showings, bool Happened)> Predicted()
    {
        var shown = Shown();
        return [.. from made in _decisions.Where(made => made.Id != "empty")
                   from said in _said
                   where said.Key.Id == made.Id
                   let there = Of(made, shown).Where(one => one.Position == said.Key.Position && one.Item == made.Places[said.Key.Position - 1].Item).ToList()
                   let count = there.Sum(one => said.Key.Action switch { "click" => one.Clicks, "like" => one.Likes, "hide" => one.Hides, _ => one.Conversions })
                   orderby made.Id, said.Key.Position, said.Key.Action
                   select (made, said.Key.Position, said.Key.Action, said.Value, (long)there.Count, count > 0)];
    }

    private static List<Outcome> Of(Decision made, List<Outcome> shown) =>
        [.. shown.Where(one => one.Request == made.Request && one.User == made.User && one.Day >= made.Time.DayIndex && one.Day <= made.Time.DayIndex + Window)];

    private static Table Ask(IRecsStore store, string sql) => store.Query(sql, new Dictionary<string, object>());

    private sealed record Outcome(RequestId Request, UserId User, int Day, int Position, ItemId Item, long Clicks, long Likes, long Hides, long Conversions, long Micros, long Dwell, long Thousandths);
}
