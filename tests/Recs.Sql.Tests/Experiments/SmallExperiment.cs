using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Storage;

namespace Recs.Sql.Tests.Experiments;

/// <summary>
/// Two layers made from a seed: "rank" with arms control and fresh, "ads" with control, few and many. Ninety users with four days before the experiment and six
/// in it; they enter on different days, three of them stand in two arms of "rank", some see nothing after they entered. Item i0 is an ad, users have segments that some of
/// them change after they entered, slates have none to eight places.
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
        for (var item = 0; item < 5; item++)
            _facts.Add(Known(new ItemUpserted(new($"e{item}"), Start, new Item { Id = new($"i{item}"), Title = $"Item {item}", Category = $"c{item % 2}", Ad = item > 0 ? null : new Ad(new("adv"), null, new(BidUnit.Click, 50_000), 1_000_000, []) })));
        // Some are never announced, some change long after they entered.
        for (var user = 0; user < 90; user++)
            if (user % 8 != 5) _facts.Add(Known(new UserUpserted(new($"a{user}"), Start, new($"u{user}"), new([new("segment", $"s{user % 3}")]))));
        for (var user = 0; user < 90; user += 10) _facts.Add(Known(new UserUpserted(new($"b{user}"), Start.Plus(TimeSpan.FromHours(9 * 24 + 1)), new($"u{user}"), new([new("segment", "later")]))));
    }

    /// <summary>Everything that happened.</summary>
    public IEnumerable<Event> Events => _facts.Select(fact => fact.Event);

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
        Versions = new("m", "none", "p", "c"), Degraded = (user + day) % 5 == 0 ? "no embeddings" : "none", Experiments = experiments, Candidates = 20,
        Places = [.. Enumerable.Range(1, (user * 5 + day * 3) % 9).Select(place => place % (experiments.EndsWith("many", StringComparison.Ordinal) ? 2 : 4) == 0
            ? new DecidedPlace(place, new($"i{place}"), true, 1, 1, new("adv"), 9_000, 5_000) : new DecidedPlace(place, new($"i{place}"), false, 1, 1, null, 0, 0))],
        Removed = new Dictionary<string, int>(), Answer = "{}"u8.ToArray(), Inputs = [],
    });

    private void Show(Random random, int user, int day, int page, double rate)
    {
        var time = Start.Plus(TimeSpan.FromHours(day * 24 + 2 + page));
        var request = new RequestId($"q{user}-{day}-{page}");
        var who = new UserId($"u{user}");
        var shown = Enumerable.Range(0, 2 + random.Next(3)).Select(place => new ShownItem(new($"i{place}"), place + 1, null, place == 0 ? 5_000 : 0)).ToArray();
        _facts.Add(Known(new Impression(new($"p{user}-{day}-{page}"), time, request, who, page == 1 ? "home" : "search", shown)));
        var done = Days.GetValueOrDefault((user, DayOf(time)));
        done = done with { Shown = done.Shown + shown.Length };
        foreach (var item in shown)
        {
            var clicks = random.NextDouble() < rate * 0.6 ? 1 + random.Next(2) : 0;
            for (var n = 0; n < clicks; n++) Answer(InteractionType.Click, 0);
            done = done with { Clicked = done.Clicked + (clicks > 0 ? 1 : 0), Clicks = done.Clicks + clicks };
            if ((user + day + item.Position) % 7 == 0) Answer(InteractionType.Hide, 0);
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
