using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;
using Recs.Storage;

namespace Recs.Sql.Tests.Experiments;

/// <summary>
/// Two layers made from a seed: "rank" with arms control and fresh, "ads" with control, few and many. Ninety users with four days before the experiment and six
/// in it; they enter on different days, three of them stand in two arms of "rank", some see nothing after they entered.
/// </summary>
internal sealed class SmallExperiment
{
    public static readonly DateOnly From = new(2011, 11, 9), To = new(2011, 11, 14);
    private static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2011, 11, 5, 0, 0, 0, TimeSpan.Zero));
    private readonly List<Fact> _facts = [];
    private readonly List<Decision> _decisions = [];

    public SmallExperiment(int seed)
    {
        var random = new Random(seed);
        for (var user = 0; user < 90; user++)
        {
            var taste = random.NextDouble();
            var entered = 4 + random.Next(5);
            var (rank, ads) = (random.Next(2) == 0 ? "control" : "fresh", new[] { "control", "few", "many" }[random.Next(3)]);
            for (var day = 0; day < 10; day++)
            {
                if (day >= entered && (day == entered || random.Next(2) == 0))
                    Decide(user, day, $"rank={(user % 30 == 7 && day > entered ? "control" : user % 30 == 7 ? "fresh" : rank)},ads={ads}");
                var isQuiet = user % 11 == 3 && day >= entered;
                for (var page = isQuiet ? 0 : random.Next(3); page > 0; page--) Show(random, user, day, page, taste + (day >= entered && rank == "fresh" ? 0.1 : 0));
            }
        }
    }

    /// <summary>What every user did on a day: shown, clicked (places with a click), clicks, worth of conversions.</summary>
    public Dictionary<(int User, DateOnly Day), UserDay> Days { get; } = [];

    public IReadOnlyList<Decision> Decisions => _decisions;

    public static DateOnly DayOf(Timestamp time) => DateOnly.FromDateTime(time.ToDateTimeOffset().UtcDateTime);

    public void Fill(IRecsStore store)
    {
        foreach (var batch in _facts.Chunk(500)) store.Append(new(batch, [], []));
        store.Keep(_decisions);
        store.RefreshMarts();
    }

    private void Decide(int user, int day, string experiments) => _decisions.Add(new()
    {
        Id = $"d{_decisions.Count:d4}", Request = new($"r{_decisions.Count}"), Time = Start.Plus(TimeSpan.FromHours(day * 24 + 1)), User = new($"u{user}"), Surface = "home",
        Versions = new("m", "none", "p", "c"), Degraded = "none", Experiments = experiments, Candidates = 3, Places = [], Removed = new Dictionary<string, int>(), Answer = [1], Inputs = [],
    });

    private void Show(Random random, int user, int day, int page, double rate)
    {
        var time = Start.Plus(TimeSpan.FromHours(day * 24 + 2 + page));
        var request = new RequestId($"q{user}-{day}-{page}");
        var who = new UserId($"u{user}");
        var shown = Enumerable.Range(0, 2 + random.Next(3)).Select(place => new ShownItem(new($"i{place}"), place + 1, null, 0)).ToArray();
        _facts.Add(Known(new Impression(new($"p{user}-{day}-{page}"), time, request, who, page == 1 ? "home" : "search", shown)));
        var done = Days.GetValueOrDefault((user, DayOf(time)));
        done = done with { Shown = done.Shown + shown.Length };
        foreach (var item in shown)
        {
            var clicks = random.NextDouble() < rate * 0.6 ? 1 + random.Next(2) : 0;
            for (var n = 0; n < clicks; n++) Answer(InteractionType.Click, 0);
            done = done with { Clicked = done.Clicked + (clicks > 0 ? 1 : 0), Clicks = done.Clicks + clicks };
            if (random.Next(9) != 0) continue;
            var worth = random.Next(1, 9) * 250_000L;
            Answer(InteractionType.Conversion, worth);
            done = done with { Worth = done.Worth + worth / 1e6 };

            void Answer(InteractionType action, long micros) =>
                _facts.Add(Known(new Interaction(new($"n{_facts.Count}"), time.Plus(TimeSpan.FromSeconds(9)), request, who, item.Item, action, micros, 0)));
        }
        Days[(user, DayOf(time))] = done;
    }

    private static Fact Known(Event source) => new(source, source.Time);
}

/// <summary>One user's day.</summary>
internal readonly record struct UserDay(double Shown, double Clicked, double Clicks, double Worth);
