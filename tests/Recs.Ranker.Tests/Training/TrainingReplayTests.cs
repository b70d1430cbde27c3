using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Features.State;
using Recs.Ranker.Training;

namespace Recs.Ranker.Tests.Training;

public sealed class TrainingReplayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_AnyWorkers_EqualsANaiveReplayBitForBit(int workers)
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var random = new Random(seed);
            var facts = SmallLog.Make(random, 150);
            var vectors = SmallLog.Vectors(random, 40);
            var set = new TrainingReplay(facts, InteractionType.Click, vectors) { Workers = workers, Schema = Every }.Run();
            Assert.True(set.Rows > 500);
            Assert.Equal(facts.Select(fact => fact.Event).OfType<Impression>().Select(shown => shown.Request), set.Groups.Select(group => group.Request));
            var row = 0;
            foreach (var fact in facts)
            {
                if (fact.Event is not Impression impression) continue;
                foreach (var (item, features) in Naive(facts, fact, impression, vectors))
                {
                    Assert.Equal(item, set.Items[row]);
                    Assert.Equal(features, set.Row(row).ToArray());
                    row++;
                }
            }
            Assert.Equal(set.Rows, row);
        }
    }

    [Fact]
    public void Run_LateKnownEvent_LeaksNowhereBeforeItWasKnown()
    {
        var facts = SmallLog.Make(new Random(4), 60);
        var late = new Fact(new Interaction(new("late"), SmallLog.Day(1), null, new("u1"), new("i01"), InteractionType.Click, 0, 0), SmallLog.Day(20.01));
        var without = Run(facts);
        var with = Run(SmallLog.InOrder(facts.Append(late)));
        var known = Known(facts);
        var changed = 0;
        for (var g = 0; g < without.Groups.Count; g++)
        {
            var group = without.Groups[g];
            for (var row = group.First; row < group.First + group.Count; row++)
            {
                var same = without.Row(row).SequenceEqual(with.Row(row));
                if (known[group.Request] <= late.Known) Assert.True(same, $"{group.Request}, known {known[group.Request]}");
                else if (!same) changed++;
            }
        }
        Assert.True(changed > 0, "after it was known it shows");

        static TrainingSet Run(List<Fact> facts) => new TrainingReplay(facts, InteractionType.Click, null) { Workers = 2 }.Run();
    }

    [Fact]
    public void Run_OwnClickAtTheSameMoment_IsNotInTheRow()
    {
        // Everything becomes known at once: nothing was known before.
        var moment = SmallLog.Day(1);
        var set = new TrainingReplay(SmallLog.InOrder(
        [
            new(Show("r1", moment, "a"), moment), new(Act("e1", moment, "r1", "a"), moment), new(Show("r2", moment, "a"), moment),
        ]), InteractionType.Click, null).Run();
        var (own, all) = (Column("user_item_count"), Column("item_positives_total"));
        for (var row = 0; row < 2; row++) Assert.Equal((0, 0), (set.Row(row)[own], set.Row(row)[all]));
    }

    [Fact]
    public void Run_Labels_GoByRequestItemAndAction()
    {
        var (one, two) = (SmallLog.Day(1), SmallLog.Day(2));
        Fact[] facts =
        [
            Known(Show("r1", one, "a", "b", "c", "d")), Known(Show("r2", two, "a", "b", "c", "d")),
            Known(Act("e1", two, "r1", "a")),                              // late, yet an answer to the first
            Known(Act("e2", two, "r2", "b")), Known(Act("e3", two, "r2", "b")),
            Known(Act("e4", two, "r2", "c", InteractionType.Hide)),          // another action
            Known(Act("e5", two, null, "d")),                              // without a request
            Known(Act("e6", two, "r9", "d")), Known(Act("e7", two, "r1", "z")),
        ];
        var set = new TrainingReplay(SmallLog.InOrder(facts), InteractionType.Click, null).Run();
        Assert.Equal("abcdabcd", string.Concat(set.Items));
        Assert.Equal([true, false, false, false, false, true, false, false], set.Labels);
        Assert.Equal([new(new("r1"), new("u"), one, 0, 4), new TrainingGroup(new("r2"), new("u"), two, 4, 4)], set.Groups);
    }

    [Fact]
    public void Run_PositionAndSurface_AreTheLoggedOnesWithAdsInPlaces()
    {
        var schema = FeatureSchema.Of([new("position"), new("surface", new Dictionary<string, double> { ["buckets"] = 1 })]);
        var set = new TrainingReplay([Known(Item("ad", SmallLog.Day(0), ad: true)), Known(Show("r1", SmallLog.Day(1), "a", "ad", "b"))], InteractionType.Click, null) { Schema = schema }.Run();
        Assert.Equal(["a", "b"], set.Items.Select(item => item.Value));
        Assert.Equal([1, 1, 3, 1], set.Features);
    }

    [Fact]
    public void Run_AdsAndEarlyImpressions_MakeNoRows()
    {
        Fact[] facts =
        [
            Known(Item("ad", SmallLog.Day(9), ad: true)), // known as an ad only later
            Known(Show("r1", SmallLog.Day(1), "a")), Known(Show("r2", SmallLog.Day(2), "ad")), Known(Show("r3", SmallLog.Day(3), "ad", "b")),
        ];
        var set = new TrainingReplay(SmallLog.InOrder(facts), InteractionType.Click, null) { From = SmallLog.Day(2) }.Run();
        Assert.Equal("b", Assert.Single(set.Items).Value);
        Assert.Equal(new("r3"), Assert.Single(set.Groups).Request);
    }

    [Fact]
    public void Run_Cold_IsYoungerThanTheColdDays()
    {
        Fact[] facts =
        [
            Known(Item("a", SmallLog.Day(0))), Known(Item("b", SmallLog.Day(5))), Known(Item("c", SmallLog.Day(6), created: SmallLog.Day(-30))),
            Known(Show("r1", SmallLog.Day(13.9), "a", "b", "c", "never-listed")), Known(Show("r2", SmallLog.Day(14), "a", "b", "c", "never-listed")),
        ];
        var set = new TrainingReplay(SmallLog.InOrder(facts), InteractionType.Click, null).Run();
        Assert.Equal([true, true, false, false, false, true, false, false], set.Cold);
        Assert.DoesNotContain(true, new TrainingReplay(SmallLog.InOrder(facts), InteractionType.Click, null) { ColdDays = 5 }.Run().Cold);
    }

    [Fact]
    public void Run_NothingShown_HasNoRows() =>
        Assert.Equal((0, 0), (new TrainingReplay([], InteractionType.Click, null).Run().Rows, new TrainingReplay([], InteractionType.Click, null).Run().Groups.Count));

    // Every feature of the build, not only the standard ones.
    private static readonly FeatureSchema Every = FeatureSchema.Of(FeatureSchema.Known.Select(known => new FeatureChoice(known.Name, new Dictionary<string, double>(), known.NeedsAttribute ? "price_gbp" : null)))
        .Fit(SmallLog.Vectors(new Random(1), 40));

    // One impression at a time, from an empty state and from the facts known strictly before it.
    private static IEnumerable<(ItemId Item, float[] Row)> Naive(List<Fact> facts, Fact shown, Impression impression, ItemVectors vectors)
    {
        var state = new RankingState();
        foreach (var fact in facts.Where(fact => fact.Known < shown.Known)) state.Apply(fact.Event);
        var monday = AffinitySchedule.WeekOf(shown.Known);
        var builder = new AffinityBuilder(ratings: true);
        foreach (var fact in facts.Where(fact => fact.Known < monday)) builder.Add(fact.Event);
        var reader = new FeatureReader(state, Every) { Vectors = vectors, Affinity = builder.Build(monday) };
        reader.Begin(impression.User, impression.Time, impression.Surface);
        foreach (var place in impression.Items)
        {
            if (facts.Any(fact => fact.Event is ItemUpserted { Item.Ad: not null } ad && ad.Item.Id == place.Item)) continue;
            var row = new float[Every.Width];
            reader.Read(place.Item, row, place.Position);
            yield return (place.Item, row);
        }
    }

    private static Dictionary<RequestId, Timestamp> Known(IEnumerable<Fact> facts) =>
        facts.Where(fact => fact.Event is Impression).ToDictionary(fact => ((Impression)fact.Event).Request, fact => fact.Known);

    private static Fact Known(Event source) => new(source, source.Time);

    private static Impression Show(string request, Timestamp time, params string[] items) =>
        new(new("show-" + request), time, new(request), new("u"), "home", [.. items.Select((item, i) => new ShownItem(new(item), i + 1, null, 0))]);

    private static Interaction Act(string id, Timestamp time, string? request, string item, InteractionType action = InteractionType.Click) =>
        new(new(id), time, request is null ? null : new RequestId(request), new("u"), new(item), action, 0, 0);

    private static ItemUpserted Item(string id, Timestamp time, bool ad = false, Timestamp? created = null) => new(new("item-" + id), time, new Item
    {
        Id = new(id),
        Title = id,
        Created = created,
        Ad = ad ? new Ad(new("adv"), null, new Bid(BidUnit.Click, 1), 1, []) : null,
    });

    private static int Column(string name) => FeatureSchema.Standard.Columns.ToList().IndexOf(name);
}
