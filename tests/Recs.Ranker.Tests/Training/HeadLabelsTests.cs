using Recs.Domain;
using Recs.Domain.Events;
using Recs.Ranker.Training;

namespace Recs.Ranker.Tests.Training;

public sealed class HeadLabelsTests
{
    private static readonly Timestamp Time = Timestamp.From(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Of_EachAction_IsWhatFollowedOnTheSameRequest()
    {
        List<Fact> facts =
        [
            Shown("r1", "a", "b"), Acted("e1", "r1", "a", InteractionType.Click), Acted("e2", "r1", "b", InteractionType.Hide), Acted("e3", "r1", "a", InteractionType.Dwell, 2_500), Acted("e4", "r1", "a", InteractionType.Dwell, 1_000),
            Shown("r2", "b", "a"), Acted("e5", "r2", "c", InteractionType.Click), Acted("e6", null, "a", InteractionType.Click),
        ];
        var set = new TrainingReplay(facts, InteractionType.Click, null).Run();
        Assert.Equal([1, 0, 0, 0], HeadLabels.Of(facts, set, InteractionType.Click));
        Assert.Equal(set.Labels.Select(label => label ? 1f : 0), HeadLabels.Of(facts, set, InteractionType.Click));
        Assert.Equal([0, 1, 0, 0], HeadLabels.Of(facts, set, InteractionType.Hide));
        Assert.Equal([2.5f, 0, 0, 0], HeadLabels.Of(facts, set, InteractionType.Dwell));
        Assert.Equal([5, 1, 1, 5], HeadLabels.InversePropensities(facts, set)!);
        Assert.Equal([3, 1, 1, 3], HeadLabels.InversePropensities(facts, set, most: 3)!);
        Assert.Null(HeadLabels.InversePropensities([], set));
    }

    private static Fact Shown(string request, params string[] items) =>
        new(new Impression(new(request + "-shown"), Time, new(request), new("u"), "home", [.. items.Select((item, at) => new ShownItem(new(item), at + 1, item == "a" ? 0.2 : null, 0))]), Time);

    private static Fact Acted(string id, string? request, string item, InteractionType action, long dwell = 0) =>
        new(new Interaction(new(id), Time, request is null ? null : new RequestId(request), new("u"), new(item), action, 0, dwell), Time);
}
