using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ranker.Slates;

namespace Recs.Ranker.Tests.Slates;

public sealed class ExposureLedgerTests
{
    private static readonly Timestamp Day = Timestamp.OfDay(20_000);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Apply_AnyOrder_AnswersTheSame(int seed)
    {
        var random = new Random(seed);
        // Few seconds and many impressions, so that the bound cuts through moments with several.
        var events = Enumerable.Range(0, 400).Select(i => new Impression(new($"e{i}"), Day.Plus(TimeSpan.FromMinutes(random.Next(0, 600) * (seed % 2 == 0 ? 1 : 20))), new($"r{i}"), new($"u{random.Next(2)}"), "home",
            [.. Enumerable.Range(0, 3).Select(p => new ShownItem(new($"i{p}-{random.Next(4)}"), p + 1, null, 0))])).ToList();
        var plain = Fold(events);
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(events));
        var shuffled = Fold(events);
        Assert.Equal(plain, shuffled);
        Assert.Contains(plain, line => !line.EndsWith(" 0", StringComparison.Ordinal));
    }

    [Fact]
    public void Forget_TakesAUserAway()
    {
        var ledger = new ExposureLedger();
        ledger.Apply(new Impression(new("e"), Day, new("r"), new("u"), "home", [new(new("i"), 1, null, 0)]));
        Assert.Equal(1, ledger.Of(new("u")).Count(new("i"), Day.DayIndex));
        ledger.Forget(new("u"));
        Assert.True(ledger.Of(new("u")).IsEmpty);
        Assert.Equal(0, ledger.Users);
    }

    private static List<string> Fold(IEnumerable<Event> events)
    {
        var ledger = new ExposureLedger();
        Timestamp newest = default;
        foreach (var source in events)
        {
            ledger.Apply(source);
            if (source.Time > newest) newest = source.Time;
        }
        List<string> answers = [];
        for (var user = 0; user < 2; user++)
            for (var position = 0; position < 3; position++)
                for (var item = 0; item < 4; item++)
                    for (var days = 0; days < ExposureLedger.HorizonDays; days++)
                        answers.Add($"u{user} i{position}-{item} {days} {ledger.Of(new($"u{user}")).Count(new($"i{position}-{item}"), newest.DayIndex - days)}");
        return answers;
    }
}
