using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Ranker.Model;
using Recs.Ranker.Training;

namespace Recs.Faults.Tests;

/// <summary>A site of a few hundred visits up to this hour: content, ads with budgets, and a model that has learnt from it.</summary>
internal static class SmallSite
{
    public const int Users = 40;
    private const int Content = 60, Ads = 6, Visits = 600;

    /// <summary>In order of time; the last of them are an hour old.</summary>
    public static List<Fact> Facts(TimeProvider clock)
    {
        var random = new Random(5);
        var start = Timestamp.Now(clock).Plus(TimeSpan.FromHours(-1 - Visits * 0.2));
        List<Fact> facts = [];
        void Add(Event source) => facts.Add(new(source, source.Time));
        for (var n = 0; n < Content; n++) Add(new ItemUpserted(new($"item-{n}"), start, new Item { Id = new($"i{n}"), Title = $"Thing {n}", Category = $"c{n % 7}", Author = $"a{n % 20}" }));
        for (var n = 0; n < Ads; n++)
            Add(new ItemUpserted(new($"ad-{n}"), start, new Item { Id = new($"ad{n}"), Title = $"Ad {n}", Ad = new Ad(new($"adv{n % 3}"), null, new Bid(BidUnit.Thousand, 2_000_000 + n * 100_000), 50_000_000, []) }));
        for (var n = 0; n < Visits; n++)
        {
            var time = start.Plus(TimeSpan.FromHours(0.2 * n + 0.1));
            var (request, user) = (new RequestId($"r{n}"), new UserId($"u{random.Next(Users)}"));
            int[] items = [.. Enumerable.Range(0, Content).OrderBy(_ => random.Next()).Take(5)];
            Add(new Impression(new($"shown-{n}"), time, request, user, "home", [.. items.Select((item, at) => new ShownItem(new($"i{item}"), at + 1, 1, 0))]));
            foreach (var item in items)
                if (random.NextDouble() < (item < 12 ? 0.6 : 0.05)) Add(new Interaction(new($"click-{n}-{item}"), time.Plus(TimeSpan.FromSeconds(2)), request, user, new($"i{item}"), InteractionType.Click, 0, 0));
        }
        return facts;
    }

    /// <summary>Learns a click head from the facts.</summary>
    public static void SaveModel(string folder, IReadOnlyList<Fact> facts)
    {
        var set = new TrainingReplay(facts, InteractionType.Click, null) { Workers = 1 }.Run();
        RankerModel.Save(folder, [HeadTrainer.Train(set, ..2_000, 2_000.., InteractionType.Click, null, new TrainingOptions { Trees = 20, Leaves = 8, RowsPerLeaf = 20 })], "none");
    }
}
