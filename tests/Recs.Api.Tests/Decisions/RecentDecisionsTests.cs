using Recs.Api.Decisions;

namespace Recs.Api.Tests.Decisions;

public sealed class RecentDecisionsTests
{
    [Fact]
    public void Find_AnyTraffic_GivesTheNewestWholeAndTheOthersNot()
    {
        var random = new Random(7);
        var recent = new RecentDecisions(segments: 3, segmentBytes: 1_000);
        List<(string Id, byte[] Message)> added = [];
        for (var number = 0; number < 500; number++)
        {
            var message = new byte[random.Next(0, 400)];
            random.NextBytes(message);
            recent.Add($"d{number}", message);
            added.Add(($"d{number}", message));
            // What fits into two segments, even badly packed, is always there; what is out of reach of all three is gone.
            var (bytes, at) = (0, added.Count - 1);
            for (; at >= 0 && (bytes += added[at].Message.Length) <= 1_000; at--) Assert.Equal(added[at].Message, recent.Find(added[at].Id));
            for (bytes = 0, at = added.Count - 1; at >= 0; at--)
                if ((bytes += added[at].Message.Length) > 3_400) Assert.Null(recent.Find(added[at].Id));
        }
    }

    [Fact]
    public void Add_SameIdAgain_KeepsTheFirst()
    {
        var recent = new RecentDecisions(2, 10);
        recent.Add("d1", [1, 2]);
        recent.Add("d1", [3]);
        Assert.Equal([1, 2], recent.Find("d1"));
        recent.Add("d2", new byte[9]);
        recent.Add("d3", new byte[9]);
        Assert.Null(recent.Find("d1")); // its segment was written over
    }

    [Fact]
    public void Add_LongerThanASegment_IsNotKept()
    {
        var recent = new RecentDecisions(2, 10);
        recent.Add("d1", new byte[11]);
        Assert.Null(recent.Find("d1"));
        recent.Add("d2", new byte[10]);
        Assert.NotNull(recent.Find("d2"));
    }

    [Fact]
    public async Task Find_WhileOthersAreAdded_IsTheMessageOfThatIdOrNone()
    {
        var recent = new RecentDecisions(2, 4_096);
        var reading = Task.Run(() =>
        {
            for (var number = 0; number < 20_000; number++)
                if (recent.Find($"d{number % 5_000}") is { } found) Assert.All(found, value => Assert.Equal((byte)(number % 5_000), value));
        }, TestContext.Current.CancellationToken);
        for (var number = 0; number < 5_000; number++) recent.Add($"d{number}", Enumerable.Repeat((byte)number, 64).ToArray());
        await reading;
    }
}
