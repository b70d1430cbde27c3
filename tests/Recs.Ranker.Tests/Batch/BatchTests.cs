using Recs.Domain;
using Recs.Domain.Events;
using Recs.Domain.Items;
using Recs.Features;
using Recs.Features.State;
using Recs.Ranker.Batch;
using Recs.Ranker.Model;
using Recs.Ranker.Tests.Slates;

namespace Recs.Ranker.Tests.Batch;

public sealed class BatchTests
{
    private static readonly Timestamp Now = SmallShop.Now;

    [Fact]
    public void Score_Block_RanksFromOneAndTiesById()
    {
        // One stump on the first column: two scores only.
        var model = new RankerModel("m", FeatureSchema.Standard, "e", [new(InteractionType.Click, new RegressionForest([new([0], [0.5f], [~0], [~1], [-1, 1])]), new PlattCalibration(1, 0), null)]);
        string[] items = ["d", "b", "a", "C", "e"];
        var features = new float[items.Length * FeatureSchema.Standard.Width];
        foreach (var high in (int[])[1, 4]) features[high * FeatureSchema.Standard.Width] = 1;
        var rows = new BatchScorer(model).Score(new(new("u"), [.. items.Select(item => new ItemId(item))], features));
        Assert.Equal(["b", "e", "C", "a", "d"], rows.Select(row => row.Item.Value));
        Assert.Equal([1, 2, 3, 4, 5], rows.Select(row => row.Rank));
        Assert.Equal(1 / (1 + Math.Exp(-1)), rows[0].Score, 1e-6);
        Assert.All(rows, row => Assert.Equal(("u", "m", "e"), (row.User.Value, row.ModelVersion, row.EmbeddingVersion)));
        Assert.Empty(new BatchScorer(model).Score(new(new("u"), [], [])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Read_AnyWorkers_GivesTheBlocksOfTheUsersInOrder(int workers)
    {
        var state = new SmallShop(1).State;
        // A paused and a deleted product are no candidates, even where they are wanted.
        foreach (var (id, status) in (ValueTuple<string, ItemStatus>[])[("c000", ItemStatus.Paused), ("c001", ItemStatus.Deleted)])
            state.Apply(new ItemUpserted(new("off-" + id), Now, state.FindItem(new(id))! with { Status = status }));
        UserId[] users = [.. Enumerable.Range(0, 40).Select(i => new UserId($"u{(i * 7) % 40}"))];
        var blocks = new CandidateRows(state, FeatureSchema.Standard, null, null) { Workers = workers }.Read(users, Now).ToList();
        Assert.Equal(users, blocks.Select(block => block.User));
        var reader = new FeatureReader(state, FeatureSchema.Standard);
        var row = new float[FeatureSchema.Standard.Width];
        foreach (var block in blocks)
        {
            Assert.Equal(58, block.Items.Count);
            Assert.Equal(block.Items.Count, block.Items.Distinct().Count());
            Assert.All(block.Items, item => Assert.True(state.FindItem(item) is { Ad: null, Status: ItemStatus.Active }));
            reader.Begin(block.User, Now);
            for (var i = 0; i < block.Items.Count; i++)
            {
                reader.Read(block.Items[i], row);
                Assert.Equal(row, block.Features.AsSpan(i * row.Length, row.Length).ToArray());
            }
        }
    }

    [Fact]
    public void Read_EmptyState_GivesEmptyBlocks()
    {
        var block = Assert.Single(new CandidateRows(new RankingState(), FeatureSchema.Standard, null, null).Read([new("u")], Now));
        Assert.Empty(block.Items);
        Assert.Empty(block.Features);
    }

    [Fact]
    public void Within_Window_HoldsWhoWasShownOrActedInIdOrder()
    {
        static Fact At(double hours, Func<EventId, Timestamp, Event> make, Timestamp? known = null)
        {
            var time = Now.Plus(TimeSpan.FromHours(hours));
            return new(make(new($"e{hours}"), time), known ?? time);
        }

        Fact[] facts =
        [
            At(-1, (id, time) => Shown(id, time, "b")), At(-24, (id, time) => Acted(id, time, "B")), At(-2, (id, time) => Acted(id, time, "b")),
            At(-24.001, (id, time) => Acted(id, time, "too-early")), At(0.001, (id, time) => Shown(id, time, "too-late")), At(0, (id, time) => Acted(id, time, "a")),
            At(-3, (id, time) => new UserUpserted(id, time, new("only-told"), AttributeSet.Empty)),
            At(-4, (id, time) => Acted(id, time, "z"), known: Now.Plus(TimeSpan.FromDays(1))),
        ];
        Assert.Equal(["B", "a", "b", "z"], ActiveUsers.Within(facts, Now, TimeSpan.FromDays(1)).Select(user => user.Value));
        Assert.Empty(ActiveUsers.Within([], Now, TimeSpan.FromDays(1)));

        static Event Shown(EventId id, Timestamp time, string user) => new Impression(id, time, new("r"), new(user), "home", [new(new("i"), 1, null, 0)]);
        static Event Acted(EventId id, Timestamp time, string user) => new Interaction(id, time, null, new(user), new("i"), InteractionType.Click, 0, 0);
    }
}
